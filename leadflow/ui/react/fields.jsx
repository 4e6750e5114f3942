// The organisation's own fields: the list of them in the settings, and what they hold at one lead.
import { useCallback, useEffect, useState } from "react";
import { toast } from "sonner";
import { call, say, sayError } from "$/public/external/leadflow/ui/react/http.js";

const KIND = { text: "Text", number: "Number", money: "Money", date: "Date", yes_no: "Yes or no", select: "One of several words", multi_select: "Several words", link: "Link" };
const lines = (t) => t.split("\n").map((x) => x.trim()).filter(Boolean);
const changed = () => dispatchEvent(new Event("lf:fields"));

export function FieldList() {
  const [fields, setFields] = useState(null), [headers, setHeaders] = useState([]), [kind, setKind] = useState("text"), [error, setError] = useState(null), [busy, setBusy] = useState(false), [edits, setEdits] = useState(null);
  const load = useCallback(() => { call("GET", "/api/v1/fields").then(setFields, sayError); call("GET", "/api/v1/fields/headers").then(setHeaders, () => {}); }, []);
  useEffect(() => { load(); }, [load]);
  const does = (f) => async (...x) => { try { await f(...x); load(); changed(); } catch (e) { sayError(e); } };
  const make = async (e) => {
    e.preventDefault();
    const form = e.currentTarget, d = Object.fromEntries(new FormData(form));
    setBusy(true); setError(null);
    try { await call("POST", "/api/v1/fields", { name: d.name, kind, options: d.options ? lines(d.options) : [], header: d.header || null }); form.reset(); setKind("text"); load(); changed(); say("success", "Field made", d.header ? "It is being filled with what files have brought." : "Show it by Columns on the list of leads."); } catch (x) { setError(x); }
    setBusy(false);
  };
  const keep = (f) => async (e) => { e.preventDefault(); const d = Object.fromEntries(new FormData(e.currentTarget)); await does(() => call("PATCH", `/api/v1/fields/${f.id}`, { name: d.name, header: d.header, ...(d.options !== undefined ? { options: lines(d.options) } : {}) }))(); setEdits(null); };
  const archive = (f) => does(async () => { await call("DELETE", `/api/v1/fields/${f.id}`); toast.success(`“${f.name}” archived`, { description: "Its values stay.", duration: 10000, action: { label: "Undo", onClick: does(() => call("POST", `/api/v1/fields/${f.id}/revive`)) } }); });
  const live = (fields || []).filter((f) => !f.archived_at), gone = (fields || []).filter((f) => f.archived_at);
  const move = (i, by) => does(async () => { const next = [...live], [one] = next.splice(i, 1); next.splice(i + by, 0, one); for (const [n, f] of next.entries()) if (f.position !== n + 1) await call("PATCH", `/api/v1/fields/${f.id}`, { position: n + 1 }); });
  const words = (k, given) => ["select", "multi_select"].includes(k) && <label className="field"><span className="label">Words to choose from, one a line</span><textarea className="in" name="options" rows={4} defaultValue={(given || []).join("\n")} required /></label>;
  const takes = (given) => <label className="field"><span className="label">Takes over the column</span><input className="in" name="header" list="field-headers" defaultValue={given || ""} placeholder="none" maxLength={200} /><span className="hint">Columns of imported files that no field of ours has. What a person wrote is never overwritten by a file.</span></label>;
  return <div className="stack">
    <datalist id="field-headers">{headers.map(([h, n]) => <option key={h} value={h}>{`${n.toLocaleString("en-US")} of the newest`}</option>)}</datalist>
    {live.length > 0 && <div className="card flush"><div className="t-wrap"><table className="t" id="own-fields" aria-label="Own fields"><thead><tr><th scope="col">Field</th><th scope="col">Holds</th><th scope="col">From the column</th><th scope="col"><span className="sr">Actions</span></th></tr></thead><tbody>
      {live.map((f, i) => edits === f.id ? <tr key={f.id}><td colSpan={4}><form className="stack narrow" onSubmit={keep(f)}><label className="field"><span className="label">Name</span><input className="in" name="name" defaultValue={f.name} maxLength={60} required autoFocus /></label>{words(f.kind, f.options)}{takes(f.header)}<div className="row"><button type="submit" className="btn primary sm">Keep</button><button type="button" className="btn sm" onClick={() => setEdits(null)}>Cancel</button></div></form></td></tr>
        : <tr key={f.id} data-field={f.name}><td><b>{f.name}</b></td><td>{KIND[f.kind]}{f.options.length > 0 && <span className="dim">: {f.options.join(", ")}</span>}</td><td className="dim">{f.header || "–"}</td>
          <td><div className="row"><button type="button" className="btn ghost icon sm" aria-label={`Move ${f.name} up`} disabled={i === 0} onClick={move(i, -1)}><svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" aria-hidden="true"><path d="M18 15l-6-6-6 6" /></svg></button><button type="button" className="btn ghost icon sm" aria-label={`Move ${f.name} down`} disabled={i === live.length - 1} onClick={move(i, 1)}><svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" aria-hidden="true"><path d="M6 9l6 6 6-6" /></svg></button><button type="button" className="btn sm" onClick={() => setEdits(f.id)}>Change</button><button type="button" className="btn sm" onClick={archive(f)}>Archive</button></div></td></tr>)}
    </tbody></table></div></div>}
    {fields && !live.length && <div className="empty"><b>No field of your own yet</b><span className="dim">A field stands at every lead: as a column, in filters, beside the lead, and filled by imports.</span></div>}
    <form className="card stack narrow" id="new-field" aria-label="Make a field" onSubmit={make}><h2>Make a field</h2>
      {error && <div className="banner" data-tone="bad" role="alert"><span>{error.message}</span></div>}
      <fieldset className="bare stack" disabled={busy}><label className="field"><span className="label">Name</span><input className="in" name="name" id="field-name" required maxLength={60} /></label>
        <label className="field"><span className="label">It holds</span><select className="in" id="field-kind" value={kind} onChange={(e) => setKind(e.target.value)}>{Object.entries(KIND).map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select><span className="hint">It cannot hold something else later.</span></label>
        {words(kind)}{takes()}<div><button type="submit" className="btn primary" id="make-field">Make field</button></div></fieldset></form>
    {gone.length > 0 && <div className="card stack"><h2>Archived</h2>{gone.map((f) => <div className="row" key={f.id}><span className="grow">{f.name} <span className="dim">{KIND[f.kind]}</span></span><button type="button" className="btn sm" onClick={does(() => call("POST", `/api/v1/fields/${f.id}/revive`))}>Bring back</button></div>)}</div>}
  </div>;
}

const money = (c) => (c < 0 ? "-$" : "$") + (Math.abs(c) / 100).toLocaleString("en-US", { maximumFractionDigits: 2 });
function shownAs(f, v) {
  if (v == null || v === "" || (Array.isArray(v) && !v.length)) return <span className="dim">–</span>;
  if (f.kind === "money") return money(v);
  if (f.kind === "number") return Number(v).toLocaleString("en-US", { maximumFractionDigits: 4 });
  if (f.kind === "yes_no") return v ? "Yes" : "No";
  if (f.kind === "date") return new Date(v + "T12:00").toLocaleDateString("en-US", { month: "short", day: "numeric", year: "numeric" });
  if (f.kind === "link") return <a href={v} target="_blank" rel="noreferrer noopener">{v.replace(/^https?:\/\//i, "")}</a>;
  return Array.isArray(v) ? v.join(", ") : v;
}
function OwnField({ lead, field, value, editable, onSaved }) {
  const [open, setOpen] = useState(false), [error, setError] = useState(""), [now, setNow] = useState(value);
  useEffect(() => setNow(value), [JSON.stringify(value)]);
  const save = async (given) => {
    setError("");
    if (JSON.stringify(given) === JSON.stringify(now ?? null)) { setOpen(false); return; }
    const before = now;
    setNow(given); setOpen(false);
    try { const row = await call("PUT", `/api/v1/leads/${lead}/cells/custom.${field.id}`, { value: given, seen: before ?? null }); setNow(row.fields[field.id]); onSaved(); } catch (e) { setNow(before); setError(e?.message || "It could not be saved."); setOpen(e?.status === 422); }
  };
  const submit = (e) => { e.preventDefault(); const d = new FormData(e.currentTarget), t = String(d.get("value") ?? "").trim(); save(field.kind === "multi_select" ? d.getAll("value").map(String) : t === "" ? null : field.kind === "yes_no" ? t === "yes" : field.kind === "money" ? Math.round(Number(t.replace(/[$,\s]/g, "")) * 100) || (Number(t.replace(/[$,\s]/g, "")) === 0 ? 0 : t) : t); };
  const put = { className: "in sm", name: "value", "aria-label": field.name, autoFocus: true, onKeyDown: (e) => { if (e.key === "Escape") { e.stopPropagation(); setOpen(false); } } };
  return <div data-own={field.name}><dt>{field.name}</dt><dd>{open ? <form className="own-form" onSubmit={submit}>
    {field.kind === "multi_select" ? <fieldset className="ticks"><div>{field.options.map((o) => <label className="tick-row" key={o}><input type="checkbox" name="value" value={o} defaultChecked={(now || []).includes(o)} /><span>{o}</span></label>)}</div></fieldset>
      : field.kind === "select" || field.kind === "yes_no" ? <select {...put} defaultValue={now == null ? "" : field.kind === "yes_no" ? (now ? "yes" : "no") : now}><option value="">–</option>{(field.kind === "yes_no" ? [["yes", "Yes"], ["no", "No"]] : field.options.map((o) => [o, o])).map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select>
      : <input {...put} type={field.kind === "date" ? "date" : field.kind === "link" ? "url" : "text"} inputMode={["money", "number"].includes(field.kind) ? "decimal" : undefined} maxLength={500} defaultValue={now == null ? "" : field.kind === "money" ? now / 100 : now} />}
    <button type="submit" className="btn primary sm">Save</button><button type="button" className="btn sm" onClick={() => setOpen(false)}>Cancel</button></form>
    : <>{shownAs(field, now)}{editable && <button type="button" className="btn ghost icon sm own-edit" aria-label={`Change ${field.name}`} onClick={() => { setError(""); setOpen(true); }}><svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d="M12 20h9M16.5 3.5a2.1 2.1 0 0 1 3 3L7 19l-4 1 1-4z" /></svg></button>}</>}
    {error && <span className="err" role="alert">{error}</span>}</dd></div>;
}
// fields: [{id, name, kind, options, value}], the value as JSON.
export function LeadFields({ lead, fields, editable, onSaved }) {
  const saved = () => { dispatchEvent(new Event("lf:grid")); onSaved?.(); };
  return <dl className="facts own">{fields.map((f) => <OwnField key={lead + f.id} lead={lead} field={f} value={JSON.parse(f.value || "null")} editable={editable} onSaved={saved} />)}</dl>;
}
