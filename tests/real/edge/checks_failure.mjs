/** A cluster that does not serve: 503, no other origin, and an answer the client can read (M§14.6). */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";

import { FAILURES } from "./cases.mjs";
import { goes } from "./checks_decision.mjs";
import { token } from "./fixtures.mjs";

const HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const OVERRIDES = {
  down: { routing: { clusters: { "smp-us": { origin: "@down" } } } },
  maintenance: { routing: { clusters: { "smp-us": { state: "maintenance" } } } },
  "unknown-state": { routing: { clusters: { "smp-us": { state: "maintenence" } } } },
  "bad-origin": { routing: { clusters: { "smp-us": { origin: "http://127.9.9.9" } } } },
  absent: { routing: { clusters: { "smp-us": null } } },
  impatient: { routing: { timeoutMs: 300 } },
};
const oneSecond = { routing: { timeoutMs: 1000 } };
export const maintained = { routing: { clusters: Object.fromEntries(["smp-asia", "smp-china", "smp-us"].map((name) => [name, { state: "maintenance" }])) } };
const unusable = ["", "{", "null", "[]", '"text"', "{}", '{"clusters":{}}', '{"clusters":[],"countries":{}}', '{"clusters":{},"countries":[]}', '{"clusters":{},"countries":null}', null].map((ROUTING) => ({ ROUTING }));
const badOrigins = ["", "us-api.smp.vn", "ftp://us-api.smp.vn", "https://us-api.smp.vn/path", "https://user:pass@us-api.smp.vn", "https://us-api.smp.vn/?q", 7, null, {}].map((origin) => ({ routing: { clusters: { "smp-us": { origin } } } }));
const badStates = [null, "", "SERVING", true, 1, {}, "drain"].map((state) => ({ routing: { clusters: { "smp-us": { state } } } }));
const badEntries = [null, "text", 5, []].map((entry) => ({ ROUTING: JSON.stringify({ clusters: { "smp-us": entry, "smp-asia": { origin: "http://127.0.0.1:1", state: "serving" } }, countries: { US: "smp-us" }, default: "smp-asia" }) }));
const badMappings = [5, null, "", "SMP US", "smp-us\r\nx: y", {}].map((US) => ({ routing: { countries: { CN: "smp-china", US } } }));
const badDefaults = ["", "smp-mars", 5, null].map((name) => ({ routing: { default: name } }));
const badColos = { routing: { colos: { IAD: "smp-mars", SIN: 5, PEK: null } } };
const noColos = { routing: { colos: "none" } };
const badTimeouts = ["fast", -1, 0, 1e9, null].map((timeoutMs) => ({ routing: { timeoutMs } }));

/** 503 from the edge itself, of this cluster, with nobody else asked. */
async function fails(edge, request, { cluster = "smp-us", route = "country", reason, retryAfter, asked = [] }) {
  edge.forget();
  const answer = await edge.send(request);
  assert.deepEqual([answer.status, answer.cluster, answer.route], [503, cluster, route]);
  assert.deepEqual(edge.seen.map(({ origin }) => origin), asked, "the origins that were asked");
  if (retryAfter) assert.equal(answer.headers["retry-after"], String(retryAfter));
  assert.ok(Number(answer.headers["retry-after"]) > 0);
  assert.equal(answer.headers["cache-control"], "no-store");
  if (reason) assert.equal(answer.json.reason, reason);
  return answer;
}

const fromUs = { cf: { country: "US", colo: "SIN" } };

export const failureChecks = [
  ...FAILURES.map(({ id, text, answer, reason, retryAfter, clusterOverride }) => {
    const bindings = OVERRIDES[clusterOverride];
    return {
      name: `${text}: 503 for its own cluster and no request to another`,
      id: `failure-${id}`,
      bindings: bindings ? [bindings] : [],
      async run(edge) {
        const asked = answer ? ["smp-us"] : [];
        for (const method of ["GET", "POST"]) {
          await fails(edge, { ...fromUs, bindings, answer, method, body: method === "POST" ? "{}" : undefined, fresh: true }, { reason, retryAfter, asked });
        }
        const signed = { headers: { authorization: `Bearer ${token({ country_code: "US" })}` }, cf: { country: "VN" }, bindings, answer };
        await fails(edge, signed, { route: "jwt", reason, retryAfter, asked });
        const page = await fails(edge, { ...fromUs, bindings, answer, headers: { accept: HTML } }, { retryAfter, asked });
        assert.match(page.headers["content-type"], /^text\/html/);
        if (id !== "hang") await goes(edge, "smp-asia", "country", { bindings, cf: { country: "VN" } }); // the others do not notice
      },
    };
  }),
  {
    name: "the JSON answer says what is wrong, where, and when to ask again",
    bindings: [OVERRIDES.maintenance],
    async run(edge) {
      const answer = await fails(edge, { ...fromUs, bindings: OVERRIDES.maintenance, headers: { accept: "application/json" } }, {});
      assert.equal(answer.headers["content-type"], "application/problem+json");
      const { detail, ...rest } = answer.json;
      assert.deepEqual(rest, { title: "Service Unavailable", status: 503, cluster: "smp-us", reason: "maintenance", retry_after: 300 });
      assert.match(detail, /No other cluster/);
    },
  },
  {
    name: "the origin's own status stays visible",
    async run(edge) {
      const answer = await fails(edge, { ...fromUs, answer: { status: 507 } }, { asked: ["smp-us"] });
      assert.equal(answer.headers["x-smp-origin-status"], "507");
    },
  },
  {
    name: "an answer below 500 is the application's and is passed on",
    async run(edge) {
      for (const status of [200, 201, 204, 206, 304, 400, 401, 403, 404, 409, 418, 422, 429, 499]) {
        edge.forget();
        const answer = await edge.send({ ...fromUs, answer: { status } });
        assert.deepEqual([answer.status, answer.cluster, answer.headers["retry-after"], edge.seen.length], [status, "smp-us", undefined, 1]);
      }
    },
  },
  {
    name: "browsers that open a page get the page, everything else gets JSON",
    bindings: [maintained],
    async run(edge) {
      const kind = async (headers, method) => (await edge.send({ bindings: maintained, method, headers })).headers["content-type"];
      for (const headers of [{ accept: HTML }, { accept: HTML, "sec-fetch-mode": "navigate" }, { accept: "TEXT/HTML" }, { accept: "application/json;q=0.5, text/html" }]) {
        assert.match(await kind(headers), /^text\/html; charset=utf-8$/, JSON.stringify(headers));
      }
      const programs = [
        {}, { accept: "*/*" }, { accept: "application/json" }, { accept: "application/json, text/html;q=0.9" }, { accept: "text/html;q=0" }, { accept: "application/vnd.api+json, text/html;q=0.1" },
        { accept: HTML, "sec-fetch-mode": "cors" }, { accept: "text/htmlx" }, { accept: ";;,,q=,text/html;q=nonsense" },
      ];
      for (const headers of programs) assert.equal(await kind(headers), "application/problem+json", JSON.stringify(headers));
      assert.match(await kind({ accept: HTML, "sec-fetch-mode": "navigate" }, "POST"), /^text\/html/);
    },
  },
  {
    name: "the page speaks the languages of the cluster's countries",
    bindings: [maintained],
    async run(edge) {
      const language = async (country, accepted) => {
        const { headers, text } = await edge.send({ bindings: maintained, cf: { country }, headers: { accept: HTML, ...(accepted === undefined ? {} : { "accept-language": accepted }) } });
        assert.ok(text.includes(`<html lang="${headers["content-language"]}" dir="ltr">`));
        return headers["content-language"];
      };
      for (const wish of ["vi", "en", "th", "id", "ms", "fil", "ta", "zh-Hans", "zh-Hant"]) assert.equal(await language("VN", wish), wish);
      const wishes = {
        "th-TH,th;q=0.9,en;q=0.8": "th", "en;q=0.3, ms;q=0.9": "ms", "de-DE, id;q=0.2": "id", tl: "fil", in: "id", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-Hant-MO": "zh-Hant", "zh-CN": "zh-Hans",
        zh: "zh-Hans", "zh-SG": "zh-Hans", "zh-Hans-HK": "zh-Hans", "vi;q=0, th": "th", de: "en", "es-ES": "en", ";;,": "vi", "q=": "en", "*": "en", [`${"x,".repeat(500)}th`]: "en",
      };
      for (const [accepted, wanted] of Object.entries(wishes)) assert.equal(await language("TH", accepted), wanted, accepted);
      assert.equal(await language("VN", undefined), "vi");
      for (const accepted of ["zh-CN", "zh-TW", "en-US", "vi", undefined]) assert.equal(await language("CN", accepted), "zh-Hans", accepted);
      assert.equal(await language("US", "es-MX,es;q=0.9"), "es");
      assert.equal(await language("US", "vi"), "en");
      assert.equal(await language("US", undefined), "en");
    },
  },
  {
    name: "the page needs nothing from anywhere and says nothing of the request",
    bindings: [maintained],
    async run(edge) {
      const answer = await edge.send({ bindings: maintained, path: "/<script>alert(1)</script>?q=%3Cimg%3E", headers: { accept: HTML, "accept-language": "vi\"><script>", cookie: "secret=1" } });
      assert.doesNotMatch(answer.text, /script|src=|url\(|@import|https?:|secret|<img|<link/i);
      assert.match(answer.headers["content-security-policy"], /^default-src 'none'; style-src 'unsafe-inline';/);
      assert.equal(answer.headers["x-content-type-options"], "nosniff");
    },
  },
  {
    name: "HEAD gets the same head and no body",
    bindings: [maintained],
    async run(edge) {
      const answer = await edge.send({ bindings: maintained, method: "HEAD", headers: { accept: HTML } });
      assert.deepEqual([answer.status, answer.body.length, answer.cluster, answer.headers["retry-after"]], [503, 0, "smp-asia", "300"]);
    },
  },
  {
    name: "a web app on another host can read why, preflight included",
    bindings: [maintained],
    async run(edge) {
      const headers = { origin: "https://smp-mobile.pages.dev", "access-control-request-method": "POST", "access-control-request-headers": "authorization, content-type" };
      const preflight = await edge.send({ bindings: maintained, method: "OPTIONS", headers });
      assert.deepEqual([preflight.status, preflight.cluster], [204, "smp-asia"]);
      assert.deepEqual(
        ["origin", "methods", "headers", "max-age", "credentials"].map((name) => preflight.headers[name === "max-age" ? `access-control-${name}` : `access-control-allow-${name}`]),
        ["*", "POST", "authorization, content-type", "0", undefined],
      );
      const answer = await fails(edge, { bindings: maintained, method: "POST", headers: { origin: headers.origin } }, { cluster: "smp-asia", route: "default" });
      assert.equal(answer.headers["access-control-allow-origin"], "*");
      await fails(edge, { bindings: maintained, method: "OPTIONS" }, { cluster: "smp-asia", route: "default" });
    },
  },
  {
    name: "an unusable ROUTING is a controlled 503 of no cluster",
    bindings: unusable,
    async run(edge) {
      for (const bindings of unusable) {
        await fails(edge, { bindings, ...fromUs, headers: { authorization: `Bearer ${token()}` } }, { cluster: "none", route: "default", reason: "misconfigured" });
        const page = await fails(edge, { bindings, headers: { accept: HTML, "accept-language": "es" } }, { cluster: "none", route: "default" });
        assert.equal(page.headers["content-language"], "es");
      }
    },
  },
  {
    name: "a cluster that cannot be read closes, and only it",
    bindings: [...badOrigins, ...badStates, ...badEntries],
    async run(edge) {
      for (const bindings of [...badOrigins, ...badStates, ...badEntries]) await fails(edge, { bindings, ...fromUs }, { reason: "misconfigured" });
      for (const bindings of [...badOrigins, ...badStates]) await goes(edge, "smp-asia", "country", { bindings, cf: { country: "TH" } });
    },
  },
  {
    name: "a country mapped to junk is not handed to another cluster",
    bindings: badMappings,
    async run(edge) {
      for (const bindings of badMappings) {
        await fails(edge, { bindings, ...fromUs }, { cluster: "none", reason: "misconfigured" });
        await goes(edge, "smp-china", "country", { bindings, cf: { country: "CN" } });
      }
    },
  },
  {
    name: "a default that is no cluster closes what only the default would take",
    bindings: badDefaults,
    async run(edge) {
      for (const bindings of badDefaults) {
        const cluster = bindings.routing.default === "smp-mars" ? "smp-mars" : "none";
        await fails(edge, { bindings }, { cluster, route: "default", reason: "misconfigured" });
        await fails(edge, { bindings, cf: { country: "FR" } }, { cluster, reason: "misconfigured" });
        await goes(edge, "smp-china", "country", { bindings, cf: { country: "CN" } });
      }
    },
  },
  {
    name: "a data centre mapped to junk gives way to the next rule",
    bindings: [badColos, noColos],
    async run(edge) {
      for (const colo of ["IAD", "SIN", "PEK", "__proto__", 7, null]) {
        for (const bindings of [badColos, noColos]) await goes(edge, "smp-asia", "default", { bindings, cf: { colo } });
      }
    },
  },
  {
    name: "a time limit that makes no sense is the built-in one",
    bindings: badTimeouts,
    async run(edge) {
      for (const bindings of badTimeouts) await goes(edge, "smp-us", "country", { bindings, ...fromUs });
    },
  },
  {
    name: "the time limit ends with the answer's head, not its body",
    bindings: [oneSecond],
    async run(edge) {
      const answer = await edge.send({ ...fromUs, bindings: oneSecond, answer: { slow: 1600 } });
      assert.deepEqual([answer.status, answer.text], [200, "early late"]);
    },
  },
  {
    name: "a slow upload gets time in proportion to its length",
    bindings: [oneSecond],
    async run(edge) {
      edge.forget();
      const body = new PassThrough();
      body.write("x".repeat(10));
      const answering = edge.send({ ...fromUs, bindings: oneSecond, method: "POST", body, headers: { "content-length": 32_000 } });
      await new Promise((resolve) => setTimeout(resolve, 1600)); // one second is for a request without a body
      body.end("y".repeat(31_990));
      assert.equal((await answering).status, 200);
      assert.equal(edge.seen[0].bytes, 32_000);
    },
  },
  {
    name: "nothing of a request is written to the log",
    bindings: [OVERRIDES.down, { ROUTING: "" }],
    async run(edge) {
      edge.forget();
      const headers = { authorization: `Bearer ${token({ exp: -1000 })}`, cookie: "sid=secret-cookie", "user-agent": "secret-agent", "cf-connecting-ip": "203.0.113.7", accept: "secret/type" };
      await edge.send({ ...fromUs, bindings: OVERRIDES.down, path: "/secret-path?secret=query", headers });
      await edge.send({ ...fromUs, bindings: { ROUTING: "" }, path: "/secret-path", headers });
      await edge.send({ ...fromUs, path: "/secret-path", headers, answer: { status: 502 } });
      const until = Date.now() + 3000;
      while (!edge.logged.includes("origin-error") && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.match(edge.logged, /edge: smp-us unreachable/);
      assert.match(edge.logged, /edge: smp-us origin-error 502/);
      assert.doesNotMatch(edge.logged, /secret|203\.0\.113|Bearer|user-7|eyJ/);
    },
  },
];
