// Numbers of a lead by keys: a digit chooses one, a letter says what it is. The buttons in the row do it; these press them.
import { useEffect, useRef } from "react";

const MARK = { c: "correct", w: "wrong", x: "dead", d: "dnc" };

export function PhoneKeys({ className, id, children }) {
  const box = useRef(null);
  useEffect(() => {
    const h = (e) => { const row = box.current?.querySelector(`[data-phone="${CSS.escape(String(e.detail))}"]`); if (!row) return; e.preventDefault(); row.focus(); row.scrollIntoView({ block: "nearest" }); };
    addEventListener("lf:canned", h); return () => removeEventListener("lf:canned", h);
  }, []);
  const press = (e) => {
    if (e.metaKey || e.ctrlKey || e.altKey || !e.target.matches?.("[data-phone]")) return;
    const b = MARK[e.key] && e.target.querySelector(`[data-mark="${MARK[e.key]}"]`);
    if (b) { e.preventDefault(); b.click(); }
  };
  return <div ref={box} id={id} className={className} onKeyDown={press}>{children}</div>;
}

// Tells the server that something happened in the browser: the event `lf:<name>`.
export function Heard({ name, onHear }) {
  useEffect(() => { const h = () => onHear?.(); addEventListener("lf:" + name, h); return () => removeEventListener("lf:" + name, h); }, [name, onHear]);
  return null;
}

// Focuses the control `target` on the event `lf:<name>`: keys for what is typed or chosen.
export function Reach({ name, target }) {
  useEffect(() => {
    const h = (e) => { const el = document.querySelector(target); if (!el || el.disabled) return; e.preventDefault(); el.scrollIntoView({ block: "center" }); el.focus(); };
    addEventListener("lf:" + name, h); return () => removeEventListener("lf:" + name, h);
  }, [name, target]);
  return null;
}
