// The list and, where somebody wants it, the map beside it. Nothing of the map is fetched before it is asked for.
import { Suspense, lazy, useEffect, useSyncExternalStore } from "react";
import { useAwake, useWords } from "$/public/external/leadflow/ui/react/address.jsx";

const LeadMap = lazy(() => import("$/public/external/leadflow/ui/react/map.jsx").then((m) => ({ default: m.LeadMap }), () => ({ default: Unreachable })));
const Unreachable = () => <div className="mapbox empty" role="alert"><b>The map could not be fetched.</b><button type="button" className="btn soft" onClick={() => location.reload()}>Try again</button></div>;
const Waiting = () => <div className="mapbox" aria-busy="true" />;

// Whether the map is shown: the address says so, else what this browser remembers.
const KEPT = "lf:map-beside", hearers = new Set();
let wanted = null; // where a private window keeps nothing
const remembered = () => { try { return (localStorage.getItem(KEPT) ?? wanted) === "1"; } catch { return wanted === "1"; } };
function remember(on) {
  wanted = on ? "1" : "0";
  try { localStorage.setItem(KEPT, wanted); } catch { /* private window */ }
  for (const hear of hearers) hear();
}
const useRemembered = () => useSyncExternalStore((hear) => { hearers.add(hear); return () => hearers.delete(hear); }, remembered, () => false);
function useBeside() {
  const [search, setSearch] = useWords(), awake = useAwake(), kept = useRemembered(), on = awake && (search.get("map") ? search.get("map") === "1" : kept);
  const set = (next) => { remember(next); setSearch((p) => { const q = new URLSearchParams(p); next ? q.set("map", "1") : q.delete("map"); return q; }, { replace: true, preventScrollReset: true }); };
  return [on, set];
}

// The button of the list's head, and its key.
export function MapToggle() {
  const [on, set] = useBeside();
  useEffect(() => { const h = (e) => { e.preventDefault(); set(!on); }; addEventListener("lf:map", h); return () => removeEventListener("lf:map", h); }, [on]);
  return <button type="button" className="btn" id="map-beside" aria-pressed={on} title={on ? "The list alone (m)" : "The map beside the list (m)"} onClick={() => set(!on)}><svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d="M9 4 3 6v14l6-2 6 2 6-2V4l-6 2zM9 4v14M15 6v14" /></svg>Map</button>;
}

// `ready`: the settings are known, so that tiles are asked for where they are meant to be.
export function MapBeside({ ready, children, ...map }) {
  const [on] = useBeside();
  return <div className="split" data-on={on ? "1" : "0"}>{children}{on && (ready ? <Suspense fallback={<Waiting />}><LeadMap {...map} /></Suspense> : <Waiting />)}</div>;
}
