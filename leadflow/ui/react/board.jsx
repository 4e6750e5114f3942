// The pipeline: a column a status, cards from the API page by page, moved by mouse, touch or keyboard. The filter is the address.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import { DndContext, KeyboardSensor, MouseSensor, TouchSensor, pointerWithin, rectIntersection, useDraggable, useDroppable, useSensor, useSensors } from "@dnd-kit/core";
import { call, say, sayError } from "$/public/external/leadflow/ui/react/http.js";
import { useWords } from "$/public/external/leadflow/ui/react/address.jsx";

const API = "/api/v1/leads";
const money = (c) => (!c ? "" : Math.abs(c) >= 1e11 ? "$" + (c / 1e11).toFixed(1) + "B" : Math.abs(c) >= 1e8 ? "$" + (c / 1e8).toFixed(1) + "M" : "$" + Math.round(c / 1e5) + "k");
const AGE = { slow: ["warn", "two weeks or more in this status"], stale: ["bad", "a month or more in this status"] };
const more = (q, words) => { const p = new URLSearchParams(q); for (const [k, v] of Object.entries(words)) if (v) p.set(k, v); return p; };

function Face({ card }) {
  const r = card.row, verdict = r.contactable.verdict, tone = { sendable: "ok", later: "warn", blocked: "bad" }[verdict];
  return <>
    <b className="wrap">{r.street || "Address not known"}{r.unit && ` ${r.unit}`}</b>
    <span className="dim wrap">{[r.city, r.state].filter(Boolean).join(", ")}{r.owner && ` · ${r.owner}`}</span>
    <span className="row wrap"><span className="pill" data-tone={tone} title={r.contactable.reason}><i />{r.contactable.label}{r.contactable.detail && <small> {r.contactable.detail}</small>}</span>
      {r.estimated_value != null && <span className="mono">{money(r.estimated_value)}</span>}
      {AGE[card.age] && <span className="pill" data-tone={AGE[card.age][0]} title={AGE[card.age][1]}><i />{card.days} days</span>}
      {r.assignee && <span className="dim">{r.assignee.name}</span>}</span>
    {r.next_task && <span className="dim wrap">{r.next_task}</span>}
  </>;
}

function Card({ card, href, fixed }) {
  const { attributes, listeners, setNodeRef, transform, isDragging } = useDraggable({ id: card.row.id, data: { card }, disabled: fixed });
  const style = transform ? { transform: `translate(${transform.x}px,${transform.y}px)` } : undefined;
  return <li ref={setNodeRef} style={style} className="kcard" data-lead={card.row.id} data-drag={isDragging ? "1" : undefined}>
    <Link to={href} className="kface"><Face card={card} /></Link>
    {!fixed && <button type="button" className="grip" {...listeners} {...attributes} aria-label={`Move ${card.row.street || "this lead"}`}><svg width="12" height="12" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><path d="M8 5h2v2H8zM14 5h2v2h-2zM8 11h2v2H8zM14 11h2v2h-2zM8 17h2v2H8zM14 17h2v2h-2z" /></svg></button>}
  </li>;
}

function Column({ stage, label, tone, column, onMore, href, fixed }) {
  const { setNodeRef, isOver } = useDroppable({ id: stage.status }), end = useRef(null);
  useEffect(() => { // the next page comes when the end of this one is seen
    const el = end.current; if (!el || !column?.next) return;
    const o = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && onMore(stage.status), { rootMargin: "200px" });
    o.observe(el); return () => o.disconnect();
  }, [column?.next, onMore, stage.status]);
  return <section ref={setNodeRef} className="kcol" data-stage={stage.status} data-over={isOver ? "1" : undefined} aria-label={label}>
    <header><span className="pill" data-tone={tone}><i />{label}</span><b className="mono" data-count={stage.count}>{stage.count.toLocaleString("en-US")}</b><span className="dim mono">{money(stage.value)}</span></header>
    <ul>{column?.rows.map((card) => <Card key={card.row.id} card={card} href={href(card)} fixed={fixed} />)}</ul>
    {column && !column.rows.length && <p className="dim kempty">None</p>}
    {column?.next && <button type="button" ref={end} className="btn ghost sm" onClick={() => onMore(stage.status)}>More</button>}
    {column?.error && <p role="alert" className="kempty">{column.error}</p>}
  </section>;
}

// Arrow keys jump from column to column while a card is carried.
function jump(event, { context: { droppableRects, collisionRect } }) {
  if (!["ArrowLeft", "ArrowRight"].includes(event.code) || !collisionRect) return undefined;
  event.preventDefault();
  const here = collisionRect.left, all = [...droppableRects.values()].sort((a, b) => a.left - b.left);
  const now = all.findLastIndex((r) => r.left <= here + collisionRect.width / 2), to = all[now + (event.code === "ArrowRight" ? 1 : -1)];
  return to && { x: to.left + 8, y: to.top + 48 };
}

export function Board({ params, stages: labels, fixed }) {
  const [search] = useWords(), [stages, setStages] = useState(null), [columns, setColumns] = useState({}), [error, setError] = useState(null), busy = useRef({}), round = useRef(0);
  const query = useMemo(() => { const q = new URLSearchParams(); for (const k of params) for (const v of search.getAll(k)) if (v) q.append(k, v); return q.toString(); }, [search, params.join()]);
  const page = useCallback(async (status, after) => {
    const mine = round.current;
    if (busy.current[status] === mine + (after || "")) return;
    busy.current[status] = mine + (after || "");
    try {
      const r = await call("GET", `${API}/board/${status}?${more(query, { after })}`);
      if (mine !== round.current) return;
      setColumns((c) => { const had = after ? c[status]?.rows ?? [] : [], known = new Set(had.map((x) => x.row.id)); return { ...c, [status]: { rows: [...had, ...r.rows.filter((x) => !known.has(x.row.id))], next: r.next } }; });
    } catch (e) { if (mine === round.current) setColumns((c) => ({ ...c, [status]: { rows: [], ...c[status], error: e.message, next: null } })); } finally { busy.current[status] = undefined; }
  }, [query]);
  const load = useCallback(async () => {
    round.current += 1; const mine = round.current;
    try {
      const found = await call("GET", `${API}/board?${query}`);
      if (mine !== round.current) return;
      setStages(found); setError(null);
      for (const s of found) if (s.count) page(s.status); else setColumns((c) => ({ ...c, [s.status]: { rows: [], next: null } }));
    } catch (e) { if (mine === round.current) setError(e); }
  }, [query, page]);
  useEffect(() => { load(); }, [load]);
  useEffect(() => { addEventListener("lf:grid", load); return () => removeEventListener("lf:grid", load); }, [load]);
  const after = useCallback((status) => { const c = columns[status]; if (c?.next) page(status, c.next); }, [columns, page]);
  const put = (card, from, to) => {
    const moved = { ...card, row: { ...card.row, status: to }, days: 0, age: "fresh" }, value = card.row.estimated_value || 0;
    setColumns((c) => ({ ...c, [from]: { ...c[from], rows: c[from].rows.filter((x) => x.row.id !== card.row.id) }, [to]: { ...(c[to] ?? { next: null }), rows: [moved, ...(c[to]?.rows ?? [])] } }));
    setStages((s) => s.map((x) => x.status === from ? { ...x, count: x.count - 1, value: x.value - value } : x.status === to ? { ...x, count: x.count + 1, value: x.value + value } : x));
  };
  const move = async (card, to, undoing) => {
    const from = card.row.status; if (from === to) return;
    put(card, from, to);
    try {
      await call("PATCH", `${API}/${card.row.id}`, { status: to });
      const back = { ...card, row: { ...card.row, status: to } };
      if (!undoing) dispatchEvent(new CustomEvent("lf:toast", { detail: { kind: "success", text: `Moved to ${labels[to][1]}`, sub: card.row.street, undo: () => move(back, from, true) } }));
      else say("success", `Back in ${labels[to][1]}`);
    } catch (e) { sayError(e); load(); } // the server's answer wins
  };
  const sensors = useSensors(useSensor(MouseSensor, { activationConstraint: { distance: 6 } }), useSensor(TouchSensor, { activationConstraint: { delay: 180, tolerance: 8 } }), useSensor(KeyboardSensor, { coordinateGetter: jump }));
  const href = (card) => { const q = new URLSearchParams(query); q.set("lead", card.row.id); return `/leads?${q}`; };
  const under = (args) => { const found = pointerWithin(args); return found.length ? found : rectIntersection(args); };
  if (error) return <div className="empty" role="alert"><b>{error.message}</b>{error.correlation && <span className="dim">Reference {error.correlation}</span>}<button type="button" className="btn soft" onClick={load}>Try again</button></div>;
  if (!stages) return <div className="board" aria-hidden="true">{Object.keys(labels).map((s) => <section key={s} className="kcol" />)}</div>;
  return <DndContext sensors={sensors} collisionDetection={under} onDragEnd={(e) => e.over && move(e.active.data.current.card, e.over.id)}>
    <div className="board" data-board="leads">{stages.map((s) => <Column key={s.status} stage={s} label={labels[s.status][1]} tone={labels[s.status][0]} column={columns[s.status]} onMore={after} href={href} fixed={fixed} />)}</div>
  </DndContext>;
}
