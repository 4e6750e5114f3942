// To whom new leads go in turn, and who is away: made, changed, put in order, taken away, each with its undo.
import { useCallback, useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { call, sayError } from "$/public/external/leadflow/ui/react/http.js";
import { When } from "$/public/external/leadflow/ui/react/address.jsx";

const AT = "/api/v1/assignment";
const AWAY = [["", "Change…"], ["0", "Is here"], ["1", "Away for a day"], ["3", "Away for 3 days"], ["7", "Away for a week"], ["14", "Away for 2 weeks"], ["until", "Away until a day…"]];
const PARTS = [["source", "Only from the source"], ["list_name", "Only on the list"], ["county", "Only in the county"]];
const inputOf = (rule) => ({ name: rule.name, source: rule.source, list_name: rule.list_name, county: rule.county, position: rule.position, active: rule.active, members: rule.turns.map((t) => t.user_id) });
const about = (r) => { const parts = [r.source && `from ${r.source}`, r.list_name && `on the list ${r.list_name}`, r.county && `in ${r.county} County`].filter(Boolean); return parts.length ? `New leads ${parts.join(", ")}` : "All new leads"; };
const done = (text, sub, undo) => toast.success(text, { description: sub, duration: 10000, action: undo && { label: "Undo", onClick: undo } });
const Arrow = ({ up }) => <svg width="12" height="12" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" aria-hidden="true"><path d={up ? "M18 15l-6-6-6 6" : "M6 9l6 6 6-6"} /></svg>;
const Move = ({ what, up, off, go }) => <button type="button" className="btn ghost icon sm" aria-label={`Move ${what} ${up ? "up" : "down"}`} disabled={off} onClick={go}><Arrow up={up} /></button>;
const swapped = (all, i, by) => { const next = [...all], [one] = next.splice(i, 1); next.splice(i + by, 0, one); return next; };

// Members in turn: who is ticked stands in the order in which turns come; whoever is ticked later comes last.
function Members({ known, chosen, set, fault }) {
  const names = Object.fromEntries(known.map((m) => [m.user_id, m.name])), box = useRef(null), still = useRef("");
  useEffect(() => { if (still.current) box.current?.querySelector(`[data-turn="${still.current}"] button:not(:disabled)`)?.focus(); still.current = ""; }, [chosen]);
  const move = (i, by) => () => { still.current = chosen[i]; set(swapped(chosen, i, by)); };
  const tick = (id) => () => set(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return <fieldset ref={box} className="bare stack tight" aria-describedby={fault ? "members-fault" : undefined}><legend>Members, in turn</legend>
    {chosen.map((id, i) => <div className="row turn" key={id} data-turn={id}><label className="check grow"><input type="checkbox" name="members" value={id} checked onChange={tick(id)} /><span>{i + 1}. {names[id] || "A member who has left"}</span></label>
      <Move what={names[id] || "the member"} up off={i === 0} go={move(i, -1)} /><Move what={names[id] || "the member"} off={i === chosen.length - 1} go={move(i, 1)} /></div>)}
    {known.filter((m) => !chosen.includes(m.user_id)).map((m) => <label className="check" key={m.user_id}><input type="checkbox" name="members" value={m.user_id} checked={false} onChange={tick(m.user_id)} /><span>{m.name}</span></label>)}
    {fault && <span className="err" role="alert" id="members-fault">{fault}</span>}</fieldset>;
}

function RuleForm({ rule, known, onKeep, onCancel, id }) {
  const [chosen, setChosen] = useState(() => (rule ? rule.turns.map((t) => t.user_id) : [])), [error, setError] = useState(null), [busy, setBusy] = useState(false), form = useRef(null), key = rule?.id || "new";
  const submit = async (e) => {
    e.preventDefault();
    const d = Object.fromEntries(new FormData(form.current));
    for (const el of form.current.elements) el.removeAttribute("aria-invalid");
    if (!chosen.length) { setError({ field: "members", message: "Choose at least one member: leads go to the members in turn." }); form.current.querySelector("[name=members]")?.focus(); return; }
    setBusy(true); setError(null);
    try { await onKeep({ name: d.name, source: d.source, list_name: d.list_name, county: d.county, members: chosen }); if (!rule) { form.current.reset(); setChosen([]); } } catch (x) {
      setError(x);
      const el = form.current.elements[x.field] || form.current.elements.name;
      if (x.field !== "members") { el?.setAttribute?.("aria-invalid", "true"); el?.focus?.(); }
    }
    setBusy(false);
  };
  return <form ref={form} id={id} className={rule ? "stack narrow" : "card stack narrow"} aria-label={rule ? `Change the rule ${rule.name}` : "Make a rule"} aria-busy={busy} onSubmit={submit}
    onKeyDown={(e) => { if (rule && e.key === "Escape") { e.stopPropagation(); onCancel(); } }}>
    {!rule && <h2>Make a rule</h2>}
    {error && error.field !== "members" && <div role="alert" className="banner" data-tone="bad"><span>{error.message}{error.correlation && error.status >= 500 ? <small> Reference {error.correlation}</small> : null}</span></div>}
    <div className="field"><label htmlFor={`${key}-name`}>Name</label><input className="in" id={`${key}-name`} name="name" required maxLength={80} defaultValue={rule?.name} placeholder={rule ? undefined : "as: Dallas County"} autoFocus={!!rule} /></div>
    <Members known={known} chosen={chosen} set={setChosen} fault={error?.field === "members" ? error.message : ""} />
    {PARTS.map(([name, label]) => <div className="field" key={name}><label htmlFor={`${key}-${name}`}>{label}</label><input className="in" id={`${key}-${name}`} name={name} maxLength={200} list={`known-${name}`} placeholder="any" defaultValue={rule?.[name]} /></div>)}
    <div className="row"><button type="submit" className="btn primary" id={rule ? undefined : "make-rule"} disabled={busy}>{rule ? "Keep" : "Make the rule"}</button>{rule && <button type="button" className="btn" onClick={onCancel}>Cancel</button>}</div></form>;
}

function Sure({ rule, onYes, onNo }) {
  const box = useRef(null);
  useEffect(() => box.current.showModal(), []);
  return <dialog ref={box} className="lf-dialog native" aria-labelledby="sure-rule" onCancel={onNo}><h2 id="sure-rule">Delete the rule “{rule.name}”?</h2><p>New leads do not go by it any more. Leads that it gave stay with whom they are; how many it gave to whom is forgotten. To stop it for a while, turn it off.</p>
    <div className="row end"><button type="button" className="btn" onClick={onNo}>Keep it</button><button type="button" className="btn danger" data-sure="1" onClick={onYes}>Delete</button></div></dialog>;
}

function Rule({ rule, known, first, last, does, move }) {
  const [sure, setSure] = useState(false), [editing, setEditing] = useState(null), change = useRef(null), was = useRef(null);
  useEffect(() => { if (was.current && !editing) change.current?.focus(); was.current = editing; }, [editing]);
  const put = (body, seen) => call("PUT", `${AT}/rules/${rule.id}`, { ...body, turns: "as_given", seen });
  // What is undone goes back to what it was before, whatever has become of it.
  const backTo = (before) => does(() => put(inputOf(before), null));
  const keep = async (given) => { const before = editing; await put({ ...inputOf(before), ...given }, before.changed_at); setEditing(null); await does(() => {})(); done("Rule kept", "New leads go by it from now on.", backTo(before)); };
  const turn = does(async () => { await put({ ...inputOf(rule), active: !rule.active }, rule.changed_at); done(rule.active ? "Rule turned off" : "Rule turned on", rule.active ? "The next rules take its leads." : "New leads go by it from now on.", backTo(rule)); });
  const remove = does(async () => { setSure(false); await call("DELETE", `${AT}/rules/${rule.id}`); done("Rule deleted", "Leads that it gave stay with whom they are."); });
  if (editing) return <li data-rule={rule.name}><RuleForm rule={editing} known={known} onKeep={keep} onCancel={() => setEditing(null)} /></li>;
  const here = rule.turns.filter((t) => t.available), absent = rule.turns.filter((t) => !t.available);
  return <li data-rule={rule.name} data-active={rule.active ? "1" : "0"}><div className="row wrap"><div style={{ flex: "1 1 240px" }}>
    <div className="row wrap"><b>{rule.name}</b>{!rule.active && <span className="pill" data-tone="mute"><i />Off</span>}</div><div className="dim">{about(rule)}</div>
    <div className="wrap">Next: {here.length ? here.map((t) => `${t.name} (${t.given.toLocaleString("en-US")})`).join(" → ") : "Nobody is here"}</div>
    {absent.length > 0 && <div className="dim wrap">Passed by: {absent.map((t) => t.name).join(", ")}</div>}</div>
    <div className="row wrap"><Move what={rule.name} up off={first} go={() => move(-1)} /><Move what={rule.name} off={last} go={() => move(1)} />
      <button type="button" className="btn sm" aria-label={`Turn the rule ${rule.name} ${rule.active ? "off" : "on"}`} onClick={turn}>{rule.active ? "Turn off" : "Turn on"}</button>
      <button type="button" className="btn sm" ref={change} aria-label={`Change the rule ${rule.name}`} onClick={() => setEditing(rule)}>Change</button>
      <button type="button" className="btn sm" aria-label={`Delete the rule ${rule.name}`} onClick={() => setSure(true)}>Delete</button></div></div>
    {sure && <Sure rule={rule} onYes={remove} onNo={() => setSure(false)} />}</li>;
}

function Member({ one, does }) {
  const [day, setDay] = useState(false), put = (what) => call("PUT", `${AT}/members/${one.user_id}`, what);
  const say = (away) => done(away ? `${one.name} is away` : `${one.name} is here`, away ? "Turns pass by." : "Turns come again.", does(() => put({ away_until: one.away_until })));
  const note = (what) => does(async () => { await put(what); setDay(false); say("days" in what || "away_until" in what); })();
  const pick = (e) => { const v = e.target.value; if (v === "until") setDay(true); else if (v) note(v === "0" ? {} : { days: Number(v) }); };
  const chosen = (e) => { e.preventDefault(); const v = new FormData(e.currentTarget).get("day"); if (v) note({ away_until: new Date(`${v}T00:00`).toISOString() }); };
  return <tr data-member={one.name}><td><b>{one.name}</b></td><td>{one.away_until ? <>away until <When at={one.away_until} kind="when" /></> : <span className="dim">here</span>}</td>
    <td>{day ? <form className="row" onSubmit={chosen} onKeyDown={(e) => { if (e.key === "Escape") { e.stopPropagation(); setDay(false); } }}><input type="date" className="in sm" name="day" aria-label={`First day on which ${one.name} is back`} required autoFocus /><button type="submit" className="btn primary sm">Keep</button><button type="button" className="btn sm" onClick={() => setDay(false)}>Cancel</button></form>
      : <select className="in sm" value="" aria-label={`Is ${one.name} here?`} onChange={pick}>{AWAY.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select>}</td></tr>;
}

export function Assignment() {
  const [rules, setRules] = useState(null), [members, setMembers] = useState([]), [known, setKnown] = useState({}), [fault, setFault] = useState(null);
  const load = useCallback(async () => { try { const [r, m] = await Promise.all([call("GET", `${AT}/rules`), call("GET", `${AT}/members`)]); setRules(r); setMembers(m); setFault(null); } catch (e) { if (e?.name !== "AbortError") setFault(e); } }, []);
  useEffect(() => {
    load();
    for (const [name, from] of [["source", "/api/v1/leads/choices?field=source"], ["county", "/api/v1/leads/choices?field=county"], ["list_name", "/api/v1/leads/lists"]])
      call("GET", from).then((found) => setKnown((k) => ({ ...k, [name]: found.map((one) => one.name ?? one) })), () => {});
  }, [load]);
  const does = (f) => async () => { try { await f(); } catch (e) { sayError(e); } await load(); };
  const make = async (given) => { await call("POST", `${AT}/rules`, { ...given, position: Math.min(1000, 1 + Math.max(-1, ...rules.map((r) => r.position))) }); await load(); done("Rule made", "New leads go by it from now on."); };
  const order = (ids) => call("PUT", `${AT}/order`, { rules: ids });
  const move = (i) => (by) => { const before = rules.map((r) => r.id), after = swapped(rules, i, by); setRules(after); does(async () => { await order(after.map((r) => r.id)); done("Order kept", "The first rule that fits a lead takes it.", does(() => order(before))); })(); };
  if (fault) return <div className="empty" role="alert"><b>The rules could not be read</b><span className="dim">{fault.message}{fault.correlation && ` Reference ${fault.correlation}`}</span><button type="button" className="btn soft" onClick={load}>Try again</button></div>;
  if (!rules) return <div className="card stack" aria-hidden="true"><span className="skel" style={{ width: "62%" }} /><span className="skel" style={{ width: "80%" }} /></div>;
  return <>
    {Object.entries(known).map(([name, all]) => <datalist key={name} id={`known-${name}`}>{all.map((one) => <option key={one} value={one} />)}</datalist>)}
    <section className="card stack"><h2>Who gets new leads</h2>{rules.length > 0 ? <ul className="plain lines" id="assignment-rules">{rules.map((r, i) => <Rule key={r.id} rule={r} known={members} first={i === 0} last={i === rules.length - 1} does={does} move={move(i)} />)}</ul>
      : <div className="empty"><b>No rule yet</b><span className="dim">New leads are nobody's until somebody gives them out.</span></div>}
      {rules.length > 1 && <p className="dim">The first rule that fits a lead and has somebody here takes it.</p>}</section>
    <RuleForm known={members} onKeep={make} id="rule-form" />
    <section className="card stack"><h2>Who is here</h2><div className="t-wrap"><table className="t" aria-label="Members who work on leads"><thead><tr><th scope="col">Member</th><th scope="col"><span className="sr">State</span></th><th scope="col"><span className="sr">Change</span></th></tr></thead><tbody>{members.map((m) => <Member key={m.user_id} one={m} does={does} />)}</tbody></table></div></section>
  </>;
}
