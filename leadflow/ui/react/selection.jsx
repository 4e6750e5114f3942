// Which rows of a list are chosen: known to this page only, never to the address. Others hear of it as `lf:selection`.
import { useEffect, useState, useSyncExternalStore } from "react";
import { call, sayError } from "$/public/external/leadflow/ui/react/http.js";

// `all` turns `ids` round: every row of the filter `query` but these.
const NOTHING = { all: false, ids: new Set(), query: "", total: null, more: false, api: "" };
const kept = new Map(), hearers = new Map();
export const chosen = (grid) => kept.get(grid) || NOTHING;
export const holds = (s, id) => s.ids.has(id) !== s.all;
export const size = (s) => (s.all ? Math.max(0, (s.total ?? 0) - s.ids.size) : s.ids.size);
// The filter of an address as the API takes it: a word that stands several times is a list.
export const filterOf = (query) => { const q = new URLSearchParams(query), f = {}; for (const k of new Set(q.keys())) { const v = q.getAll(k); f[k] = v.length > 1 ? v : v[0]; } return f; };
export const payload = (s) => (s.all ? { filter: filterOf(s.query), except_ids: [...s.ids] } : { ids: [...s.ids] });

function put(grid, next) {
  kept.set(grid, next);
  for (const h of hearers.get(grid) || []) h();
  dispatchEvent(new CustomEvent("lf:selection", { detail: { grid, count: size(next), ...payload(next) } }));
}
export function pick(grid, ids, on) {
  const s = chosen(grid), set = new Set(s.ids);
  for (const id of ids) on !== s.all ? set.add(id) : set.delete(id);
  put(grid, { ...s, ids: set });
}
export const clear = (grid) => { const s = chosen(grid); if (s.all || s.ids.size) put(grid, { ...s, all: false, ids: new Set() }); };
// The grid tells what it shows; another filter is another list, and nothing of it is chosen.
export function shows(grid, facts) {
  const s = chosen(grid), other = facts.query !== undefined && facts.query !== s.query;
  put(grid, { ...s, ...facts, ...(other ? { all: false, ids: new Set() } : {}) });
}
// Every row of the filter: counted to the end first, so that the bar never says less than will be changed.
async function everything(grid) {
  const s = chosen(grid);
  let total = s.total;
  if (s.more || total == null) total = (await call("GET", `${s.api}/count?${s.query}`)).count;
  if (chosen(grid).query === s.query) put(grid, { ...chosen(grid), all: true, ids: new Set(), total, more: false });
}
export function useSelection(grid) {
  return useSyncExternalStore(
    (h) => { if (!hearers.has(grid)) hearers.set(grid, new Set()); hearers.get(grid).add(h); return () => hearers.get(grid).delete(h); },
    () => chosen(grid), () => NOTHING);
}

const n = (x) => x.toLocaleString("en-US");

// What is chosen, the way to choose all of the filter, and what can be done with it (the children).
export function SelectionBar({ grid, one, many, children }) {
  const s = useSelection(grid), count = size(s), [busy, setBusy] = useState(false), word = (x) => `${n(x)} ${x === 1 ? one : many}`;
  useEffect(() => { const h = () => { if (!document.querySelector(".drawer .close")) clear(grid); }; addEventListener("lf:close", h); return () => removeEventListener("lf:close", h); }, [grid]);
  useEffect(() => () => clear(grid), [grid]);
  useEffect(() => { const h = () => { clear(grid); dispatchEvent(new CustomEvent("lf:grid")); dispatchEvent(new CustomEvent("lf:jobs")); }; addEventListener("lf:bulk", h); return () => removeEventListener("lf:bulk", h); }, [grid]);
  if (!count) return null;
  const every = !s.all && (s.more || (s.total ?? 0) > count);
  const all = async () => { setBusy(true); try { await everything(grid); } catch (e) { sayError(e); } setBusy(false); };
  return <div className="picked" role="region" aria-label="Selection" id={`${grid}-selection`} data-n={count} data-all={s.all ? "1" : "0"}>
    <span className="picked-n" role="status">{s.all && !s.ids.size ? `All ${word(count)}` : word(count)}<span className="dim">{s.all ? " of this filter" : " selected"}</span></span>
    {every && <button type="button" className="btn sm soft" id={`${grid}-select-all`} disabled={busy} onClick={all}>{`Select all ${s.total == null ? "" : n(s.total) + (s.more ? "+" : "")} in this filter`}</button>}
    <span className="picked-acts">{children}</span>
    <button type="button" className="btn sm ghost" id={`${grid}-clear`} onClick={() => clear(grid)}>Clear</button>
  </div>;
}

// A button that hands what is chosen to the server: {ids} or {filter, except_ids}, and how many they are.
export function SelectionAct({ grid, onPick, className = "btn sm", id, title, children }) {
  const s = useSelection(grid);
  return <button type="button" className={className} id={id} title={title} onClick={() => onPick({ ...payload(s), count: size(s) })}>{children}</button>;
}
