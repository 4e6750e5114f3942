import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { call, newKey, say, sendFile } from "$/public/external/leadflow/ui/react/http.js";

const SIZE = (n) => (n < 1024 ? n + " B" : n < 1048576 ? (n / 1024).toFixed(0) + " KB" : (n / 1048576).toFixed(1) + " MB");
// One file, raw, by XHR (fetch tells no upload progress) to `url`; then on to `next` with {id} filled in. Where it became
// several, none is before the others: the page stays, and its list shows them.
export function Uploader({ url, next, accept, title, hint, inputId }) {
  const [item, setItem] = useState(null), [over, setOver] = useState(false), input = useRef(null), nav = useNavigate();
  const send = async (file) => {
    if (!file) return;
    const x = new XMLHttpRequest();
    let stopped = false;
    setItem({ name: file.name, size: file.size, share: 0, stop: () => { stopped = true; x.abort(); setItem(null); } });
    const fail = (message, correlation) => setItem((i) => i && { ...i, error: message, correlation });
    x.upload.onprogress = (e) => setItem((i) => i && { ...i, share: e.loaded / e.total });
    x.onerror = () => fail("The connection broke. Try again.");
    x.onabort = () => setItem(null);
    x.onload = () => {
      let d = null;
      try { d = JSON.parse(x.responseText); } catch { /* told below */ }
      if (x.status < 300 && d?.ids?.length > 1) {
        setItem(null); dispatchEvent(new Event("lf:jobs")); dispatchEvent(new CustomEvent("lf:grid"));
        say("success", `${file.name} holds ${d.ids.length} tables`, "Each is a line of its own below. Open and run them one by one.");
      } else if (x.status < 300 && d?.id) { dispatchEvent(new Event("lf:jobs")); nav(next.replace("{id}", d.id)); } else if (x.status === 401) location.assign("/login?next=" + encodeURIComponent(location.pathname));
      else fail(d?.error?.message || `The server answered ${x.status}.`, d?.error?.correlation_id);
    };
    // A session that has slept is renewed first: a refusal would come only after the whole file.
    try { await call("GET", "/api/v1/me"); } catch (e) { fail(e.message, e.correlation); return; }
    if (stopped) return;
    x.open("POST", url);
    x.setRequestHeader("X-LF-Request", "1");
    x.setRequestHeader("Idempotency-Key", newKey());
    x.setRequestHeader("X-Filename", encodeURIComponent(file.name));
    x.setRequestHeader("Content-Type", "application/octet-stream");
    x.send(file);
  };
  const busy = item && !item.error;
  return <div className={"drop" + (over ? " over" : "")} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={(e) => { e.preventDefault(); setOver(false); if (!busy) send(e.dataTransfer.files[0]); }}>
    <svg width="28" height="28" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d="M12 16V4M7 9l5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" /></svg>
    {busy ? <div className="drop-go"><div className="between"><b>{item.name}</b><span role="status">{item.share < 1 ? Math.round(100 * item.share) + " %" : "Reading the file…"}</span></div><progress max={1} value={item.share} aria-label={`Sending ${item.name}`} /><div className="between"><span className="dim">{SIZE(item.size)}</span><button type="button" className="btn ghost" onClick={() => item.stop()}>Cancel</button></div></div>
      : <><p className="drop-title">{title}</p><p className="dim">{hint}</p><button type="button" className="btn primary" onClick={() => input.current.click()}>Choose a file</button></>}
    {item?.error && <div role="alert" className="banner" data-tone="bad"><span><b>{item.name}</b>: {item.error}{item.correlation && <small> Reference {item.correlation}</small>}</span></div>}
    <input ref={input} id={inputId} type="file" accept={accept} className="sr" tabIndex={-1} aria-label={title} onChange={(e) => { send(e.target.files[0]); e.target.value = ""; }} /></div>;
}

// A document beside a form: it is sent as soon as it is chosen, and its hash goes with the form as the field `name`.
export function Enclosure({ url, name, accept, label }) {
  const [kept, setKept] = useState(null), [error, setError] = useState(null), [busy, setBusy] = useState(false), input = useRef(null);
  const send = async (file) => {
    if (!file) return;
    setBusy(true); setError(null); setKept(null);
    try {
      setKept(await sendFile(url, file));
    } catch (e) { setError(e.message); }
    setBusy(false);
  };
  return <div className="enclosure" aria-busy={busy}>
    <input type="hidden" name={name} value={kept?.sha256 || ""} />
    <input ref={input} id={name} type="file" accept={accept} className="sr" tabIndex={-1} aria-label={label} onChange={(e) => { send(e.target.files[0]); e.target.value = ""; }} />
    <button type="button" className="btn" disabled={busy} onClick={() => input.current.click()}>{busy ? "Sending…" : kept ? "Choose another" : "Choose a file"}</button>
    {kept && <span role="status" className="wrap"><b>{kept.filename}</b> <span className="dim">{SIZE(kept.size)} · SHA-256 <span className="mono">{kept.sha256.slice(0, 12)}…</span></span></span>}
    {error && <span role="alert" className="err">{error}</span>}</div>;
}

// A form with one file: its fields go in the address, the file as the body, raw.
export function FileForm({ url, accept, label, done, submit, onDone, children }) {
  const [state, setState] = useState({}), file = useRef(null);
  const send = async (e) => {
    e.preventDefault();
    const form = e.currentTarget, chosen = file.current.files[0];
    if (!chosen) { setState({ error: "Choose the file first." }); return; }
    const words = new URLSearchParams([...new FormData(form)].filter(([k, v]) => k && typeof v === "string"));
    setState({ busy: true });
    try {
      await sendFile(`${url}?${words}`, chosen);
      form.reset(); setState({ done }); dispatchEvent(new CustomEvent("lf:grid")); onDone?.();
    } catch (x) { setState({ error: x.message }); }
  };
  return <form aria-label={label} onSubmit={send} aria-busy={!!state.busy} className="stack">
    {state.error && <div role="alert" className="banner" data-tone="bad"><span>{state.error}</span></div>}
    {state.done && <div role="status" className="banner" data-tone="ok"><span>{state.done}</span></div>}
    <fieldset disabled={state.busy} className="bare stack">{children}
      <div className="field"><label htmlFor="the-file">File</label><input ref={file} id="the-file" type="file" accept={accept} className="in" /></div>
      <div><button type="submit" className="btn primary" id="send-file">{state.busy ? "Reading the file…" : submit}</button></div></fieldset></form>;
}
