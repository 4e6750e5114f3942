// Whose turn it is: the queue on Today, and focus mode, which shows one at a time and is worked by keys. Order and buttons are the server's word.
import { useCallback, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { call, draftOf, keepDraft, say, sayError } from "$/public/external/leadflow/ui/react/http.js";
import { phone, When } from "$/public/external/leadflow/ui/react/address.jsx";
import { CallButton } from "$/public/external/leadflow/ui/react/call.jsx";
import { TextButton } from "$/public/external/leadflow/ui/react/text.jsx";

const TONE = { reply: "warn", overdue: "bad", untouched: "info", due: "mute", idle: "mute" };
const day = () => { const d = new Date(); return [d.getFullYear(), d.getMonth() + 1, d.getDate()].join("-"); };
// What was skipped is remembered by this browser until the day ends, or somebody signs out.
const skippedBy = (who) => { try { const kept = JSON.parse(draftOf("skipped:" + who) || "{}"); return kept.day === day() ? kept.keys : []; } catch { return []; } };
const skip = (who, key) => keepDraft("skipped:" + who, JSON.stringify({ day: day(), keys: [...skippedBy(who).filter((k) => k !== key), key] }));
const Chip = ({ turn }) => <span className="pill" data-tone={turn.urgent ? "bad" : TONE[turn.kind]} data-why={turn.why}><i />{turn.why}</span>;
const hrefOf = (t) => (t.conversation_id ? `/inbox?conversation=${t.conversation_id}` : t.lead_id ? `/leads?lead=${t.lead_id}` : "/tasks");
const shortly = (s) => (s < 90 ? `${s} s` : s < 5400 ? `${Math.round(s / 60)} min` : s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} d`);

function useQueue() {
  const [queue, setQueue] = useState(null), [fault, setFault] = useState(null);
  const read = useCallback(() => call("GET", "/api/v1/today").then((r) => { setQueue(r); setFault(null); }, setFault), []);
  useEffect(() => { read(); addEventListener("lf:grid", read); return () => removeEventListener("lf:grid", read); }, [read]);
  return [queue, fault, read];
}

export function TodayQueue({ who, calls }) {
  const [queue, fault, read] = useQueue();
  if (fault) return <div className="card"><h2>Whom next</h2><p className="err" role="alert">{fault.message}</p></div>;
  if (!queue) return <div className="card"><h2>Whom next</h2><span className="skel" /></div>;
  const skipped = skippedBy(who), turns = queue.turns.filter((t) => !skipped.includes(t.key)), pace = queue.pace;
  return <><div className="card"><div className="between"><h2>Whom next <span className="dim" id="queue-count">{turns.length ? `${turns.length}${queue.more ? "+" : ""}` : ""}</span></h2>{turns.length > 0 && <Link className="btn primary" id="start-focus" to="/today/focus">Start</Link>}</div>
    {turns.length ? <ul className="tasks wide" id="whom-next">{turns.slice(0, 10).map((t) => <li key={t.key} data-kind={t.kind}><div className="grow"><Link className="strong" to={hrefOf(t)}>{t.name}</Link><div className="dim wrap">{[t.where, t.snippet].filter(Boolean).join(" · ")}</div></div><Chip turn={t} />{t.since && <When at={t.since} kind="ago" />}{calls && t.may_call && <CallButton number={t.e164} lead={t.lead_id || ""} onDone={read} />}</li>)}</ul>
      : <p className="dim">Nobody waits. {skipped.length ? `${skipped.length} skipped today.` : ""}</p>}
    {turns.length > 10 && <p className="dim">And {(turns.length - 10 + queue.more).toLocaleString("en-US")} more.</p>}</div>
    {pace && <div className="card" id="pace"><h2>How we keep up</h2><ul className="plain lines"><li className="between"><Link to="/inbox?folder=unread">Unanswered for more than 15 min</Link><b data-pace="unanswered" className={pace.unanswered ? "due late" : ""}>{pace.unanswered}</b></li><li className="between"><Link to="/campaigns">Campaigns paused</Link><b data-pace="paused">{pace.paused}</b></li><li className="between"><span title="Median from a new lead to the first text or call, over the last seven days">Speed to lead, 7 days</span><b data-pace="speed">{pace.speed_to_lead_s == null ? "–" : `${shortly(pace.speed_to_lead_s)} (${pace.first_touches})`}</b></li></ul></div>}</>;
}

const LATER = [["1", 1, "Tomorrow"], ["2", 3, "In 3 days"], ["3", 7, "Next week"]];
const at9 = (days) => { const d = new Date(); d.setDate(d.getDate() + days); d.setHours(9, 0, 0, 0); return d.toISOString(); };

export function Focus({ who, can }) {
  const [queue, fault] = useQueue(), [turns, setTurns] = useState(null), [at, setAt] = useState(0), [tally, setTally] = useState({}), [lead, setLead] = useState(null), [busy, setBusy] = useState(false), [text, setText] = useState(null), nav = useNavigate(), act = useRef({});
  useEffect(() => { if (queue && !turns) setTurns(queue.turns.filter((t) => !skippedBy(who).includes(t.key))); }, [queue]);
  const turn = turns?.[at], writes = can.includes("lead.write"), replies = can.includes("inbox.reply"), calls = can.includes("call.place");
  useEffect(() => {
    setLead(null); setText(null);
    if (!turn?.lead_id) return;
    const a = new AbortController();
    call("GET", `/api/v1/leads/${turn.lead_id}`, undefined, { signal: a.signal }).then(setLead).catch(sayError);
    return () => a.abort();
  }, [turn?.key]);
  const onward = (what) => { if (what) setTally((t) => ({ ...t, [what]: (t[what] || 0) + 1 })); setAt((i) => i + 1); };
  const does = (what, run) => async () => { if (busy) return; setBusy(true); try { await run(); onward(what); } catch (e) { sayError(e); } finally { setBusy(false); } };
  const finish = !turn ? null : turn.task_id ? ["POST", `/api/v1/tasks/${turn.task_id}/finish`] : turn.conversation_id ? ["POST", `/api/v1/conversations/${turn.conversation_id}/read`] : turn.kind === "untouched" ? ["PATCH", `/api/v1/leads/${turn.lead_id}`, { status: "attempted" }] : null;
  const later = (days) => does("followed", () => call("POST", `/api/v1/leads/${turn.lead_id}/tasks`, { title: "Follow up", due_at: at9(days) }));
  const send = does("answered", async () => { await call("POST", `/api/v1/conversations/${turn.conversation_id}/reply`, { body: text.trim() }); });
  act.current = !turn ? {} : {
    n: () => onward(""), s: () => { skip(who, turn.key); onward("skipped"); }, o: () => nav(hrefOf(turn)),
    ...(finish && (writes || turn.conversation_id) ? { d: does("done", () => call(...finish)) } : {}),
    ...(replies && turn.may_text ? { t: () => (turn.conversation_id ? setText("") : document.getElementById("focus-first-text")?.click()) } : {}), ...(calls && turn.may_call ? { c: () => document.getElementById("focus-call")?.click() } : {}),
    ...(writes && turn.lead_id ? Object.fromEntries(LATER.map(([k, days]) => [k, later(days)])) : {}),
  };
  useEffect(() => {
    const h = (e) => {
      if (e.metaKey || e.ctrlKey || e.altKey || e.target.closest?.("input,textarea,select,[contenteditable=true],[cmdk-root],[role=dialog],[role=menu],dialog")) return;
      const run = act.current[e.key]; if (run) { e.preventDefault(); run(); }
    };
    addEventListener("keydown", h, true); return () => removeEventListener("keydown", h, true);
  }, []);
  if (fault) return <div className="pad"><p className="err" role="alert">{fault.message}</p></div>;
  if (!turns) return <div className="pad"><span className="skel" /></div>;
  if (!turn) return <div className="pad wide"><div className="card stack" id="focus-summary"><h2>{turns.length ? "That was the queue" : "Nobody waits"}</h2>{turns.length > 0 && <ul className="plain lines">{[["answered", "Answered"], ["done", "Done"], ["followed", "Follow-ups added"], ["skipped", "Skipped for today"]].map(([k, label]) => <li key={k} className="between"><span>{label}</span><b data-tally={k}>{tally[k] || 0}</b></li>)}</ul>}{queue.more > 0 && <p className="dim">{queue.more.toLocaleString("en-US")} more wait behind these.</p>}<div className="row"><Link className="btn primary" to="/">To Today</Link><Link className="btn" to="/leads?where=next_task:empty">Leads without a next task</Link></div></div></div>;
  const B = ({ k, id, children, kind = "" }) => (act.current[k] ? <button type="button" id={id} className={"btn " + kind} disabled={busy} onClick={() => act.current[k]()}>{children}<kbd>{k}</kbd></button> : null);
  return <div className="pad wide stack" id="focus" data-turn={turn.key} data-kind={turn.kind}>
    <div className="row"><b id="focus-progress" role="status">{at + 1} of {turns.length}</b><progress className="grow" max={turns.length} value={at} aria-label="How far" /></div>
    <section className="card stack" aria-label={turn.name}><div className="between"><h2>{turn.name}</h2><Chip turn={turn} /></div>
      <p className="dim">{turn.where}{turn.since && <> · <When at={turn.since} kind="when" /></>}</p>{turn.snippet && <blockquote className="focus-said">{turn.snippet}</blockquote>}
      {turn.hindrance && <div className="banner" data-tone="warn" id="focus-hindrance"><span>{turn.hindrance}</span></div>}
      <div className="row wrap">{act.current.t && (turn.conversation_id ? <B k="t" id="focus-text" kind="primary">Reply</B> : <TextButton id="focus-first-text" number={turn.e164} lead={turn.lead_id || ""} className="btn primary">Text<kbd>t</kbd></TextButton>)}{calls && turn.may_call && <CallButton id="focus-call" number={turn.e164} lead={turn.lead_id || ""} className="btn" onDone={() => onward("done")}>Call<kbd>c</kbd></CallButton>}<B k="d" id="focus-done">Done</B><B k="s" id="focus-skip">Skip</B><B k="n" id="focus-next" kind="ghost">Next</B><B k="o" id="focus-open" kind="ghost">Open</B></div>
      {text !== null && <form className="stack" onSubmit={(e) => { e.preventDefault(); if (text.trim()) send(); }}><textarea id="focus-reply" className="in" rows={3} autoFocus maxLength={1600} aria-label={`Reply to ${turn.name}`} value={text} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); e.currentTarget.form.requestSubmit(); } if (e.key === "Escape") setText(null); }} /><div className="row end"><button type="submit" className="btn primary" disabled={busy || !text.trim()}>Send</button></div></form>}
      {writes && turn.lead_id && <div className="row wrap" role="group" aria-label="Follow up"><span className="dim">Follow up</span>{LATER.map(([k, , label]) => <B key={k} k={k} id={`focus-later-${k}`} kind="sm">{label}</B>)}</div>}</section>
    {lead && <section className="card stack" aria-label="The lead"><h2>What we know</h2><ul className="plain lines">{lead.people.map((p) => <li key={p.id} className="between"><span><b>{p.name}{p.deceased ? " †" : ""}</b> <span className="dim">{p.roles.join(", ").replaceAll("_", " ")}</span></span><span className="dim">{p.phones.map((f) => phone(f.number)).join(", ")}</span></li>)}</ul>
      {lead.timeline.length > 0 && <ul className="plain lines" aria-label="Timeline">{lead.timeline.slice(0, 5).map((e) => <li key={e.id} className="between"><span>{e.summary}</span><When at={e.at} kind="ago" className="dim" /></li>)}</ul>}</section>}
  </div>;
}
