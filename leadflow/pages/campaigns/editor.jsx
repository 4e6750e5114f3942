// The message of a campaign: merge fields go in at the cursor; what is typed is told to the server as it rests, and on leaving.
import { useEffect, useLayoutEffect, useRef, useState } from "react";

export function Editor({ id, value, fields, disabled, label, onRest, onLeave }) {
  const [text, setText] = useState(value || ""), box = useRef(null), rest = useRef(null), caret = useRef(null), told = useRef(value || ""), live = useRef({});
  live.current = { text, onRest, onLeave };
  useEffect(() => { if (document.activeElement !== box.current) { setText(value || ""); told.current = value || ""; } }, [value]);
  useEffect(() => () => clearTimeout(rest.current), []);
  useEffect(() => { const el = box.current; if (el) { el.style.height = "auto"; el.style.height = Math.max(120, el.scrollHeight + 2) + "px"; } }, [text]);
  useLayoutEffect(() => { const at = caret.current; if (at == null) return; caret.current = null; box.current.focus(); box.current.setSelectionRange(at, at); }, [text]); // before the next key arrives
  const put = (next) => { setText(next); clearTimeout(rest.current); rest.current = setTimeout(() => live.current.onRest?.(next), 300); };
  const leave = () => { if (told.current === live.current.text) return; told.current = live.current.text; clearTimeout(rest.current); live.current.onLeave?.(live.current.text); };
  const insert = (name) => {
    const el = box.current, from = el.selectionStart ?? text.length, to = el.selectionEnd ?? text.length, word = `{{ ${name} }}`;
    caret.current = from + word.length;
    put(text.slice(0, from) + word + text.slice(to));
  };
  return <div className="editor">
    <div className="fields" role="group" aria-label="Put in a merge field">{(fields || []).map(([name, meaning]) => <button key={name} type="button" className="chip" disabled={disabled} title={meaning} data-field={name} onMouseDown={(e) => e.preventDefault()} onClick={() => insert(name)}>{name.replaceAll("_", " ")}</button>)}</div>
    <textarea ref={box} id={id} className="in" rows={5} maxLength={1600} aria-label={label} value={text} disabled={disabled} placeholder="Hi {{ first_name }}, this is Dana with {{ our_name }}. Would you consider an offer for {{ street }}? Reply STOP to end." onChange={(e) => put(e.target.value)} onBlur={leave} />
  </div>;
}
