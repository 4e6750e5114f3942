import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { call } from "$/public/external/leadflow/ui/react/http.js";

const Icon = ({ d, size = 15 }) => <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={d} /></svg>;
// Sequences ("g l") and single keys ("?"), never while typing or in a dialog. A path navigates, another word becomes the event lf:<word>.
export function Keys({ map, asks, can }) {
  const nav = useNavigate(), may = useRef(null);
  may.current = (to) => !can?.length || !asks?.[to] || can.includes(asks[to]);
  useEffect(() => {
    let buf = "", t;
    const h = (e) => {
      if (e.metaKey || e.ctrlKey || e.altKey || e.defaultPrevented || e.target.closest?.("input,textarea,select,[contenteditable=true],[cmdk-root],[role=dialog],[role=menu]")) return;
      clearTimeout(t);
      buf = (buf + " " + e.key).trim().split(" ").slice(-2).join(" ");
      t = setTimeout(() => (buf = ""), 800);
      for (const k of [buf, e.key]) if (map[k]) {
        buf = "";
        const to = map[k];
        if (to.startsWith("/")) { if (may.current(to)) { e.preventDefault(); nav(to); } }
        else if (!dispatchEvent(new CustomEvent("lf:" + to, { cancelable: true, detail: e.key }))) e.preventDefault();
        return;
      }
    };
    addEventListener("keydown", h);
    return () => removeEventListener("keydown", h);
  }, [JSON.stringify(map)]);
  return null;
}

// Clicks the element `target` on the event `name`: keys for buttons that the server handles.
export function Press({ name, target }) {
  useEffect(() => {
    const h = (e) => { const el = document.querySelector(target); if (el && !el.disabled) { e.preventDefault(); el.click(); } };
    addEventListener("lf:" + name, h);
    return () => removeEventListener("lf:" + name, h);
  }, [name, target]);
  return null;
}

export function Help({ groups, can }) {
  const ref = useRef(null), may = (asks) => !asks || can?.includes(asks);
  useEffect(() => { const h = (e) => { e.preventDefault(); ref.current?.open ? ref.current.close() : ref.current?.showModal(); }; addEventListener("lf:help", h); return () => removeEventListener("lf:help", h); }, []);
  return <dialog ref={ref} className="help" aria-labelledby="help-title" onClick={(e) => e.target === ref.current && ref.current.close()}>
    <header><h2 id="help-title">Keyboard shortcuts</h2><button type="button" className="btn ghost icon" aria-label="Close" onClick={() => ref.current.close()}><Icon d="M18 6 6 18M6 6l12 12" /></button></header>
    <div className="help-cols">{groups.filter((g) => may(g.asks)).map((g) => <section key={g.title}><h3>{g.title}</h3><dl>{g.keys.filter((k) => may(k[2])).map((k) => <div key={k[0]}><dt>{k[1]}</dt><dd>{k[0].split(" ").map((x) => <kbd key={x}>{x}</kbd>)}</dd></div>)}</dl></section>)}</div>
  </dialog>;
}

// Collapse of the sidebar: remembered in this browser, no server trip.
export function SideToggle() {
  const [slim, setSlim] = useState(false);
  const set = (v) => { setSlim(v); document.documentElement.dataset.side = v ? "slim" : "wide"; try { localStorage.lfside = v ? "slim" : "wide"; } catch { /* private window */ } };
  useEffect(() => { try { set(localStorage.lfside === "slim"); } catch { /* private window */ } }, []);
  return <button type="button" className="nav" id="side-toggle" aria-pressed={slim} aria-label={slim ? "Widen the sidebar" : "Narrow the sidebar"} onClick={() => set(!slim)}>
    <Icon d={slim ? "M13 17l5-5-5-5M6 17l5-5-5-5" : "M11 17l-5-5 5-5M18 17l-5-5 5-5"} /><span>Collapse</span></button>;
}

const WORD = { "import.check": "Checking a file", "import.commit": "Importing", "campaign.pace": "Sending a campaign", "campaign.simulate": "Simulating", "message.send": "Sending" };
// Running jobs: one ring, the sum of their progress; a list on click.
export function JobsRing() {
  const [jobs, setJobs] = useState([]), [open, setOpen] = useState(false), box = useRef(null);
  useEffect(() => {
    let t, dead = false;
    const look = async () => {
      clearTimeout(t);
      if (dead) return;
      let mine = [];
      if (!document.hidden) try { mine = (await call("GET", "/api/v1/jobs?active=true")).rows || []; if (!dead) setJobs(mine); } catch { /* the ring is a hint, never an alarm */ }
      t = setTimeout(look, mine.length ? 1500 : 12000);
    };
    look();
    addEventListener("lf:jobs", look);
    return () => { dead = true; clearTimeout(t); removeEventListener("lf:jobs", look); };
  }, []);
  useEffect(() => { if (!open) return; const h = (e) => { if (e.key === "Escape" || (e.type === "mousedown" && !box.current?.contains(e.target))) setOpen(false); }; addEventListener("mousedown", h); addEventListener("keydown", h); return () => { removeEventListener("mousedown", h); removeEventListener("keydown", h); }; }, [open]);
  const total = jobs.reduce((n, j) => n + (j.total || 0), 0), done = jobs.reduce((n, j) => n + (j.done || 0), 0), share = total ? done / total : 0, C = 2 * Math.PI * 8;
  const words = jobs.length ? `${jobs.length} running ${jobs.length === 1 ? "job" : "jobs"}${total ? `, ${Math.round(100 * share)} %` : ""}` : "No running jobs";
  return <div className="jobs" ref={box}>
    <button type="button" id="jobs-ring" className={"btn ghost icon" + (jobs.length ? " live" : "")} aria-label={words} title={words} aria-expanded={open} onClick={() => setOpen(!open)}>
      <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8" fill="none" stroke="var(--gray-a5)" strokeWidth="2.5" />
        {jobs.length > 0 && <circle cx="10" cy="10" r="8" fill="none" stroke="var(--accent-9)" strokeWidth="2.5" strokeLinecap="round" strokeDasharray={`${Math.max(0.06, share) * C} ${C}`} transform="rotate(-90 10 10)" className={total ? "" : "spin"} />}
        {jobs.length > 0 && <text x="10" y="13.2" textAnchor="middle" fontSize="9" fontWeight="650" fill="currentColor">{jobs.length}</text>}</svg></button>
    {open && <div className="pop" role="region" aria-label="Running jobs">{jobs.length === 0 ? <p className="dim">Nothing is running. Imports and campaigns show here while they work.</p>
      : jobs.map((j) => <div key={j.id} className="job"><div><b>{WORD[j.kind] || j.kind}</b><span>{j.total ? `${j.done} of ${j.total}` : j.state}</span></div>{j.total ? <progress max={j.total} value={j.done} aria-label={WORD[j.kind] || j.kind} /> : null}{j.note && <small>{j.note}</small>}</div>)}</div>}
  </div>;
}
