import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { call, say, sayError } from "$/public/external/leadflow/ui/react/http.js";

// `undo` is a function of this page, or a path that is asked by POST.
function back(undo) {
  if (typeof undo !== "string") return undo();
  return call("POST", undo).then(() => { say("success", "Undone"); dispatchEvent(new CustomEvent("lf:grid")); dispatchEvent(new CustomEvent("lf:undone")); }).catch(sayError);
}

function show(m) {
  const action = m.undo ? { label: "Undo", onClick: () => back(m.undo) } : m.act ? { label: m.act, onClick: () => document.querySelector(m.press)?.click() } : undefined;
  (toast[m.kind] || toast)(m.text, { description: m.sub || undefined, duration: m.kind === "error" || action ? 10000 : 4500, action });
}

// Server -> browser effects without eval: state var {n, kind, text, sub, go}. Replaces rx.toast, whose strings the policy forbids.
export function Bus({ msg }) {
  const nav = useNavigate();
  useEffect(() => {
    if (!msg?.n || String(msg.n) === sessionStorage.lfmsg) return; // state outlives a reload: do not replay
    if (msg.leave) { sessionStorage.clear(); location.replace(msg.leave); return; } // a new document: nothing of the old one stays
    sessionStorage.lfmsg = msg.n;
    if (msg.text) show(msg);
    // The event after the way: what the page has left is not asked for again.
    Promise.resolve(msg.go && nav(msg.go)).then(() => msg.event && dispatchEvent(new CustomEvent(msg.event)));
  }, [msg?.n]);
  useEffect(() => {
    const h = (e) => show(e.detail);
    addEventListener("lf:toast", h);
    return () => removeEventListener("lf:toast", h);
  }, []);
  return null;
}

// Calls the server every `every` ms while `on` and the tab is in front.
export function Ticker({ every = 1000, on = true, onTick }) {
  const f = useRef(onTick);
  f.current = onTick;
  useEffect(() => {
    if (!on) return;
    const t = setInterval(() => { if (!document.hidden) f.current?.(); }, every);
    return () => clearInterval(t);
  }, [every, on]);
  return null;
}
