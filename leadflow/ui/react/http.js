// The one way from this page to our API: same origin, our header, JSON, errors as objects, one quiet renewal of the session.
let renewing = null;

function renew() {
  renewing ??= fetch("/api/v1/auth/refresh", { method: "POST", credentials: "same-origin", headers: { "X-LF-Request": "1" } })
    .then((r) => r.ok, () => false).finally(() => setTimeout(() => (renewing = null), 1000));
  return renewing;
}

// A POST whose answer was lost is repeated with the same key, so that what it asks for is done once.
const unanswered = new Map();
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

export async function call(method, url, body, { signal, again = true } = {}) {
  const headers = { "X-LF-Request": "1", Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const same = `${method} ${url} ${body === undefined ? "" : JSON.stringify(body)}`;
  if (method === "POST") headers["Idempotency-Key"] = unanswered.get(same) || newKey();
  let r;
  try {
    r = await fetch(url, { method, headers, credentials: "same-origin", signal, body: body === undefined ? undefined : JSON.stringify(body) });
    unanswered.delete(same);
  } catch (e) {
    if (e.name === "AbortError") throw e;
    if (method === "POST") unanswered.set(same, headers["Idempotency-Key"]);
    throw { status: 0, code: "offline", message: "The server cannot be reached. Check the connection and try again." };
  }
  if (r.status === 401 && again && !url.startsWith("/api/v1/auth/")) {
    if (await renew()) return call(method, url, body, { signal, again: false });
    location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
  }
  const data = await r.json().catch(() => null);
  if (r.ok) return data;
  const e = data?.error || {};
  throw { status: r.status, code: e.code || "error", message: e.message || `The server answered ${r.status}.`, field: e.field,
    reasons: e.reasons, sentences: e.sentences, later_at: e.later_at, correlation: e.correlation_id || r.headers.get("x-correlation-id") };
}

// One file, raw. A session that has slept is renewed first: a refusal would come only after the whole file.
export async function sendFile(url, file) {
  await call("GET", "/api/v1/me");
  const headers = { "X-LF-Request": "1", "Idempotency-Key": newKey(), "X-Filename": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" };
  const r = await fetch(url, { method: "POST", credentials: "same-origin", body: file, headers }).catch(() => { throw { message: "The connection broke. Try again." }; });
  const data = await r.json().catch(() => null);
  if (r.ok) return data;
  throw { status: r.status, message: data?.error?.message || `The server answered ${r.status}.` };
}

export function say(kind, text, sub) {
  dispatchEvent(new CustomEvent("lf:toast", { detail: { kind, text, sub } }));
}

export function sayError(e) {
  if (e?.name === "AbortError") return;
  say("error", e?.message || "Something broke.", e?.correlation ? `Reference ${e.correlation}` : undefined);
}

// Like call, for acts that may ask for the password once more: it is asked for, and then the act goes on.
export async function act(method, url, body) {
  try {
    return await call(method, url, body);
  } catch (e) {
    if (e?.code !== "confirm_password") throw e;
    const confirmed = await new Promise((done) => dispatchEvent(new CustomEvent("lf:password", { detail: { done } })));
    if (!confirmed) throw { name: "AbortError" };
    return call(method, url, body);
  }
}

// What somebody has typed and not sent: kept by this browser until it is sent or they sign out. A private window keeps nothing.
const DRAFT = "lf:draft:";
export function draftOf(name) {
  try { return (name && localStorage.getItem(DRAFT + name)) || ""; } catch { return ""; }
}
export function keepDraft(name, text) {
  if (!name) return;
  try { if (text) localStorage.setItem(DRAFT + name, text); else localStorage.removeItem(DRAFT + name); } catch { /* private window */ }
}
export function forgetDrafts() {
  try { for (const key of Object.keys(localStorage)) if (key.startsWith(DRAFT)) localStorage.removeItem(key); } catch { /* private window */ }
}
