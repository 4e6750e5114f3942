// A first text by hand: the gate is asked afresh, and where it may be, the inbox's composer opens for that number.
import { useState } from "react";
import { createPortal } from "react-dom";
import { useNavigate } from "react-router";
import { call, sayError } from "$/public/external/leadflow/ui/react/http.js";
import { NotNow, shown } from "$/public/external/leadflow/ui/react/call.jsx";

const BUBBLE = "M21 15a2 2 0 0 1-2 2H7l-4 4V5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2z";

export function TextButton({ number, lead, className = "btn ghost icon sm", id, children }) {
  const [busy, setBusy] = useState(false), [refused, setRefused] = useState(null), nav = useNavigate(), label = `Text ${shown(number || "")}`;
  if (!number || number.includes("*")) return null;
  const ask = async (e) => {
    e.preventDefault(); e.stopPropagation(); setBusy(true);
    try { const { id: conversation } = await call("POST", "/api/v1/conversations", { lead_id: lead, number }); nav(`/inbox?conversation=${conversation}`); } catch (x) { x?.code === "refused" ? setRefused(x) : sayError(x); }
    setBusy(false);
  };
  return <><button type="button" id={id} className={className} disabled={busy} aria-label={label} title={label} onClick={ask}><svg width="13" height="13" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={BUBBLE} /></svg>{children}</button>
    {refused && createPortal(<NotNow refused={refused} number={number} what="This text may not be sent" done={() => setRefused(null)} />, document.querySelector(".radix-themes") || document.body)}</>;
}
