// A first text by hand: the gate is asked afresh, and where it may be, the inbox's composer opens for that number.
import { useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useNavigate } from "react-router";
import { call, sayError } from "$/public/external/leadflow/ui/react/http.js";
import { NotNow, shown } from "$/public/external/leadflow/ui/react/call.jsx";

const BUBBLE = "M21 15a2 2 0 0 1-2 2H7l-4 4V5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2z";

// What asks for a number of a lead, and the dialog that says why not; where it may be, the page has gone to the inbox.
export function useFirstText() {
  const [busy, setBusy] = useState(false), [refused, setRefused] = useState(null), nav = useNavigate(), asking = useRef(false);
  const ask = async (number, lead) => {
    if (asking.current) return; // a key may be held down
    asking.current = true; setBusy(true);
    try { const { id: conversation } = await call("POST", "/api/v1/conversations", { lead_id: lead, number }); nav(`/inbox?conversation=${conversation}`); } catch (x) { x?.code === "refused" ? setRefused({ why: x, number }) : sayError(x); }
    asking.current = false; setBusy(false);
  };
  const answer = refused && createPortal(<NotNow refused={refused.why} number={refused.number} what="This text may not be sent" done={() => setRefused(null)} />, document.querySelector(".radix-themes") || document.body);
  return { ask, busy, answer };
}

// With an `ask` of somebody else's, that one tells the answer.
export function TextButton({ number, lead, ask: theirs, className = "btn ghost icon sm", id, children }) {
  const { ask, busy, answer } = useFirstText(), label = `Text ${shown(number || "")}`;
  if (!number || number.includes("*")) return null;
  return <><button type="button" id={id} className={className} disabled={busy} aria-label={label} title={label} onClick={(e) => { e.preventDefault(); e.stopPropagation(); (theirs || ask)(number, lead); }}><svg width="13" height="13" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={BUBBLE} /></svg>{children}</button>{answer}</>;
}
