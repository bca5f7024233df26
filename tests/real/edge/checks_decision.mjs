/** Who decides: tokens, the platform, the tables. */
import assert from "node:assert/strict";

import { GOOD_JWK, HOUR, PRIVATE_JWK, SECOND_JWK, forged, secondToken, sessionCookie, token } from "./fixtures.mjs";

const bearer = (text) => ({ authorization: `Bearer ${text}` });

/** Asks once and holds the answer and the origins' records against what must have happened. */
export async function goes(edge, cluster, route, request = {}) {
  edge.forget();
  const answer = await edge.send(request);
  assert.deepEqual({ status: answer.status, cluster: answer.cluster, route: answer.route }, { status: 200, cluster, route });
  assert.deepEqual(edge.seen.map(({ origin }) => origin), [cluster], "the origins that were asked");
  return answer;
}

const twoKeys = { JWKS: JSON.stringify({ keys: [GOOD_JWK, SECOND_JWK] }) };
const spoiltKeys = {
  JWKS: JSON.stringify({
    keys: [
      null, 7, {}, { kty: "RSA", kid: "2026-a", n: "AQAB", e: "AQAB" }, { kty: "RSA", kid: "2026-a", n: "!".repeat(400), e: "?" },
      { kty: "oct", kid: "2026-a", k: "c2VjcmV0" }, { kty: "EC", kid: "2026-a", crv: "P-256", x: "AA", y: "AA" }, PRIVATE_JWK,
      { ...SECOND_JWK, kid: "2026-a", use: "enc" }, { ...SECOND_JWK, kid: "2026-a", alg: "RS512" }, { ...SECOND_JWK, kid: undefined }, GOOD_JWK,
    ],
  }),
};
const privateOnly = { JWKS: JSON.stringify({ keys: [PRIVATE_JWK] }) };
const badKeys = ["", "not json", "null", "[]", "{}", '{"keys":{}}', '{"keys":"x"}', null].map((JWKS) => ({ JWKS }));
const movedFrance = { routing: { countries: { CN: "smp-china", US: "smp-us", FR: "smp-us" } } };
const toUs = { routing: { default: "smp-us" } };

export const decisionChecks = [
  {
    name: "a valid token beats the session, the country and the data centre",
    run: (edge) => goes(edge, "smp-china", "jwt", { headers: { ...bearer(token()), cookie: sessionCookie("smp-us") }, cf: { country: "VN", colo: "SIN" } }),
  },
  {
    name: "the session beats the country and the data centre",
    run: (edge) => goes(edge, "smp-us", "session", { headers: { cookie: sessionCookie("smp-us") }, cf: { country: "VN", colo: "SIN" } }),
  },
  { name: "the platform's country beats the data centre", run: (edge) => goes(edge, "smp-china", "country", { cf: { country: "CN", colo: "SIN" } }) },
  { name: "the data centre beats the default", run: (edge) => goes(edge, "smp-us", "colo", { cf: { colo: "IAD" } }) },
  { name: "nothing known: the default", run: (edge) => goes(edge, "smp-asia", "default") },
  {
    name: "Hong Kong, Taiwan and Macao are not China",
    async run(edge) {
      for (const country of ["HK", "TW", "MO"]) {
        await goes(edge, "smp-asia", "country", { cf: { country, colo: "PEK" } });
        await goes(edge, "smp-asia", "jwt", { headers: bearer(token({ country_code: country })), cf: { country: "CN" } });
      }
    },
  },
  {
    name: "XX, T1 and what is not two letters are no country",
    async run(edge) {
      for (const country of ["XX", "T1", "", "C", "CHN", "C1", 86, null, ["CN"], { a: 1 }]) {
        await goes(edge, "smp-us", "colo", { cf: { country, colo: "IAD" } });
        await goes(edge, "smp-us", "colo", { headers: bearer(token({ country_code: country })), cf: { colo: "IAD" } });
      }
    },
  },
  { name: "a token's country is read in either case", run: (edge) => goes(edge, "smp-china", "jwt", { headers: bearer(token({ country_code: "cn" })), cf: { country: "VN" } }) },
  { name: "unlisted countries go to the default cluster", bindings: [toUs], run: (edge) => goes(edge, "smp-us", "country", { bindings: toUs, cf: { country: "FR" } }) },
  {
    name: "a CF-IPCountry header cannot stand in for the platform",
    async run(edge) {
      const headers = { "cf-ipcountry": "CN", "x-country": "CN", "x-smp-cluster": "smp-china", "x-smp-country": "CN", "x-forwarded-country": "CN" };
      await goes(edge, "smp-asia", "default", { headers });
      await goes(edge, "smp-us", "country", { headers, cf: { country: "US" } });
    },
  },
  {
    name: "an expired token counts as none, with a leeway of 30 s",
    async run(edge) {
      await goes(edge, "smp-us", "country", { headers: bearer(token({ exp: -40 })), cf: { country: "US" } });
      await goes(edge, "smp-china", "jwt", { headers: bearer(token({ exp: -15 })), cf: { country: "US" } });
    },
  },
  {
    name: "a token that is not valid yet counts as none, with a leeway of 30 s",
    async run(edge) {
      await goes(edge, "smp-us", "country", { headers: bearer(token({ nbf: 45 })), cf: { country: "US" } });
      await goes(edge, "smp-china", "jwt", { headers: bearer(token({ nbf: 15 })), cf: { country: "US" } });
    },
  },
  {
    name: "a token without a proper exp counts as none",
    async run(edge) {
      for (const exp of [undefined, null, "9999999999", true]) await goes(edge, "smp-us", "country", { headers: bearer(token({ exp })), cf: { country: "US" } });
      await goes(edge, "smp-us", "country", { headers: bearer(token({ nbf: "soon" })), cf: { country: "US" } });
    },
  },
  {
    name: "a token that was verified once still ends",
    async run(edge) {
      const short = token({ exp: -27 }); // 3 s of leeway are left
      await goes(edge, "smp-china", "jwt", { headers: bearer(short), cf: { country: "US" } });
      await new Promise((resolve) => setTimeout(resolve, 4100));
      await goes(edge, "smp-us", "country", { headers: bearer(short), cf: { country: "US" } });
    },
  },
  {
    name: "the algorithm is pinned",
    async run(edge) {
      for (const how of ["none", "noneSigned", "hs256", "rs512", "mislabelled"]) await goes(edge, "smp-us", "country", { headers: bearer(forged(how)), cf: { country: "US" } });
    },
  },
  {
    name: "the signature counts",
    async run(edge) {
      for (const how of ["claims", "foreignKey"]) await goes(edge, "smp-us", "country", { headers: bearer(forged(how)), cf: { country: "US" } });
    },
  },
  {
    name: "the key is the one that the token names",
    async run(edge) {
      for (const kid of ["2025-z", undefined, "", null, {}, 7]) await goes(edge, "smp-us", "country", { headers: bearer(token({}, { header: { kid } })), cf: { country: "US" } });
      await goes(edge, "smp-us", "country", { headers: bearer(forged("kid")), cf: { country: "US" } });
    },
  },
  {
    name: "a critical header that is not understood refuses the token",
    run: (edge) => goes(edge, "smp-us", "country", { headers: bearer(token({}, { header: { crit: ["b64"], b64: false } })), cf: { country: "US" } }),
  },
  {
    name: "junk in Authorization is no token and no error",
    async run(edge) {
      const good = token();
      const [head, body, signature] = good.split(".");
      const junk = [
        "", "Bearer", "Bearer ", `Basic ${good}`, good, `Bearer ${good} ${good}`, `Bearer ${good}, Bearer ${good}`, "Bearer a.b.c", "Bearer ..", `Bearer ${head}.${body}`,
        `Bearer ${head}.${body}.${signature}.${signature}`, `Bearer ${head}.${body}.`, `Bearer ${head}=.${body}.${signature}`, `Bearer ${Buffer.from("null").toString("base64url")}.${body}.${signature}`,
        `Bearer ${Buffer.from("\xff\xfe", "latin1").toString("base64url")}.${body}.${signature}`, `Bearer ${Buffer.from('{"alg":"RS256","kid":{}}').toString("base64url")}.${body}.${signature}`,
        `Bearer ${"A".repeat(9000)}.${body}.${signature}`, `Bearer ${token({ padding: "x".repeat(7000) })}`,
      ];
      for (const authorization of junk) await goes(edge, "smp-us", "country", { headers: { authorization }, cf: { country: "US" } });
    },
  },
  { name: "the scheme's case does not matter", run: (edge) => goes(edge, "smp-china", "jwt", { headers: { authorization: `bEARER ${token()}` }, cf: { country: "US" } }) },
  {
    name: "two keys are in force while they are rotated",
    bindings: [twoKeys],
    async run(edge) {
      for (const text of [token(), secondToken()]) await goes(edge, "smp-china", "jwt", { bindings: twoKeys, headers: bearer(text), cf: { country: "US" } });
      await goes(edge, "smp-us", "country", { headers: bearer(secondToken()), cf: { country: "US" } });
    },
  },
  {
    name: "one bad key does not disable the good one",
    bindings: [spoiltKeys],
    run: (edge) => goes(edge, "smp-china", "jwt", { bindings: spoiltKeys, headers: bearer(token()), cf: { country: "US" } }),
  },
  {
    name: "a private key in JWKS is not used",
    bindings: [privateOnly],
    run: (edge) => goes(edge, "smp-us", "country", { bindings: privateOnly, headers: bearer(token()), cf: { country: "US" } }),
  },
  {
    name: "an unusable JWKS leaves the next rules in force",
    bindings: badKeys,
    async run(edge) {
      for (const bindings of badKeys) await goes(edge, "smp-us", "country", { bindings, headers: bearer(token()), cf: { country: "US" } });
    },
  },
  {
    name: "a changed mapping changes the route without a change of code",
    bindings: [movedFrance],
    async run(edge) {
      await goes(edge, "smp-asia", "country", { cf: { country: "FR" } });
      await goes(edge, "smp-us", "country", { bindings: movedFrance, cf: { country: "FR" } });
    },
  },
  {
    name: "a changed mapping ends the sessions that were decided under the old one",
    bindings: [movedFrance],
    async run(edge) {
      const cookie = sessionCookie("smp-asia");
      await goes(edge, "smp-asia", "session", { headers: { cookie }, cf: { country: "FR" } });
      await goes(edge, "smp-us", "country", { bindings: movedFrance, headers: { cookie }, cf: { country: "FR" } });
    },
  },
  {
    name: "a token from the query or a cookie is not read",
    run: (edge) => goes(edge, "smp-us", "country", { path: `/v4/orders?token=${token()}&access_token=${token()}`, headers: { cookie: `token=${token()}` }, cf: { country: "US" } }),
  },
];

/** @param {{cookie?: string}} answer */
export const attributes = ({ cookie }) => Object.fromEntries((cookie ?? "").split("; ").map((part) => part.split(/=(.*)/s).slice(0, 2)));
const noKey = [null, "", "short"].map((SESSION_KEY) => ({ SESSION_KEY }));
const dev = { ENVIRONMENT: "dev" };
const noEnvironment = { ENVIRONMENT: null };
const underMaintenance = { routing: { clusters: { "smp-us": { state: "maintenance" } } } };
const withoutUs = { routing: { clusters: { "smp-us": null } } };
const value = (answer) => answer.cookie?.split(";")[0];

export const sessionChecks = [
  {
    name: "the cookie names the cluster and nothing else, is bounded and well kept",
    async run(edge) {
      const first = await goes(edge, "smp-us", "country", { cf: { country: "US" }, headers: { authorization: `Bearer ${forged("kid")}` } });
      const { "__Secure-smp-session-prod": session, "Max-Age": age, ...rest } = attributes(first);
      assert.deepEqual(rest, { Domain: "smp.vn", Path: "/", Secure: undefined, HttpOnly: undefined, SameSite: "Lax" });
      assert.match(session, /^smp-us\.\d{10}\.[\w-]{43}$/);
      assert.ok(Number(age) >= 24 * HOUR && Number(age) <= 25 * HOUR, age);
      assert.equal(value(await edge.send({ cf: { country: "US" } })), value(first), "two visitors of one cluster get the same cookie");
      assert.equal(value(first), sessionCookie("smp-us"));
    },
  },
  {
    name: "a session does not hop when the visitor travels, on either host",
    async run(edge) {
      const cookie = value(await goes(edge, "smp-us", "country", { cf: { country: "US", colo: "IAD" } }));
      await goes(edge, "smp-us", "session", { headers: { cookie }, cf: { country: "VN", colo: "SIN" } });
      await goes(edge, "smp-us", "session", { headers: { cookie: `a=1; ${cookie}; b="2"` }, cf: { country: "CN" } });
      const other = await edge.send({ host: "ws.smp.vn", headers: { cookie }, cf: { country: "CN" } });
      assert.deepEqual([other.cluster, other.route], ["smp-us", "session"]);
    },
  },
  {
    name: "a token sets the session anew",
    async run(edge) {
      const answer = await goes(edge, "smp-china", "jwt", { headers: { ...bearer(token()), cookie: sessionCookie("smp-us") } });
      assert.equal(value(answer), sessionCookie("smp-china"));
      await goes(edge, "smp-china", "session", { headers: { cookie: value(answer) }, cf: { country: "US" } });
    },
  },
  {
    name: "the cookie is issued again only when it is needed",
    async run(edge) {
      const now = Math.ceil(Date.now() / 1000 / HOUR) * HOUR;
      const fresh = sessionCookie("smp-us", { expires: now + 14 * HOUR });
      assert.equal((await goes(edge, "smp-us", "session", { headers: { cookie: fresh } })).cookie, undefined);
      const old = sessionCookie("smp-us", { expires: now + 6 * HOUR });
      assert.equal(value(await goes(edge, "smp-us", "session", { headers: { cookie: old } })), sessionCookie("smp-us"));
      assert.equal((await goes(edge, "smp-china", "jwt", { headers: { ...bearer(token()), cookie: sessionCookie("smp-china") } })).cookie, undefined);
    },
  },
  {
    name: "an expired session, or one without an end in sight, is ignored",
    async run(edge) {
      const hour = Math.floor(Date.now() / 1000 / HOUR) * HOUR;
      for (const expires of [hour, hour - 24 * HOUR, 0, hour + 1000 * HOUR]) {
        await goes(edge, "smp-asia", "country", { headers: { cookie: sessionCookie("smp-us", { expires }) }, cf: { country: "VN" } });
      }
    },
  },
  {
    name: "a forged session is ignored and replaced",
    async run(edge) {
      for (const cookie of [sessionCookie("smp-china", { forge: true }), sessionCookie("smp-china", { key: "another-key-another-key-another-key-12345" }), sessionCookie("smp-us").replace("smp-us", "smp-china")]) {
        const answer = await goes(edge, "smp-asia", "country", { headers: { cookie }, cf: { country: "VN" } });
        assert.equal(value(answer), sessionCookie("smp-asia"));
      }
    },
  },
  {
    name: "a forged session before the real one does not hide it",
    run: (edge) => goes(edge, "smp-us", "session", { headers: { cookie: `${sessionCookie("smp-china", { forge: true })}; ${sessionCookie("smp-us")}` }, cf: { country: "VN" } }),
  },
  {
    name: "a session of an unknown cluster is ignored",
    bindings: [withoutUs],
    async run(edge) {
      for (const cluster of ["smp-mars", "__proto__", "constructor", "none"]) {
        await goes(edge, "smp-asia", "country", { headers: { cookie: sessionCookie(cluster) }, cf: { country: "VN" } });
      }
      await goes(edge, "smp-asia", "country", { bindings: withoutUs, headers: { cookie: sessionCookie("smp-us") }, cf: { country: "VN" } });
    },
  },
  {
    name: "junk in Cookie is no session and no error",
    async run(edge) {
      const name = "__Secure-smp-session-prod";
      for (const cookie of ["", ";", "=", name, `${name}=`, `${name}=a.b.c`, `${name}=smp-us.1.${"A".repeat(43)}`, `${name}=${"a.".repeat(4000)}`, `x${sessionCookie("smp-us")}`, "\xe9\xff=;;;", `${"a=b; ".repeat(1500)}`]) {
        await goes(edge, "smp-asia", "country", { headers: { cookie }, cf: { country: "VN" } });
      }
    },
  },
  {
    name: "a cookie of another environment is not a session here",
    bindings: [dev],
    async run(edge) {
      await goes(edge, "smp-asia", "country", { bindings: dev, headers: { cookie: sessionCookie("smp-us") }, cf: { country: "VN" } });
      const renamed = sessionCookie("smp-us").replace("session-prod", "session-dev");
      await goes(edge, "smp-asia", "country", { bindings: dev, headers: { cookie: renamed }, cf: { country: "VN" } });
      const answer = await goes(edge, "smp-us", "session", { bindings: dev, host: "dev-api.smp.vn", headers: { cookie: sessionCookie("smp-us", { environment: "dev", expires: (Math.ceil(Date.now() / 1000 / HOUR) + 2) * HOUR }) } });
      assert.equal(value(answer), sessionCookie("smp-us", { environment: "dev" }));
      assert.equal(attributes(answer).Domain, "smp.vn");
    },
  },
  {
    name: "no usable SESSION_KEY: no sessions, and the other rules stand",
    bindings: noKey,
    async run(edge) {
      for (const bindings of noKey) {
        const answer = await goes(edge, "smp-us", "country", { bindings, headers: { cookie: sessionCookie("smp-china", { key: bindings.SESSION_KEY ?? "x" }) }, cf: { country: "US" } });
        assert.equal(answer.cookie, undefined);
      }
    },
  },
  { name: "no ENVIRONMENT: the names of production", bindings: [noEnvironment], run: (edge) => goes(edge, "smp-us", "session", { bindings: noEnvironment, headers: { cookie: sessionCookie("smp-us") } }) },
  {
    name: "a session stays with its cluster through maintenance",
    bindings: [underMaintenance],
    async run(edge) {
      edge.forget();
      const answer = await edge.send({ bindings: underMaintenance, headers: { cookie: sessionCookie("smp-us") }, cf: { country: "VN" } });
      assert.deepEqual([answer.status, answer.cluster, answer.route, edge.seen.length], [503, "smp-us", "session", 0]);
    },
  },
  {
    name: "the cookie's domain is the parent of a public name, and nothing for an address",
    async run(edge) {
      for (const [host, domain] of [["api.smp.vn", "smp.vn"], ["staging-ws.smp.vn:443", "smp.vn"], ["api.smp.com.cn", "smp.com.cn"], ["127.0.0.1", undefined], ["127.0.0.1:8787", undefined], ["localhost", undefined], ["smp.vn", undefined], ["[::1]", undefined]]) {
        assert.equal(attributes(await edge.send({ host })).Domain, domain, host);
      }
    },
  },
];
