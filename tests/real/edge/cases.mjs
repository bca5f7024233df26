/**
 * What the edge decides, as data: the tests send all of it through the Worker, and docs/edge-decisions.md is printed from it.
 * `gives` is what a state contributes on its own; `null` means that the next rule decides.
 */

/** ISO 3166-1 alpha-2, all 249. */
export const COUNTRIES = (
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO " +
  "CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR " +
  "HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN " +
  "MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD " +
  "SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE " +
  "YT ZA ZM ZW"
).split(" ");

export const CLUSTERS = ["smp-asia", "smp-china", "smp-us"];

/** The production mapping, with the origins left to whoever runs it. */
export const MAPPING = {
  countries: { CN: "smp-china", US: "smp-us" },
  colos: { SIN: "smp-asia", HAN: "smp-asia", IAD: "smp-us", PEK: "smp-china" },
  default: "smp-asia",
};

/** @param {string} country M§14.5, written a second time on purpose: not what the router does, but what it must do */
export const homeOf = (country) => (country === "CN" ? "smp-china" : country === "US" ? "smp-us" : "smp-asia");

/** What the platform may say instead of a country. */
export const NO_COUNTRY = [
  { value: "XX", text: "`XX` (unknown)" },
  { value: "T1", text: "`T1` (Tor)" },
  { value: undefined, text: "nothing" },
  { value: "", text: "empty text" },
  { value: "CHN", text: "three letters" },
  { value: 86, text: "a number" },
];

/** `claims` are laid over a good token for CN; `forge` names what fixtures.mjs does to it. */
export const TOKENS = [
  { id: "none", text: "no token", gives: null },
  { id: "valid", text: "valid, `country_code` CN", claims: {}, gives: "smp-china" },
  { id: "expired", text: "expired", claims: { exp: -120 }, gives: null },
  { id: "not-yet", text: "not valid yet (`nbf`)", claims: { nbf: 120 }, gives: null },
  { id: "no-exp", text: "without `exp`", claims: { exp: undefined }, gives: null },
  { id: "wrong-kid", text: "signed by an unknown key (`kid`)", forge: "kid", gives: null },
  { id: "alg-none", text: "`alg: none`", forge: "none", gives: null },
  { id: "alg-hs256", text: "`alg: HS256`, the public key as its secret", forge: "hs256", gives: null },
  { id: "alg-rs512", text: "`alg: RS512`, well signed", forge: "rs512", gives: null },
  { id: "bad-signature", text: "claims changed after signing", forge: "claims", gives: null },
  { id: "no-country", text: "valid, no `country_code`", claims: { country_code: undefined }, gives: null },
  { id: "no-such-country", text: "valid, `country_code` XX", claims: { country_code: "XX" }, gives: null },
  { id: "unlisted", text: "valid, `country_code` ZZ (in no list)", claims: { country_code: "ZZ" }, gives: "smp-asia" },
  { id: "malformed", text: "malformed", forge: "malformed", gives: null },
];

export const SESSIONS = [
  { id: "none", text: "no session", gives: null },
  { id: "us", text: "session of smp-us", cluster: "smp-us", gives: "smp-us" },
  { id: "forged", text: "session of smp-china with a forged signature", cluster: "smp-china", forge: true, gives: null },
  { id: "unknown", text: "session of a cluster that does not exist", cluster: "smp-mars", gives: null },
];

export const COLOS = [
  { value: "PEK", text: "PEK (listed)", gives: "smp-china" },
  { value: "CDG", text: "CDG (not listed)", gives: null },
];

/**
 * The rules in their order: the first that gives something decides.
 * @returns {{cluster: string, route: string}}
 */
export function expected({ token, session, country, colo }) {
  if (token.gives) return { cluster: token.gives, route: "jwt" };
  if (session.gives) return { cluster: session.gives, route: "session" };
  if (COUNTRIES.includes(country)) return { cluster: homeOf(country), route: "country" };
  if (colo.gives) return { cluster: colo.gives, route: "colo" };
  return { cluster: MAPPING.default, route: "default" };
}

/** What the cluster of a request may do wrong. `answer` is what its origin does (see harness.mjs). */
export const FAILURES = [
  { id: "down", text: "nothing listens at the origin", reason: "unreachable", retryAfter: 30, clusterOverride: "down" },
  { id: "cut", text: "the origin closes the connection without an answer", answer: { destroy: true }, reason: "unreachable", retryAfter: 30 },
  { id: "hang", text: "no answer within `timeoutMs` (30 s)", answer: { hang: true }, clusterOverride: "impatient", reason: "timeout", retryAfter: 30 },
  { id: "500", text: "500", answer: { status: 500 }, reason: "origin-error", retryAfter: 30 },
  { id: "501", text: "501", answer: { status: 501 }, reason: "origin-error", retryAfter: 30 },
  { id: "502", text: "502", answer: { status: 502 }, reason: "origin-error", retryAfter: 30 },
  { id: "503", text: "503 with `Retry-After: 77`", answer: { status: 503, headers: { "retry-after": "77" } }, reason: "origin-error", retryAfter: 77 },
  { id: "504", text: "504", answer: { status: 504 }, reason: "origin-error", retryAfter: 30 },
  { id: "521", text: "520 to 530 (Cloudflare's own word for an origin that fails)", answer: { status: 521 }, reason: "origin-error", retryAfter: 30 },
  { id: "elsewhere", text: "a redirect to another cluster's origin", answer: { status: 302, elsewhere: true }, reason: "origin-error", retryAfter: 30 },
  { id: "maintenance", text: "`state: maintenance`", clusterOverride: "maintenance", reason: "maintenance", retryAfter: 300 },
  { id: "unknown-state", text: "a state that is neither `serving` nor `maintenance`", clusterOverride: "unknown-state", reason: "misconfigured", retryAfter: 30 },
  { id: "bad-origin", text: "an origin that is no HTTPS origin", clusterOverride: "bad-origin", reason: "misconfigured", retryAfter: 30 },
  { id: "absent", text: "a country mapped to a cluster that is not configured", clusterOverride: "absent", reason: "misconfigured", retryAfter: 30 },
];
