// Parts that read or write the address: drawer, filter link, tab bar; instants in the reader's own clock, numbers as people write them.
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import { draftOf, keepDraft } from "$/public/external/leadflow/ui/react/http.js";

export const phone = (p) => { const m = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(p || ""); return m ? `(${m[1]}) ${m[2]}-${m[3]}` : p || ""; };

// The page is drawn before it is asked for, without an address: so the first drawing in the browser has none either, and
// the words of the address come right after it. Else React would keep what was drawn for nobody.
const NOWHERE = new URLSearchParams();
let awake = false;
export function useWords() {
  const [search, set] = useSearchParams(), [on, setOn] = useState(awake);
  useEffect(() => { awake = true; setOn(true); }, []);
  // React Router hands an updater the words of the drawing that it was made in, so one kept in a callback would undo later choices.
  const put = (next, options) => set(typeof next === "function" ? next(new URLSearchParams(location.search)) : next, options);
  return [on ? search : NOWHERE, put];
}
// Whether the words of the address are known yet.
export function useAwake() {
  const [on, setOn] = useState(awake);
  useEffect(() => { awake = true; setOn(true); }, []);
  return on;
}
function useHere() {
  const where = useLocation(), [on, setOn] = useState(awake);
  useEffect(() => { awake = true; setOn(true); }, []);
  return on ? where : { pathname: where.pathname, search: "" };
}

const without = (search, names) => { const q = new URLSearchParams(search); for (const n of names) q.delete(n); const s = q.toString(); return s ? "?" + s : ""; };

// Shows its children while the address holds `param`; a skeleton until the server has sent that very record.
export function Drawer({ param, shown, label, clear, children }) {
  const [search] = useWords(), id = search.get(param), nav = useNavigate(), where = useHere(), box = useRef(null);
  const close = () => nav(where.pathname + without(where.search, [param, ...(clear || [])]), { preventScrollReset: true });
  useEffect(() => { if (id && matchMedia("(max-width:760px)").matches) box.current?.focus(); }, [id]);
  useEffect(() => { const b = box.current?.querySelector(".drawer-b"); if (b) b.scrollTop = 0; }, [id]);
  if (!id) return null;
  return <aside ref={box} className="drawer" aria-label={label} tabIndex={-1} data-id={id} data-shown={shown === id ? "1" : "0"}>
    <button type="button" className="btn ghost icon close" aria-label="Close" title="Close (Esc)" onClick={close}><svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true"><path d="M18 6 6 18M6 6l12 12" /></svg></button>
    {shown === id ? children : <div className="drawer-wait stack" aria-hidden="true">{[44, 62, 30, 88, 74, 80, 57, 66].map((w, i) => <span key={i} className="skel" style={{ width: w + "%", height: i ? 12 : 20 }} />)}</div>}
  </aside>;
}

// Its children, unless they speak of another record than the address: what was open before never passes for what is asked.
export function Here({ shown, children }) {
  const where = useHere();
  return !shown || where.pathname.includes(shown) ? <>{children}</> : <div className="pad" aria-busy="true">{Array.from({ length: 8 }, (_, i) => <span key={i} className="skel" style={{ width: 30 + ((i * 37) % 60) + "%", height: i ? 12 : 22, marginBottom: 14 }} />)}</div>;
}

// A link to `href` that takes the words `params` of the present address along.
export function FilterLink({ href, params, className, id, title, children }) {
  const [search] = useWords(), q = new URLSearchParams();
  for (const k of params) for (const v of search.getAll(k)) if (v) q.append(k, v);
  const s = q.toString();
  // A file of the API is no page: the router must not take it for one.
  if (href.startsWith("/api/")) return <a href={href + (s ? "?" + s : "")} download className={className} id={id} title={title}>{children}</a>;
  return <Link to={href + (s ? "?" + s : "")} className={className} id={id} title={title}>{children}</Link>;
}

// A row of links that set one word of the address: tabs and filter chips. items: [value, label, count?].
export function Words({ param, items, label, kind = "chip", clear, asks, can }) {
  const [search] = useWords(), where = useHere(), asked = search.get(param) || "", unknown = asks && !can?.length;
  const shown = asks && !unknown ? items.filter(([v]) => !asks[v] || can.includes(asks[v])) : items;
  // One tab is always open: the first that the reader may open where the address names none of them.
  const now = kind === "tabs" && asks && !shown.some(([v]) => v === asked) ? shown[0]?.[0] : asked;
  const to = (v) => { const q = new URLSearchParams(without(where.search, clear || [])); v ? q.set(param, v) : q.delete(param); const s = q.toString(); return where.pathname + (s ? "?" + s : ""); };
  return <nav className={kind === "chip" ? "words" : kind} aria-label={label}>{shown.map(([v, text, n, tone]) => <Link key={v} to={to(v)} preventScrollReset data-wait={unknown && asks[v] ? "1" : undefined} className={kind === "tabs" ? "tab" : kind === "folders" ? "folder" : "chip"} data-value={v} aria-current={v === now ? (kind === "tabs" ? "page" : "true") : undefined}>{tone && <i data-tone={tone} />}<span>{text}</span>{n != null && n !== "" && <span className="n">{Number(n).toLocaleString("en-US")}</span>}</Link>)}</nav>;
}

// Takes one filter word out of the address; shown only while it is there.
export function WordChip({ param, label }) {
  const [search] = useWords(), where = useHere(), v = search.get(param);
  if (!v) return null;
  return <Link to={where.pathname + without(where.search, [param])} className="chip on" title="Take this filter away"><span>{label}</span><svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" aria-hidden="true"><path d="M18 6 6 18M6 6l12 12" /></svg><span className="sr">remove</span></Link>;
}

const AGO = (d) => (d < 1 / 1440 ? "now" : d < 1 / 24 ? Math.round(d * 1440) + " min" : d < 1 ? Math.floor(d * 24) + " h" : d < 30 ? Math.floor(d) + " d" : d < 365 ? Math.floor(d / 30) + " mo" : Math.floor(d / 365) + " y");
const FULL = { weekday: "short", month: "short", day: "numeric", year: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" };
const DAY = (d) => { const a = new Date(d), b = new Date(); a.setHours(0, 0, 0, 0); b.setHours(0, 0, 0, 0); return Math.round((a - b) / 864e5); };

// An instant in the reader's own clock; the whole of it on hover. kind: ago, due, when, day, time.
export function When({ at, kind = "when", className }) {
  const [, beat] = useState(0);
  useEffect(() => { if (kind !== "ago") return; const t = setInterval(() => beat((n) => n + 1), 30000); return () => clearInterval(t); }, [kind]);
  if (!at) return null;
  const d = new Date(at.length === 10 ? at + "T12:00" : at);
  if (isNaN(d)) return null;
  const year = d.getFullYear() === new Date().getFullYear() ? undefined : "numeric", gap = DAY(d);
  const text = kind === "ago" ? AGO(Math.max(0, (Date.now() - d) / 864e5)) : kind === "day" ? d.toLocaleDateString("en-US", { month: "short", day: "numeric", year: "numeric" }) : kind === "time" ? d.toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" })
    : kind === "due" ? (gap === 0 ? "Today, " + d.toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" }) : gap === 1 ? "Tomorrow" : gap === -1 ? "Yesterday" : d.toLocaleDateString("en-US", { month: "short", day: "numeric", year }))
    : d.toLocaleString("en-US", { month: "short", day: "numeric", year, hour: "numeric", minute: "2-digit" });
  return <time dateTime={at} title={d.toLocaleString("en-US", FULL)} className={className}>{text}</time>;
}

// A text box that tells its length in carrier segments; grows with its text. Ctrl-Enter sends the form.
const GSM = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/, TWO = /[\^{}\\[~\]|€]/g;
export function segments(s) {
  if (!s) return { n: 0, used: 0, of: 160, gsm: true };
  if (GSM.test(s)) { const used = s.length + (s.match(TWO) || []).length; return { n: used <= 160 ? 1 : Math.ceil(used / 153), used, of: used <= 160 ? 160 : Math.ceil(used / 153) * 153, gsm: true }; }
  return { n: s.length <= 70 ? 1 : Math.ceil(s.length / 67), used: s.length, of: s.length <= 70 ? 70 : Math.ceil(s.length / 67) * 67, gsm: false };
}
export function Compose({ id, name = "body", label, placeholder, disabled, rows = 2, defaultValue = "", clear, draft, ready, onTyping }) {
  const [v, setV] = useState(defaultValue), box = useRef(null), s = segments(v), told = useRef(0), was = useRef({ clear, defaultValue });
  const put = (text) => {
    setV(text); keepDraft(draft, text);
    if (onTyping && text && Date.now() - told.current > 3000) { told.current = Date.now(); onTyping(); }
  };
  useEffect(() => { const text = draftOf(draft); if (text) setV(text); }, [draft]);
  useEffect(() => {
    if (was.current.clear === clear && was.current.defaultValue === defaultValue) return;
    was.current = { clear, defaultValue }; told.current = 0; setV(defaultValue); keepDraft(draft, "");
  }, [clear, defaultValue]);
  useEffect(() => {
    const h = (e) => {
      const one = (ready || []).find((r) => r.key === e.detail);
      if (!one || !box.current || box.current.disabled) return;
      e.preventDefault();
      if (one.body) { put(one.body); box.current.focus(); }
      else dispatchEvent(new CustomEvent("lf:toast", { detail: { kind: "error", text: one.missing } }));
    };
    addEventListener("lf:canned", h); return () => removeEventListener("lf:canned", h);
  });
  useEffect(() => { const h = (e) => { if (!box.current?.disabled) { e.preventDefault(); box.current?.focus(); } }; addEventListener("lf:reply", h); return () => removeEventListener("lf:reply", h); }, []);
  useEffect(() => { const el = box.current; if (!el) return; el.style.height = "auto"; el.style.height = Math.min(220, el.scrollHeight + 2) + "px"; }, [v]);
  return <div className="composer"><textarea ref={box} id={id} name={name} className="in" rows={rows} value={v} aria-label={label} placeholder={placeholder} disabled={disabled} maxLength={1600} onChange={(e) => put(e.target.value)} onKeyDown={(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); e.currentTarget.form?.requestSubmit(); } if (e.key === "Escape") e.currentTarget.blur(); }} />
    <span className="count" data-segments={s.n} role="status">{v ? `${s.used} of ${s.of} · ${s.n} ${s.n === 1 ? "segment" : "segments"}${s.gsm ? "" : " · special letters"}` : "0 segments"}</span>
    {ready?.length > 0 && <div className="canned" role="group" aria-label="Answers kept ready">{ready.filter((r) => r.key || ready.length < 12).slice(0, 12).map((r) => <button key={r.id} type="button" className="chip" disabled={!r.body} title={r.body || r.missing} data-key={r.key} onClick={() => { put(r.body); box.current?.focus(); }}>{r.key && <kbd>{r.key}</kbd>}<span>{r.name}</span></button>)}</div>}</div>;
}

// Keeps a scrolling list at its end when `mark` changes: a thread shows its newest text.
export function ToEnd({ mark, target }) {
  useEffect(() => { const el = document.querySelector(target); if (el) el.scrollTop = el.scrollHeight; }, [mark, target]);
  return null;
}

// j and k walk through the links of a list; Enter on the focused link opens it.
export function Walk({ target, active }) {
  const nav = useNavigate();
  useEffect(() => {
    const move = (by) => (e) => {
      const all = [...document.querySelectorAll(target)]; if (!all.length) return;
      e.preventDefault();
      const i = all.findIndex((a) => a.matches(active)), next = all[Math.max(0, Math.min(all.length - 1, i < 0 ? 0 : i + by))];
      next.scrollIntoView({ block: "nearest" }); nav(next.getAttribute("href"), { preventScrollReset: true });
    };
    const d = move(1), u = move(-1);
    addEventListener("lf:down", d); addEventListener("lf:up", u);
    return () => { removeEventListener("lf:down", d); removeEventListener("lf:up", u); };
  }, [target, active]);
  return null;
}

// A moment by the reader's own clock, sent as UTC under `name`. `value` is UTC too; empty stays empty.
export function Moment({ id, name, label, value = "", clear, className = "in" }) {
  const local = (iso) => { if (!iso) return ""; const d = new Date(iso); return isNaN(d) ? "" : new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16); };
  const [v, setV] = useState("");
  useEffect(() => { setV(local(value)); }, [value, clear]);
  const utc = v ? new Date(v).toISOString() : "";
  return <><input id={id} type="datetime-local" className={className} value={v} aria-label={label} onChange={(e) => setV(e.target.value)} /><input type="hidden" name={name} value={utc} /></>;
}

// Its children, only while the word `param` of the address is `value` (empty: absent). `other` turns it round.
export function Shown({ param, value = "", other, children }) {
  const [search] = useWords();
  return ((search.get(param) || "") === value) !== !!other ? <>{children}</> : null;
}

// A form whose fields become words of the address: the answer can be linked to and reloaded.
export function AddressForm({ to, id, label, className, children }) {
  const nav = useNavigate();
  return <form id={id} aria-label={label} className={className} onSubmit={(e) => { e.preventDefault(); const q = new URLSearchParams(); for (const [k, v] of new FormData(e.currentTarget)) if (String(v).trim()) q.set(k, String(v).trim()); q.set("n", Date.now().toString(36)); nav(to + "?" + q); }}>{children}</form>;
}

// A link that sets some words of the present address and keeps the others.
export function WordLink({ words, className, id, title, children, ...marks }) { // marks: data-… and aria-…, by which keys and readers find it
  const where = useHere(), q = new URLSearchParams(where.search);
  for (const [k, v] of Object.entries(words)) v ? q.set(k, v) : q.delete(k);
  const s = q.toString();
  return <Link to={where.pathname + (s ? "?" + s : "")} className={className} id={id} title={title} preventScrollReset {...marks}>{children}</Link>;
}
