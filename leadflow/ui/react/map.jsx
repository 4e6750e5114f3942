// The map of leads (MapLibre, BSD-3) over our own API. Filter and area live in the address; marks are plain buttons.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { call, say, sayError } from "$/public/external/leadflow/ui/react/http.js";
import { useWords } from "$/public/external/leadflow/ui/react/address.jsx";
import { apart, circle, colours, counties, data, middle, readArea, repaint, simpler, states, style, writeBox, writeCircle, writePolygon } from "$/public/external/leadflow/ui/react/atlas.js";

const API = "/api/v1/map", SEVERAL = ["status", "state", "list", "not_list", "tag", "where"], MILE = 1609.344, AMERICA = [-125, 24, -66, 50];
const count = (n) => (n ?? 0).toLocaleString("en-US");
const leads = (n) => `${count(n)} ${n === 1 ? "lead" : "leads"}`;
const EXACT = { pin: "Placed by hand", rooftop: "On its roof, by a geocoder", file: "As the vendor's file has it", street: "Reckoned along its street", zip: "Middle of its ZIP, not the house" };
const Cross = () => <svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" aria-hidden="true"><path d="M18 6 6 18M6 6l12 12" /></svg>;
const Sign = ({ d }) => <svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={d} /></svg>;
const DRAW = { box: ["Rectangle", "M4 6h16v12H4z", "Drag over the map"], polygon: ["Lasso", "M5 17 3 9l7-5 9 3 2 8-8 5z", "Drag around an area, or click its corners and press Enter"], circle: ["Radius", "M12 12h8M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0z", "Drag from the middle outwards"] };
const MILES = [1, 3, 5, 10, 25, 50];
const cellAt = (quadkey, shift) => Math.floor(quadkey / 2 ** shift);
// The leads of a filter on one spot and right beside it.
function around(query, { lat, lon }, limit) {
  const pad = 0.0002, q = new URLSearchParams(query);
  q.set("view", [lon - pad, lat - pad, lon + pad, lat + pad].join(",")); q.set("limit", limit);
  return call("GET", `${API}/leads?${q}`);
}
const put = (setSearch, area) => setSearch((p) => { const q = new URLSearchParams(p); area ? q.set("area", area) : q.delete("area"); return q; }, { preventScrollReset: true });
// Counties beside counties and ZIPs beside ZIPs are one shape, so that ten of them are not too many.
function joined(area, more) {
  const kind = more.split("_")[0], parts = area ? area.split("*") : [];
  if (kind !== "county" && kind !== "zip") return [...parts, more].join("*");
  const old = parts.find((p) => p.startsWith(kind + "_"));
  return old ? parts.map((p) => (p === old ? old + more.slice(kind.length) : p)).join("*") : [...parts, more].join("*");
}

// What is chosen on the map, a chip a shape; each goes by its own cross.
export function AreaChips() {
  const [search, setSearch] = useWords(), area = search.get("area") || "", [shapes, setShapes] = useState([]);
  useEffect(() => {
    if (!area) { setShapes([]); return; }
    const stop = new AbortController();
    call("GET", `${API}/area?${new URLSearchParams({ area })}`, undefined, { signal: stop.signal }).then((d) => setShapes(d.shapes)).catch((e) => { if (e.name !== "AbortError") setShapes([{ area, label: "An area that cannot be read" }]); });
    return () => stop.abort();
  }, [area]);
  if (!area) return null;
  return <span className="row wrap area-chips" role="group" aria-label="Areas">{shapes.map((s) => <button key={s.area} type="button" className="chip on" title="Take this area away" onClick={() => put(setSearch, shapes.filter((o) => o !== s).map((o) => o.area).join("*"))}><span>{s.label}</span><Cross /><span className="sr">remove</span></button>)}</span>;
}

// With `grid` the map stands beside the list of that name, which then shows the leads: no list of its own.
export function LeadMap({ params, tones, tiles, canChange, canCampaign, canGeocode, canImport, grid }) {
  const [search, setSearch] = useWords(), area = search.get("area") || "";
  const query = useMemo(() => { const q = new URLSearchParams(); for (const k of params) for (const v of search.getAll(k)) if (v) q.append(k, v); return q.toString(); }, [search, JSON.stringify(params)]);
  const filtered = params.some((k) => search.get(k));
  const box = useRef(null), map = useRef(null), lib = useRef(null), marks = useRef(new Map()), names = useRef([]), live = useRef({}), fitted = useRef(null), stop = useRef(null);
  const [ready, setReady] = useState(false), [ground, setGround] = useState(false), [seen, setSeen] = useState(null), [totals, setTotals] = useState(null), [rows, setRows] = useState(null), [failed, setFailed] = useState(null);
  const [hot, setHot] = useState(null), [open, setOpen] = useState(null), [mode, setMode] = useState(null), [busy, setBusy] = useState(true), [heap, setHeap] = useState(null), [far, setFar] = useState(false);
  const list = useRef(null);
  live.current = { query, seen, tones, mode };

  // One map for the life of the page.
  useEffect(() => {
    let gone = false, watch = null;
    (async () => {
      const ml = await import("maplibre-gl");
      if (gone) return;
      lib.current = ml; ml.setWorkerUrl(workerUrl);
      const m = new ml.Map({ container: box.current, style: style(colours(box.current), tiles), bounds: AMERICA, fitBoundsOptions: { padding: 24 }, minZoom: 1.5, maxZoom: 19, dragRotate: false, pitchWithRotate: false, touchPitch: false, attributionControl: false, fadeDuration: 0 });
      m.touchZoomRotate.disableRotation();
      m.addControl(new ml.NavigationControl({ showCompass: false }), "top-right");
      m.addControl(new ml.ScaleControl({ unit: "imperial" }), "bottom-right");
      m.addControl(new ml.AttributionControl({ compact: false, customAttribution: "Boundaries: US Census Bureau" }), "bottom-right");
      m.getCanvas().setAttribute("aria-label", "Map of leads. Arrow keys move it, plus and minus zoom.");
      map.current = m;
      m.on("load", async () => {
        if (gone) return;
        setReady(true);
        const s = await states();
        if (gone) return;
        data(m, "states", s.shapes); data(m, "borders", s.lines); label();
        m.once("idle", () => !gone && setGround(true));
      });
      m.on("moveend", () => { look(); label(); });
      watch = new MutationObserver(() => setTimeout(() => map.current && repaint(map.current, colours(box.current)), 60));
      watch.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "data-theme", "style"] });
    })().catch((e) => { if (!gone) setFailed({ message: "The map could not start in this browser.", why: e.message }); });
    return () => { gone = true; watch?.disconnect(); stop.current?.abort(); map.current?.remove(); map.current = null; marks.current.clear(); };
  }, []);

  // Names of states and, nearer, of counties: plain text over the map, so that no font is fetched from anywhere.
  const label = useCallback(async () => {
    const m = map.current, ml = lib.current; if (!m) return;
    const z = m.getZoom(), near = z >= 7.5, from = near || z >= 5 ? await counties() : null, s = await states();
    if (!map.current) return;
    if (from) data(m, "counties", from.lines);
    for (const n of names.current) n.remove();
    const b = m.getBounds(), wanted = z < 3 ? [] : (near ? from : s).shapes.features, kept = [], taken = [];
    for (const f of wanted) f.mid ??= middle(f);
    for (const f of [...wanted].sort((one, other) => other.mid.size - one.mid.size)) { // the larger has its name first
      if (kept.length >= 60 || !b.contains(f.mid.at)) continue;
      const p = m.project(f.mid.at), half = f.properties.name.length * 3.6;
      if (taken.some((o) => Math.abs(o.x - p.x) < o.half + half && Math.abs(o.y - p.y) < 15)) continue;
      taken.push({ x: p.x, y: p.y, half });
      { const el = document.createElement("span"); el.className = "map-name" + (near ? " small" : ""); el.textContent = f.properties.name; el.setAttribute("aria-hidden", "true"); kept.push(new ml.Marker({ element: el }).setLngLat(f.mid.at).addTo(m)); }
    }
    names.current = kept;
  }, []);

  const edges = () => { const b = map.current.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((n) => n.toFixed(5)).join(","); };
  const look = useCallback(() => {
    const m = map.current; if (!m) return;
    stop.current?.abort(); const mine = (stop.current = new AbortController()), asked = live.current.query;
    setBusy(true);
    const q = new URLSearchParams(asked); q.set("view", edges()); q.set("zoom", m.getZoom().toFixed(2));
    call("GET", `${API}/marks?${q}`, undefined, { signal: mine.signal }).then((d) => { draw(d); setSeen(d); setFailed(null); setHeap(null); })
      .then(() => { if (grid) return { rows: [] }; q.set("limit", 50); return call("GET", `${API}/leads?${q}`, undefined, { signal: mine.signal }); }).then((d) => { setRows(d.rows); setBusy(false); })
      .catch((e) => { if (e.name !== "AbortError") { setFailed(e); setBusy(false); } });
  }, []);

  // Marks that stay are not drawn anew, so that a hover or a focus is not lost under the hand.
  const draw = useCallback((d) => {
    const m = map.current, fresh = new Set();
    for (const [cell, lat, lon, n, status, of, zip, last] of d.cells) {
      const key = [d.shift, cell, n, status, of, zip, last].join(), id = n === 1 ? last : undefined; fresh.add(key);
      if (marks.current.has(key)) continue;
      const [tone, word] = live.current.tones[status] || ["mute", status], el = document.createElement("button"), dot = document.createElement("span");
      el.type = "button"; el.className = "mark " + (n === 1 ? "one" : "heap"); el.dataset.tone = tone; el.dataset.cell = cell; el.dataset.n = n; if (id) el.dataset.lead = id; if (zip === n) el.dataset.zip = "1";
      el.setAttribute("aria-label", n === 1 ? `Lead, ${word}${zip ? ", at the middle of its ZIP" : ""}` : `${leads(n)}, ${of === n ? "all" : `${count(of)} of them`} ${word}${zip ? `, ${count(zip)} at the middle of their ZIP` : ""}`);
      el.title = el.getAttribute("aria-label");
      const size = n === 1 ? 22 : Math.min(58, 30 + 5 * Math.log10(n) * 1.6);
      dot.className = "dot"; dot.style.width = dot.style.height = size + "px";
      const figure = document.createElement("b"); figure.textContent = n === 1 ? word.slice(0, 2) : n >= 10000 ? Math.round(n / 1000) + "k" : count(n); dot.append(figure);
      if (n > 1) { const small = document.createElement("small"); small.textContent = word; dot.append(small); }
      el.append(dot);
      el.addEventListener("click", (e) => { e.stopPropagation(); pick({ cell, lat, lon, n, id, spot: last === true, shift: d.shift }); });
      for (const on of ["mouseenter", "focus"]) el.addEventListener(on, () => setHot({ cell, shift: d.shift, lead: id, from: "map" }));
      for (const off of ["mouseleave", "blur"]) el.addEventListener(off, () => setHot(null));
      marks.current.set(key, { el, cell, marker: new lib.current.Marker({ element: el }).setLngLat([lon, lat]).addTo(m) });
    }
    for (const [key, one] of marks.current) if (!fresh.has(key)) { one.marker.remove(); marks.current.delete(key); }
  }, []);

  const pick = useCallback((one) => {
    const m = map.current;
    if (one.n === 1 && one.id) { setOpen({ id: one.id, lat: one.lat, lon: one.lon }); return; }
    if (one.spot || m.getZoom() >= 17) { // no zoom parts them
      around(live.current.query, one, 100).then((d) => { setHeap({ n: one.n, rows: d.rows.filter((r) => cellAt(r.row.quadkey, one.shift) === one.cell) }); list.current?.focus(); }).catch(sayError);
      return;
    }
    m.easeTo({ center: [one.lon, one.lat], zoom: Math.min(19, m.getZoom() + 2.2), duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 350 });
  }, []);

  // The filter has changed: count anew; at first, and when an area is new, go there.
  useEffect(() => {
    if (!ready) return;
    const mine = new AbortController(); let done = false;
    call("GET", `${API}/totals?${query}`, undefined, { signal: mine.signal }).then((d) => {
      if (done) return;
      setTotals(d);
      if (fitted.current !== null) { look(); return null; }
      fitted.current = query;
      // The address may name an area: the map begins with it, else with the leads.
      return (area ? call("GET", `${API}/area?${new URLSearchParams({ area })}`, undefined, { signal: mine.signal }) : Promise.resolve(null)).then((a) => {
        const b = a?.west != null ? a : d.box;
        if (b) map.current.fitBounds([[b.west, b.south], [b.east, b.north]], { padding: 40, maxZoom: 13, duration: 0 });
        look();
      });
    }).catch((e) => { if (e.name !== "AbortError") { setFailed(e); setBusy(false); } });
    return () => { done = true; mine.abort(); };
  }, [query, ready]);
  useEffect(() => { const again = () => look(); addEventListener("lf:grid", again); return () => removeEventListener("lf:grid", again); }, []);
  useEffect(() => {
    if (!ready) return;
    const { drawn, fips } = readArea(area);
    if (!fips.length) { data(map.current, "area", drawn); return; }
    counties().then((c) => map.current && data(map.current, "area", [...drawn, ...c.shapes.features.filter((f) => fips.includes(f.id))]));
  }, [area, ready]);

  // Both ways: a row makes its mark grow, a mark lights its rows.
  const cellOf = (row) => cellAt(row.quadkey, seen?.shift ?? 0);
  useEffect(() => {
    for (const one of marks.current.values()) { const on = !!hot && one.cell === hot.cell && hot.shift === seen?.shift; one.el.dataset.hot = on ? "1" : "0"; one.el.style.zIndex = on ? 9 : ""; }
    if (hot?.from === "map") list.current?.querySelector("[data-hot='1']")?.scrollIntoView({ block: "nearest" });
    if (!grid || hot?.from === "list") return;
    const detail = { grid, at: hot && { cell: hot.cell, shift: hot.shift }, rows: 0 }; // the grid says how many rows it lit
    dispatchEvent(new CustomEvent("lf:mark", { detail }));
    setFar(!!hot && !detail.rows);
  }, [hot, seen, rows]);
  useEffect(() => {
    if (!grid) return;
    const h = ({ detail }) => detail.grid === grid && setHot(detail.row?.quadkey == null ? null : { cell: cellOf(detail.row), shift: seen?.shift, from: "list" });
    addEventListener("lf:row", h); return () => removeEventListener("lf:row", h);
  }, [grid, seen]);
  useEffect(() => () => { if (grid) dispatchEvent(new CustomEvent("lf:mark", { detail: { grid, at: null } })); }, [grid]);

  const apply = (more) => call("GET", `${API}/area?${new URLSearchParams({ area: joined(area, more) })}`).then((d) => { put(setSearch, d.shapes.map((s) => s.area).join("*")); return d; }).catch((e) => { say("error", e.message); });
  const drawn = (text) => { setMode(null); if (text) apply(text); };
  const jumpTo = (more) => apply(more).then((d) => { if (d?.west != null) map.current.fitBounds([[d.west, d.south], [d.east, d.north]], { padding: 56, maxZoom: 14, duration: 0 }); });
  const shown = heap ? heap.rows : rows || [], none = totals && totals.total === 0, empty = seen && seen.shown === 0 && !none;
  const link = (to) => to + (query ? "?" + query : "");
  const opened = (id) => { if (!grid) return "/leads?lead=" + id; const q = new URLSearchParams(search); q.set("lead", id); return "/leads?" + q; };

  return <div className={"mapbox" + (grid ? " beside" : "")} data-map data-busy={busy ? "1" : "0"} data-ready={ground && seen ? "1" : "0"} data-shown={seen?.shown ?? ""} data-shift={seen?.shift ?? ""} data-total={totals?.total ?? ""} data-nowhere={totals?.nowhere ?? ""}>
    <div className="map-tools">
      <Finder area={area} onPick={jumpTo} />
      <span className="row" role="group" aria-label="Draw an area">{Object.entries(DRAW).map(([kind, [name, d, hint]]) => <button key={kind} type="button" className="btn sm" aria-pressed={mode === kind} title={hint} onClick={() => setMode(mode === kind ? null : kind)} id={"draw-" + kind}><Sign d={d} /><span className="hide-s">{name}</span><span className="sr only-s">{name}</span></button>)}</span>
      {area && <button type="button" className="btn sm ghost" id="clear-area" onClick={() => put(setSearch, "")}>Clear areas</button>}
      {grid && <><span className="grow dim">{far ? "Further down the list" : seen ? <><span id="map-shown">{count(seen.shown)}</span> in view</> : null}</span><Link className="btn sm ghost" id="map-whole" to={link("/map")}>Whole map</Link></>}
    </div>
    <div className="map-main">
      <div ref={box} className="map-canvas" />
      {mode && <Drawing mode={mode} map={map.current} onDone={drawn} onCancel={() => setMode(null)} hint={DRAW[mode][2]} />}
      {failed && <div className="map-over" role="alert"><div className="empty"><b>{failed.message || "The map could not be loaded."}</b>{failed.correlation && <span className="dim">Reference {failed.correlation}</span>}<button type="button" className="btn soft" onClick={() => (map.current ? look() : location.reload())}>Try again</button></div></div>}
      {!failed && none && <div className="map-note"><b>{filtered ? "Nothing matches these filters" : "No leads yet"}</b><span className="dim">{filtered ? "Take a filter or an area away to see more." : canImport ? "Import a vendor's list; each lead is placed at once, at its ZIP where nothing better is known." : "They come with a vendor's list, once a member who may import brings one."}</span>{filtered ? <button type="button" className="btn soft sm" onClick={() => setSearch({})}>Clear filters</button> : canImport && <Link className="btn primary sm" to="/imports">Import a file</Link>}</div>}
      {!failed && empty && !busy && <div className="map-note"><b>No lead in this part of the map</b><span className="dim">{totals?.box ? "Your leads are elsewhere." : "None of these leads has a place."}</span>{totals?.box && <button type="button" className="btn soft sm" onClick={() => { const b = totals.box; map.current.fitBounds([[b.west, b.south], [b.east, b.north]], { padding: 56, maxZoom: 13, duration: 0 }); }}>Show all of them</button>}</div>}
      {open && <Card one={open} rows={shown} query={query} to={opened(open.id)} tones={tones} canChange={canChange} map={map} lib={lib} onClose={() => setOpen(null)} onMoved={() => { setOpen(null); look(); }} />}
      <Legend tones={tones} />
    </div>
    {(!grid || heap) && <aside className="map-side" aria-label="Leads on the map">
      {!grid && <div className="map-sum">
        <p><b id="map-count">{totals ? leads(totals.total) : "…"}</b> {area ? "in this area" : "match"}{seen ? <>, <span id="map-shown">{count(seen.shown)}</span> in view</> : null}</p>
        {seen?.by_zip > 0 && <p className="dim" id="map-by-zip">{count(seen.by_zip)} of these {seen.by_zip === 1 ? "is" : "are"} placed at the middle of {seen.by_zip === 1 ? "its" : "their"} ZIP</p>}
        {canGeocode && seen?.by_zip > 0 && <Geocode query={query} />}
        {totals?.nowhere > 0 && <p className="dim" id="map-nowhere">{leads(totals.nowhere)} without any place. <button type="button" className="textual" onClick={() => put(setSearch, "nowhere")}>Choose them</button></p>}
        <div className="row wrap">
          {!area && seen?.shown > 0 && <button type="button" className="btn sm soft" id="keep-view" onClick={() => { const b = map.current.getBounds(); apply(writeBox(b.getWest(), b.getSouth(), b.getEast(), b.getNorth())); }}>Keep to this view</button>}
          <Link className="btn sm" id="map-as-list" to={link("/leads")}>Show as list</Link>
          {canChange && totals?.total > 0 && <SaveList query={query} total={totals.total} />}
          {query && <SaveView query={query} />}
          {canCampaign && totals?.total > 0 && <Link className="btn sm" id="map-campaign" to={link("/campaigns/new")}>Build a campaign</Link>}
        </div>
      </div>}
      {heap && <div className="between map-heap"><span><b>{leads(heap.n)}</b> on one spot</span><button type="button" className="btn sm ghost" onClick={() => setHeap(null)}>{grid ? "Close" : "All in view"}</button></div>}
      <ul ref={list} className="map-rows" aria-label={heap ? "Leads on one spot" : "Leads in view"} tabIndex={-1}>
        {shown.map((r) => <Row key={r.row.id} r={r} tones={tones} hot={hot && hot.shift === seen?.shift && hot.cell === cellOf(r.row) && (!hot.lead || hot.lead === r.row.id)} onHover={(on) => setHot(on ? { cell: cellOf(r.row), shift: seen?.shift, lead: r.row.id, from: "list" } : null)} onOpen={() => setOpen({ id: r.row.id, lat: r.latitude, lon: r.longitude })} />)}
      </ul>
      {!heap && seen && shown.length > 0 && seen.shown > shown.length && <p className="dim map-more">The newest {count(shown.length)} of {count(seen.shown)} in view. Zoom in, or show all as a list.</p>}
    </aside>}
  </div>;
}

const VERDICT = { sendable: "ok", later: "warn", blocked: "bad" };
function Row({ r, tones, hot, onHover, onOpen }) {
  const { row } = r, [tone, word] = tones[row.status] || ["mute", row.status];
  return <li data-lead={row.id} data-hot={hot ? "1" : "0"} onMouseEnter={() => onHover(true)} onMouseLeave={() => onHover(false)}>
    <button type="button" onClick={onOpen} onFocus={() => onHover(true)} onBlur={() => onHover(false)}>
      <span className="between"><b>{[row.street, row.unit].filter(Boolean).join(" ") || "Address not known"}</b><span className="pill" data-tone={tone}><i />{word}</span></span>
      <span className="between dim"><span className="cut">{[row.city, row.state, row.zip5].filter(Boolean).join(", ")}</span>{r.precision === "zip" && <span title={EXACT.zip} className="nowrap">◌ ZIP</span>}</span>
      <span className="between"><span className="cut dim">{row.owner || "Owner not known"}</span><span className="pill" data-tone={VERDICT[row.contactable.verdict] || "mute"}><i />{row.contactable.label}</span></span>
    </button>
  </li>;
}

function Card({ one, rows, query, to, tones, canChange, map, lib, onClose, onMoved }) {
  const known = rows.find((r) => r.row.id === one.id), [got, setGot] = useState(null), [moving, setMoving] = useState(false), [at, setAt] = useState(null), box = useRef(null), pin = useRef(null);
  useEffect(() => { setGot(null); setMoving(false); setAt(null); if (!known) around(query, one, 100).then((d) => { const found = d.rows.find((r) => r.row.id === one.id); found ? setGot(found) : onClose(); }).catch((e) => { sayError(e); onClose(); }); box.current?.focus(); }, [one.id]);
  useEffect(() => {
    if (!moving) { pin.current?.remove(); pin.current = null; return; }
    pin.current = new lib.current.Marker({ draggable: true, color: "var(--accent-9)" }).setLngLat([one.lon, one.lat]).addTo(map.current);
    pin.current.on("dragend", () => { const p = pin.current.getLngLat().wrap(); setAt([p.lat, p.lng]); });
    return () => { pin.current?.remove(); pin.current = null; };
  }, [moving]);
  const { row, precision } = known || got || {};
  const pinAt = (place) => call(place ? "PUT" : "DELETE", `${API}/leads/${one.id}/pin`, place).then(() => { dispatchEvent(new CustomEvent("lf:grid")); });
  const send = (place) => {
    const back = precision === "pin" ? { latitude: one.lat, longitude: one.lon } : null;
    pinAt(place).then(() => { dispatchEvent(new CustomEvent("lf:toast", { detail: { kind: "success", text: place ? "Placed" : "The pin is gone", sub: place ? "No file and no geocoder moves it from there." : undefined, undo: () => pinAt(back).then(() => say("success", "Undone")).catch(sayError) } })); onMoved(); }).catch(sayError);
  };
  const [tone, word] = (row && tones[row.status]) || ["mute", ""];
  return <section ref={box} className="map-card card" aria-label="Lead" tabIndex={-1} data-lead={one.id} onKeyDown={(e) => { if (e.key === "Escape") { e.stopPropagation(); onClose(); } }}>
    <button type="button" className="btn ghost icon close" aria-label="Close" onClick={onClose}><Cross /></button>
    {row ? <><b className="wrap">{[row.street, row.unit].filter(Boolean).join(" ") || "Address not known"}</b><span className="dim">{[row.city, row.state, row.zip5].filter(Boolean).join(", ")}</span>
      <span>{row.owner || "Owner not known"}</span>
      <span className="row wrap"><span className="pill" data-tone={tone}><i />{word}</span><span className="pill" data-tone={VERDICT[row.contactable.verdict] || "mute"}><i />{row.contactable.label}</span></span>
      {row.contactable.reason && <small className="dim wrap">{row.contactable.reason}</small>}
      {precision && <small className="dim">{EXACT[precision]}</small>}
      {moving && <small>Drag the pin to where the house is{at ? ", then keep it." : "."}</small>}
      <span className="row wrap">
        <Link className="btn primary sm" to={to} id="map-open">Open</Link>
        {canChange && !moving && <button type="button" className="btn sm" id="map-move" onClick={() => setMoving(true)}>Move</button>}
        {moving && <button type="button" className="btn sm soft" id="map-keep" disabled={!at} onClick={() => send({ latitude: at[0], longitude: at[1] })}>Keep it here</button>}
        {canChange && precision === "pin" && !moving && <button type="button" className="btn sm ghost" id="map-unpin" onClick={() => send(null)}>Take the pin away</button>}
      </span></> : <span className="skel" style={{ width: "70%" }} />}
  </section>;
}

// The filter of an address, as our API takes it.
function filterOf(query) {
  const q = new URLSearchParams(query), filter = {};
  for (const k of new Set(q.keys())) filter[k] = SEVERAL.includes(k) ? q.getAll(k) : q.get(k);
  return filter;
}

// A button that asks for a name, and does something under it.
function Named({ id, label, what, most = 60, onName }) {
  const [on, setOn] = useState(false), [name, setName] = useState(""), [busy, setBusy] = useState(false);
  const go = (e) => { e.preventDefault(); setBusy(true); onName(name.trim()).then(() => { setOn(false); setName(""); }).catch(sayError).finally(() => setBusy(false)); };
  if (!on) return <button type="button" className="btn sm" id={id} onClick={() => setOn(true)}>{label}</button>;
  return <form className="row" onSubmit={go}><input className="in sm" autoFocus aria-label={what} id={id + "-name"} value={name} maxLength={most} placeholder={what} onChange={(e) => setName(e.target.value)} onKeyDown={(e) => { if (e.key === "Escape") setOn(false); }} /><button type="submit" className="btn sm primary" disabled={busy || !name.trim()}>Save</button></form>;
}

function SaveList({ query, total }) {
  const save = (name) => call("POST", "/api/v1/bulk", { leads: { filter: filterOf(query) }, change: { add_list: name } }).then((d) => {
    const done = d.state === "done";
    dispatchEvent(new CustomEvent("lf:toast", { detail: { kind: done ? "success" : "info", text: done ? `${leads(d.total)} on “${name}”` : `${leads(total)} on their way to “${name}”`, sub: done ? undefined : "Bulk edits shows how far it is.", undo: done ? `/api/v1/bulk/${d.id}/undo` : undefined } }));
    dispatchEvent(new CustomEvent("lf:jobs")); dispatchEvent(new CustomEvent("lf:lists"));
  });
  return <Named id="map-save" label="Save as a list" what="Name of the list" most={80} onName={save} />;
}

// The filter under a name, area included: a tab of the list of leads.
function SaveView({ query }) {
  const save = (name) => call("POST", "/api/v1/views", { name, content: { filter: filterOf(query) } }).then(() => { dispatchEvent(new Event("lf:pinned")); say("success", "View saved", "It stands over the list of leads, yours alone until you share it."); });
  return <Named id="map-view" label="Save as a view" what="Name of the view" onName={save} />;
}

// Sends addresses to a geocoder outside: says first how many, to whom and what of them.
function Geocode({ query }) {
  const [told, setTold] = useState(null), [busy, setBusy] = useState(false);
  const ask = (path, done) => { setBusy(true); call("POST", `${API}/geocoding${path}`, { leads: filterOf(query) }).then(done).catch(sayError).finally(() => setBusy(false)); };
  if (!told) return <button type="button" className="btn sm soft" id="geocode-ask" disabled={busy} onClick={() => ask("/quote", setTold)}>Place them at their houses…</button>;
  return <div className="stack tight map-ask" id="geocode-quote" role="group" aria-label="Send addresses out">
    {told.to_send ? <p><b>{count(told.to_send)} {told.to_send === 1 ? "address leaves" : "addresses leave"} this house</b>, to the {told.geocoder}: street, city, state and ZIP, and no name.{told.cost ? ` It costs $${(told.cost / 10000).toFixed(2)}.` : " It costs nothing."}</p> : <p>There is no address to send: each lead is placed, was asked about before, or has no street.</p>}
    <span className="row">{told.to_send > 0 && <button type="button" className="btn sm primary" id="geocode-send" disabled={busy} onClick={() => ask("", () => { setTold(null); say("ok", "Addresses are on their way", "The ring at the top shows how far it is."); })}>Send them</button>}<button type="button" className="btn sm ghost" onClick={() => setTold(null)}>{told.to_send ? "No" : "Close"}</button></span>
  </div>;
}

// A ZIP, a county, or a radius around either or around an address of one's own: everything that drawing does, by keys.
function Finder({ onPick }) {
  const [text, setText] = useState(""), [found, setFound] = useState(null), [at, setAt] = useState(0), [miles, setMiles] = useState(""), wait = useRef(null), box = useRef(null);
  const asked = useRef(""); // an answer to what was typed before is not shown
  const ask = (v) => { setText(v); asked.current = v; clearTimeout(wait.current); if (v.trim().length < 2) { setFound(null); return; } wait.current = setTimeout(() => call("GET", `${API}/find?${new URLSearchParams({ q: v })}`).then((d) => { if (asked.current === v) { setFound(d); setAt(0); } }).catch(sayError), 180); };
  const take = (one) => { if (!one) return; clearTimeout(wait.current); asked.current = ""; setText(""); setFound(null); onPick(miles || !one.area ? writeCircle(one.latitude, one.longitude, (Number(miles) || 1) * MILE) : one.area); };
  const keys = (e) => { if (!found) return; const n = found.length; if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); setAt((at + (e.key === "ArrowDown" ? 1 : n - 1)) % (n || 1)); } if (e.key === "Enter") { e.preventDefault(); take(found[at]); } if (e.key === "Escape") { e.stopPropagation(); setFound(null); } };
  return <div className="map-find" ref={box} onBlur={(e) => { if (!box.current.contains(e.relatedTarget)) setFound(null); }}>
    <label className="choice"><span>Within</span><select aria-label="Radius" id="map-miles" value={miles} onChange={(e) => setMiles(e.target.value)}><option value="">all of it</option>{MILES.map((m) => <option key={m} value={m}>{m} mi</option>)}</select></label>
    <input className="in sm" id="map-place" role="combobox" aria-expanded={!!found} aria-controls="map-found" aria-autocomplete="list" aria-activedescendant={found?.length ? "map-found-" + at : undefined} aria-label="ZIP, county, or address of a lead" placeholder="ZIP, county, or a lead's address" value={text} onChange={(e) => ask(e.target.value)} onKeyDown={keys} autoComplete="off" />
    {found && <ul id="map-found" role="listbox" aria-label="Places" className="map-found">{found.length ? found.map((one, i) => <li key={one.area + one.label + i} id={"map-found-" + i} role="option" aria-selected={i === at} onMouseDown={(e) => e.preventDefault()} onClick={() => take(one)} onMouseEnter={() => setAt(i)}><span className="cut">{one.label}</span><small className="dim">{one.kind === "lead" ? (miles || 1) + " mi around" : miles ? miles + " mi around" : one.kind === "zip" ? "ZIP" : "County"}</small></li>) : <li role="option" aria-selected="false" aria-disabled="true" className="dim">Nothing of that name. Only ZIPs, counties and your own leads are known here.</li>}</ul>}
  </div>;
}

// Catches the pointer while an area is drawn; the line is drawn in pixels and turned into degrees at its end.
function Drawing({ mode, map, onDone, onCancel, hint }) {
  const [points, setPoints] = useState([]), [to, setTo] = useState(null), el = useRef(null), held = useRef(null);
  useEffect(() => { el.current.focus(); }, [mode]);
  const at = (e) => { const r = el.current.getBoundingClientRect(); return { x: e.clientX - r.left, y: e.clientY - r.top }; };
  const deg = (p) => { const d = map.unproject([p.x, p.y]); return [d.lng, d.lat]; };
  const finish = (line) => {
    if (mode === "polygon") { const kept = simpler(line); onDone(kept.length > 2 ? writePolygon(kept.map(deg)) : null); return; }
    const a = line[0], b = line[line.length - 1];
    if (Math.hypot(a.x - b.x, a.y - b.y) < 6) { setPoints([]); setTo(null); return; }
    const p = deg(a), q = deg(b);
    onDone(mode === "box" ? writeBox(Math.min(p[0], q[0]), Math.min(p[1], q[1]), Math.max(p[0], q[0]), Math.max(p[1], q[1])) : writeCircle(p[1], p[0], Math.min(1e6, Math.max(10, apart(p, q)))));
  };
  const down = (e) => { if (e.button) return; e.preventDefault(); el.current.setPointerCapture?.(e.pointerId); const p = at(e); held.current = { start: p, moved: false }; if (mode !== "polygon") setPoints([p]); };
  const move = (e) => {
    const p = at(e), h = held.current; setTo(p);
    if (!h) return;
    if (!h.moved && Math.hypot(p.x - h.start.x, p.y - h.start.y) < 5) return;
    if (!h.moved) { h.moved = true; if (mode === "polygon") { h.line = [h.start]; } }
    if (mode === "polygon") { const last = h.line[h.line.length - 1]; if (Math.hypot(p.x - last.x, p.y - last.y) >= 4) { h.line.push(p); setPoints([...h.line]); } }
  };
  const up = (e) => {
    const h = held.current, p = at(e); held.current = null; if (!h) return;
    if (mode !== "polygon") { finish([h.start, p]); return; }
    if (h.moved) { finish(h.line); return; }
    const closes = points.length > 2 && Math.hypot(p.x - points[0].x, p.y - points[0].y) < 12;
    closes ? finish(points) : setPoints([...points, p]);
  };
  const keys = (e) => { if (e.key === "Escape") { e.stopPropagation(); onCancel(); } if (e.key === "Enter" && mode === "polygon" && points.length > 2) finish(points); if (e.key === "Backspace") setPoints(points.slice(0, -1)); };
  const a = points[0], line = to && points.length && !(held.current?.moved && mode === "polygon") ? [...points, to] : points;
  return <div ref={el} className="map-draw" role="application" aria-label={hint + ". Escape stops."} tabIndex={0} data-mode={mode} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={() => { held.current = null; setPoints([]); }} onKeyDown={keys} onDoubleClick={() => mode === "polygon" && points.length > 2 && finish(points.slice(0, -1))}>
    <svg aria-hidden="true" width="100%" height="100%">{a && to && mode === "box" && <rect x={Math.min(a.x, to.x)} y={Math.min(a.y, to.y)} width={Math.abs(a.x - to.x)} height={Math.abs(a.y - to.y)} />}{a && to && mode === "circle" && <circle cx={a.x} cy={a.y} r={Math.hypot(a.x - to.x, a.y - to.y)} />}{mode === "polygon" && line.length > 0 && <><path d={"M" + line.map((p) => `${p.x} ${p.y}`).join("L") + (line.length > 2 ? "Z" : "")} />{!held.current && points.map((p, i) => <circle key={i} className="corner" cx={p.x} cy={p.y} r="4" />)}</>}</svg>
    <span className="map-hint">{hint}. <kbd>Esc</kbd> stops.</span>
  </div>;
}

// The filters: beside the map, and on a phone folded up above it.
export function MapRail({ children }) {
  const box = useRef(null);
  useEffect(() => { const m = matchMedia("(max-width:760px)"), h = () => { if (box.current) box.current.open = !m.matches; }; h(); m.addEventListener("change", h); return () => m.removeEventListener("change", h); }, []);
  return <details ref={box} className="map-rail"><summary><Sign d="M3 5h18l-7 8v6l-4-2v-4z" />Filters</summary>{children}</details>;
}

function Legend({ tones }) {
  return <details className="map-legend"><summary>Marks</summary><ul>{Object.entries(tones).map(([k, [tone, word]]) => <li key={k}><span className="mark one" data-tone={tone}><span className="dot"><b>{word.slice(0, 2)}</b></span></span>{word}</li>)}<li><span className="mark one" data-zip="1" data-tone="mute"><span className="dot"><b>Ne</b></span></span>Dashed: at the middle of the ZIP</li><li><span className="mark heap" data-tone="info"><span className="dot"><b>38</b></span></span>Many: count, and what most of them are</li></ul></details>;
}
