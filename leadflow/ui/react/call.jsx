// Click-to-call: each click asks the gate afresh. Where it may be, the number is copied and shown to dial, and what came of it is asked.
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { call, say, sayError } from "$/public/external/leadflow/ui/react/http.js";

const OUTCOMES = [["no_answer", "No answer"], ["voicemail", "Left a voicemail"], ["talked", "Talked"], ["call_back", "Call back at…"], ["wrong_number", "Wrong number"], ["dead_number", "Dead number"], ["do_not_call", "Do not call again"]];
const HANDSET = "M22 16.92v3a2 2 0 0 1-2.18 2 19.8 19.8 0 0 1-8.63-3.07 19.5 19.5 0 0 1-6-6A19.8 19.8 0 0 1 2.12 4.18 2 2 0 0 1 4.11 2h3a2 2 0 0 1 2 1.72c.12.9.33 1.78.62 2.63a2 2 0 0 1-.45 2.11L8.09 9.91a16 16 0 0 0 6 6l1.45-1.19a2 2 0 0 1 2.11-.45c.85.29 1.73.5 2.63.62A2 2 0 0 1 22 16.92z";
const Sign = () => <svg width="13" height="13" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={HANDSET} /></svg>;
export const shown = (n) => { const d = n.replace(/\D/g, "").slice(-10); return d.length === 10 ? `(${d.slice(0, 3)}) ${d.slice(3, 6)}-${d.slice(6)}` : n; };

export async function placeCall(number, lead) {
  try {
    const placed = await call("POST", "/api/v1/calls", { number, lead_id: lead || null });
    try { await navigator.clipboard.writeText(placed.e164); } catch { /* no clipboard here: the number stands in the dialog */ }
    return { placed };
  } catch (e) {
    if (e?.code !== "refused") throw e;
    return { refused: e };
  }
}

// What asks for a call, and the one dialog that follows it.
export function useCall(onDone) {
  const [busy, setBusy] = useState(false), [found, setFound] = useState(null), asking = useRef(false);
  const ask = async (number, lead) => {
    if (asking.current) return; // a key may be held down
    asking.current = true; setBusy(true);
    try { setFound({ ...(await placeCall(number, lead)), number }); } catch (x) { sayError(x); }
    asking.current = false; setBusy(false);
  };
  const done = () => { setFound(null); dispatchEvent(new CustomEvent("lf:grid")); onDone?.(); };
  const answer = found && createPortal(found.refused ? <NotNow refused={found.refused} number={found.number} what="This call may not be placed" done={done} /> : <CallDialog found={found} done={done} />, document.querySelector(".radix-themes") || document.body);
  return { ask, busy, answer };
}

// A button beside a number. With an `ask` of somebody else's, that one shows the dialog.
export function CallButton({ number, lead, ask: theirs, label = `Call ${shown(number || "")}`, className = "btn ghost icon sm", id, children, onDone }) {
  const { ask, busy, answer } = useCall(onDone);
  if (!number || number.includes("*")) return null;
  return <><button type="button" id={id} className={className} disabled={busy} aria-label={label} title={label} onClick={(e) => { e.preventDefault(); e.stopPropagation(); (theirs || ask)(number, lead); }}><Sign />{children}</button>{answer}</>;
}

const own = { onClick: (e) => e.stopPropagation(), onKeyDown: (e) => e.stopPropagation() }; // a row of the list must not hear it
// React's autoFocus comes before the dialog is open and is lost; what Enter shall do says so by data-first.
const useOpened = () => { const box = useRef(null); useEffect(() => { if (box.current && !box.current.open) { box.current.showModal(); box.current.querySelector("[data-first]")?.focus(); } }, []); return box; };

// Why a call or text may not be, and from when on it may where only the time stands against it.
export function NotNow({ refused, number, what, done }) {
  const box = useOpened();
  return <dialog {...own} ref={box} className="help call-box" aria-label={what} data-call="refused" onClose={done}>
    <h2>Not now</h2><p className="banner" data-tone="bad" role="alert"><span><b>{refused.message}</b></span></p>
    {refused.sentences?.length > 1 && <ul>{refused.sentences.slice(1).map((s) => <li key={s}>{s}</li>)}</ul>}
    {refused.later_at && <p>It may be tried again {new Date(refused.later_at).toLocaleString("en-US", { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" })}, by your own clock.</p>}
    <div className="row" style={{ justifyContent: "flex-end", marginTop: 12 }}><a className="btn ghost" href={`/compliance/explain?phone=${encodeURIComponent(number)}`}>Explain</a><button type="button" className="btn primary" data-first="" onClick={() => box.current.close()}>Close</button></div></dialog>;
}

function CallDialog({ found, done }) {
  const box = useOpened(), [outcome, setOutcome] = useState(""), [at, setAt] = useState(""), [note, setNote] = useState(""), [error, setError] = useState(null), { placed } = found;
  const settle = async (e) => {
    e.preventDefault();
    try {
      await call("POST", `/api/v1/calls/${placed.id}/outcome`, { outcome, note, call_back_at: outcome === "call_back" && at ? new Date(at).toISOString() : null });
      say("success", "Noted: " + OUTCOMES.find((o) => o[0] === outcome)[1].replace("…", "").toLowerCase()); done();
    } catch (x) { setError(x); }
  };
  return <dialog {...own} ref={box} className="help call-box" aria-label="Call" data-call="placed" onClose={done}>
    <h2>Call {shown(placed.e164)}</h2><p className="dim">The number is copied. This attempt is on record and counts as a contact.</p>
    <a className="btn primary block" href={placed.tel} id="dial" data-first=""><Sign /> Dial {shown(placed.e164)}</a>
    <form onSubmit={settle} className="stack" style={{ marginTop: 12 }}><fieldset className="outcomes call-outcomes"><legend>What came of it?</legend>{OUTCOMES.map(([value, text]) => <label key={value} className={"chip" + (outcome === value ? " on" : "")}><input type="radio" name="outcome" value={value} checked={outcome === value} onChange={() => setOutcome(value)} /><span>{text}</span></label>)}</fieldset>
      {outcome === "call_back" && <label className="field"><span>When, by your own clock</span><input type="datetime-local" className="in" name="call_back_at" required value={at} onChange={(e) => setAt(e.target.value)} /></label>}
      <label className="field"><span>Note</span><input className="in" name="note" maxLength={1000} value={note} onChange={(e) => setNote(e.target.value)} /></label>
      {error && <p className="err" role="alert">{error.message}</p>}
      <div className="row" style={{ justifyContent: "flex-end" }}><button type="button" className="btn ghost" onClick={() => box.current.close()}>Say it later</button><button type="submit" className="btn primary" disabled={!outcome} id="settle-call">Note it</button></div></form></dialog>;
}
