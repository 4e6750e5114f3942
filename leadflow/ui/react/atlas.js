// The ground of the map: boundaries of the Census Bureau from our own server, and areas as an address holds them.
import statesUrl from "us-atlas/states-10m.json?url";
import countiesUrl from "us-atlas/counties-10m.json?url";
import { feature, mesh } from "topojson-client";

const loaded = {};
const load = (url, name) => (loaded[name] ??= fetch(url).then((r) => r.json()).then((t) => ({
  shapes: feature(t, t.objects[name]), lines: { type: "Feature", properties: {}, geometry: mesh(t, t.objects[name], (a, b) => a !== b) } })));
export const states = () => load(statesUrl, "states");
export const counties = () => load(countiesUrl, "counties");

// Where a name stands: the middle of the box around the largest part.
export function middle({ geometry }) {
  let best = null;
  for (const part of geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates) {
    const xs = part[0].map((p) => p[0]), ys = part[0].map((p) => p[1]), box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    const size = (box[2] - box[0]) * (box[3] - box[1]);
    if (!best || size > best.size) best = { size, at: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] };
  }
  return best;
}

// leadflow/kernel/area.py reads and writes the same.
const STEP = 1e5;
const plain = (n) => String(Math.round(n * STEP) / STEP);
export const writeBox = (w, s, e, n) => `box_${[w, s, e, n].map(plain).join("_")}`;
export const writeCircle = (lat, lon, metres) => `circle_${plain(lat)}_${plain(lon)}_${Math.round(metres)}`;
export function writePolygon(points) {
  let x = 0, y = 0, out = "polygon";
  for (const [lon, lat] of points) {
    const a = Math.round(lon * STEP), b = Math.round(lat * STEP);
    out += `_${(a - x).toString(36)}_${(b - y).toString(36)}`;
    x = a; y = b;
  }
  return out;
}

const ring = (points) => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...points, points[0]]] } });
const EARTH = 6371008.8, RAD = Math.PI / 180;
export const apart = (a, b) => 2 * EARTH * Math.asin(Math.sqrt(Math.sin(((b[1] - a[1]) * RAD) / 2) ** 2 + Math.cos(a[1] * RAD) * Math.cos(b[1] * RAD) * Math.sin(((b[0] - a[0]) * RAD) / 2) ** 2));
export function circle(lat, lon, metres) {
  const d = metres / EARTH, f = lat * RAD;
  return Array.from({ length: 72 }, (_, i) => {
    const turn = (i * Math.PI) / 36, y = Math.asin(Math.sin(f) * Math.cos(d) + Math.cos(f) * Math.sin(d) * Math.cos(turn));
    return [lon + Math.atan2(Math.sin(turn) * Math.sin(d) * Math.cos(f), Math.cos(d) - Math.sin(f) * Math.sin(y)) / RAD, y / RAD];
  });
}

// What is drawn of an area; counties go by their code, ZIPs have no line of their own.
export function readArea(text) {
  const drawn = [], fips = [];
  for (const part of (text || "").split("*")) {
    const [kind, ...w] = part.split("_"), n = w.map(Number);
    if (kind === "box") { const e = n[2] < n[0] ? n[2] + 360 : n[2]; drawn.push(ring([[n[0], n[1]], [e, n[1]], [e, n[3]], [n[0], n[3]]])); }
    if (kind === "circle") drawn.push(ring(circle(n[0], n[1], n[2])));
    if (kind === "county") fips.push(...w);
    if (kind === "polygon") {
      let x = 0, y = 0; const points = [];
      for (let i = 0; i + 1 < w.length; i += 2) { x += parseInt(w[i], 36); y += parseInt(w[i + 1], 36); points.push([x / STEP, y / STEP]); }
      if (points.length > 2) drawn.push(ring(points));
    }
  }
  return { drawn, fips };
}

// Douglas and Peucker, over pixels: leaves out what nobody sees, until the line has at most `most` points.
export function simpler(points, most = 120) {
  let keep = points, tolerance = 2;
  while (keep.length > most || tolerance === 2) { keep = thin(points, tolerance); tolerance *= 1.6; }
  return keep;
}
function thin(points, tolerance) {
  if (points.length < 3) return points;
  const [a, b] = [points[0], points[points.length - 1]], long = Math.hypot(b.x - a.x, b.y - a.y);
  let far = 0, at = 0;
  for (let i = 1; i < points.length - 1; i++) {
    const p = points[i], d = long ? Math.abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / long : Math.hypot(p.x - a.x, p.y - a.y);
    if (d > far) { far = d; at = i; }
  }
  if (far <= tolerance) return [a, b];
  return [...thin(points.slice(0, at + 1), tolerance).slice(0, -1), ...thin(points.slice(at), tolerance)];
}

// The colours of the page, light or dark, as the sheet has them.
export function colours(el) {
  const probe = document.createElement("i");
  probe.style.setProperty("transition", "none", "important"); // else it tells the colour from before
  el.append(probe);
  const of = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
  const found = { water: of("--map-water"), land: of("--map-land"), line: of("--map-line"), county: of("--map-county"), area: of("--map-area") };
  probe.remove();
  return found;
}

const EMPTY = { type: "FeatureCollection", features: [] };
export function style(c, tiles) {
  const source = (data = EMPTY) => ({ type: "geojson", data, tolerance: 0.2 });
  return { version: 8, sources: { states: source(), borders: source(), counties: source(), area: source(), ...(tiles?.url ? { tiles: { type: "raster", tiles: [tiles.url], tileSize: 256, attribution: tiles.attribution } } : {}) },
    layers: [
      { id: "water", type: "background", paint: { "background-color": c.water } },
      { id: "land", type: "fill", source: "states", paint: { "fill-color": c.land, "fill-antialias": false } },
      ...(tiles?.url ? [{ id: "tiles", type: "raster", source: "tiles", minzoom: 4 }] : []),
      { id: "county-lines", type: "line", source: "counties", minzoom: 5, paint: { "line-color": c.county, "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.4, 10, 1.2] } },
      { id: "state-lines", type: "line", source: "borders", paint: { "line-color": c.line, "line-width": ["interpolate", ["linear"], ["zoom"], 3, 0.8, 9, 2] } },
      { id: "area-fill", type: "fill", source: "area", paint: { "fill-color": c.area, "fill-opacity": 0.14 } },
      { id: "area-line", type: "line", source: "area", paint: { "line-color": c.area, "line-width": 2 } },
    ] };
}
export function repaint(map, c) {
  map.setPaintProperty("water", "background-color", c.water);
  map.setPaintProperty("land", "fill-color", c.land);
  map.setPaintProperty("county-lines", "line-color", c.county);
  map.setPaintProperty("state-lines", "line-color", c.line);
  map.setPaintProperty("area-fill", "fill-color", c.area);
  map.setPaintProperty("area-line", "line-color", c.area);
}
export const data = (map, name, features) => map.getSource(name)?.setData(Array.isArray(features) ? { type: "FeatureCollection", features } : features);
