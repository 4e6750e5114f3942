import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { act, call, draftOf, forgetDrafts, keepDraft, say, sayError } from "$/public/external/leadflow/ui/react/http.js";

const typed = (form, lists = [], numbers = []) => {
  const all = new FormData(form), body = {};
  for (const name of new Set(all.keys())) body[name] = lists.includes(name) ? all.getAll(name) : numbers.includes(name) ? Number(all.get(name)) : all.get(name);
  for (const name of lists) body[name] ??= [];
  for (const box of form.querySelectorAll("input[type=checkbox][data-flag]")) body[box.name] = box.checked;
  return body;
};

function Refusal({ error }) {
  return error && <div role="alert" className="banner" data-tone="bad"><span>{error.message}{error.correlation && error.status >= 500 ? <small> Reference {error.correlation}</small> : null}</span></div>;
}

// A plain form whose fields are sent as JSON to our API; refusals appear inside it. Children come from Python. Afterwards it
// goes to `next`, or says `done` and tells the page. A sign-in that asks for a second factor gets its second step here.
// Lists look again: what was done may stand in one.
const changed = () => dispatchEvent(new CustomEvent("lf:grid"));

// Pages come with their forms in them before any script has run. Sent then, a form would put a password into the address:
// until the script listens, nothing can be sent.
const useListening = (form) => {
  const ready = useSyncExternalStore(() => () => {}, () => true, () => false);
  useEffect(() => { const first = form.current?.querySelector("[autofocus]"); if (ready && first && document.activeElement === document.body) first.focus(); }, [ready]);
  return ready;
};

export function ApiForm({ url, method = "POST", next, done, label, id, lists, numbers, reveal, className = "stack", onDone, children }) {
  const [error, setError] = useState(null), [busy, setBusy] = useState(false), [step, setStep] = useState(null), [told, setTold] = useState(null);
  const own = useRef(null), ready = useListening(own);
  const submit = async (e) => {
    e.preventDefault();
    const form = e.currentTarget;
    setBusy(true); setError(null);
    for (const el of form.elements) el.removeAttribute?.("aria-invalid");
    try {
      const body = typed(form, lists, numbers);
      const answer = await (step ? call("POST", "/api/v1/auth/second-factor", { token: step, code: body.code }) : act(method, url, body));
      if (answer?.second_factor === true && answer.token) { setStep(answer.token); setBusy(false); return; }
      if (next) { const wanted = new URLSearchParams(location.search).get("next"); location.assign(wanted && /^\/(?![/\\])/.test(wanted) ? wanted : next); return; }
      setBusy(false); form.reset(); setTold(reveal ? answer?.[reveal] : done || null);
      if (!reveal && done) say("success", done);
      changed(); onDone?.();
    } catch (x) {
      setBusy(false);
      if (x?.name === "AbortError") return;
      if (step && x.code === "session_ended") setStep(null);
      setError(x);
      const el = form.elements[x.field] || form.querySelector("input[type=password], input[name=code]");
      el?.setAttribute?.("aria-invalid", "true"); el?.focus?.();
    }
  };
  return <form id={id} ref={own} aria-label={label} onSubmit={submit} aria-busy={busy} className={className}>
    <Refusal error={error} />
    {reveal && told && <Revealed text={told} />}
    {!reveal && !next && told && <div role="status" className="banner" data-tone="ok"><span>{told}</span></div>}
    <fieldset disabled={busy || !ready} className="bare stack">{step ? <SecondStep back={() => { setStep(null); setError(null); }} /> : children}</fieldset></form>;
}

function SecondStep({ back }) {
  return <><div className="field"><label htmlFor="code">Code of your authenticator app, or a recovery code</label>
    <input id="code" name="code" className="in lg code" autoComplete="one-time-code" inputMode="text" required maxLength={40} autoFocus /></div>
    <button type="submit" className="btn primary lg block" id="second-step">Continue</button>
    <button type="button" className="btn ghost block" onClick={back}>Back to e-mail and password</button></>;
}

// Something that is shown this once: a key, recovery codes. It never reaches a state of the server.
export function Revealed({ text, title = "Shown this once. Keep it where only you can read it." }) {
  const lines = Array.isArray(text) ? text : [text], all = lines.join("\n");
  return <div className="revealed" role="status"><p>{title}</p><pre className={lines.length > 1 ? "codes" : ""}>{all}</pre>
    <div className="row"><button type="button" className="btn sm" onClick={() => navigator.clipboard?.writeText(all).then(() => say("success", "Copied"), () => say("error", "Select it and copy it by hand."))}>Copy</button>
      {lines.length > 1 && <button type="button" className="btn sm" onClick={() => print()}>Print</button>}</div></div>;
}

// A button that asks, calls the API, and tells the page; `sure` is asked before.
export function Act({ url, method = "POST", body, done, sure, className, id, label, onDone, children }) {
  const [busy, setBusy] = useState(false), dialog = useRef(null);
  const run = async () => {
    dialog.current?.close(); setBusy(true);
    try { await act(method, url, body); if (done) say("success", done); changed(); onDone?.(); } catch (e) { sayError(e); }
    setBusy(false);
  };
  return <><button type="button" id={id} aria-label={label} className={className} disabled={busy} onClick={() => (sure ? dialog.current.showModal() : run())}>{children}</button>
    {sure && <dialog ref={dialog} className="lf-dialog native" aria-label={sure}><p>{sure}</p><div className="row end"><button type="button" className="btn" onClick={() => dialog.current.close()}>Keep it as it is</button><button type="button" className="btn danger" data-sure="1" onClick={run}>{children}</button></div></dialog>}</>;
}

// A file behind an act: the API says first whether it may be taken now, and may ask for the password once more.
export function Fetch({ ask, href, className, id, label, children }) {
  const [busy, setBusy] = useState(false);
  const go = async () => { setBusy(true); try { await act("POST", ask, {}); location.assign(href); } catch (e) { sayError(e); } setBusy(false); };
  return <button type="button" id={id} aria-label={label} className={className} disabled={busy} onClick={go}>{children}</button>;
}

// A select that is an act: choosing changes it at once.
export function ActSelect({ url, method = "PATCH", name, value, options, label, done, disabled, className = "in sm", onDone }) {
  const [busy, setBusy] = useState(false);
  const pick = async (e) => {
    setBusy(true);
    try { await act(method, url, { [name]: e.target.value }); if (done) say("success", done); } catch (x) { sayError(x); }
    setBusy(false); onDone?.();
  };
  return <select aria-label={label} className={className} value={value} disabled={busy || disabled} onChange={pick}>{options.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select>;
}

// Asks for the password once more when an act needs it; see act() in http.js.
export function PasswordDialog() {
  const dialog = useRef(null), waiting = useRef(null), [error, setError] = useState(null), [busy, setBusy] = useState(false);
  const end = (ok) => { waiting.current?.(ok); waiting.current = null; setError(null); if (dialog.current?.open) dialog.current.close(); };
  useEffect(() => { const on = (e) => { waiting.current = e.detail.done; dialog.current.querySelector("form").reset(); dialog.current.showModal(); }; addEventListener("lf:password", on); return () => removeEventListener("lf:password", on); }, []);
  const submit = async (e) => {
    e.preventDefault(); setBusy(true); setError(null);
    try { await call("POST", "/api/v1/me/confirm", { password: new FormData(e.target).get("password") }); end(true); } catch (x) { setError(x); }
    setBusy(false);
  };
  return <dialog ref={dialog} id="password-dialog" className="lf-dialog native" aria-label="Your password, once more" onClose={() => end(false)}>
    <form onSubmit={submit} className="stack"><h2>Your password, once more</h2><p className="dim">This act needs to know that it is you. You will not be asked again for ten minutes.</p><Refusal error={error} />
      <div className="field"><label htmlFor="again">Password</label><input id="again" name="password" type="password" className="in" autoComplete="current-password" required /></div>
      <div className="row end"><button type="button" className="btn" onClick={() => end(false)}>Cancel</button><button type="submit" className="btn primary" id="confirm-password" disabled={busy}>Continue</button></div></form></dialog>;
}

// The token of a mailed link stands behind the # of the address: no server sees it there. It leaves the address at once.
function useToken() {
  const [token, setToken] = useState(null);
  useEffect(() => { const found = location.hash.slice(1); if (found) { sessionStorage.setItem("lf:link", found); history.replaceState(null, "", location.pathname); } setToken(found || sessionStorage.getItem("lf:link") || ""); }, []);
  return token;
}

// /reset: set a new password with the link of a mail.
export function ResetForm() {
  const token = useToken(), [error, setError] = useState(null), [done, setDone] = useState(false), [busy, setBusy] = useState(false);
  const submit = async (e) => {
    e.preventDefault(); setBusy(true); setError(null);
    try { await call("POST", "/api/v1/auth/reset", { token, password: new FormData(e.target).get("password") }); sessionStorage.removeItem("lf:link"); setDone(true); } catch (x) { setError(x); }
    setBusy(false);
  };
  if (done) return <div className="stack"><div role="status" className="banner" data-tone="ok"><span>Your new password is set. Every device was signed out.</span></div><a className="btn primary lg block" href="/login">Sign in</a></div>;
  if (token === "") return <div className="stack"><div role="alert" className="banner" data-tone="warn"><span>This page needs the link of a mail. Ask for one.</span></div><a className="btn primary lg block" href="/forgot">Ask for a link</a></div>;
  return <form className="stack" onSubmit={submit} aria-label="New password" id="reset" aria-busy={busy}><Refusal error={error} />
    <div className="field"><label htmlFor="password">New password</label><input id="password" name="password" type="password" className="in lg" autoComplete="new-password" minLength={12} maxLength={128} required autoFocus /><span className="hint">12 characters or more, such as four random words.</span></div>
    <button type="submit" className="btn primary lg block" id="set-password" disabled={busy || token === null}>Set password</button>
    {error && <a href="/forgot">Ask for a new link</a>}</form>;
}

// /join: accept an invitation.
export function JoinForm() {
  const token = useToken(), [look, setLook] = useState(null), [error, setError] = useState(null), [dead, setDead] = useState(null), [busy, setBusy] = useState(false), [code, setCode] = useState(false);
  useEffect(() => { if (token === "") setDead({ message: "This page needs the link of an invitation." }); else if (token) call("POST", "/api/v1/auth/join/look", { token }).then(setLook, setDead); }, [token]);
  const submit = async (e) => {
    e.preventDefault(); setBusy(true); setError(null);
    const given = Object.fromEntries(new FormData(e.target));
    try { await call("POST", "/api/v1/auth/join", { token, password: given.password, ...(given.name ? { name: given.name } : {}), ...(given.code ? { code: given.code } : {}) }); sessionStorage.removeItem("lf:link"); location.assign("/"); }
    catch (x) { setBusy(false); if (x.field === "code") setCode(true); setError(x); }
  };
  if (dead) return <div className="stack"><div role="alert" className="banner" data-tone="warn"><span>{dead.message} Ask whoever invited you to send it again.</span></div><a className="btn lg block" href="/login">To the sign-in</a></div>;
  if (!look) return <p className="dim" aria-busy="true">Reading your invitation …</p>;
  return <form className="stack" onSubmit={submit} aria-label="Join" id="join" aria-busy={busy}>
    <p className="lede"><b>{look.organization}</b> asks you to join as {look.role}, with {look.email}.</p><Refusal error={error} />
    <input type="hidden" name="username" autoComplete="username" value={look.email} readOnly />
    {!look.has_account && <div className="field"><label htmlFor="name">Your name</label><input id="name" name="name" className="in lg" defaultValue={look.name} autoComplete="name" required maxLength={120} /></div>}
    <div className="field"><label htmlFor="password">{look.has_account ? "The password of your account" : "Choose a password"}</label><input id="password" name="password" type="password" className="in lg" autoComplete={look.has_account ? "current-password" : "new-password"} required maxLength={128} />{!look.has_account && <span className="hint">12 characters or more, such as four random words.</span>}</div>
    {code && <div className="field"><label htmlFor="code">Code of your authenticator app</label><input id="code" name="code" className="in lg code" autoComplete="one-time-code" required autoFocus /></div>}
    <button type="submit" className="btn primary lg block" id="join-now" disabled={busy}>Join {look.organization}</button></form>;
}

// One's own second factor: set up with a QR code, recovery codes shown once, taken off with password and code.
export function SecondFactor({ onDone }) {
  const [now, setNow] = useState(null), [setup, setSetup] = useState(null), [codes, setCodes] = useState(null), [error, setError] = useState(null), [off, setOff] = useState(false);
  const read = () => call("GET", "/api/v1/me/second-factor").then(setNow, setError);
  useEffect(() => { read(); }, []);
  const go = (work) => async (e) => { e?.preventDefault?.(); setError(null); try { await work(e); } catch (x) { if (x?.name !== "AbortError") setError(x); } };
  const begin = go(async () => { setSetup(await act("POST", "/api/v1/me/second-factor", {})); });
  const confirm = go(async (e) => { const r = await act("POST", "/api/v1/me/second-factor/confirm", { code: new FormData(e.target).get("code") }); setSetup(null); setCodes(r.recovery_codes); await read(); onDone?.(); });
  const renew = go(async () => { const r = await act("POST", "/api/v1/me/second-factor/recovery-codes", {}); setCodes(r.recovery_codes); await read(); });
  const remove = go(async (e) => { const f = new FormData(e.target); await call("DELETE", "/api/v1/me/second-factor", { password: f.get("password"), code: f.get("code") }); setOff(false); setCodes(null); await read(); say("success", "Second factor removed"); onDone?.(); });
  if (!now) return error ? <Refusal error={error} /> : <p className="dim" aria-busy="true">Reading …</p>;
  return <div className="stack" id="second-factor" data-on={now.on ? "1" : "0"}><Refusal error={error} />
    {codes && <Revealed text={codes} title="Ten recovery codes. Each stands in once for a lost phone; they are not shown again." />}
    {now.on ? <><p>On. Signing in asks for a code of your authenticator app.{typeof now.codes_left === "number" ? ` ${now.codes_left} recovery codes are left.` : ""}</p>
        <div className="row"><button type="button" className="btn" onClick={renew} id="renew-codes">New recovery codes</button><button type="button" className="btn danger" onClick={() => setOff(!off)} id="remove-factor">Remove</button></div>
        {off && <form className="stack narrow" onSubmit={remove} aria-label="Remove the second factor"><div className="field"><label htmlFor="off-password">Password</label><input id="off-password" name="password" type="password" className="in" required autoComplete="current-password" /></div><div className="field"><label htmlFor="off-code">Code</label><input id="off-code" name="code" className="in code" required autoComplete="one-time-code" /></div><div><button type="submit" className="btn danger">Remove the second factor</button></div></form>}</>
      : setup ? <form className="stack" onSubmit={confirm} aria-label="Set up the second factor"><p>Scan this with an authenticator app, then type the six digits that it shows.</p>
          <div className="qr" role="img" aria-label="QR code for the authenticator app"><img alt="" src={"data:image/svg+xml;utf8," + encodeURIComponent(setup.svg)} width="180" height="180" /></div>
          <details><summary>It cannot scan?</summary><p>Type this key instead: <code className="code">{setup.secret}</code></p></details>
          <div className="field"><label htmlFor="factor-code">Six digits</label><input id="factor-code" name="code" className="in code" inputMode="numeric" autoComplete="one-time-code" required maxLength={12} autoFocus /></div>
          <div className="row"><button type="submit" className="btn primary" id="confirm-factor">Turn it on</button><button type="button" className="btn" onClick={() => setSetup(null)}>Cancel</button></div></form>
        : <><p className="dim">{now.required ? "Your organisation asks for one. Set it up to go on." : "A code of your phone besides the password: a stolen password alone opens nothing."}</p><div><button type="button" className="btn primary" onClick={begin} id="begin-factor">Set up a second factor</button></div></>}</div>;
}

// A button that calls our API, forgets this tab's state and then goes somewhere: sign out, another organisation.
export function ApiButton({ url, next, body, className, id, role, label, children }) {
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try { await call("POST", url, body || {}); } catch (e) { if (body) { setBusy(false); sayError(e); return; } /* the session is gone either way */ }
    sessionStorage.clear(); if (!body) forgetDrafts(); location.assign(next);
  };
  return <button type="button" id={id} role={role} aria-label={label} className={className} disabled={busy} onClick={go}>{children}</button>;
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

// Fields that come later, or anew because the page was drawn afresh, take what was typed as they come. A field that nobody
// touched keeps what the server says.
export function Drafted({ draft, waiting, children }) {
  const box = useRef(null);
  useEffect(() => {
    if (!waiting) { keepDraft(draft, ""); return; }
    const own = box.current, filled = new WeakSet(), drafted = (el) => el.name && el.type !== "hidden" && !("undrafted" in el.dataset);
    const kept = () => { try { return JSON.parse(draftOf(draft) || "{}"); } catch { return {}; } };
    const fill = () => {
      const typed = kept();
      for (const el of own.querySelectorAll("input, select, textarea")) {
        if (filled.has(el) || !drafted(el)) continue;
        filled.add(el);
        if (!(el.name in typed)) continue;
        if (el.type === "checkbox") { if (el.checked !== typed[el.name]) el.click(); } else el.value = typed[el.name];
      }
    };
    const keep = (e) => { if (drafted(e.target)) keepDraft(draft, JSON.stringify({ ...kept(), [e.target.name]: e.target.type === "checkbox" ? e.target.checked : e.target.value })); };
    fill();
    const later = new MutationObserver(fill);
    later.observe(own, { childList: true, subtree: true });
    own.addEventListener("input", keep);
    return () => { later.disconnect(); own.removeEventListener("input", keep); };
  }, [draft, waiting]);
  return <div ref={box}>{children}</div>;
}
