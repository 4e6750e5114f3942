// Changes one cell of a list in its place: shown at once, taken back with the reason when the server says no.
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { call, say } from "$/public/external/leadflow/ui/react/http.js";
import { people } from "$/public/external/leadflow/ui/react/chips.jsx";

// What a cell holds as the server names it; `edit` is the kind of the column.
export const seenIn = (edit, v) => (edit === "assignee" ? v?.id ?? null : v ?? null);
const typed = (edit, v) => (v == null ? "" : edit === "money" ? String(v / 100) : edit === "tags" || edit === "multi_select" ? (v || []).join(", ") : edit === "yes_no" ? (v ? "yes" : "no") : edit === "assignee" ? v?.id ?? "" : String(v));
function meant(edit, text) {
  const t = text.trim();
  if (edit === "tags" || edit === "multi_select") return t ? [...new Set(t.split(",").map((x) => x.trim()).filter(Boolean))] : [];
  if (t === "") return null;
  if (edit === "money") { const n = Number(t.replace(/[$,\s]/g, "")); if (!Number.isFinite(n)) throw { message: "Write an amount, as 250,000." }; return Math.round(n * 100); }
  if (edit === "number") { const n = Number(t.replace(/[,\s]/g, "")); if (!Number.isFinite(n)) throw { message: "Write a number." }; return n; }
  if (edit === "yes_no") return t === "yes";
  return t;
}

// `at`: {row, column, data, rect}; `onShown` draws a row, `onDone` ends the edit and says whether something was saved.
export function CellEditor({ at, api, rowKey, onShown, onDone }) {
  const { column, data, rect } = at, edit = column.edit, before = column.read(data), [text, setText] = useState(typed(edit, before)), [wrong, setWrong] = useState(""), [who, setWho] = useState([]), box = useRef(null), gone = useRef(false);
  useEffect(() => { if (edit === "assignee") people().then(setWho); }, [edit]);
  useLayoutEffect(() => { const el = box.current?.querySelector("input,select,textarea"); el?.focus(); el?.select?.(); }, []);
  const save = async (given) => {
    if (gone.current) return;
    let value;
    try { value = meant(edit, given); } catch (e) { setWrong(e.message); return; }
    if (JSON.stringify(value) === JSON.stringify(seenIn(edit, before)) || given === typed(edit, before)) { gone.current = true; onDone(false); return; }
    gone.current = true;
    onShown(column.write(data, edit === "assignee" ? (value ? { id: value, name: who.find(([id]) => id === value)?.[1] || "" } : null) : value));
    onDone(true);
    try {
      onShown(await call("PUT", `${api}/${encodeURIComponent(data[rowKey])}/cells/${encodeURIComponent(column.cell)}`, { value, seen: seenIn(edit, before) }));
      dispatchEvent(new CustomEvent("lf:cell", { detail: { id: String(data[rowKey]) } }));
    } catch (e) {
      onShown(data); // what was there before
      say("error", e?.message || "It could not be saved.", e?.correlation ? `Reference ${e.correlation}` : undefined);
      if (e?.code === "changed_meanwhile" || e?.status === 404) dispatchEvent(new Event("lf:grid"));
    }
  };
  const key = (e) => { e.stopPropagation(); if (e.key === "Escape") { gone.current = true; onDone(false); } if (e.key === "Enter" && !e.shiftKey) { e.preventDefault(); save(text); } if (e.key === "Tab") save(text); };
  const common = { className: "in sm", "aria-label": column.title, "aria-invalid": !!wrong, value: text, onKeyDown: key };
  const options = edit === "assignee" ? [["", "Nobody"], ...who] : edit === "yes_no" ? [["", "–"], ["yes", "Yes"], ["no", "No"]] : column.options?.length && edit !== "multi_select" ? (edit === "status" ? column.options : [["", "–"], ...column.options]) : null;
  const present = edit === "assignee" && before?.id && !who.some(([id]) => id === before.id) ? [[before.id, before.name]] : [];
  return <div className="cell-edit" ref={box} style={{ left: rect.left, top: rect.top, minWidth: Math.max(rect.width, 120), minHeight: rect.height }} onBlur={(e) => { if (!box.current?.contains(e.relatedTarget)) save(text); }}>
    {options ? <select {...common} onChange={(e) => { setText(e.target.value); save(e.target.value); }}>{[...options, ...present].map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select>
      : <input {...common} type={edit === "date" ? "date" : edit === "link" ? "url" : "text"} inputMode={edit === "money" || edit === "number" ? "decimal" : undefined} maxLength={500} placeholder={edit === "tags" || edit === "multi_select" ? "Words, with commas between" : ""} onChange={(e) => { setText(e.target.value); setWrong(""); }} />}
    {wrong && <span className="err" role="alert">{wrong}</span>}
  </div>;
}
