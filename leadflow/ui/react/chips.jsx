// The chips of a filter: how one is written in the address (as leads/filter_types.py has it), shown, made and taken away.
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { call } from "$/public/external/leadflow/ui/react/http.js";
import { useWords } from "$/public/external/leadflow/ui/react/address.jsx";

const split = (text, mark, most = -1) => { const parts = []; let start = 0; for (let i = 0; i < text.length; i++) { if (text[i] === "\\") i++; else if (text[i] === mark && most !== 0) { parts.push(text.slice(start, i)); start = i + 1; most--; } } return [...parts, text.slice(start)]; };
const plain = (t) => t.replace(/\\(.)/gs, "$1"), escaped = (t) => t.replace(/([\\|:,])/g, "\\$1");
export const readChip = (text) => split(text, "|").map((part) => { const [field, op, values] = split(part, ":", 2); return { field: plain(field), op: plain(op || ""), values: values ? split(values, ",").map(plain) : [] }; });
export const writeChip = (chip) => chip.map((c) => [c.field, c.op, ...(c.values.length ? [c.values.map(escaped).join(",")] : [])].join(":")).join("|");

const OPS = { contains: "contains", not_contains: "does not contain", is: "is", not: "is not", empty: "is empty", given: "is not empty", at_least: "is at least", at_most: "is at most", between: "is between", before: "before", after: "after", last: "in the last", older: "longer ago than", next: "in the next", overdue: "is overdue", all: "all of", any: "any of", none: "none of", yes: "yes", no: "no" };
const SILENT = new Set(["empty", "given", "yes", "no", "overdue"]), DAYS = new Set(["last", "older", "next"]);
const opWord = (field, op) => (field === "next_task" && op === "empty" ? "none" : field === "next_task" && op === "given" ? "some" : OPS[op] || op);
const word = (s) => { const t = String(s ?? "").replaceAll("_", " "); return (t.charAt(0).toUpperCase() + t.slice(1)).replace(/\bvoip\b/i, "VoIP"); };
const dollars = (c) => (c < 0 ? "-$" : "$") + (Math.abs(c) / 100).toLocaleString("en-US", { maximumFractionDigits: 2 });
const day = (v) => new Date(v + "T12:00").toLocaleDateString("en-US", { month: "short", day: "numeric", year: "numeric" });

// What the server offers, asked for once a page.
let asked = null;
const pairs = (all) => all.map((x) => [x.id, x.name]);
const lookUp = () => (asked ??= call("GET", "/api/v1/leads/asked").then((k) => ({ fields: k.fields, lists: pairs(k.lists), tags: pairs(k.tags), people: pairs(k.people) }), () => { asked = null; return BLANK; }));
export const forget = () => { asked = null; };
const BLANK = { fields: {}, lists: [], tags: [], people: [] };
export function useAsked() {
  const [known, set] = useState(BLANK);
  useEffect(() => { let on = true; const look = () => lookUp().then((k) => on && set(k)); look(); const h = () => { forget(); look(); }; addEventListener("lf:fields", h); return () => { on = false; removeEventListener("lf:fields", h); }; }, []);
  return known;
}
export const people = () => lookUp().then((k) => k.people);

// Simple words of the address, as the conditions that they stand for.
const SIMPLE = { q: ["Search", (v) => `“${v}”`], status: ["Status", word], state: ["State", (v) => v], list: ["On list", null], not_list: ["Not on list", null], tag: ["Tag", null], assignee: ["Assignee", null], min_stack: ["Lists", (v) => `${v} or more`], min_equity: ["Equity", (v) => `${v} % or more`], min_value: ["Est. value", (v) => `${dollars(v)} or more`], source: ["Source", (v) => v], import_id: ["From one import", () => ""], has_phone: ["Has a phone", (v) => (["true", "1", "yes", "on"].includes(String(v)) ? "yes" : "no")], area: ["Area on the map", () => ""] };
const name = (pairs, v) => pairs.find(([id]) => id === v)?.[1] || v;
function valueWord(known, kind, field, op, v, place) {
  if (field === "list" || (kind === "seen" && place === 0)) return name(known.lists, v);
  if (field === "tag") return name(known.tags, v);
  if (kind === "who") return v === "me" ? "me" : name(known.people, v);
  if (DAYS.has(op)) return `${v} ${v === "1" ? "day" : "days"}`;
  if (kind === "money") return dollars(v);
  if (kind === "percent") return v + " %";
  if (["date", "task", "seen"].includes(kind)) return day(v);
  if (kind === "one") return "";
  return known.fields[field]?.words && !field.startsWith("custom.") ? word(v) : v;
}
const listed = (words, last) => (words.length < 2 ? words.join("") : words.slice(0, -1).join(", ") + ` ${last} ` + words.at(-1));
export function chipWords(known, chip) {
  return chip.map((c) => {
    const f = known.fields[c.field] || { label: c.field.startsWith("custom.") ? "A field that is gone" : word(c.field), kind: "text" };
    const shown = c.values.map((v, i) => valueWord(known, f.kind, c.field, c.op, v, i)), more = shown.length > 3 ? [...shown.slice(0, 2), `${shown.length - 2} more`] : shown;
    if (f.kind === "seen") return `${f.label} ${shown[0]}: ${opWord(c.field, c.op)} ${listed(shown.slice(1), "and")}`;
    return [f.label, opWord(c.field, c.op), listed(more, c.op === "between" || c.op === "all" ? "and" : "or")].filter(Boolean).join(" ");
  }).join(" or ");
}
export function simpleWords(known, param, values) {
  const [label, f] = SIMPLE[param] || [word(param), (v) => v];
  const one = f || ((v) => (param === "tag" ? name(known.tags, v) : param === "assignee" ? (v === "me" ? "me" : v === "none" ? "nobody" : name(known.people, v)) : name(known.lists, v)));
  const shown = values.map(one).filter(Boolean);
  return shown.length ? `${label}: ${listed(shown, param === "list" || param === "not_list" ? "and" : "or")}` : label;
}

const Cross = () => <svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" aria-hidden="true"><path d="M18 6 6 18M6 6l12 12" /></svg>;
const without = (search, param, text) => { const q = new URLSearchParams(search); if (text === undefined) { q.delete(param); return q; } const rest = q.getAll(param).filter((v) => v !== text); q.delete(param); for (const v of rest) q.append(param, v); return q; };

// Chips of the address and the way to a new one. `params` are the simple words that are shown as chips too.
export function FilterChips({ params, quiet = [] }) {
  const [search, setSearch] = useWords(), known = useAsked(), [open, setOpen] = useState(null), box = useRef(null);
  const chips = search.getAll("where"), simple = params.filter((p) => !quiet.includes(p) && search.getAll(p).some(Boolean));
  const any = chips.length + params.filter((p) => search.get(p)).length;
  useEffect(() => { const h = (e) => { e.preventDefault(); setOpen({ at: null, chip: null }); }; addEventListener("lf:filter", h); return () => removeEventListener("lf:filter", h); }, []);
  useEffect(() => { if (!open) return; const h = (e) => { if (!box.current?.contains(e.target)) setOpen(null); }; addEventListener("mousedown", h); return () => removeEventListener("mousedown", h); }, [open]);
  const keep = (q) => setSearch(q, { preventScrollReset: true });
  const done = (chip) => { const text = writeChip(chip), was = open.at; setOpen(null); keep((p) => { const q = new URLSearchParams(p), all = q.getAll("where"); q.delete("where"); if (was == null) all.push(text); else all[was] = text; for (const v of new Set(all)) q.append("where", v); return q; }); };
  const clearAll = () => keep((p) => { const q = new URLSearchParams(p); for (const k of [...params, "where"]) q.delete(k); return q; });
  return <div className="chipbar" ref={box}>
    {simple.map((p) => <span key={p} className="chip on" data-param={p}><span>{simpleWords(known, p, search.getAll(p))}</span><button type="button" className="chip-x" aria-label={`Take away: ${simpleWords(known, p, search.getAll(p))}`} onClick={() => keep((s) => without(s, p))}><Cross /></button></span>)}
    {chips.map((text, i) => <span key={text} className="chip on" data-chip={text}><button type="button" className="chip-t" aria-expanded={open?.at === i} onClick={() => setOpen({ at: i, chip: readChip(text) })}>{chipWords(known, readChip(text))}</button><button type="button" className="chip-x" aria-label={`Take away: ${chipWords(known, readChip(text))}`} onClick={() => keep((s) => without(s, "where", text))}><Cross /></button></span>)}
    <button type="button" className="chip" id="add-filter" aria-expanded={!!open && open.at == null} onClick={() => setOpen(open && open.at == null ? null : { at: null, chip: null })}><svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" aria-hidden="true"><path d="M12 5v14M5 12h14" /></svg><span>Filter</span></button>
    {any > 1 && <button type="button" className="chip plain" id="clear-filters" onClick={clearAll}>Clear all</button>}
    {open && <ChipEditor key={open.at ?? "new"} known={known} chip={open.chip} onDone={done} onCancel={() => setOpen(null)} />}
  </div>;
}

// Where there is room, the editor opens beneath what opened it, and never over the window's edge.
const beneath = (pop) => {
  const from = pop?.closest(".chipbar")?.querySelector("[aria-expanded=true]"), edge = pop?.offsetParent;
  if (!from || !edge || innerWidth <= 760) return;
  pop.style.left = Math.max(16, Math.min(from.getBoundingClientRect().left - edge.getBoundingClientRect().left, edge.clientWidth - pop.offsetWidth - 16)) + "px";
};
const start = (known, field) => ({ field, op: known.fields[field]?.ops?.[0] || "is", values: [] });
export function ChipEditor({ known, chip, onDone, onCancel }) {
  const [rows, setRows] = useState(chip || []), [find, setFind] = useState(""), box = useRef(null);
  const wanted = find.trim().toLowerCase(), has = (words) => (words || "").toLowerCase().includes(wanted), every = Object.entries(known.fields);
  // By their names first, then by what else people call them.
  const names = [...every.filter(([, f]) => has(f.label)), ...every.filter(([, f]) => wanted && !has(f.label) && has(f.also))];
  useEffect(() => { box.current?.querySelector("input,select,button")?.focus(); }, [rows.length === 0]);
  useLayoutEffect(() => beneath(box.current), [rows.length === 0]);
  const put = (i, row) => setRows((all) => all.map((r, n) => (n === i ? row : r)));
  const complete = (r) => { const kind = known.fields[r.field]?.kind, n = r.values.filter((v) => String(v).trim()).length, extra = kind === "seen" ? 1 : 0; return SILENT.has(r.op) || n >= (r.op === "between" ? 2 : 1) + extra; };
  const ready = rows.length > 0 && rows.every(complete);
  const go = (e) => { e?.preventDefault(); if (ready) onDone(rows.map((r) => ({ ...r, values: SILENT.has(r.op) ? [] : r.values.map((v) => String(v).trim()).filter(Boolean) }))); };
  const key = (e) => { if (e.key === "Escape") { e.stopPropagation(); onCancel(); } };
  if (!rows.length) return <div className="pop chip-pop" role="dialog" aria-label="Filter by" ref={box} onKeyDown={key}>
    <input className="in sm" id="filter-find" placeholder="Filter by…" aria-label="Find a field" value={find} onChange={(e) => setFind(e.target.value)} onKeyDown={(e) => { if (e.key === "Enter" && names.length) { e.preventDefault(); setRows([start(known, names[0][0])]); } }} />
    <div className="chip-fields">{names.map(([id, f]) => <button type="button" key={id} className="chip-field" data-field={id} onClick={() => setRows([start(known, id)])}>{f.label}</button>)}{!names.length && <p className="dim">No field of that name.</p>}</div></div>;
  return <form className="pop chip-pop wide" role="dialog" aria-label="Filter" ref={box} onSubmit={go} onKeyDown={key}>
    {rows.map((r, i) => <div className="chip-row" key={i}>
      {i > 0 && <span className="dim chip-or">or</span>}
      <select className="in sm" aria-label="Field" value={r.field} onChange={(e) => put(i, start(known, e.target.value))}>{Object.entries(known.fields).map(([id, f]) => <option key={id} value={id}>{f.label}</option>)}{!known.fields[r.field] && <option value={r.field}>A field that is gone</option>}</select>
      <select className="in sm" aria-label="Asked" value={r.op} onChange={(e) => put(i, { ...r, op: e.target.value, values: SILENT.has(e.target.value) || DAYS.has(e.target.value) !== DAYS.has(r.op) ? [] : r.values })}>{(known.fields[r.field]?.ops || [r.op]).map((o) => <option key={o} value={o}>{opWord(r.field, o)}</option>)}</select>
      <Values known={known} row={r} onChange={(values) => put(i, { ...r, values })} />
      {rows.length > 1 && <button type="button" className="btn ghost icon sm" aria-label="Take this condition away" onClick={() => setRows((all) => all.filter((_, n) => n !== i))}><Cross /></button>}
    </div>)}
    <div className="chip-foot"><button type="button" className="btn ghost sm" id="chip-or" onClick={() => setRows((all) => [...all, start(known, rows[0].field)])}>Or another</button><span className="grow" /><button type="button" className="btn sm" onClick={onCancel}>Cancel</button><button type="submit" className="btn primary sm" id="chip-apply" disabled={!ready}>Apply</button></div>
  </form>;
}

function Values({ known, row, onChange }) {
  const kind = known.fields[row.field]?.kind || "text", words = known.fields[row.field]?.words;
  const set = (i, v) => { const next = [...row.values]; while (next.length <= i) next.push(""); next[i] = v; onChange(next); };
  if (SILENT.has(row.op)) return null;
  if (kind === "seen") return <><select className="in sm" aria-label="List" value={row.values[0] || ""} onChange={(e) => set(0, e.target.value)}><option value="">Choose a list</option>{known.lists.map(([id, n]) => <option key={id} value={id}>{n}</option>)}</select><When op={row.op} values={row.values.slice(1)} onChange={(vs) => onChange([row.values[0] || "", ...vs])} /></>;
  if (kind === "date" || kind === "task") return <When op={row.op} values={row.values} onChange={onChange} />;
  if (kind === "group" && row.field === "list") return <Ticks pairs={known.lists} values={row.values} onChange={onChange} label="Lists" />;
  if (kind === "group" && row.field === "tag") return <Ticks pairs={known.tags} values={row.values} onChange={onChange} label="Tags" />;
  if (kind === "who") return <Ticks pairs={[["me", "Me"], ...known.people]} values={row.values} onChange={onChange} label="People" />;
  if (words) return <Ticks pairs={words.map((w) => [w, row.field.startsWith("custom.") ? w : word(w)])} values={row.values} onChange={onChange} label="Values" />;
  if (["number", "percent", "money"].includes(kind) && row.op !== "is") {
    const one = (i) => <Figure key={i} kind={kind} value={row.values[i] ?? ""} onChange={(v) => set(i, v)} label={i ? "To" : row.op === "between" ? "From" : "Value"} />;
    return <span className="chip-two">{one(0)}{row.op === "between" && <><span className="dim">and</span>{one(1)}</>}</span>;
  }
  if (kind === "money") return <Figure kind={kind} value={row.values[0] ?? ""} onChange={(v) => onChange([v])} label="Value" />;
  return <Tokens field={row.field} values={row.values} onChange={onChange} />;
}
// Amounts are typed in dollars and written in cents; what is half typed stays as it is typed.
function Figure({ kind, value, onChange, label }) {
  const [text, setText] = useState(value === "" ? "" : kind === "money" ? String(value / 100) : String(value));
  const put = (t) => { setText(t); const n = Number(t.replace(/[$,\s%]/g, "")); onChange(t.trim() === "" || !Number.isFinite(n) ? "" : kind === "money" ? String(Math.round(n * 100)) : String(n)); };
  return <span className="figure"><input className="in sm" inputMode="decimal" aria-label={label} placeholder={kind === "money" ? "$" : kind === "percent" ? "%" : ""} value={text} onChange={(e) => put(e.target.value)} /></span>;
}
function When({ op, values, onChange }) {
  const set = (i, v) => { const next = [...values]; while (next.length <= i) next.push(""); next[i] = v; onChange(next); };
  if (DAYS.has(op)) return <span className="chip-two"><input className="in sm days" type="number" min="1" max="36500" aria-label="Days" value={values[0] || ""} onChange={(e) => set(0, e.target.value)} /><span className="dim">days</span></span>;
  return <span className="chip-two"><input className="in sm" type="date" aria-label="Day" value={values[0] || ""} onChange={(e) => set(0, e.target.value)} />{op === "between" && <><span className="dim">and</span><input className="in sm" type="date" aria-label="Last day" value={values[1] || ""} onChange={(e) => set(1, e.target.value)} /></>}</span>;
}
function Ticks({ pairs, values, onChange, label }) {
  const [find, setFind] = useState(""), shown = pairs.filter(([, n]) => n.toLowerCase().includes(find.trim().toLowerCase()));
  const flip = (id) => onChange(values.includes(id) ? values.filter((v) => v !== id) : [...values, id]);
  return <fieldset className="ticks" aria-label={label}>{pairs.length > 8 && <input className="in sm" placeholder="Find…" aria-label={`Find in ${label.toLowerCase()}`} value={find} onChange={(e) => setFind(e.target.value)} onKeyDown={(e) => { if (e.key === "Enter") e.preventDefault(); }} />}
    <div>{shown.map(([id, n]) => <label key={id} className="tick-row"><input type="checkbox" checked={values.includes(id)} onChange={() => flip(id)} value={id} /><span>{n}</span></label>)}{!shown.length && <span className="dim">Nothing to choose.</span>}</div></fieldset>;
}
const OFFERED = new Set(["city", "county", "zip", "source", "property_type"]);
// Several words, each its own token: Enter or a comma ends one. What is typed counts even when it was not ended.
function Tokens({ field, values, onChange }) {
  const [held, setHeld] = useState(values), [text, setText] = useState(""), [offer, setOffer] = useState([]), list = useId();
  const tell = (all, t) => onChange([...all, ...(t.trim() ? [t.trim()] : [])]);
  useEffect(() => { if (!OFFERED.has(field)) return; const a = new AbortController(), t = setTimeout(() => call("GET", `/api/v1/leads/choices?field=${field}&q=${encodeURIComponent(text.trim())}`, undefined, { signal: a.signal }).then(setOffer, () => {}), 150); return () => { clearTimeout(t); a.abort(); }; }, [field, text]);
  const end = () => { if (text.trim()) { const all = [...held, text.trim()]; setHeld(all); setText(""); tell(all, ""); } };
  return <span className="tokens">{held.map((v, i) => <span className="tag on" key={v + i}>{v}<button type="button" className="tag-x" aria-label={`Take ${v} away`} onClick={() => { const all = held.filter((_, n) => n !== i); setHeld(all); tell(all, text); }}><Cross /></button></span>)}
    <input className="in sm" aria-label="Value" value={text} list={offer.length ? list : undefined} maxLength={120} placeholder={held.length ? "or…" : ""} onChange={(e) => { setText(e.target.value); tell(held, e.target.value); }} onKeyDown={(e) => { if (e.key === ",") { e.preventDefault(); end(); } if (e.key === "Backspace" && !text && held.length) { const all = held.slice(0, -1); setHeld(all); tell(all, ""); } }} />
    {offer.length > 0 && <datalist id={list}>{offer.map((o) => <option key={o} value={o} />)}</datalist>}</span>;
}

// An empty answer explained: how many leads there would be without each part of the filter, and a way to take it away.
export function Emptied({ api, query }) {
  const known = useAsked(), [parts, setParts] = useState(null), [, setSearch] = useWords();
  useEffect(() => { let on = true; setParts(null); call("GET", `${api}/without?${query}`).then((r) => on && setParts(r), () => on && setParts([])); return () => { on = false; }; }, [api, query]);
  const q = useMemo(() => new URLSearchParams(query), [query]);
  if (!parts) return <span className="dim">Looking for what removed them…</span>;
  const told = [...parts].sort((a, b) => b.count - a.count), some = told.some((p) => p.count > 0), label = (p) => (p.part === "where" ? chipWords(known, readChip(p.chip)) : simpleWords(known, p.part, q.getAll(p.part)));
  return <div className="emptied"><span className="dim">{some ? "Take away what removed them:" : "No single filter removed them; several do together."}</span>
    <ul>{told.map((p) => <li key={p.part + p.chip}><span className="chip on">{label(p)}</span><span className="dim">{p.count > 10000 ? "more than 10,000 leads" : `${p.count.toLocaleString("en-US")} ${p.count === 1 ? "lead" : "leads"}`} without it</span><button type="button" className={"btn sm" + (p.count ? " soft" : "")} onClick={() => setSearch((s) => without(s, p.part, p.part === "where" ? p.chip : undefined), { preventScrollReset: true })}>Take it away</button></li>)}</ul></div>;
}

// Chips that are kept somewhere else than in the address, in words; each can be taken away where it may be.
export function ChipList({ chips, disabled, onTake }) {
  const known = useAsked();
  return <span className="tags">{chips.map((text) => { const said = chipWords(known, readChip(text)); return <span key={text} className="chip on" data-chip={text}><span>{said}</span>{!disabled && <button type="button" className="chip-x" aria-label={`Take away: ${said}`} onClick={() => onTake(text)}><Cross /></button>}</span>; })}</span>;
}
