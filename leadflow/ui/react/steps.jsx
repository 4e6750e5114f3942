// Steps from the open record to its neighbours in the list that the address describes: buttons, and the keys j and k.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { call, say } from "$/public/external/leadflow/ui/react/http.js";
import { useAwake, useWords } from "$/public/external/leadflow/ui/react/address.jsx";

// Where each record stood when it was reached: it is left from there, though it may have left the list meanwhile.
const stood = new Map();

export function Steps({ api, params, openParam, path, one, inPath }) {
  // The open record stands in a word of the address, or behind the path.
  const [search] = useWords(), nav = useNavigate(), where = useLocation(), awake = useAwake(), id = (inPath ? awake && where.pathname.slice(path.length + 1) : search.get(openParam)) || "", [around, setAround] = useState(null), wanted = useRef(0);
  const list = useMemo(() => { const q = new URLSearchParams(); for (const k of [...params, "sort", "dir"]) for (const v of search.getAll(k)) if (v) q.append(k, v); return q.toString(); }, [search, params]);
  const look = useCallback(async () => {
    const mine = ++wanted.current;
    if (!id) { setAround(null); return null; }
    const q = new URLSearchParams(list), mark = stood.get(id + list);
    q.set("lead_id", id);
    if (mark) q.set("mark", mark);
    try {
      const found = await call("GET", `${api}/steps?${q}`);
      stood.set(id + list, found.here);
      for (const s of [found.previous, found.next]) if (s) stood.set(s.id + list, s.mark);
      if (mine === wanted.current) setAround({ id, ...found });
      return found;
    } catch { if (mine === wanted.current) setAround(null); return null; }
  }, [api, id, list]);
  useEffect(() => { setAround(null); look(); }, [look]);
  useEffect(() => {
    // By the address as it is now: a record that was just removed is left, though this was not drawn anew yet.
    const again = () => { if ((inPath ? location.pathname.slice(path.length + 1) : new URLSearchParams(location.search).get(openParam)) === id) look(); };
    addEventListener("lf:grid", again);
    return () => removeEventListener("lf:grid", again);
  }, [look, id, inPath, path, openParam]);
  const go = useCallback(async (way) => {
    const known = around?.id === id ? around : await look();
    const to = known?.[way];
    if (!known) return;
    if (!to) { say("info", way === "next" ? `That is the last ${one} of this list.` : `That is the first ${one} of this list.`); return; }
    const q = new URLSearchParams(location.search);
    q.delete("before"); // where the other's timeline was turned to
    if (!inPath) q.set(openParam, to.id);
    nav(`${path}${inPath ? "/" + to.id : ""}?${q}`, { replace: true, preventScrollReset: true });
  }, [around, id, look, nav, openParam, path, one, inPath]);
  useEffect(() => {
    if (!id) return;
    const d = (e) => { e.preventDefault(); go("next"); }, u = (e) => { e.preventDefault(); go("previous"); };
    addEventListener("lf:down", d); addEventListener("lf:up", u);
    return () => { removeEventListener("lf:down", d); removeEventListener("lf:up", u); };
  }, [id, go]);
  const end = (way) => around?.id === id && !around[way];
  const b = (way, label, key, d) => <button type="button" className="btn ghost icon sm" data-step={way} aria-label={`${label} ${one}`} title={end(way) ? `No ${label.toLowerCase()} ${one} in this list` : `${label} ${one} (${key})`} aria-disabled={!!end(way)} onClick={() => go(way)}><svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={d} /></svg></button>;
  return <span className="step-pair">{b("previous", "Previous", "k", "M18 15l-6-6-6 6")}{b("next", "Next", "j", "M6 9l6 6 6-6")}</span>;
}
