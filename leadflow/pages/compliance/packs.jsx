// Edit a rule pack: its text, what a change would do, its versions. A pack is larger than what a state may carry, so the text
// goes between this part and the API only.
import { useEffect, useState } from "react";
import { act, call, say } from "$/public/external/leadflow/ui/react/http.js";

const API = "/api/v1/compliance/packs";
const TONE = { stricter: "ok", looser: "bad", other: "warn", wording: "mute" };
const FIELDS = { closing_margin: [["minutes", "Minutes before closing"]], cap: [["count", "Contacts at most"], ["hours", "Within hours"]], scrub: [["max_age_days", "Days a look-up is good for"]], basis: [["months", "Months it holds"]], sensitivity: [["days", "Days"]], emergency: [["declared", "Declared"]], hours: [["weekday", "Monday to Friday"], ["saturday", "Saturday"], ["sunday", "Sunday"]] };
const plain = (v) => v == null ? "none" : Array.isArray(v) ? v.join(", ") || "none" : typeof v === "object" ? Object.entries(v).map(([k, x]) => `${k} ${x}`).join(", ") : String(v);
const Pill = ({ tone, children }) => <span className="pill" data-tone={tone}><i />{children}</span>;
const Fault = ({ error }) => error && <div role="alert" className="banner" data-tone="bad"><div><b>{error.message}</b>{(error.reasons || []).slice(1).map((r) => <div key={r}>{r}</div>)}</div></div>;

function Changes({ changes }) {
  if (!changes.length) return <p className="dim">Nothing differs.</p>;
  return <ul className="plain" id="changes">{changes.map((c) => <li key={c.key} data-key={c.key} data-leaning={c.leaning}><Pill tone={TONE[c.leaning]}>{c.leaning}</Pill> <b>{c.key}</b> {c.what}
    {c.what === "changed" && c.fields.map((f) => <div key={f.field} className="dim">{f.field.replaceAll("_", " ")}: {plain(f.before)} → {plain(f.after)}</div>)}</li>)}</ul>;
}

function Seen({ seen }) {
  const e = seen.effect;
  return <section className="card stack" id="preview" data-leaning={seen.leaning} aria-label="What it would change">
    <div className="between"><h2>What it would change</h2><Pill tone={TONE[seen.leaning]}>{seen.leaning}</Pill></div>
    <Changes changes={seen.changes} />
    <p id="touched" data-changed={e.changed}><b>{e.changed.toLocaleString()}</b> of {e.waiting.toLocaleString()} waiting texts would fare otherwise: {e.held.toLocaleString()} held, {e.freed.toLocaleString()} let go, {e.moved.toLocaleString()} until another instant.</p>
    {e.touched.length > 0 && <div className="scroll-y"><table className="t" aria-label="Texts it touches"><thead><tr><th scope="col">Person</th><th scope="col">Campaign</th><th scope="col">Now</th><th scope="col">Then</th></tr></thead>
      <tbody>{e.touched.map((t, i) => <tr key={i}><td>{t.person || t.phone}</td><td>{t.campaign}</td><td>{t.before}</td><td>{t.after}<div className="dim">{t.reasons_after.join(", ").replaceAll("_", " ")}</div></td></tr>)}</tbody></table></div>}
    {seen.withdrawn.map((n) => <p key={n}>Version {n}, which was to begin later, would be withdrawn.</p>)}
    {seen.conflicts.map((c, i) => <p key={i}>New disagreement, {c.jurisdiction} {c.kind.replaceAll("_", " ")}: {c.outcome}. {c.why}</p>)}
    {seen.drill.length > 0 && <div className="banner" data-tone={seen.drill.some((d) => d.case.weight === "law") ? "bad" : "warn"} id="drill-fails"><div><b>{seen.drill.length} cases of the drill would fail.</b>{seen.drill.slice(0, 8).map((d) => <div key={d.case.id}>{d.case.title}: {d.blame}</div>)}{seen.drill.some((d) => d.case.weight === "law") && <div>Nothing could be launched under these rules.</div>}</div></div>}
  </section>;
}

export function PackEditor({ name, may }) {
  const [text, setText] = useState(null), [pack, setPack] = useState(null), [seen, setSeen] = useState(null), [error, setError] = useState(null), [busy, setBusy] = useState(false);
  const [rows, setRows] = useState([]), [key, setKey] = useState(""), [reason, setReason] = useState(""), [day, setDay] = useState(""), [other, setOther] = useState(null);
  const work = (f) => async (e) => { e?.preventDefault?.(); setBusy(true); setError(null); try { await f(e); } catch (x) { if (x?.name !== "AbortError") setError(x); } setBusy(false); };
  const read = async () => {
    const found = await call("GET", `${API}/${name}`), all = await call("GET", `${API}?name=${name}&limit=200`);
    setText(found.yaml); setPack(found.pack); setRows(all.rows); setSeen(null); setKey(""); setReason(""); setDay("");
  };
  useEffect(() => { read().catch(setError); }, [name]);
  const look = async (yaml) => setSeen(await call("POST", `${API}/preview`, { yaml, effective_from: day || null }));
  const install = work(async () => {
    const made = await act("POST", API, { yaml: text, effective_from: day || null, reason, seen: seen.last });
    say("success", `Version ${made.version} is installed`, `Drill: ${made.drill_score} %`); await read();
  });
  const provision = pack?.content.provisions.find((p) => p.key === key);
  const change = work(async (e) => {
    const given = Object.fromEntries(new FormData(e.target)), fields = {};
    for (const [f] of FIELDS[provision.kind] || []) { if (provision.kind === "hours") fields.hours = { ...(fields.hours || {}), [f]: given[f] }; else if (f === "declared") fields.declared = given.declared === "true"; else fields[f] = Number(given[f]); }
    fields.reviewed_by = given.reviewed_by || null;
    const drafted = await call("POST", `${API}/${name}/provisions/${encodeURIComponent(key)}/draft`, { fields });
    setText(drafted.yaml); await look(drafted.yaml);
  });
  if (text === null) return <div className="stack"><Fault error={error} />{!error && <p className="dim" aria-busy="true">Reading …</p>}</div>;
  return <div className="stack" id="pack-editor" data-version={pack.version}>
    <Fault error={error} />
    {may && <section className="card stack"><h2>Change one provision</h2>
      <div className="field"><label htmlFor="provision">Provision</label><select id="provision" className="in" value={key} onChange={(e) => setKey(e.target.value)}><option value="">Choose one</option>{pack.content.provisions.filter((p) => FIELDS[p.kind]).map((p) => <option key={p.key} value={p.key}>{p.key}{p.confidence === "low" ? " (a lawyer must confirm)" : ""}</option>)}</select></div>
      {provision && <form key={key} className="stack tight" onSubmit={change} aria-label="Change one provision">
        <p className="dim">{provision.citation}. {provision.note}</p>
        <div className="row wrap">{FIELDS[provision.kind].map(([f, label]) => <div className="field" key={f}><label htmlFor={`f-${f}`}>{label}</label>{f === "declared" ? <select id={`f-${f}`} name={f} className="in" defaultValue={String(provision.declared)}><option value="false">No</option><option value="true">Yes</option></select> : <input id={`f-${f}`} name={f} className="in" required defaultValue={provision.kind === "hours" ? provision.hours[f] : provision[f]} />}</div>)}
          <div className="field"><label htmlFor="reviewed_by">Reviewed by</label><input id="reviewed_by" name="reviewed_by" className="in" defaultValue={provision.reviewed_by || ""} maxLength={200} /></div></div>
        <div><button type="submit" className="btn" disabled={busy} id="change-provision">Put it into the text and preview</button></div></form>}
    </section>}
    <section className="card stack"><div className="between"><h2>The whole pack</h2><span className="dim">Version {pack.version} is in force</span></div>
      <textarea id="pack-text" className="in code" rows={18} spellCheck={false} aria-label="The pack as YAML" value={text} readOnly={!may} onChange={(e) => { setText(e.target.value); setSeen(null); }} />
      {may && <div className="row wrap"><div className="field"><label htmlFor="effective">From (empty: at once)</label><input id="effective" type="date" className="in" value={day} onChange={(e) => { setDay(e.target.value); setSeen(null); }} /></div>
        <button type="button" className="btn primary" disabled={busy} id="preview-pack" onClick={work(() => look(text))}>Preview</button></div>}
    </section>
    {seen && <Seen seen={seen} />}
    {seen && seen.changes.length > 0 && <form className="card stack" onSubmit={install} aria-label="Install">
      <div className="field"><label htmlFor="reason">{seen.needs_reason ? "Why? It may allow more than before; the reason stays on record." : "Why (kept on record)"}</label><textarea id="reason" className="in" rows={2} maxLength={1000} required={seen.needs_reason} value={reason} onChange={(e) => setReason(e.target.value)} /></div>
      <div><button type="submit" className={`btn ${seen.needs_reason ? "danger" : "primary"}`} disabled={busy} id="install-pack">Install as the next version</button></div></form>}
    <section className="card stack"><h2>Versions</h2><div className="scroll-x"><table className="t" aria-label="Versions" id="versions"><thead><tr><th scope="col">Version</th><th scope="col">Counts</th><th scope="col">By</th><th scope="col">Why</th><th scope="col">Then and now</th></tr></thead>
      <tbody>{rows.map((r) => <tr key={r.version} data-version={r.version}><td>{r.version} <Pill tone={r.retired_at ? "mute" : "ok"}>{r.retired_at ? "Retired" : r.effective_from ? "Dated" : "Installed"}</Pill></td>
        <td>{new Date(r.installed_at).toLocaleDateString()}{r.effective_from ? `, from ${r.effective_from}` : ""}{r.effective_to ? ` to ${r.effective_to}` : ""}</td><td>{r.author || "LeadFlow"}</td><td>{r.reason}</td>
        <td className="nowrap"><button type="button" className="btn sm" aria-label={`Compare version ${r.version} with what is in force`} onClick={work(async () => setOther({ version: r.version, changes: await call("GET", `${API}/${name}/diff?before=${r.version}`) }))}>Compare</button> {may && r.version !== pack.version && <button type="button" className="btn sm" aria-label={`Restore version ${r.version}`} onClick={work(async () => { const old = await call("GET", `${API}/${name}?version=${r.version}`); setText(old.yaml); await look(old.yaml); })}>Restore</button>}</td></tr>)}</tbody></table></div>
      {other && <div aria-live="polite"><h3>From version {other.version} to what is in force</h3><Changes changes={other.changes} /></div>}
    </section>
  </div>;
}
