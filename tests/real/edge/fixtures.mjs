/** Tokens, sessions and bindings as SMP's own services and configuration would make them. Keys live as long as the process. */
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";

import { CLUSTERS, MAPPING } from "./cases.mjs";

export const SESSION_KEY = "a-session-key-for-tests-only-of-40-chars";
const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const signer = rsa();
const second = rsa();
const stranger = rsa();
const jwk = (pair, more) => ({ ...pair.publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig", ...more });

export const GOOD_JWK = jwk(signer, { kid: "2026-a" });
export const SECOND_JWK = jwk(second, { kid: "2026-b" });
export const PRIVATE_JWK = { ...signer.privateKey.export({ format: "jwk" }), kid: "2026-a" };
export const JWKS = JSON.stringify({ keys: [GOOD_JWK] });

const part = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);

/**
 * A token for CN. Claims `exp`, `nbf` count from now, in seconds; `undefined` takes a claim away.
 * @param {Record<string, unknown>} [claims] @param {{header?: object, key?: object, digest?: string}} [options]
 */
export function token(claims = {}, { header = {}, key = signer.privateKey, digest = "RSA-SHA256" } = {}) {
  const all = { sub: "user-7", country_code: "CN", exp: 600, nbf: -5, ...claims };
  for (const name of ["exp", "nbf"]) if (typeof all[name] === "number" && !Number.isNaN(all[name])) all[name] += now();
  const signed = `${part({ alg: "RS256", typ: "JWT", kid: "2026-a", ...header })}.${part(all)}`;
  return `${signed}.${createSign(digest).update(signed).sign(key).toString("base64url")}`;
}

export const secondToken = (claims) => token(claims, { header: { kid: "2026-b" }, key: second.privateKey });

const forgeries = {
  kid: () => token({}, { header: { kid: "2025-z" }, key: stranger.privateKey }),
  none: () => token({}, { header: { alg: "none" } }).replace(/[^.]+$/, ""),
  // An `alg: none` token with something where the signature would be, for a reader that only wants three parts.
  noneSigned: () => token({}, { header: { alg: "none" } }),
  hs256: () => {
    const signed = token({}, { header: { alg: "HS256" } }).split(".").slice(0, 2).join(".");
    return `${signed}.${createHmac("sha256", signer.publicKey.export({ type: "spki", format: "pem" })).update(signed).digest("base64url")}`;
  },
  rs512: () => token({}, { header: { alg: "RS512" }, digest: "RSA-SHA512" }),
  // Signed exactly as RS256, but says otherwise: only the pinned name refuses it.
  mislabelled: () => token({}, { header: { alg: "RS512" } }),
  claims: () => {
    const [head, body, signature] = token({ country_code: "VN" }).split(".");
    return `${head}.${part({ ...JSON.parse(Buffer.from(body, "base64url").toString()), country_code: "CN" })}.${signature}`;
  },
  foreignKey: () => token({}, { key: stranger.privateKey }),
  malformed: () => "not.a.token",
};

/** @param {keyof typeof forgeries} how */
export const forged = (how) => forgeries[how]();

/** The `Authorization` of a state in cases.mjs, or none. */
export function authorization({ id, claims, forge }) {
  if (id === "none") return {};
  return { authorization: `Bearer ${forge ? forged(forge) : token(claims)}` };
}

/** ROUTING for origins that are given; `overrides` are laid over single clusters. */
export function routing(origins, { clusters = {}, ...rest } = {}) {
  const all = Object.fromEntries(CLUSTERS.map((name) => [name, { origin: origins[name], wsOrigin: origins[`${name}-ws`], state: "serving" }]));
  for (const [name, override] of Object.entries(clusters)) {
    if (override === null) delete all[name];
    else all[name] = { ...all[name], ...override };
  }
  return JSON.stringify({ clusters: all, ...MAPPING, ...rest });
}

export const HOUR = 3600;
/** When the cookies that the router issues now will end. */
export const sessionEnd = () => Math.ceil((now() + 24 * HOUR) / HOUR) * HOUR;

/** The session cookie, signed here by the published rule, so that states that the router never issues can be had. */
export function sessionCookie(cluster, { expires = sessionEnd(), key = SESSION_KEY, environment = "prod", mapping = MAPPING, forge = false } = {}) {
  const name = `__Secure-smp-session-${environment}`;
  const entries = (record) => Object.entries(record).sort();
  const scope = JSON.stringify([entries(mapping.countries), entries(mapping.colos), mapping.default]);
  const signature = createHmac("sha256", key).update(`${name}\n${cluster}.${expires}\n${scope}`).digest("base64url");
  return `${name}=${cluster}.${expires}.${forge ? signature.replace(/^./, (first) => (first === "A" ? "B" : "A")) : signature}`;
}
