import { useEffect, useState } from "react";
import { call } from "$/public/external/leadflow/ui/react/http.js";

// A plain form whose fields are sent as JSON to our API; refusals appear inside it. Children come from Python.
export function ApiForm({ url, method = "POST", next, label, id, children }) {
  const [error, setError] = useState(null), [busy, setBusy] = useState(false);
  const submit = async (e) => {
    e.preventDefault();
    const form = e.currentTarget;
    setBusy(true); setError(null);
    for (const el of form.elements) el.removeAttribute?.("aria-invalid");
    try {
      await call(method, url, Object.fromEntries(new FormData(form)));
      const wanted = new URLSearchParams(location.search).get("next");
      location.assign(wanted && /^\/(?![/\\])/.test(wanted) ? wanted : next);
    } catch (x) {
      setBusy(false); setError(x);
      const el = form.elements[x.field] || form.querySelector("input[type=password]");
      el?.setAttribute("aria-invalid", "true"); el?.focus();
    }
  };
  return <form id={id} aria-label={label} onSubmit={submit} aria-busy={busy} className="stack" noValidate={false}>
    {error && <div role="alert" className="banner" data-tone="bad"><span>{error.message}{error.correlation && error.status >= 500 ? <small> Reference {error.correlation}</small> : null}</span></div>}
    <fieldset disabled={busy} className="bare stack">{children}</fieldset></form>;
}

// A button that calls our API and then goes somewhere: sign out.
export function ApiButton({ url, next, className, id, role, children }) {
  const [busy, setBusy] = useState(false);
  return <button type="button" id={id} role={role} className={className} disabled={busy} onClick={async () => { setBusy(true); try { await call("POST", url, {}); } catch { /* the session is gone either way */ } sessionStorage.clear(); location.assign(next); }}>{children}</button>;
}

// Shows what GET /api/v1/meta says in development only: the demonstration sign-ins, one click to fill them in.
export function DemoLogins() {
  const [rows, setRows] = useState([]);
  useEffect(() => { call("GET", "/api/v1/meta").then((m) => setRows(m?.demo_logins || []), () => {}); }, []);
  if (!rows.length) return null;
  const fill = (r) => { for (const [k, v] of [["email", r.email], ["password", r.password]]) { const el = document.getElementById(k); Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(el, v); el.dispatchEvent(new Event("input", { bubbles: true })); } document.getElementById("sign-in")?.focus(); };
  return <section className="demo" aria-label="Demonstration sign-ins"><h2>Demonstration organisation</h2>{rows.map((r) => <button type="button" key={r.email} className="demo-row" data-demo={r.role} onClick={() => fill(r)}><b>{r.role}</b><span>{r.email}</span></button>)}</section>;
}

// A select with a long, shared list: its options stand in the page only once it is touched. groups: [[title, [[value, text]]]].
export function LongSelect({ id, label, value, groups, onPick, disabled, className }) {
  const [full, setFull] = useState(false), wake = () => setFull(true);
  const now = groups.flatMap((g) => g[1]).find((o) => o[0] === value);
  return <select id={id} aria-label={label} value={value ?? ""} disabled={disabled} className={className} onFocus={wake} onPointerEnter={wake} onPointerDown={wake} onChange={(e) => onPick?.(e.target.value)}>
    {full ? groups.map(([title, list]) => <optgroup key={title} label={title}>{list.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</optgroup>) : <option value={value ?? ""}>{now ? now[1] : value}</option>}</select>;
}

// A file of our API: a plain link, for the router would take it for a page.
export function Download({ href, className, id, children }) {
  return <a href={href} download className={className} id={id}>{children}</a>;
}
