// How a list is laid out, apart from what it shows: columns with their order and width, and the height of its rows.
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

const USUAL = { columns: null, density: "comfortable", by: "" };
const kept = new Map(), hearers = new Map(), titles = new Map();
export const layoutOf = (grid) => kept.get(grid) || USUAL;
// `by` tells who changed it: the grid need not be told of what it said itself.
export function setLayout(grid, next, by) {
  kept.set(grid, { ...layoutOf(grid), ...next, by });
  for (const h of hearers.get(grid) || []) h();
}
export function useLayout(grid) {
  return useSyncExternalStore(
    (h) => { if (!hearers.has(grid)) hearers.set(grid, new Set()); hearers.get(grid).add(h); return () => hearers.get(grid).delete(h); },
    () => layoutOf(grid), () => USUAL);
}
// The grid names its columns, in their usual order, for whoever offers them.
export const nameColumns = (grid, columns) => { titles.set(grid, columns); setLayout(grid, {}, layoutOf(grid).by); };
export const columnsOf = (grid) => titles.get(grid) || [];

// Which columns are shown, and how high the rows are.
export function Columns({ grid }) {
  const layout = useLayout(grid), [open, setOpen] = useState(false), box = useRef(null), all = columnsOf(grid);
  useEffect(() => { if (!open) return; const h = (e) => { if (e.key === "Escape" || (e.type === "mousedown" && !box.current?.contains(e.target))) setOpen(false); }; addEventListener("mousedown", h); addEventListener("keydown", h); return () => { removeEventListener("mousedown", h); removeEventListener("keydown", h); }; }, [open]);
  const order = layout.columns || all.map((c) => ({ id: c.id, hide: !!c.hide, width: c.width }));
  const rows = [...order.filter((c) => all.some((a) => a.id === c.id)), ...all.filter((a) => !order.some((c) => c.id === a.id)).map((a) => ({ id: a.id, hide: true, width: a.width }))];
  const put = (columns) => setLayout(grid, { columns }, "person");
  const move = (i, by) => { const next = [...rows], [one] = next.splice(i, 1); next.splice(Math.max(0, Math.min(next.length, i + by)), 0, one); put(next); };
  const title = (id) => all.find((a) => a.id === id)?.title || id, fixed = (id) => all.find((a) => a.id === id)?.fixed;
  return <div className="pop-at" ref={box}>
    <button type="button" className="btn hide-s" id="columns" aria-expanded={open} onClick={() => setOpen(!open)}><svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d="M3 4h18v16H3zM9 4v16M15 4v16" /></svg>Columns</button>
    {open && <div className="pop columns-pop" role="dialog" aria-label="Columns">
      <div className="density" role="group" aria-label="Height of the rows">{[["comfortable", "Comfortable"], ["compact", "Compact"]].map(([v, t]) => <button type="button" key={v} className="chip" data-density={v} aria-pressed={layout.density === v} onClick={() => setLayout(grid, { density: v }, "person")}>{t}</button>)}</div>
      <ul>{rows.map((c, i) => <li key={c.id}><label className="tick-row"><input type="checkbox" checked={!c.hide} disabled={fixed(c.id)} value={c.id} onChange={() => put(rows.map((r) => (r.id === c.id ? { ...r, hide: !r.hide } : r)))} /><span>{title(c.id)}</span></label>
        {!fixed(c.id) && <><button type="button" className="btn ghost icon sm" aria-label={`Move ${title(c.id)} up`} disabled={i < 2} onClick={() => move(i, -1)}><svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" aria-hidden="true"><path d="M18 15l-6-6-6 6" /></svg></button><button type="button" className="btn ghost icon sm" aria-label={`Move ${title(c.id)} down`} disabled={i === rows.length - 1} onClick={() => move(i, 1)}><svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" aria-hidden="true"><path d="M6 9l6 6 6-6" /></svg></button></>}</li>)}</ul>
      <button type="button" className="btn sm" onClick={() => setLayout(grid, { columns: null, density: "comfortable" }, "person")}>As usual</button>
    </div>}
  </div>;
}
