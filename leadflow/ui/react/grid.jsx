// AG Grid Community (MIT) over a JSON list of our API: {rows, count, next}. Filters and the open row live in the address.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { AgGridReact } from "ag-grid-react";
import { ModuleRegistry, InfiniteRowModelModule, ColumnApiModule, CellStyleModule, RowStyleModule, RowApiModule, EventApiModule, ScrollApiModule, TooltipModule, themeQuartz, colorSchemeVariable } from "ag-grid-community";
import { CallButton, useCall } from "$/public/external/leadflow/ui/react/call.jsx";
import { TextButton, useFirstText } from "$/public/external/leadflow/ui/react/text.jsx";
import { call } from "$/public/external/leadflow/ui/react/http.js";
import { phone, useAwake, useWords } from "$/public/external/leadflow/ui/react/address.jsx";
import { CellEditor } from "$/public/external/leadflow/ui/react/cell.jsx";
import { Emptied } from "$/public/external/leadflow/ui/react/chips.jsx";
import { nameColumns, setLayout, useLayout } from "$/public/external/leadflow/ui/react/layout.jsx";
import { chosen, holds, pick, shows, useSelection } from "$/public/external/leadflow/ui/react/selection.jsx";

ModuleRegistry.registerModules([InfiniteRowModelModule, ColumnApiModule, CellStyleModule, RowStyleModule, RowApiModule, EventApiModule, ScrollApiModule, TooltipModule]);
const theme = themeQuartz.withPart(colorSchemeVariable).withParams({
  fontFamily: "inherit", fontSize: 13, headerFontSize: 12, headerFontWeight: 500, cellHorizontalPadding: 12, accentColor: "var(--accent-9)", backgroundColor: "var(--color-panel-solid)",
  foregroundColor: "var(--gray-12)", borderColor: "var(--lf-line)", headerBackgroundColor: "var(--color-panel-solid)", headerTextColor: "var(--gray-11)", wrapperBorder: false, wrapperBorderRadius: 0,
  rowBorder: { color: "var(--lf-hair)" }, rowHoverColor: "var(--gray-a2)", oddRowBackgroundColor: "transparent", headerColumnResizeHandleColor: "transparent", columnBorder: false, pinnedColumnBorder: { color: "var(--lf-line)" } });

const at = (o, path) => path.split(".").reduce((x, k) => x?.[k], o);
// A town or county that only the ZIP says: marked as the map marks the middle of a ZIP.
const ofZip = (d, k) => !!d?.from_zip?.includes(k);
const place = (d, k) => { const v = at(d, k); return v && ofZip(d, k) ? "◌ " + v : v; };
const names = (v) => (Array.isArray(v) ? v.map((o) => o?.name ?? o).join(", ") : v ?? "");
const ago = (v) => { if (!v) return ""; const d = (Date.now() - new Date(v)) / 864e5; return d < 0 ? "today" : d < 1 / 24 ? Math.max(1, Math.round(d * 1440)) + " min" : d < 1 ? Math.floor(d * 24) + " h" : d < 30 ? Math.floor(d) + " d" : d < 365 ? Math.floor(d / 30) + " mo" : Math.floor(d / 365) + " y"; };
const when = (v) => (v ? new Date(v).toLocaleString("en-US", { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }) : "");
const day = (v) => (v ? new Date(v.length === 10 ? v + "T12:00" : v).toLocaleDateString("en-US", { month: "short", day: "numeric", year: "numeric" }) : "");
const due = (v) => { if (!v) return ""; const a = new Date(v), b = new Date(); a.setHours(0, 0, 0, 0); b.setHours(0, 0, 0, 0); const n = Math.round((a - b) / 864e5); return n === 0 ? "Today" : n === 1 ? "Tomorrow" : n === -1 ? "Yesterday" : new Date(v).toLocaleDateString("en-US", { month: "short", day: "numeric" }); };
const money = (c) => (c == null ? "" : Math.abs(c) >= 1e8 ? "$" + (c / 1e8).toFixed(2) + "M" : Math.abs(c) >= 1e6 ? "$" + Math.round(c / 1e5) + "k" : "$" + (c / 100).toLocaleString("en-US", { maximumFractionDigits: 2 }));
const proof = (e) => (!e ? "" : e.file ? `${e.file}, row ${e.row}, column ${e.column}: “${e.cell}”` : Object.entries(e).filter(([, v]) => v != null && typeof v !== "object" && !/^[0-9a-f-]{24,}$/.test(v)).map(([k, v]) => (["why", "note", "body", "text"].includes(k) ? v : `${words(k)}: ${v}`)).join(" · "));
const words = (s) => { const t = String(s ?? "").replaceAll("_", " "); return (t.charAt(0).toUpperCase() + t.slice(1)).replace(/\bdnc\b/gi, "DNC"); };
const PATH = { ok: "M20 6 9 17l-5-5", later: "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z", bad: "M4.9 4.9l14.2 14.2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z", dot: "M12 12h.01" };
const Sign = ({ d }) => <svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={d} /></svg>;
const Pill = ({ tone, children }) => <span className="pill" data-tone={tone || "mute"}>{tone === "bad" ? <Sign d={PATH.bad} /> : tone === "ok" ? <Sign d={PATH.ok} /> : tone === "warn" ? <Sign d={PATH.later} /> : <i />}{children}</span>;

const R = {
  strong: (p) => <span className="two"><b>{p.value}</b>{p.colDef.sub && <span>{p.colDef.sub.map((k) => place(p.data, k)).filter(Boolean).join(", ")}</span>}</span>,
  place: (p) => (ofZip(p.data, p.colDef.field) ? <span className="dim" title="By its ZIP: the file names none">◌ {p.value}</span> : p.value ?? ""),
  names: (p) => names(p.value),
  name: (p) => p.value?.name ?? p.value ?? "",
  owner: (p) => <span className="two"><span>{p.value}{p.data.owner_kind && p.data.owner_kind !== "individual" ? <small className="dim"> {words(p.data.owner_kind)}</small> : null}</span></span>,
  task: (p) => (p.value ? <span className="two"><span data-late={p.data.next_task_at && new Date(p.data.next_task_at) < Date.now() ? "1" : undefined}>{due(p.data.next_task_at)}</span><span>{p.value}</span></span> : <span className="dim">–</span>),
  pill: (p) => (p.value == null || p.value === "" ? "" : <Pill tone={p.colDef.tones?.[p.value]?.[0]}>{p.colDef.tones?.[p.value]?.[1] || words(p.value)}</Pill>),
  stack: (p) => (p.value ? <span className="stackn" data-hot={p.value > 2 ? "1" : "0"} title={`On ${p.value} lists`}>{p.value}</span> : ""),
  link: (p) => (/^https?:/i.test(p.value || "") ? <a href={p.value} target="_blank" rel="noreferrer noopener" onClick={(e) => e.stopPropagation()}>{p.value.replace(/^https?:\/\//i, "")}</a> : ""),
  tags: (p) => <span className="tags">{(p.value || []).slice(0, 3).map((t) => <span key={t.name ?? t} className="tag">{t.name ?? t}</span>)}{p.value?.length > 3 && <span className="dim">+{p.value.length - 3}</span>}</span>,
  phone: (p) => (p.value ? <span className="mono">{phone(p.value.number ?? p.value)}{p.context.call && p.value.number ? <CallButton number={p.value.number} lead={p.data.id} ask={p.context.call} /> : null}{p.context.text && p.value.number ? <TextButton number={p.value.number} lead={p.data.id} ask={p.context.text} /> : null}{p.value.line_type && p.value.line_type !== "mobile" ? <small className="dim"> {words(p.value.line_type)}</small> : null}</span> : <span className="dim">none</span>),
  contact: (p) => { const v = p.value; if (!v) return ""; const verdict = v.verdict ?? v, tone = { sendable: "ok", later: "warn", blocked: "bad" }[verdict];
    return <span className="two" data-verdict={verdict} title={v.reason || v.sentence || ""}><Pill tone={tone}>{v.label || { sendable: "Sendable", later: "Later", blocked: "Blocked" }[verdict]}{v.detail && <small> {v.detail}</small>}</Pill>{verdict === "blocked" && v.reason && v.reasons?.[0] !== "no_phone" && <span>{v.reason}</span>}</span>; },
  reach: (p) => (p.value ? <span className="mono">{phone(p.value)}</span> : <span className="dim">{p.data.person_id ? "every number" : p.data.address_key ? "address" : "none"}</span>),
  evidence: (p) => <span className="two"><span>{proof(p.value)}</span></span>,
  reasons: (p) => <span className="two"><span>{(Array.isArray(p.value) ? p.value : p.value ? [p.value] : []).map((r) => r.message ?? r.text ?? p.colDef.tones?.[r]?.[1] ?? words(r)).join("; ")}</span></span>,
};
const F = { yesno: (v) => (v == null ? "" : v ? "Yes" : "No"), figure: (v) => (v == null ? "" : Number(v).toLocaleString("en-US", { maximumFractionDigits: 4 })), year: (v) => v ?? "", money, ago, when, day, phone, words, int: (v) => (v == null ? "" : Number(v).toLocaleString("en-US")), pct: (v) => (v == null ? "" : Math.round(v) + " %"), names };

function Skeleton({ rows = 12 }) { return <div className="grid-skel" aria-hidden="true">{Array.from({ length: rows }, (_, i) => <div key={i}><i style={{ width: 22 + ((i * 7) % 12) + "%" }} /><i style={{ width: 12 + ((i * 5) % 9) + "%" }} /><i style={{ width: "9%" }} /><i style={{ width: "14%" }} /></div>)}</div>; }

// Columns of the organisation's own fields, hidden until somebody shows them.
const OWN = { text: ["text"], number: ["figure", true], money: ["money", true], date: ["day"], yes_no: ["yesno"], select: ["text"], multi_select: ["tags"], link: ["link"] };
const own = (f) => ({ field: `fields.${f.id}`, id: `custom.${f.id}`, title: f.name, width: 140, kind: OWN[f.kind][0], num: OWN[f.kind][1], hide: true, cell: `custom.${f.id}`, edit: f.kind, options: f.kind === "select" ? f.options.map((o) => [o, o]) : undefined });
function useOwnColumns(on) {
  const [fields, setFields] = useState([]);
  useEffect(() => { if (!on) return; let here = true; const look = () => call("GET", "/api/v1/fields").then((all) => here && setFields(all.filter((f) => !f.archived_at).map(own)), () => {}); look(); addEventListener("lf:fields", look); return () => { here = false; removeEventListener("lf:fields", look); }; }, [on]);
  return fields;
}
const inSight = (row, box) => { const a = row.getBoundingClientRect(), b = box.getBoundingClientRect(); return a.top >= b.top + 34 && a.bottom <= b.bottom; };
const idOf = (c) => c.id || c.sort || c.field;
const put = (data, path, value) => { const [head, ...rest] = path.split("."); return { ...data, [head]: rest.length ? put(data[head] || {}, rest.join("."), value) : value }; };

// One row's box, and the one of the header for every row that has been loaded.
function Pick({ grid, id, label, onPick }) {
  const on = holds(useSelection(grid), id);
  return <span className="tickbox" role="checkbox" aria-checked={on} aria-label={`Select ${label}`} tabIndex={-1} onClick={(e) => { e.stopPropagation(); onPick(id, !on, e.shiftKey); }}>{on && <Sign d={PATH.ok} />}</span>;
}
function PickLoaded({ grid, loaded }) {
  const s = useSelection(grid), ids = loaded(), n = ids.filter((id) => holds(s, id)).length, on = n > 0 && n === ids.length;
  return <span className="tickbox" role="checkbox" aria-checked={on ? true : n ? "mixed" : false} aria-label="Select the rows that are loaded" tabIndex={-1} onClick={() => pick(grid, ids, !on)}>{on ? <Sign d={PATH.ok} /> : n ? <Sign d="M5 12h14" /> : null}</span>;
}

export function Grid({ api, columns, params, fixed, rowKey = "id", openParam, enterHref, rowHref, density, label, emptyTitle, emptyText, emptyHref, emptyAction, cursor, reload, name, selectable, viewed, explains, editable, assignable, calls, texts }) {
  const awake = useAwake(), extra = useOwnColumns(viewed), all = useMemo(() => [...columns, ...extra], [JSON.stringify(columns), extra]), layout = useLayout(viewed ? name : "");
  const [search, setSearch] = useWords(), [small, setSmall] = useState(false);
  const [state, setState] = useState({ loading: true, error: null, count: null }), grid = useRef(null), marks = useRef({ 0: null }), count = useRef(null), least = useRef(null);
  const query = useMemo(() => { const q = new URLSearchParams(); for (const k of params || []) for (const v of search.getAll(k)) if (v) q.append(k, v); for (const [k, v] of Object.entries(fixed || {})) if (v !== "" && v != null) q.set(k, v); return q.toString(); }, [search, JSON.stringify(params), JSON.stringify(fixed)]);
  const openId = openParam ? search.get(openParam) : null, live = useRef({}), tell = useRef(null);
  live.current = { query, openId, search };
  useEffect(() => { const m = matchMedia("(max-width:760px)"), h = () => setSmall(m.matches); h(); m.addEventListener("change", h); return () => m.removeEventListener("change", h); }, []);
  const nav = useNavigate(), opens = !!(openParam || rowHref);
  const href = (row) => { const words = [...rowHref.matchAll(/\{(\w+)\}/g)].map((m) => m[1]); return words.every((k) => row[k]) ? words.reduce((to, k) => to.replace(`{${k}}`, encodeURIComponent(row[k])), rowHref) : null; };
  const open = useCallback((id, row) => rowHref ? (href(row) && nav(href(row))) : setSearch((p) => { const q = new URLSearchParams(p); q.set(openParam, id); return q; }, { replace: !!live.current.openId, preventScrollReset: true }), [openParam, rowHref]);

  const source = useMemo(() => ({ rowCount: undefined, getRows: async (p) => {
    const asked = live.current.query, q = new URLSearchParams(asked), s = p.sortModel[0];
    if (s) { q.set("sort", s.colId); q.set("dir", s.sort); }
    q.set("limit", p.endRow - p.startRow);
    if (cursor) { const mark = marks.current[p.startRow]; if (mark === undefined) { p.failCallback(); return; } if (mark) q.set("after", mark); } else q.set("offset", p.startRow);
    const asking = new AbortController();
    if (cursor) tell.current?.abort();
    tell.current = asking;
    try {
      const r = await call("GET", `${api}?${q}`, undefined, { signal: asking.signal });
      if (asked !== live.current.query) { p.failCallback(); return; } // the filter has changed meanwhile
      if (r.count != null) count.current = r.count;
      if (r.at_least != null) least.current = r.at_least;
      const end = p.startRow + r.rows.length;
      if (r.next) marks.current[end] = r.next;
      const last = r.next ? (count.current ?? -1) : end;
      p.successCallback(r.rows, r.rows.length < p.endRow - p.startRow || !r.next ? end : last > end ? last : -1);
      if (p.startRow > 0 && !r.next) setState((s) => ({ ...s, count: end, more: false }));
      if (p.startRow === 0) setState({ loading: false, error: null, count: r.rows.length ? count.current ?? Math.max(end, least.current ?? 0) : 0, more: count.current == null && !!r.next });
    } catch (e) { p.failCallback(); if (p.startRow === 0 && e?.name !== "AbortError") setState({ loading: false, error: e, count: null }); }
  } }), [api, cursor]);

  const refresh = useCallback(() => { marks.current = { 0: null }; count.current = null; least.current = null; setState((s) => ({ ...s, error: null })); grid.current?.api?.purgeInfiniteCache?.(); }, []);
  const first = useRef(true);
  useEffect(() => { if (first.current || !awake) { first.current = false; return; } tell.current?.abort(); refresh(); grid.current?.api?.ensureIndexVisible?.(0); }, [query]);
  const sortWord = viewed ? search.get("sort") || "" : "", dirWord = viewed ? search.get("dir") || "desc" : "";
  useEffect(() => { // the order of the address is the order of the list
    const a = grid.current?.api; if (!viewed || !a) return;
    const usual = all.find((c) => c.initial), id = sortWord ? idOf(all.find((c) => c.sort === sortWord) || usual) : usual && idOf(usual), dir = sortWord ? dirWord : usual?.initial;
    const now = a.getColumnState().find((c) => c.sort);
    if (id && (now?.colId !== id || now?.sort !== dir)) { marks.current = { 0: null }; a.applyColumnState({ state: [{ colId: id, sort: dir }], defaultState: { sort: null } }); }
  }, [viewed, sortWord, dirWord, awake]);
  const seen = useRef(reload);
  useEffect(() => { if (seen.current === reload) return; seen.current = reload; marks.current = { 0: null }; grid.current?.api?.refreshInfiniteCache?.(); }, [reload]);
  useEffect(() => { const h = () => { marks.current = { 0: null }; grid.current?.api?.refreshInfiniteCache?.(); }; addEventListener("lf:grid", h); return () => removeEventListener("lf:grid", h); }, []);
  useEffect(() => { const a = grid.current?.api; a?.redrawRows?.(); const n = viewed && openId && a?.getRowNode(openId); if (n && n.rowIndex != null) a.ensureIndexVisible(n.rowIndex); }, [openId, viewed]);
  useEffect(() => { // j and k move the row; with a record open they open the neighbour
    const move = (by) => (e) => {
      const a = grid.current?.api; if (!a || (viewed && openId)) return; // Steps walks on from an open record
      e.preventDefault();
      const n = a.getDisplayedRowCount(), f = a.getFocusedCell();
      let i = f ? f.rowIndex : -1;
      if (openId) { a.forEachNode((x) => { if (x.data && String(x.data[rowKey]) === openId) i = x.rowIndex; }); }
      i = Math.max(0, Math.min(n - 1, i + by));
      const row = a.getDisplayedRowAtIndex(i); if (!row?.data) return;
      a.ensureIndexVisible(i); a.setFocusedCell(i, a.getAllDisplayedColumns()[0]);
      if (openId) open(String(row.data[rowKey]), row.data);
    };
    const d = move(1), u = move(-1);
    addEventListener("lf:down", d); addEventListener("lf:up", u);
    return () => { removeEventListener("lf:down", d); removeEventListener("lf:up", u); };
  }, [openId, open, rowKey, viewed]);

  const anchor = useRef(null);
  const loaded = useCallback(() => { const ids = []; grid.current?.api?.forEachNode((x) => { if (x.data) ids.push(String(x.data[rowKey])); }); return ids; }, [rowKey]);
  const onPick = useCallback((id, on, range) => { // with Shift: every row from the one picked before
    const all = loaded(), a = all.indexOf(anchor.current), b = all.indexOf(id);
    pick(name, range && a >= 0 && b >= 0 ? all.slice(Math.min(a, b), Math.max(a, b) + 1) : [id], on);
    anchor.current = id;
  }, [name, loaded]);
  useEffect(() => { if (selectable) shows(name, { query, api, total: null, more: false }); }, [selectable, name, query, api]);
  useEffect(() => { if (selectable && !state.loading) shows(name, { total: state.count, more: !!state.more }); }, [selectable, name, state]);
  useEffect(() => { // x picks the row, J and K carry the choice along, Ctrl-A picks what is loaded
    if (!selectable) return;
    const here = () => { const a = grid.current?.api; if (!a) return null; let found = null; if (openId) a.forEachNode((x) => { if (x.data && String(x.data[rowKey]) === openId) found = x; }); const f = a.getFocusedCell(); return found || (f ? a.getDisplayedRowAtIndex(f.rowIndex) : null); };
    const toggle = (e) => { const row = here(); if (!row?.data) return; e.preventDefault(); const id = String(row.data[rowKey]); onPick(id, !holds(chosen(name), id), false); };
    const carry = (by) => (e) => {
      const a = grid.current?.api; if (!a) return;
      e.preventDefault();
      const f = a.getFocusedCell(), from = f ? a.getDisplayedRowAtIndex(f.rowIndex) : null, i = f ? f.rowIndex + by : 0, to = a.getDisplayedRowAtIndex(i);
      const ids = [from, to].filter((x) => x?.data).map((x) => String(x.data[rowKey]));
      pick(name, ids, true);
      if (to?.data) { a.ensureIndexVisible(i); a.setFocusedCell(i, f?.column || a.getAllDisplayedColumns()[0]); anchor.current = String(to.data[rowKey]); }
    };
    const every = (e) => {
      if (!(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || e.key.toLowerCase() !== "a" || e.target.closest?.("input,textarea,select,[contenteditable=true],[role=dialog],.drawer")) return;
      e.preventDefault(); pick(name, loaded(), true);
    };
    const d = carry(1), u = carry(-1);
    addEventListener("lf:pick", toggle); addEventListener("lf:pick-down", d); addEventListener("lf:pick-up", u); addEventListener("keydown", every);
    return () => { removeEventListener("lf:pick", toggle); removeEventListener("lf:pick-down", d); removeEventListener("lf:pick-up", u); removeEventListener("keydown", every); };
  }, [selectable, name, openId, rowKey, onPick, loaded]);
  const selection = useSelection(selectable ? name : ""), drawn = useRef(selection);
  useEffect(() => { // only the rows whose choice changed are drawn anew
    const before = drawn.current, rows = [];
    drawn.current = selection;
    if (selectable) grid.current?.api?.forEachNode((x) => { if (x.data && x.displayed && holds(before, String(x.data[rowKey])) !== holds(selection, String(x.data[rowKey]))) rows.push(x); });
    if (rows.length) grid.current.api.redrawRows({ rowNodes: rows });
  }, [selection, selectable, rowKey]);

  const lit = useRef(null);
  const isLit = (row) => !!lit.current && row?.quadkey != null && Math.floor(row.quadkey / 2 ** lit.current.shift) === lit.current.cell;
  const hover = useCallback((row) => viewed && dispatchEvent(new CustomEvent("lf:row", { detail: { grid: name, row } })), [viewed, name]);
  useEffect(() => { // a mark of the map beside lights its rows
    if (!viewed) return;
    const h = ({ detail }) => {
      const a = grid.current?.api; if (!a || detail.grid !== name) return;
      const before = lit.current, rows = []; lit.current = detail.at;
      let top = null;
      a.forEachNode((x) => { const on = isLit(x.data); if (on) { detail.rows += 1; top ??= x; } if (x.data && (on || (before && Math.floor(x.data.quadkey / 2 ** before.shift) === before.cell))) rows.push(x); });
      if (top && ![...(frame.current?.querySelectorAll(".ag-row") || [])].some((el) => isLit(a.getRowNode(el.getAttribute("row-id"))?.data) && inSight(el, frame.current))) a.ensureIndexVisible(top.rowIndex);
      const drawn = rows.filter((x) => x.displayed);
      if (drawn.length) a.redrawRows({ rowNodes: drawn });
    };
    addEventListener("lf:mark", h); return () => removeEventListener("lf:mark", h);
  }, [viewed, name]);
  const picker = useMemo(() => (selectable ? [{ colId: "pick", width: 42, minWidth: 42, pinned: small ? undefined : "left", sortable: false, resizable: false, suppressMovable: true, lockPosition: "left", headerComponent: () => <PickLoaded grid={name} loaded={loaded} />,
    cellClass: "pick-cell", cellRenderer: (p) => (p.data ? <Pick grid={name} id={String(p.data[rowKey])} label={at(p.data, columns[0].field) || "row"} onPick={onPick} /> : null), suppressKeyboardEvent: (p) => p.event.key === " " }] : []), [selectable, small, name, loaded, onPick, rowKey]);
  const defs = useMemo(() => all.filter((c) => !small || c.small).map((c) => ({ colId: idOf(c), field: c.field, initialHide: !!c.hide && !small, headerName: c.title, width: small ? c.smallWidth || c.width : c.width, pinned: c.pinned && !small ? "left" : undefined,
    valueGetter: (p) => (p.data ? at(p.data, c.field) : undefined), sortable: !!c.sort, resizable: true, suppressMovable: !!c.pinned, sub: c.sub, tones: c.tones, ...(c.flex ? { flex: c.flex, minWidth: small ? c.smallWidth || c.width : c.width } : {}), ...(c.first ? { sortingOrder: [c.first, c.first === "desc" ? "asc" : "desc"] } : { sortingOrder: ["asc", "desc"] }), initialSort: viewed && live.current.search?.get("sort") ? (live.current.search.get("sort") === c.sort ? live.current.search.get("dir") || "desc" : undefined) : c.initial,
    ...(R[c.kind] ? { cellRenderer: (p) => (p.data ? R[c.kind](p) : null) } : F[c.kind] ? { valueFormatter: (p) => F[c.kind](p.value) } : {}), cellClass: c.num ? "num" : c.kind === "mono" ? "mono" : undefined, headerClass: c.num ? "ag-right-aligned-header" : undefined, headerTooltip: c.hint,
    tooltipValueGetter: ["names", "strong", "reasons", "evidence"].includes(c.kind) ? (p) => (c.kind === "evidence" ? proof(p.value) : c.kind === "strong" ? [p.value, ...(c.sub || []).map((k) => p.data && place(p.data, k) && at(p.data, k) + (ofZip(p.data, k) ? " (by its ZIP)" : ""))].filter(Boolean).join(", ") : c.kind === "reasons" ? (Array.isArray(p.value) ? p.value : [p.value]).filter(Boolean).map((r) => r.message ?? r.text ?? c.tones?.[r]?.[1] ?? words(r)).join("; ") : names(p.value)) : undefined })), [all, small, viewed, awake]);
  const shown = useMemo(() => [...picker, ...defs], [picker, defs]);
  const usual = useMemo(() => all.map((c) => ({ id: idOf(c), title: c.title, width: c.width, hide: !!c.hide, fixed: !!c.pinned })), [all]);
  useEffect(() => { if (viewed) nameColumns(name, usual); }, [viewed, name, usual]);
  const arrange = useCallback(() => { // what a view or a person says of the columns
    const a = grid.current?.api; if (!viewed || !a || small) return;
    const order = layout.columns ? [...layout.columns, ...usual.filter((c) => !layout.columns.some((o) => o.id === c.id)).map((c) => ({ ...c, hide: true }))] : usual;
    a.applyColumnState({ state: [...(selectable ? [{ colId: "pick" }] : []), ...order.map((c) => ({ colId: c.id, hide: !!c.hide, ...(c.width ? { width: c.width } : {}) }))], applyOrder: true });
  }, [viewed, small, layout, usual, selectable]);
  useEffect(() => { if (layout.by !== "grid") arrange(); }, [arrange]);
  const arranged = useCallback((e) => { // a person moved, widened or hid a column in the grid itself
    if (!viewed || small || e.finished === false || !["uiColumnMoved", "uiColumnResized", "uiColumnDragged", "autosizeColumns"].includes(e.source)) return;
    setLayout(name, { columns: e.api.getColumnState().filter((c) => c.colId !== "pick").map((c) => ({ id: c.colId, width: Math.round(c.width), hide: !!c.hide })) }, "grid");
  }, [viewed, small, name]);
  const [editing, setEditing] = useState(null), frame = useRef(null), click = useRef(0);
  const editOf = useCallback((colId) => { const c = editable && all.find((x) => idOf(x) === colId && x.edit); return c && (c.edit !== "assignee" || assignable) ? c : null; }, [all, editable, assignable]);
  const edit = useCallback((colId, data) => {
    const c = editOf(colId), cell = c && frame.current?.querySelector(`[row-id="${CSS.escape(String(data[rowKey]))}"] [col-id="${CSS.escape(colId)}"]`);
    if (!cell) return false;
    const a = cell.getBoundingClientRect(), b = frame.current.getBoundingClientRect();
    setEditing({ column: { title: c.title, edit: c.edit, cell: c.cell, options: c.edit === "status" ? Object.entries(c.tones).map(([v, t]) => [v, t[1]]) : c.options, read: (d) => at(d, c.field), write: (d, v) => put(d, c.field, v) }, data, rect: { left: Math.min(a.left - b.left, b.width - 130), top: a.top - b.top, width: a.width, height: a.height } });
    return true;
  }, [editOf, rowKey]);
  useEffect(() => { const h = (e) => { const a = grid.current?.api, f = a?.getFocusedCell(), row = f && a.getDisplayedRowAtIndex(f.rowIndex); if (!row?.data) return; e.preventDefault(); if (!edit(f.column.getColId(), row.data)) dispatchEvent(new CustomEvent("lf:toast", { detail: { kind: "info", text: "This cell is not changed here.", sub: "Status, assignee, tags, value and your own fields are." } })); }; addEventListener("lf:edit", h); return () => removeEventListener("lf:edit", h); }, [edit]);
  const placing = useCall(), firstText = useFirstText(), reach = useRef({});
  reach.current = { call: calls && placing.ask, text: texts && firstText.ask };
  useEffect(() => { // C calls the best number of the open row, or of the one that has the focus, and T texts it
    const by = (act) => (e) => {
      const a = grid.current?.api, f = a?.getFocusedCell(), row = (openId && a?.getRowNode(openId)) || (f && a.getDisplayedRowAtIndex(f.rowIndex)); if (!row?.data || !reach.current[act]) return;
      e.preventDefault();
      const number = row.data.phone?.number;
      number ? reach.current[act](number, String(row.data[rowKey])) : dispatchEvent(new CustomEvent("lf:toast", { detail: { kind: "info", text: `This lead has no number to ${act}.` } }));
    };
    const keys = [["lf:call", by("call")], ["lf:text", by("text")]];
    keys.forEach(([name, h]) => addEventListener(name, h));
    return () => keys.forEach(([name, h]) => removeEventListener(name, h));
  }, [openId, rowKey]);
  // A cell may be drawn anew at any time, so the dialogs of calls and texts belong to the list, not to the cell.
  const context = useMemo(() => { const of = (act) => (number, lead) => reach.current[act](number, lead); return { call: calls && of("call"), text: texts && of("text") }; }, [calls, texts]);
  const show = useCallback((row) => grid.current?.api?.getRowNode(String(row[rowKey]))?.setData(row), [rowKey]);
  const compact = (viewed ? layout.density : density) === "compact";
  const onKey = useCallback((e) => { const k = e.event.key; if (k === " " && selectable && e.node.data) { e.event.preventDefault(); const id = String(e.node.data[rowKey]); onPick(id, !holds(chosen(name), id), e.event.shiftKey); return; } if (k === "Enter" && opens && e.node.data) { const id = String(e.node.data[rowKey]); if (!enterHref) open(id, e.node.data); else { const q = new URLSearchParams(location.search); q.delete(openParam); nav(enterHref.replace("{id}", id) + (String(q) ? "?" + q : "")); } } }, [open, opens, enterHref, openParam, rowKey, selectable, name, onPick]);
  return <div className="grid" ref={frame} data-density={compact ? "compact" : "comfortable"} data-grid={name} data-count={state.count == null ? "" : state.count + (state.more ? "+" : "")} data-loading={state.loading ? "1" : "0"}>
    {awake && <AgGridReact ref={grid} theme={theme} context={context} rowModelType="infinite" datasource={source} columnDefs={shown} cacheBlockSize={100} maxBlocksInCache={cursor ? undefined : 30} maxConcurrentDatasourceRequests={cursor ? 1 : 2} infiniteInitialRowCount={1} blockLoadDebounceMillis={40}
      rowHeight={compact ? 28 : 36} headerHeight={34} getRowId={(p) => String(p.data[rowKey])} getRowClass={(p) => [p.data && openId && String(p.data[rowKey]) === openId ? "row-open" : opens ? "row-go" : "", selectable && p.data && holds(chosen(name), String(p.data[rowKey])) ? "row-picked" : "", isLit(p.data) ? "row-lit" : ""].filter(Boolean)} suppressCellFocus={false} suppressDragLeaveHidesColumns enableCellTextSelection={false}
      tooltipShowDelay={500} onCellKeyDown={onKey} onRowClicked={(e) => { if (!opens || !e.data || e.event?.target?.closest?.(".pick-cell") || getSelection()?.toString()) return; const go = () => open(String(e.data[rowKey]), e.data); clearTimeout(click.current); editOf(e.event?.target?.closest?.("[col-id]")?.getAttribute("col-id")) ? (click.current = setTimeout(go, 240)) : go(); }} aria-label={label}
      onCellDoubleClicked={(e) => { if (e.data && editOf(e.column.getColId())) { clearTimeout(click.current); edit(e.column.getColId(), e.data); } }} onColumnMoved={arranged} onColumnResized={arranged} onGridReady={arrange} onBodyScroll={() => editing && setEditing(null)} onCellMouseOver={(e) => hover(e.data)} onCellMouseOut={() => hover(null)} onCellFocused={(e) => viewed && hover(e.rowIndex == null ? null : e.api.getDisplayedRowAtIndex(e.rowIndex)?.data)}
      onSortChanged={(e) => { tell.current?.abort(); marks.current = { 0: null }; if (!viewed || e.source !== "uiColumnSorted") return; const s = e.api.getColumnState().find((c) => c.sort), key = all.find((c) => idOf(c) === s?.colId)?.sort; setSearch((p) => { const q = new URLSearchParams(p); key ? (q.set("sort", key), q.set("dir", s.sort)) : (q.delete("sort"), q.delete("dir")); return q; }, { replace: true, preventScrollReset: true }); }} suppressNoRowsOverlay />}
    {editing && <CellEditor key={String(editing.data[rowKey]) + editing.column.cell} at={editing} api={api} rowKey={rowKey} onShown={show} onDone={() => setEditing(null)} />}
    {placing.answer}{firstText.answer}
    {state.loading && <Skeleton />}
    {state.error && <div className="grid-over" role="alert"><div className="empty"><b>{state.error.message || "The list could not be loaded."}</b>{state.error.correlation && <span className="dim">Reference {state.error.correlation}</span>}<button type="button" className="btn soft" onClick={refresh}>Try again</button></div></div>}
    {!state.loading && !state.error && state.count === 0 && <div className="grid-over"><div className="empty"><b>{query && params?.some((k) => search.get(k)) ? "Nothing matches these filters" : emptyTitle}</b>{explains && query ? <Emptied api={api} query={query} /> : <span className="dim">{query && params?.some((k) => search.get(k)) ? "Take a filter away to see more." : emptyText}</span>}
      {query && params?.some((k) => search.get(k)) ? <button type="button" className="btn soft" onClick={() => setSearch({})}>Clear filters</button> : emptyHref ? <a className="btn primary" href={emptyHref}>{emptyAction}</a> : null}</div></div>}
    <span className="sr" role="status">{state.loading ? "Loading" : state.count != null ? `${state.count.toLocaleString("en-US")}${state.more ? "+" : ""} rows` : ""}</span>
  </div>;
}

// How many rows a list holds with the filters of the address: "12,480 leads".
export function Count({ grid, one, many }) {
  const [n, setN] = useState("");
  useEffect(() => { const el = document.querySelector(`[data-grid="${grid}"]`); if (!el) return; const look = () => setN(el.dataset.count); look(); const o = new MutationObserver(look); o.observe(el, { attributes: true, attributeFilter: ["data-count"] }); return () => o.disconnect(); }, [grid]);
  return <span className="count" id={grid + "-count"} data-n={n}>{n === "" ? "" : `${parseInt(n, 10).toLocaleString("en-US")}${n.endsWith("+") ? "+" : ""} ${n === "1" ? one : many}`}</span>;
}

// A search box that writes one word into the address, 250 ms after the last key.
export function SearchBox({ param, placeholder, id }) {
  const [search, setSearch] = useWords(), now = search.get(param) || "", [v, setV] = useState(now), t = useRef(null), sent = useRef(now);
  // Only a word that came from elsewhere is taken over: our own comes back late, when more has been typed.
  useEffect(() => { if (now !== sent.current) { clearTimeout(t.current); sent.current = now; setV(now); } }, [now]);
  useEffect(() => () => clearTimeout(t.current), []);
  const put = (x) => { setV(x); clearTimeout(t.current); t.current = setTimeout(() => (sent.current = x.trim()) !== null && setSearch((p) => { const q = new URLSearchParams(p); x.trim() ? q.set(param, x.trim()) : q.delete(param); return q; }, { replace: true, preventScrollReset: true }), 250); };
  return <label className="find"><svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true"><path d="M21 21l-4.3-4.3M11 19a8 8 0 1 0 0-16 8 8 0 0 0 0 16z" /></svg><input id={id} type="search" value={v} placeholder={placeholder} aria-label={placeholder} onChange={(e) => put(e.target.value)} /></label>;
}

// A native select whose choice is one word of the address.
export function Choice({ param, options, label, id }) {
  const [search, setSearch] = useWords(), v = search.get(param) || "";
  return <label className={"choice" + (v ? " on" : "")}><span>{label}</span><select id={id} aria-label={label} value={v} onChange={(e) => setSearch((p) => { const q = new URLSearchParams(p); e.target.value ? q.set(param, e.target.value) : q.delete(param); return q; }, { preventScrollReset: true })}><option value="">Any</option>{options.map((o) => <option key={o[0]} value={o[0]}>{o[1]}</option>)}</select></label>;
}
