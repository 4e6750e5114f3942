// A note in the making: an @ offers the names of the team. Ctrl-Enter sends its form.
import { useEffect, useRef, useState } from "react";
import { call } from "$/public/external/leadflow/ui/react/http.js";

const BEHIND = /(^|[^\w@])@([\p{L}\p{M}.'-]*(?: [\p{L}\p{M}.'-]*)?)$/u;

export function NoteBox({ id, name = "text", label, placeholder, rows = 2, defaultValue = "", clear }) {
  const [v, setV] = useState(defaultValue), [team, setTeam] = useState(null), [asked, setAsked] = useState(null), [at, setAt] = useState(0), box = useRef(null), was = useRef(clear);
  useEffect(() => { if (was.current !== clear) { was.current = clear; setV(defaultValue); setAsked(null); } }, [clear, defaultValue]);
  const look = (text, caret) => {
    const found = text.slice(0, caret).match(BEHIND);
    setAsked(found ? found[2] : null); setAt(0);
    if (found && team === null) { setTeam([]); call("GET", "/api/v1/leads/colleagues").then((all) => setTeam(all.map((one) => one.name))).catch(() => setTeam(null)); }
  };
  const hits = asked === null ? [] : (team || []).filter((n) => n.toLowerCase().startsWith(asked.toLowerCase()) && n.toLowerCase() !== asked.toLowerCase()).slice(0, 6);
  const take = (who) => {
    const el = box.current, caret = el.selectionStart, from = caret - asked.length, text = v.slice(0, from) + who + " " + v.slice(caret);
    setV(text); setAsked(null);
    requestAnimationFrame(() => { el.focus(); el.setSelectionRange(from + who.length + 1, from + who.length + 1); });
  };
  const key = (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); e.currentTarget.form?.requestSubmit(); return; }
    if (!hits.length) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); setAt((at + (e.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length); }
    else if (e.key === "Enter" || e.key === "Tab") { e.preventDefault(); take(hits[at]); }
    else if (e.key === "Escape") { e.preventDefault(); setAsked(null); }
  };
  return <div className="note-box"><textarea ref={box} id={id} name={name} className="in" rows={rows} maxLength={4000} value={v} aria-label={label} placeholder={placeholder} aria-autocomplete="list" aria-controls={hits.length ? id + "-team" : undefined} aria-activedescendant={hits.length ? `${id}-team-${at}` : undefined}
    onChange={(e) => { setV(e.target.value); look(e.target.value, e.target.selectionStart); }} onKeyDown={key} onBlur={() => setTimeout(() => setAsked(null), 150)} />
    {hits.length > 0 && <ul className="pop note-team" role="listbox" id={id + "-team"} aria-label="Mention">{hits.map((n, i) => <li key={n} id={`${id}-team-${i}`} role="option" aria-selected={i === at} onMouseDown={(e) => { e.preventDefault(); take(n); }}>{n}</li>)}</ul>}</div>;
}
