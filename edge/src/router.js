// @ts-check
/**
 * The edge of SMP: picks the one cluster that may serve a request and passes the request on (M§14.5), or says that
 * this cluster is not available (M§14.6). It never tries a second cluster: personal data has one home.
 *
 * This file is deployed as it stands, and the tests run it as it stands: one module, no build, no dependency.
 * What it decides, and why, is in docs/edge-decisions.md.
 */

/**
 * Bindings. All of them are text, so that a change is one configuration update.
 * @typedef {object} Env
 * @property {string} [ROUTING] JSON: `{clusters: {<name>: {origin, wsOrigin?, state}}, countries, colos, default, timeoutMs?}`.
 * @property {string} [JWKS] A JSON Web Key Set (RFC 7517) with the RS256 public keys that sign SMP's access tokens.
 * @property {string} [SESSION_KEY] Secret, 32 characters or more: signs the session cookie. Without it there are no sessions.
 * @property {string} [ENVIRONMENT] `dev`, `staging` or `prod`: keeps the cookies of the environments apart under one domain.
 */

/** @typedef {"jwt" | "session" | "country" | "colo" | "default"} Route which rule decided; the value of `x-smp-route` */
/** @typedef {"maintenance" | "misconfigured" | "unreachable" | "timeout" | "origin-error"} Reason why a cluster does not serve */
/** @typedef {{origin: string, wsOrigin: string, state: "serving" | "maintenance" | "misconfigured"}} Cluster */
/** @typedef {{clusters: Map<string, Cluster>, countries: Map<string, string>, colos: Map<string, string>, fallback: string, timeoutMs: number, mapping: string}} Routing */
/** @typedef {{cluster: string, expires: number}} Session `expires` in seconds since 1970 */
/** @typedef {{country: string, notBefore: number, expires: number}} Claims times in seconds since 1970 */
/** @typedef {{cluster: string, route: Route, cookie: string | undefined}} Decision */

/** The cluster of a request that no usable mapping covers. It has no origin, so nothing is ever sent there. */
const NOWHERE = "none";

const TOKEN_MAX_LENGTH = 8192;
const CLOCK_LEEWAY_SECONDS = 30;
const VERIFIED_TOKENS_KEPT = 1000;

const SESSION_SECONDS = 24 * 3600;
const SESSION_EXPIRY_STEP_SECONDS = 3600;
const SESSION_KEY_MIN_LENGTH = 32;

const DEFAULT_TIMEOUT_MS = 30_000;
const SLOWEST_UPLOAD_BYTES_PER_MS = 16;
const RETRY_AFTER_SECONDS = { maintenance: 300, other: 30 };

/** @type {Decision} */
const UNDECIDED = { cluster: NOWHERE, route: "default", cookie: undefined };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * A request as the router sees it. Its headers are read once: each look into the runtime's own costs more.
 * @typedef {object} Visit
 * @property {Request} request
 * @property {Map<string, string>} headers names in lower case
 * @property {Env} env
 * @property {string} scheme `https`
 * @property {string} host `api.smp.vn`
 * @property {string} path with the query
 * @property {number} now seconds since 1970
 */

export default {
  /** @param {Request} request @param {Env} env @returns {Promise<Response>} */
  async fetch(request, env) {
    const [, scheme = "https", host = "", path = "/"] = /^(\w+):\/\/([^/?#]*)(.*)$/s.exec(request.url) ?? [];
    const headers = new Map([...request.headers]);
    const visit = { request, headers, env, scheme, host, path, now: Math.floor(Date.now() / 1000) };
    try {
      return await serve(visit);
    } catch {
      // Not reached by any known input. The error is not logged: its text could quote the request.
      console.error("edge: unexpected failure");
      return unavailable(visit, UNDECIDED, "misconfigured");
    }
  },
};

/** @param {Visit} visit @returns {Promise<Response>} */
async function serve(visit) {
  const { request, headers, host } = visit;
  const routing = routingOf(visit.env.ROUTING);
  if (!routing) return unavailable(visit, UNDECIDED, "misconfigured");
  const decision = await decide(visit, routing);
  const cluster = routing.clusters.get(decision.cluster);
  if (!cluster) return unavailable(visit, decision, "misconfigured");
  if (cluster.state !== "serving") return unavailable(visit, decision, cluster.state);

  // Names are a convention (M§3): ws.smp.vn, dev-ws.smp.vn and staging-ws.smp.vn are the WebSocket hosts.
  const origin = /^(?:[a-z]+-)?ws\./.test(host) ? cluster.wsOrigin : cluster.origin;
  // The limit is for the answer's head. An upload has to arrive first, so it gets time in proportion to its length;
  // one of unknown length is left to the platform's own limit, which ends in a 524.
  const uploadBytes = request.body ? Number(headers.get("content-length") ?? Infinity) : 0;
  const answer = await within(routing.timeoutMs + uploadBytes / SLOWEST_UPLOAD_BYTES_PER_MS, () =>
    // no-store: personal data must not rest in the cache of whichever data centre is near.
    fetch(forwarded(visit, origin, decision.cluster), { redirect: "manual", cache: "no-store" }),
  );
  if (typeof answer === "string") return unavailable(visit, decision, answer);
  const location = answer.headers.get("location");
  const target = location === null ? null : publicLocation(location, origin, visit, routing);
  if (answer.status >= 500 || target === undefined) {
    await answer.body?.cancel().catch(() => {});
    return unavailable(visit, decision, "origin-error", answer);
  }
  const response = new Response(answer.body, answer);
  if (target !== null) response.headers.set("location", target);
  return marked(response, decision);
}

/**
 * The answer, or why there is none. What comes too late is dropped with the request's context, as the timer is.
 * @param {number} milliseconds @param {() => Promise<Response>} ask @returns {Promise<Response | "timeout" | "unreachable">}
 */
function within(milliseconds, ask) {
  return new Promise((resolve) => {
    if (Number.isFinite(milliseconds)) setTimeout(resolve, milliseconds, "timeout");
    ask().then(resolve, () => resolve("unreachable"));
  });
}

// --- The decision (M§14.5) -------------------------------------------------------------------------------------------

/** @param {Visit} visit @param {Routing} routing @returns {Promise<Decision>} */
async function decide(visit, routing) {
  const session = await sessionOf(visit, routing);
  const claimed = await tokenCountry(visit);
  const { cluster, route } = claimed === undefined ? guess(visit, routing, session) : { cluster: clusterOf(claimed, routing), route: /** @type {Route} */ ("jwt") };
  const current = session?.cluster === cluster && session.expires - visit.now > SESSION_SECONDS / 2;
  const cookie = current || !routing.clusters.has(cluster) ? undefined : await sessionCookie(visit, routing, cluster);
  return { cluster, route, cookie };
}

/**
 * What the rules after the token say.
 * @param {Visit} visit @param {Routing} routing @param {Session | undefined} session @returns {{cluster: string, route: Route}}
 */
function guess({ request }, routing, session) {
  if (session) return { cluster: session.cluster, route: "session" };
  // Only `cf` is the platform's word. A CF-IPCountry header is text that anybody may send.
  const country = countryCode(request.cf?.country);
  if (country !== undefined) return { cluster: clusterOf(country, routing), route: "country" };
  const near = routing.colos.get(String(request.cf?.colo));
  if (near !== undefined) return { cluster: near, route: "colo" };
  return { cluster: routing.fallback, route: "default" };
}

/** @param {string} country @param {Routing} routing */
function clusterOf(country, routing) {
  return routing.countries.get(country) ?? routing.fallback;
}

/** Two letters; `XX` (unknown) and `T1` (Tor) are the platform's ways to say that it has none. @param {unknown} value */
function countryCode(value) {
  if (typeof value !== "string" || !/^[A-Za-z]{2}$/.test(value)) return undefined;
  const code = value.toUpperCase();
  return code === "XX" ? undefined : code;
}

// --- Access tokens: RS256 (RFC 7515, 7519) ---------------------------------------------------------------------------

/** @type {{text: string | undefined, keys: Map<string, CryptoKey>, verified: Map<string, Claims>}} */
let tokens = { text: undefined, keys: new Map(), verified: new Map() };

/**
 * The country in a valid access token. Whatever is not valid in every respect counts as no token.
 * @param {Visit} visit @returns {Promise<string | undefined>}
 */
async function tokenCountry({ headers, env, now }) {
  const header = headers.get("authorization");
  if (header === undefined || header.length > TOKEN_MAX_LENGTH) return undefined;
  if (tokens.text !== env.JWKS) tokens = { text: env.JWKS, keys: await importedKeys(env.JWKS), verified: new Map() };
  const { keys, verified } = tokens;

  // A signature does not change, so it is checked once for each token; the times are checked on every request.
  const known = verified.get(header);
  const claims = known ?? (await verifiedClaims(header, keys));
  if (!claims || now >= claims.expires + CLOCK_LEEWAY_SECONDS || now < claims.notBefore - CLOCK_LEEWAY_SECONDS) return undefined;
  if (!known) {
    if (verified.size >= VERIFIED_TOKENS_KEPT) verified.delete(String(verified.keys().next().value));
    verified.set(header, claims);
  }
  return claims.country;
}

/** @param {string} authorization the whole header @param {Map<string, CryptoKey>} keys @returns {Promise<Claims | undefined>} */
async function verifiedClaims(authorization, keys) {
  const [, head = "", body = "", signature = ""] = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization) ?? [];
  if (signature === "") return undefined;
  try {
    const header = JSON.parse(text(head));
    // The algorithm is ours to choose, never the token's: RS256, and nothing critical that is not understood here.
    if (header?.alg !== "RS256" || "crit" in header) return undefined;
    const key = keys.get(header.kid);
    if (!key) return undefined;
    if (!(await crypto.subtle.verify(key.algorithm.name, key, bytes(signature), encoder.encode(`${head}.${body}`)))) return undefined;
    const { country_code, exp, nbf = 0 } = JSON.parse(text(body));
    const country = countryCode(country_code);
    if (country === undefined || !Number.isFinite(exp) || !Number.isFinite(nbf)) return undefined;
    return { country, notBefore: nbf, expires: exp };
  } catch {
    return undefined;
  }
}

/** Imports what is a public RS256 key of 2048 bits or more and has a `kid`; the rest does no harm. @param {string | undefined} jwks */
async function importedKeys(jwks) {
  /** @type {Map<string, CryptoKey>} */
  const keys = new Map();
  const set = json(jwks);
  const entries = isRecord(set) && Array.isArray(set.keys) ? set.keys : [];
  for (const jwk of entries) {
    if (!isRecord(jwk) || jwk.kty !== "RSA" || typeof jwk.kid !== "string" || keys.has(jwk.kid)) continue;
    if ((jwk.alg ?? "RS256") !== "RS256" || (jwk.use ?? "sig") !== "sig" || "d" in jwk) continue;
    if (typeof jwk.n !== "string" || typeof jwk.e !== "string" || jwk.n.length < 342) continue; // 342 digits are 2048 bits
    try {
      const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      keys.set(jwk.kid, await crypto.subtle.importKey("jwk", { kty: "RSA", n: jwk.n, e: jwk.e }, algorithm, false, ["verify"]));
    } catch {
      continue;
    }
  }
  if (keys.size === 0) console.error("edge: JWKS holds no usable RS256 key; no token can be verified");
  return keys;
}

// --- Sessions: a signed cookie that names the cluster and nothing else -----------------------------------------------

/**
 * What signs, with the signatures made and the cookies accepted so far: few, one for each cluster and hour.
 * @typedef {{text: string | undefined, environment: string | undefined, mapping: string, name: string, key: CryptoKey | undefined, signatures: Map<string, string>, accepted: Map<string, Session>}} Sessions
 */

/** @type {Sessions} */
let sessions = { text: undefined, environment: undefined, mapping: "", name: "", key: undefined, signatures: new Map(), accepted: new Map() };

/** @param {Env} env @param {Routing} routing @returns {Promise<Sessions>} */
async function sessionsOf({ SESSION_KEY: text, ENVIRONMENT: environment }, { mapping }) {
  if (sessions.text === text && sessions.environment === environment && sessions.mapping === mapping) return sessions;
  const usable = typeof text === "string" && text.length >= SESSION_KEY_MIN_LENGTH;
  if (!usable) console.error(`edge: SESSION_KEY is missing or shorter than ${SESSION_KEY_MIN_LENGTH} characters; no sessions`);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = usable ? await crypto.subtle.importKey("raw", encoder.encode(text), algorithm, false, ["sign"]) : undefined;
  const name = `__Secure-smp-session-${/^[a-z]{1,16}$/.test(environment ?? "") ? environment : "prod"}`;
  sessions = { text, environment, mapping, name, key, signatures: new Map(), accepted: new Map() };
  return sessions;
}

/**
 * The signature covers the environment and the mapping in force, so a session ends when the mapping it was decided
 * under changes: reverting a mapping reverts the sessions too.
 * @param {Sessions} sessions @param {string} content @returns {Promise<string | undefined>}
 */
async function signatureOf({ name, mapping, key, signatures }, content) {
  const known = signatures.get(content);
  if (known !== undefined || !key) return known;
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`${name}\n${content}\n${mapping}`)));
  const signature = digest.toBase64({ alphabet: "base64url", omitPadding: true });
  if (signatures.size >= 100) signatures.clear();
  signatures.set(content, signature);
  return signature;
}

/** @param {Visit} visit @param {Routing} routing @returns {Promise<Session | undefined>} */
async function sessionOf({ headers, env, now }, routing) {
  const cookies = headers.get("cookie");
  if (cookies === undefined) return undefined;
  const own = await sessionsOf(env, routing);
  const prefix = `${own.name}=`;
  for (const pair of cookies.split(";", 100)) {
    const cookie = pair.trim();
    if (!cookie.startsWith(prefix) || cookie.length > 200) continue;
    const known = own.accepted.get(cookie);
    if (known && known.expires > now) return known;
    const [, cluster = "", expiry = "", given = ""] = /^([a-z0-9-]+)\.(\d{1,12})\.([\w-]{43})$/.exec(cookie.slice(prefix.length)) ?? [];
    const expires = Number(expiry);
    // Only what this Worker could have signed is worth an HMAC: a known cluster and a whole hour within the lifetime.
    if (!routing.clusters.has(cluster) || expires % SESSION_EXPIRY_STEP_SECONDS !== 0) continue;
    if (expires <= now || expires > now + SESSION_SECONDS + SESSION_EXPIRY_STEP_SECONDS) continue;
    const expected = await signatureOf(own, `${cluster}.${expiry}`);
    if (expected === undefined || !sameText(given, expected)) continue;
    if (own.accepted.size >= 100) own.accepted.clear();
    own.accepted.set(cookie, { cluster, expires });
    return { cluster, expires };
  }
  return undefined;
}

/**
 * A `Set-Cookie` value, the same for every visitor of a cluster within an hour: it cannot single anybody out.
 * @param {Visit} visit @param {Routing} routing @param {string} cluster
 */
async function sessionCookie({ env, host, now }, routing, cluster) {
  const own = await sessionsOf(env, routing);
  const expires = Math.ceil((now + SESSION_SECONDS) / SESSION_EXPIRY_STEP_SECONDS) * SESSION_EXPIRY_STEP_SECONDS;
  const content = `${cluster}.${expires}`;
  const signature = await signatureOf(own, content);
  if (signature === undefined) return undefined;
  // api.smp.vn and ws.smp.vn share the session (a browser's WebSocket cannot send a token), so it is set on their parent.
  const parent = /^[^.]+\.([a-z0-9-]+\.[a-z0-9.-]*[a-z])(?::\d+)?$/.exec(host)?.[1];
  const domain = parent === undefined ? "" : `; Domain=${parent}`;
  return `${own.name}=${content}.${signature}${domain}; Path=/; Max-Age=${expires - now}; Secure; HttpOnly; SameSite=Lax`;
}

/** Compares in a time that does not depend on where the first difference is. @param {string} a @param {string} b */
function sameText(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

// --- What is passed on -----------------------------------------------------------------------------------------------

/** Hop-by-hop (RFC 9110, 7.6.1), and the names by which a client could claim an address, a host or a path. */
const NOT_FORWARDED = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding"],
  ...["forwarded", "true-client-ip", "via", "x-client-ip", "x-cluster-client-ip", "x-host", "x-real-ip", "x-rewrite-url"],
]);
const NOT_FORWARDED_PREFIX = /^(?:cf-|x-smp-|x-forwarded|x-original-|x-envoy-)/;

/** @param {Visit} visit @param {string} origin @param {string} cluster @returns {Request} */
function forwarded({ request, headers: given, scheme, host, path }, origin, cluster) {
  const outgoing = new Request(origin + path, request);
  const { headers } = outgoing;
  for (const name of given.keys()) {
    if (NOT_FORWARDED.has(name) || NOT_FORWARDED_PREFIX.test(name)) headers.delete(name);
  }
  for (const name of given.get("connection")?.toLowerCase().match(/[\w-]+/g) ?? []) {
    if (name !== "upgrade") headers.delete(name);
  }
  // The platform overwrites this one header whatever the client sent.
  const address = given.get("cf-connecting-ip");
  if (address !== undefined && /^[0-9a-f.:]{2,45}$/i.test(address)) headers.set("x-forwarded-for", address);
  headers.set("x-forwarded-proto", scheme);
  headers.set("x-forwarded-host", host);
  headers.set("x-smp-cluster", cluster);
  return outgoing;
}

/**
 * The `Location` a client may see. The origin's own name becomes the public one, or the client would go round the edge
 * from then on; another cluster's name gives `undefined`; third parties (payment, sign-in) stay.
 * @param {string} location @param {string} origin @param {Visit} visit @param {Routing} routing
 */
function publicLocation(location, origin, { scheme, host }, routing) {
  if (!/^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(location)) return location;
  const target = URL.parse(location, origin);
  if (!target) return location;
  if (target.host === new URL(origin).host) return `${scheme}://${host}` + target.pathname + target.search + target.hash;
  for (const cluster of routing.clusters.values()) {
    if (target.host === URL.parse(cluster.origin)?.host || target.host === URL.parse(cluster.wsOrigin)?.host) return undefined;
  }
  return location;
}

/** Adds what every answer carries. @param {Response} response @param {Decision} decision */
function marked(response, decision) {
  response.headers.set("x-smp-cluster", decision.cluster);
  response.headers.set("x-smp-route", decision.route);
  if (decision.cookie !== undefined) response.headers.append("set-cookie", decision.cookie);
  return response;
}

// --- Not available (M§14.6) ------------------------------------------------------------------------------------------

/** @param {Visit} visit @param {Decision} decision @param {Reason} reason @param {Response} [answer] of the origin, where it gave one */
function unavailable(visit, decision, reason, answer) {
  if (reason !== "maintenance") console.warn(`edge: ${decision.cluster} ${reason} ${answer?.status ?? ""}`.trimEnd());
  const wish = answer?.headers.get("retry-after") ?? "";
  const seconds = /^\d{1,5}$/.test(wish) ? Number(wish) : reason === "maintenance" ? RETRY_AFTER_SECONDS.maintenance : RETRY_AFTER_SECONDS.other;
  const headers = new Headers({
    "retry-after": String(seconds),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // The web apps live on other hosts (M§3). This answer holds nothing of anybody's, so they may all read it.
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "retry-after, x-smp-cluster, x-smp-route, x-smp-origin-status",
  });
  if (answer) headers.set("x-smp-origin-status", String(answer.status));
  const { method } = visit.request;
  const preflight = method === "OPTIONS" ? visit.headers.get("access-control-request-method") : undefined;
  if (preflight !== undefined) {
    // A refused preflight is a nameless network error to a web app; let it through to the 503 that says what is wrong.
    headers.set("access-control-allow-methods", preflight);
    headers.set("access-control-allow-headers", visit.headers.get("access-control-request-headers") ?? "");
    headers.set("access-control-max-age", "0");
    return marked(new Response(null, { status: 204, headers }), decision);
  }
  let body;
  if (wantsPage(visit)) {
    const language = languageFor(visit, LANGUAGES.get(decision.cluster) ?? Object.keys(TEXTS));
    headers.set("content-type", "text/html; charset=utf-8");
    headers.set("content-language", language);
    headers.set("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    body = page(language, decision.cluster);
  } else {
    headers.set("content-type", "application/problem+json");
    const detail = `${decision.cluster} does not serve at present (${reason}). No other cluster may answer for it. Try again later.`;
    body = JSON.stringify({ title: "Service Unavailable", status: 503, detail, cluster: decision.cluster, reason, retry_after: seconds });
  }
  return marked(new Response(body, { status: 503, headers }), decision);
}

/** A browser that opens a page, as opposed to a program (or a page's script) that calls the API. @param {Visit} visit */
function wantsPage({ headers }) {
  if (headers.has("upgrade") || (headers.get("sec-fetch-mode") ?? "navigate") !== "navigate") return false;
  const accepted = preferences(headers.get("accept"));
  const html = accepted.indexOf("text/html");
  const data = accepted.findIndex((type) => /^application\/(?:json|.*\+json)$/.test(type));
  return html !== -1 && (data === -1 || html < data);
}

/** The values of an Accept header (RFC 9110, 12.5), best first. @param {string | undefined} header @returns {string[]} */
function preferences(header) {
  const ranges = (header ?? "").toLowerCase().split(",", 30).map((range) => {
    const [value = "", ...parameters] = range.split(";").map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    return { value, weight: quality === undefined ? 1 : Number(quality.slice(2)) };
  });
  return ranges.filter(({ value, weight }) => value !== "" && weight > 0).sort((a, b) => b.weight - a.weight).map(({ value }) => value);
}

/** @param {Visit} visit @param {string[]} languages of the cluster, its main one first */
function languageFor({ headers }, languages) {
  const wishes = preferences(headers.get("accept-language"));
  for (const wish of wishes) {
    const found = languages.find((language) => languageKey(language) === languageKey(wish));
    if (found !== undefined) return found;
  }
  return (wishes.length > 0 ? languages.find((language) => language === "en") : undefined) ?? languages[0] ?? "en";
}

/** Reduces a language tag to what the texts tell apart. @param {string} tag */
function languageKey(tag) {
  const lower = tag.toLowerCase();
  const [primary = ""] = lower.split("-");
  if (primary === "zh") return /-(?:hant|tw|hk|mo)\b/.test(lower) && !lower.includes("-hans") ? "zh-hant" : "zh-hans";
  return { in: "id", tl: "fil" }[primary] ?? primary;
}

/** The languages of the countries whose data a cluster holds; zh-Hant for Hong Kong, Macao and Taiwan, which Asia serves. */
const LANGUAGES = new Map([
  ["smp-asia", ["vi", "en", "th", "id", "ms", "fil", "zh-Hans", "zh-Hant", "ta"]],
  ["smp-china", ["zh-Hans"]],
  ["smp-us", ["en", "es"]],
]);

/** @type {Record<string, {dir?: "rtl", heading: string, text: string, retry: string}>} */
const TEXTS = {
  en: { heading: "We will be back soon", text: "This service is temporarily unavailable. Please try again in a few minutes.", retry: "Try again" },
  vi: { heading: "Chúng tôi sẽ sớm trở lại", text: "Dịch vụ đang tạm ngừng. Vui lòng thử lại sau ít phút.", retry: "Thử lại" },
  th: { heading: "เราจะกลับมาให้บริการเร็ว ๆ นี้", text: "ขณะนี้บริการหยุดชั่วคราว โปรดลองอีกครั้งในอีกไม่กี่นาที", retry: "ลองอีกครั้ง" },
  id: { heading: "Kami akan segera kembali", text: "Layanan ini untuk sementara tidak tersedia. Silakan coba lagi dalam beberapa menit.", retry: "Coba lagi" },
  ms: { heading: "Kami akan kembali tidak lama lagi", text: "Perkhidmatan ini tidak tersedia buat sementara waktu. Sila cuba lagi dalam beberapa minit.", retry: "Cuba lagi" },
  fil: { heading: "Babalik kami agad", text: "Pansamantalang hindi magagamit ang serbisyong ito. Pakisubukang muli pagkalipas ng ilang minuto.", retry: "Subukang muli" },
  "zh-Hans": { heading: "我们很快回来", text: "服务暂时不可用，请几分钟后再试。", retry: "重试" },
  "zh-Hant": { heading: "我們很快回來", text: "服務暫時無法使用，請幾分鐘後再試。", retry: "重試" },
  ta: { heading: "விரைவில் திரும்பி வருவோம்", text: "இந்தச் சேவை தற்காலிகமாகக் கிடைக்கவில்லை. சில நிமிடங்களில் மீண்டும் முயற்சிக்கவும்.", retry: "மீண்டும் முயற்சிக்கவும்" },
  es: { heading: "Volveremos pronto", text: "Este servicio no está disponible temporalmente. Inténtelo de nuevo en unos minutos.", retry: "Intentar de nuevo" },
};

/** Nothing of the request is in the page, and nothing in it is fetched from anywhere. @param {string} language @param {string} cluster */
function page(language, cluster) {
  const { dir = "ltr", heading, text, retry } = TEXTS[language] ?? /** @type {NonNullable<typeof TEXTS[string]>} */ (TEXTS.en);
  return `<!doctype html>
<html lang="${language}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>503 · ${heading}</title>
<style>
:root { color-scheme: light dark; --ink: #1c2430; --soft: #55606f; --ground: #f4f6f8; --accent: #0b5cad; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef2f6; --soft: #a9b4c2; --ground: #12171e; --accent: #8cc2ff; --on-accent: #0a1a2b; } }
body { margin: 0; min-block-size: 100vh; min-block-size: 100svh; display: grid; place-items: center; background: var(--ground); color: var(--ink);
  font: 1.125rem/1.7 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { box-sizing: border-box; inline-size: min(100%, 38rem); padding: 2rem 1.5rem; text-align: start; overflow-wrap: break-word; line-break: strict; }
h1 { margin-block: 0 1rem; font-size: clamp(1.6rem, 6vw, 2.4rem); line-height: 1.4; text-wrap: balance; }
p { margin-block: 0 2rem; }
a { display: inline-block; padding: .65rem 1.4rem; border-radius: .5rem; background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none; }
a:focus-visible { outline: .2rem solid var(--ink); outline-offset: .2rem; }
small { display: block; margin-block-start: 2.5rem; color: var(--soft); font-size: .875rem; }
</style>
</head>
<body>
<main>
<h1>${heading}</h1>
<p>${text}</p>
<a href="">${retry}</a>
<small dir="ltr" lang="en">503 · ${cluster}</small>
</main>
</body>
</html>
`;
}

// --- Bindings --------------------------------------------------------------------------------------------------------

/** @type {{text: string | undefined | null, value: Routing | undefined}} */
let parsed = { text: null, value: undefined };

/** @param {string | undefined} text @returns {Routing | undefined} */
function routingOf(text) {
  if (parsed.text !== text) {
    parsed = { text, value: parseRouting(text) };
    if (!parsed.value) console.error("edge: ROUTING is not usable: it takes JSON with the objects `clusters` and `countries`");
  }
  return parsed.value;
}

/**
 * What is wrong closes, it does not open: a country mapped to something unknown is not handed to another cluster, and a
 * cluster whose state or origin cannot be read does not serve. Only a guess (a data centre) gives way to the next rule.
 * @param {string | undefined} text @returns {Routing | undefined}
 */
function parseRouting(text) {
  const routing = json(text);
  if (!isRecord(routing) || !isRecord(routing.clusters) || !isRecord(routing.countries)) return undefined;
  /** @type {Map<string, Cluster>} */
  const clusters = new Map();
  for (const [name, entry] of Object.entries(routing.clusters)) {
    if (!isName(name)) continue;
    const given = isRecord(entry) ? entry : {};
    const origin = httpOrigin(given.origin);
    const wsOrigin = httpOrigin(given.wsOrigin ?? given.origin);
    const known = given.state === "serving" || given.state === "maintenance" ? given.state : "misconfigured";
    const state = origin === "" || wsOrigin === "" ? "misconfigured" : known;
    clusters.set(name, { origin, wsOrigin, state });
  }
  /** @type {Map<string, string>} */
  const countries = new Map();
  for (const [code, name] of Object.entries(routing.countries)) countries.set(code.toUpperCase(), isName(name) ? name : NOWHERE);
  /** @type {Map<string, string>} */
  const colos = new Map();
  for (const [colo, name] of Object.entries(isRecord(routing.colos) ? routing.colos : {})) {
    if (isName(name) && clusters.has(name)) colos.set(colo, name);
  }
  const fallback = isName(routing.default) ? routing.default : NOWHERE;
  const asked = routing.timeoutMs;
  const timeoutMs = typeof asked === "number" && asked >= 100 && asked <= 100_000 ? asked : DEFAULT_TIMEOUT_MS;
  const mapping = JSON.stringify([[...countries].sort(), [...colos].sort(), fallback]);
  return { clusters, countries, colos, fallback, timeoutMs, mapping };
}

/** The origin in a URL that has nothing else; "" where there is none. Plain HTTP is for loopback alone. @param {unknown} value */
function httpOrigin(value) {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (!url || url.pathname !== "/" || url.search || url.hash || url.username || url.password) return "";
  const loopback = url.hostname === "localhost" || url.hostname === "127.0.0.1" || url.hostname === "[::1]";
  return url.protocol === "https:" || (url.protocol === "http:" && loopback) ? url.origin : "";
}

/** @param {unknown} value @returns {value is string} */
function isName(value) {
  return typeof value === "string" && /^[a-z][a-z0-9-]{0,62}$/.test(value);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {string | undefined} text @returns {unknown} `undefined` where it is not JSON */
function json(text) {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/** Decodes base64url; throws where it is not. @param {string} part */
function bytes(part) {
  return Uint8Array.fromBase64(part, { alphabet: "base64url" });
}

/** @param {string} part base64url of UTF-8 text */
function text(part) {
  return decoder.decode(bytes(part));
}
