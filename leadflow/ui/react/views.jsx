// Saved views of a list: tabs over it, what can be done with each, and the pinned ones in the sidebar.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { toast } from "sonner";
import { call, say, sayError } from "$/public/external/leadflow/ui/react/http.js";
import { useWords } from "$/public/external/leadflow/ui/react/address.jsx";
import { layoutOf, setLayout, useLayout } from "$/public/external/leadflow/ui/react/layout.jsx";

const texts = (filter) => Object.fromEntries(Object.entries(filter || {}).map(([k, v]) => [k, (Array.isArray(v) ? v : [v]).map(String)]).filter(([, v]) => v.length).sort(([a], [b]) => (a < b ? -1 : 1)));
const addressOf = (path, view) => { const q = new URLSearchParams({ view: view.id }); for (const [k, vs] of Object.entries(texts(view.content.filter))) for (const v of vs) q.append(k, v); if (view.content.sort) { q.set("sort", view.content.sort); q.set("dir", view.content.dir || "desc"); } return `${path}?${q}`; };
const DRAFT = "lf:layout:";
const drafted = (id) => { try { return JSON.parse(sessionStorage.getItem(DRAFT + id) || (id === "all" ? localStorage.getItem(DRAFT + id) : null) || "null"); } catch { return null; } };
const keepDraft = (id, layout) => { try { const text = layout && JSON.stringify(layout); for (const s of id === "all" ? [localStorage] : [sessionStorage]) text ? s.setItem(DRAFT + id, text) : s.removeItem(DRAFT + id); } catch { /* private window */ } };
const column = (c) => ({ id: c.id, width: c.width ? Math.round(c.width) : null, hide: !!c.hide });
const layoutIn = (content) => ({ columns: content.columns?.length ? content.columns.map(column) : null, density: content.density || "comfortable" });
const sameLayout = (a, b) => JSON.stringify([a.columns, a.density]) === JSON.stringify([b.columns, b.density]);

export function ViewTabs({ grid, params, path }) {
  const [search] = useWords(), nav = useNavigate(), layout = useLayout(grid), [views, setViews] = useState(null), [menu, setMenu] = useState(false), [asking, setAsking] = useState(null), box = useRef(null);
  const id = search.get("view") || "", now = (views || []).find((v) => v.id === id), placed = useRef(null);
  const load = useCallback(() => call("GET", "/api/v1/views").then((all) => { setViews(all); return all; }, sayError), []);
  useEffect(() => { load(); }, [load]);
  // The list opens with the view that the person has chosen for it, unless the address says something.
  const opened = useRef(false);
  useEffect(() => { if (!views || opened.current) return; opened.current = true; const first = views.find((v) => v.opens_first); if (first && ![...search.keys()].length && location.search === "") nav(addressOf(path, first), { replace: true }); }, [views]);
  useEffect(() => { // another view brings its own columns, or what was changed of them and not saved
    if (!views || placed.current === id) return;
    placed.current = id;
    const draft = drafted(id || "all");
    setLayout(grid, draft || (now ? layoutIn(now.content) : { columns: null, density: "comfortable" }), "view");
  }, [views, id, now, grid]);
  useEffect(() => { if (layout.by === "person" || layout.by === "grid") keepDraft(id || "all", { columns: layout.columns, density: layout.density }); }, [layout]);
  useEffect(() => { const h = (e) => { e.preventDefault(); setMenu((m) => !m); }; addEventListener("lf:views", h); return () => removeEventListener("lf:views", h); }, []);
  useEffect(() => { if (!menu && !asking) return; const h = (e) => { if ((e.type === "keydown" && e.key === "Escape") || (e.type === "mousedown" && !box.current?.contains(e.target))) { setMenu(false); setAsking(null); } }; addEventListener("mousedown", h); addEventListener("keydown", h); return () => { removeEventListener("mousedown", h); removeEventListener("keydown", h); }; }, [menu, asking]);
  const filter = useMemo(() => { const f = {}; for (const k of params) { const v = search.getAll(k).filter(Boolean); if (v.length) f[k] = v; } return f; }, [search, params]);
  const sort = search.get("sort") || "", dir = search.get("dir") || "desc";
  const content = () => ({ filter, sort, dir, columns: (layoutOf(grid).columns || []).map(column), density: layoutOf(grid).density });
  const changed = now ? JSON.stringify(texts(filter)) !== JSON.stringify(texts(now.content.filter)) || sort !== (now.content.sort || "") || (sort && dir !== (now.content.dir || "desc")) || !sameLayout({ columns: layout.columns && layout.columns.map(column), density: layout.density }, layoutIn(now.content)) : false;
  const does = (f) => async (...given) => { try { await f(...given); } catch (e) { sayError(e); } };
  const told = async () => { await load(); dispatchEvent(new Event("lf:pinned")); };
  const save = does(async () => { await call("PATCH", `/api/v1/views/${now.id}`, { content: content() }); keepDraft(now.id, null); await told(); say("success", "View saved"); });
  const saveAs = does(async (name) => { const made = await call("POST", "/api/v1/views", { name, content: content() }); if (now) keepDraft(now.id, null); keepDraft(made.id, null); const all = await load(); placed.current = made.id; dispatchEvent(new Event("lf:pinned")); nav(addressOf(path, all.find((v) => v.id === made.id))); say("success", "View saved", "It is yours alone until you share it."); });
  const rename = does(async (name) => { await call("PATCH", `/api/v1/views/${now.id}`, { name }); await told(); });
  const share = does(async () => { await call("PATCH", `/api/v1/views/${now.id}`, { shared: !now.shared }); await told(); say("success", now.shared ? "Only you see it now" : "The whole team sees it now"); });
  const use = (what) => does(async () => { await call("PUT", `/api/v1/views/${now.id}/use`, what); await told(); });
  const reset = () => { keepDraft(now.id, null); placed.current = null; setLayout(grid, layoutIn(now.content), "view"); nav(addressOf(path, now)); };
  const remove = does(async () => { const gone = now; await call("DELETE", `/api/v1/views/${gone.id}`); await told(); nav(path); toast.success(`“${gone.name}” deleted`, { duration: 10000, action: { label: "Undo", onClick: does(async () => { await call("POST", `/api/v1/views/${gone.id}/restore`); await told(); nav(addressOf(path, gone)); }) } }); });
  const tabs = useMemo(() => { const all = [...(views || [])].sort((a, b) => b.opens_first - a.opens_first || b.pinned - a.pinned || a.name.localeCompare(b.name)), near = all.slice(0, 5); if (now && !near.some((v) => v.id === now.id)) near.splice(4, 1, now); return near; }, [views, now]);
  const act = (label, run, more) => <button type="button" className="menu-act" onClick={() => { setMenu(false); run(); }} {...more}>{label}</button>;
  return <div className="views" ref={box}>
    <nav className="view-tabs" aria-label="Views"><Link to={path} className="view-tab" aria-current={id ? undefined : "page"}>All leads</Link>
      {tabs.map((v) => <Link key={v.id} to={addressOf(path, v)} className="view-tab" data-view={v.name} aria-current={v.id === id ? "page" : undefined} title={v.shared ? `Shared by ${v.owner || "the team"}` : "Yours alone"}><span>{v.name}</span>{v.id === id && changed && <i className="moddot" title="Changed and not saved"><span className="sr">changed</span></i>}</Link>)}</nav>
    <button type="button" className="btn ghost sm" id="view-menu" aria-expanded={menu} aria-label="Views" title="Views (v)" onClick={() => setMenu(!menu)}>{changed ? "Changed" : "Views"}<svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" aria-hidden="true"><path d="M6 9l6 6 6-6" /></svg></button>
    {menu && <div className="pop view-pop" role="dialog" aria-label="Views">
      {now && <div className="menu-acts">{changed && now.may_change && act("Save", save, { id: "view-save" })}{changed && act("Reset to what is saved", reset, { id: "view-reset" })}
        {act("Save as…", () => setAsking("as"), { id: "view-save-as" })}{now.may_change && act("Rename…", () => setAsking("name"), { id: "view-rename" })}{now.may_change && act(now.shared ? "Stop sharing" : "Share with the team", share, { id: "view-share" })}
        {act(now.pinned ? "Take out of the sidebar" : "Pin to the sidebar", use({ pinned: !now.pinned }), { id: "view-pin" })}{act(now.opens_first ? "Do not open first" : "Open first", use({ opens_first: !now.opens_first }), { id: "view-first" })}{now.may_change && act("Delete", remove, { id: "view-delete", className: "menu-act bad" })}
        {!now.may_change && <p className="dim note">{now.owner || "Somebody else"} shares this view. Save it under another name to change it.</p>}</div>}
      {!now && <div className="menu-acts">{act("Save as a view…", () => setAsking("as"), { id: "view-save-as" })}</div>}
      {views?.length > 0 && <ul className="view-list">{views.map((v) => <li key={v.id}><Link to={addressOf(path, v)} onClick={() => setMenu(false)} aria-current={v.id === id ? "true" : undefined}><span>{v.name}</span><small className="dim">{v.shared ? (v.may_change ? "shared" : v.owner) : "yours"}{v.pinned ? " · pinned" : ""}{v.opens_first ? " · opens first" : ""}</small></Link></li>)}</ul>}
      {views?.length === 0 && <p className="dim note">A view keeps a filter, its order and its columns under a name.</p>}
    </div>}
    {asking && <form className="pop view-pop" role="dialog" aria-label={asking === "as" ? "Save as a view" : "Rename the view"} onSubmit={(e) => { e.preventDefault(); const name = new FormData(e.currentTarget).get("name").trim(); if (!name) return; const run = asking === "as" ? saveAs : rename; setAsking(null); run(name); }}>
      <label className="field"><span className="label">Name of the view</span><input className="in" name="name" id="view-name" autoFocus maxLength={60} defaultValue={asking === "name" ? now?.name : ""} /></label>
      <div className="chip-foot"><span className="grow" /><button type="button" className="btn sm" onClick={() => setAsking(null)}>Cancel</button><button type="submit" className="btn primary sm">Save</button></div></form>}
  </div>;
}

// The views that somebody has pinned, below "Leads" in the sidebar, with how many leads each finds.
export function PinnedViews({ path }) {
  const [pinned, setPinned] = useState([]), where = useLocation(), [awake, setAwake] = useState(false);
  useEffect(() => {
    let on = true, t;
    const look = () => { clearTimeout(t); if (!document.hidden) call("GET", "/api/v1/views/pinned").then((all) => on && setPinned(all), () => {}); t = setTimeout(look, 60000); };
    setAwake(true); look();
    addEventListener("lf:pinned", look); addEventListener("lf:grid", look);
    return () => { on = false; clearTimeout(t); removeEventListener("lf:pinned", look); removeEventListener("lf:grid", look); };
  }, []);
  const id = awake ? new URLSearchParams(where.search).get("view") : null;
  return pinned.map((v) => <Link key={v.id} to={addressOf(path, v)} className="nav pinned" data-pinned={v.name} aria-current={v.id === id ? "true" : undefined} title={v.name}><span className="grow">{v.name}</span><span className="pin-n">{v.count > 10000 ? "10k+" : v.count.toLocaleString("en-US")}</span></Link>);
}
