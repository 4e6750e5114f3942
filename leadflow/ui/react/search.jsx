// The search over everything: the palette (Ctrl-K, /) and the page of all results. Who may find what is the server's to say.
import { useEffect, useMemo, useRef, useState } from "react";
import { Command } from "cmdk";
import { Link, useNavigate } from "react-router";
import { call, draftOf, keepDraft } from "$/public/external/leadflow/ui/react/http.js";
import { useWords } from "$/public/external/leadflow/ui/react/address.jsx";

const SIGN = {
  lead: "M3 10.5 12 3l9 7.5V21h-6v-6H9v6H3z", person: "M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  phone: "M22 16.9v3a2 2 0 0 1-2.2 2 19.8 19.8 0 0 1-8.6-3 19.5 19.5 0 0 1-6-6 19.8 19.8 0 0 1-3-8.7A2 2 0 0 1 4.1 2h3a2 2 0 0 1 2 1.7c.1 1 .4 1.9.7 2.8a2 2 0 0 1-.5 2.1L8.1 9.9a16 16 0 0 0 6 6l1.3-1.3a2 2 0 0 1 2.1-.4c.9.3 1.8.6 2.8.7a2 2 0 0 1 1.7 2z",
  campaign: "M22 2 11 13M22 2l-7 20-4-9-9-4z", task: "M9 11l3 3L22 4M21 12v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h11", list: "M8 6h13M8 12h13M8 18h13M3 6h.01M3 12h.01M3 18h.01",
  tag: "M12 2H2v10l9.3 9.3a1 1 0 0 0 1.4 0l8.6-8.6a1 1 0 0 0 0-1.4zM7 7h.01", view: "m19 21-7-4-7 4V5a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2z", import: "M14 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V8zM14 2v6h6M12 18v-6M9 15l3-3 3 3",
  member: "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM22 21v-2a4 4 0 0 0-3-3.9M16 3.1a4 4 0 0 1 0 7.8", page: "M5 12h14M13 6l6 6-6 6", command: "M13 2 3 14h9l-1 8 10-12h-9z",
  lens: "M21 21l-4.3-4.3M11 19a8 8 0 1 0 0-16 8 8 0 0 0 0 16z",
};
const LABEL = { lead: "Leads", person: "People", phone: "Phones", campaign: "Campaigns", task: "Tasks", list: "Lists", tag: "Tags", view: "Saved views", import: "Imports", member: "Members", page: "Pages", command: "Commands" };
const Sign = ({ of, size = 15 }) => <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={SIGN[of] || SIGN.page} /></svg>;
const WAIT = 110, KEEP = 8;
const number = (n) => n.toLocaleString("en-US");
const many = (g) => (g.count != null ? number(g.count) : number(g.at_least || 0) + "+");

export function PaletteButton() {
  const [mac, setMac] = useState(false);
  useEffect(() => setMac(/Mac|iPhone|iPad/.test(navigator.platform)), []);
  return <button type="button" id="palette-button" className="search" aria-label="Search or jump to" onClick={() => dispatchEvent(new Event("lf:palette"))}>
    <Sign of="lens" size={14} /><span>Search everything, jump to a page…</span><kbd>{mac ? "⌘K" : "Ctrl K"}</kbd></button>;
}

// One question in flight: what is typed on ends the one before. The answer says what it answers, so an old one is known as such.
function useAnswer(words, wanted) {
  const [answer, setAnswer] = useState({ q: "", groups: [] }), [fault, setFault] = useState("");
  useEffect(() => {
    setFault("");
    if (words.length < 2) { setAnswer({ q: words, groups: [] }); return; }
    const a = new AbortController();
    const t = setTimeout(() => call("GET", `/api/v1/search?limit=${wanted}&q=${encodeURIComponent(words)}`, undefined, { signal: a.signal })
      .then((r) => setAnswer({ q: words, groups: r.groups })).catch((e) => { if (e?.name !== "AbortError") { setFault(e.message); setAnswer({ q: words, groups: [] }); } }), WAIT);
    return () => { a.abort(); clearTimeout(t); };
  }, [words, wanted]);
  return [answer, fault];
}

// What was opened last, in this browser alone; forgotten when somebody signs out.
const recentOf = (who) => { try { return JSON.parse(draftOf("recent:" + who) || "[]"); } catch { return []; } };
const remember = (who, hit) => keepDraft("recent:" + who, JSON.stringify([hit, ...recentOf(who).filter((h) => h.href !== hit.href)].slice(0, KEEP)));

function Item({ value, kind, hit, onSelect, keys }) {
  return <Command.Item value={value} onSelect={onSelect}><Sign of={kind} /><span className="hit-t">{hit.title}</span>{hit.subtitle && <small>{hit.subtitle}</small>}
    {keys ? <small className="keys">{keys.split(" ").map((k) => <kbd key={k}>{k}</kbd>)}</small> : hit.why && <em>{hit.why}</em>}</Command.Item>;
}

export function Palette({ places, can, who, onLight, onDark, onSystem }) {
  const [open, setOpen] = useState(false), [q, setQ] = useState(""), [at, setAt] = useState(""), [recent, setRecent] = useState([]), nav = useNavigate();
  const words = q.trim().replace(/\s+/g, " "), [answer, fault] = useAnswer(open ? words : "", 5), stale = answer.q !== words;
  const moved = useRef(false), waiting = useRef(null), aside = useRef(false);
  useEffect(() => {
    const key = (e) => { if ((e.metaKey || e.ctrlKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") { e.preventDefault(); setOpen((o) => !o); } }, show = (e) => { e.preventDefault(); setOpen(true); };
    addEventListener("keydown", key); addEventListener("lf:palette", show);
    return () => { removeEventListener("keydown", key); removeEventListener("lf:palette", show); };
  }, []);
  useEffect(() => { if (open) setRecent(recentOf(who)); }, [open, who]);
  const near = useMemo(() => {
    const modes = [["Light", onLight, "bright day"], ["Dark", onDark, "night"], ["As the system", onSystem, "automatic"]].map(([title, act, more]) => ({ kind: "command", href: "", title: `Theme: ${title.toLowerCase()}`, words: "colour color mode appearance " + more, act }));
    const all = [...places.filter((p) => can.includes(p.permission)), ...modes], asked = words.toLowerCase().split(" ").filter(Boolean);
    const fits = (p) => { const text = ` ${p.title} ${p.words}`.toLowerCase(); return asked.every((w) => text.includes(" " + w)); };
    return asked.length ? all.filter(fits).map((p) => ({ ...p, first: p.title.toLowerCase().startsWith(words.toLowerCase()) })).sort((a, b) => b.first - a.first).slice(0, 8) : all.filter((p) => p.kind === "command" || p.keys);
  }, [places, can, words, onLight, onDark, onSystem]);
  const ahead = words.length > 0 && near.some((p) => p.first), groups = words ? answer.groups.filter((g) => g.kind !== "page" && g.kind !== "command") : [];
  const go = (hit, keep = true) => {
    const tab = aside.current; aside.current = false; waiting.current = null;
    if (keep && hit.kind) { const { kind, title, subtitle, href } = hit; if (kind !== "command") remember(who, { kind, title, subtitle, href }); }
    setOpen(false); setQ("");
    if (hit.act) hit.act(); else if (tab) window.open(hit.href, "_blank", "noopener"); else nav(hit.href);
  };
  const everything = () => ({ href: `/search?q=${encodeURIComponent(words)}` });
  useEffect(() => { moved.current = false; waiting.current = null; }, [words, open]);
  useEffect(() => {
    if (stale || !words) return;
    const first = groups[0]?.hits[0];
    if (waiting.current) { aside.current = waiting.current.tab; first || near[0] ? go(first || near[0]) : go(everything(), false); return; }
    if (!moved.current && !ahead && first) setAt(`${groups[0].kind} ${first.id}`);
  }, [answer]);
  const onKeyDown = (e) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp" || e.key === "Home" || e.key === "End") moved.current = true;
    if (e.key !== "Enter" || e.nativeEvent.isComposing) return;
    aside.current = e.ctrlKey || e.metaKey;
    // Enter before the answer is there means its first hit, not what the words before have found.
    if (stale && words.length > 1 && !moved.current && !ahead) { e.preventDefault(); waiting.current = { tab: aside.current }; }
  };
  const local = <>{["command", "page"].map((kind) => { const own = near.filter((p) => p.kind === kind); return own.length > 0 && <Command.Group key={kind} heading={kind === "page" ? "Go to" : "Do"}>
    {own.map((p) => <Item key={p.title} value={`${kind} ${p.title}`} kind={kind} hit={p} keys={p.keys} onSelect={() => go(p)} />)}</Command.Group>; })}</>;
  return <Command.Dialog open={open} onOpenChange={setOpen} label="Command palette" overlayClassName="cmdk-ov" loop shouldFilter={false} value={at} onValueChange={setAt} onKeyDown={onKeyDown}
    container={typeof document !== "undefined" ? document.querySelector(".radix-themes") : undefined}>
    <div className="cmdk-head"><Sign of="lens" size={16} /><Command.Input value={q} onValueChange={setQ} maxLength={200} placeholder="A name, address, phone, parcel number, campaign, or a page…" />{stale && words.length > 1 && <i className="dot-busy" role="status" aria-label="Searching" />}<kbd>esc</kbd></div>
    <Command.List data-answered={answer.q}>
      {fault && <p className="cmdk-note" role="alert">{fault}</p>}
      {!words && recent.length > 0 && <Command.Group heading="Opened last">{recent.map((h) => <Item key={h.href} value={"recent " + h.href} kind={h.kind} hit={h} onSelect={() => go(h)} />)}</Command.Group>}
      {(ahead || !words) && local}
      {groups.map((g) => <Command.Group key={g.kind} heading={<span className="cmdk-h"><span>{LABEL[g.kind]}</span>{(g.count ?? g.at_least) > g.hits.length && <span>{many(g)}</span>}</span>}>
        {g.hits.map((h) => <Item key={h.id} value={`${g.kind} ${h.id}`} kind={g.kind} hit={h} onSelect={() => go(h)} />)}</Command.Group>)}
      {!ahead && words && local}
      {words.length > 1 && <Command.Group><Item value="everything" kind="lens" hit={{ title: `Show all results for “${words}”` }} onSelect={() => go(everything(), false)} /></Command.Group>}
      {words.length > 1 && !stale && !groups.length && !near.length && !fault && <p className="cmdk-note">Nothing found for “{words}”. Try fewer words, the last four digits of a number, or the street alone.</p>}
    </Command.List>
    <div className="cmdk-foot" aria-hidden="true"><span><kbd>↑</kbd><kbd>↓</kbd> choose</span><span><kbd>↵</kbd> open</span><span><kbd>Ctrl ↵</kbd> new tab</span></div></Command.Dialog>;
}

function Hits({ kind, hits }) {
  return <ul className="hits">{hits.map((h) => <li key={h.id}><Link to={h.href} data-hit={h.id}><Sign of={kind} /><span className="hit-t">{h.title}</span><small>{h.subtitle}</small><em>{h.why}</em></Link></li>)}</ul>;
}

// One kind, page by page.
function Whole({ kind, words }) {
  const [page, setPage] = useState(null), [fault, setFault] = useState(""), [busy, setBusy] = useState(false), first = useRef(null);
  const read = (after, signal) => call("GET", `/api/v1/search/${kind}?limit=50&q=${encodeURIComponent(words)}${after ? `&after=${encodeURIComponent(after)}` : ""}`, undefined, { signal });
  useEffect(() => {
    const a = new AbortController(); first.current = a; setFault("");
    if (words.length < 2) { setPage({ rows: [], count: 0 }); return; }
    const t = setTimeout(() => read("", a.signal).then(setPage).catch((e) => { if (e?.name !== "AbortError") { setFault(e.message); setPage({ rows: [], count: 0 }); } }), WAIT);
    return () => { a.abort(); clearTimeout(t); };
  }, [kind, words]);
  const more = () => { const asked = first.current; setBusy(true); read(page.next, asked.signal).then((r) => setPage((p) => ({ ...p, rows: [...p.rows, ...r.rows], next: r.next }))).catch((e) => { if (e?.name !== "AbortError") setFault(e.message); }).finally(() => setBusy(false)); };
  if (!page) return <section className="card"><span className="skel" /></section>;
  return <section className="card stack" aria-label={LABEL[kind]}><h2>{LABEL[kind]} <span className="dim" id="search-count">{many(page)}</span></h2>
    {fault && <p className="err" role="alert">{fault}</p>}
    {page.rows.length ? <Hits kind={kind} hits={page.rows} /> : !fault && <p className="dim">None matches “{words}”.</p>}
    {page.next && <button type="button" className="btn" id="more-hits" disabled={busy} onClick={more}>More</button>}
    {!page.next && page.at_least != null && <p className="dim">More match than are put in order here. {kind === "lead" ? <Link to={`/leads?q=${encodeURIComponent(words)}`}>See them all in the list of leads.</Link> : "Add a word to see fewer."}</p>}</section>;
}

export function SearchResults() {
  const [search, set] = useWords(), asked = search.get("q") || "", kind = LABEL[search.get("kind")] ? search.get("kind") : "", [typed, setTyped] = useState(null), box = useRef(null);
  const q = typed ?? asked, words = q.trim().replace(/\s+/g, " "), [answer, fault] = useAnswer(words, 5);
  // The address follows what is typed; what is typed never follows the address while somebody types.
  useEffect(() => { if (typed === null || typed === asked) return; const t = setTimeout(() => set((p) => { typed.trim() ? p.set("q", typed.trim()) : p.delete("q"); return p; }, { replace: true, preventScrollReset: true }), 300); return () => clearTimeout(t); }, [typed]);
  useEffect(() => { if (document.activeElement !== box.current) setTyped(null); }, [asked]);
  useEffect(() => { if (!asked) box.current?.focus(); }, []);
  const to = (k) => { const p = new URLSearchParams({ q: words }); if (k) p.set("kind", k); return "/search?" + p; };
  return <div className="pad wide stack" id="search-results" data-answered={answer.q}>
    <label className="find big"><Sign of="lens" size={16} /><input ref={box} id="search-q" value={q} maxLength={200} placeholder="A name, address, phone, parcel number, campaign…" aria-label="Search everything" onChange={(e) => setTyped(e.target.value)} onBlur={() => { if ((typed ?? asked) === asked) setTyped(null); }} /></label>
    {answer.groups.length > 0 && <nav className="words" aria-label="Kind"><Link className="chip" to={to("")} aria-current={kind ? undefined : "true"}>Everything</Link>{answer.groups.map((g) => <Link key={g.kind} className="chip" data-kind={g.kind} to={to(g.kind)} aria-current={kind === g.kind ? "true" : undefined}><span>{LABEL[g.kind]}</span><span className="n">{many(g)}</span></Link>)}</nav>}
    {fault && <p className="err" role="alert">{fault}</p>}
    {kind ? <Whole key={kind} kind={kind} words={words} /> : answer.groups.map((g) => <section key={g.kind} className="card" aria-label={LABEL[g.kind]} data-group={g.kind}><h2 className="between"><span>{LABEL[g.kind]}</span>{(g.count ?? g.at_least) > g.hits.length && <Link className="dim" to={to(g.kind)}>Show all {many(g)}</Link>}</h2><Hits kind={g.kind} hits={g.hits} /></section>)}
    {words.length > 1 && answer.q === words && !answer.groups.length && !fault && <div className="empty"><Sign of="lens" size={22} /><b>Nothing found</b><span>Try fewer words, the last four digits of a number, or the street alone. You find only what you may open.</span></div>}
    {words.length < 2 && <div className="empty"><Sign of="lens" size={22} /><b>Search everything</b><span>Leads, people, numbers in any spelling, campaigns, tasks, lists, tags, views, imports, members.</span></div>}
  </div>;
}
