/** What passes through, unchanged, and what must not. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";

import { goes } from "./checks_decision.mjs";
import { WebSocket } from "./harness.mjs";

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const fromUs = { cf: { country: "US" } };
const noWsOrigin = { routing: { clusters: { "smp-us": { wsOrigin: null } } } };
const wsMaintenance = { routing: { clusters: { "smp-us": { state: "maintenance" } } } };
const wsDown = { routing: { clusters: { "smp-us": { wsOrigin: "@down" } } } };

/** Opens a WebSocket. @returns {Promise<{socket?: InstanceType<typeof WebSocket>, status: number, headers: Record<string, any>}>} */
function connect(edge, { path = "/live?room=7", protocols = [], ...request } = {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}${path}`, protocols, { headers: edge.headers({ host: "ws.smp.vn", ...request }) });
    let upgrade;
    socket.on("upgrade", (response) => (upgrade = response));
    socket.on("open", () => resolve({ socket, status: upgrade.statusCode, headers: upgrade.headers }));
    socket.on("unexpected-response", (_, response) => {
      response.resume();
      resolve({ status: response.statusCode, headers: response.headers });
    });
    socket.on("error", reject);
  });
}

const next = (socket, event) => new Promise((resolve) => socket.once(event, (...values) => resolve(values)));

export const proxyChecks = [
  {
    name: "method, path, query and body arrive as they were sent",
    async run(edge) {
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
        const body = method === "OPTIONS" ? undefined : randomBytes(3000);
        const path = "/v4//orders/a%2Fb/%E1%BB%87;v=1?x=1&x=2&y=%20+&z=%C3%A9&empty=&q";
        const answer = await goes(edge, "smp-us", "country", { ...fromUs, method, path, body, headers: body ? { "content-length": 3000 } : {} });
        const [record] = edge.seen;
        assert.deepEqual([record.method, record.url, record.bytes], [method, path, body?.length ?? 0]);
        if (body) assert.equal(record.sha256, sha256(body));
        assert.equal(answer.json.bytes, body?.length ?? 0);
      }
      await goes(edge, "smp-us", "country", { ...fromUs, path: "//smp-china/@x" });
      assert.equal(edge.seen[0].url, "//smp-china/@x");
    },
  },
  {
    name: "a body's length is passed on, and a body of unknown length too",
    async run(edge) {
      await goes(edge, "smp-us", "country", { ...fromUs, method: "POST", body: "12345", headers: { "content-length": 5 } });
      assert.deepEqual([edge.seen[0].headers["content-length"], edge.seen[0].headers["transfer-encoding"]], ["5", undefined]);
      await goes(edge, "smp-us", "country", { ...fromUs, method: "POST", body: "12345", headers: { "transfer-encoding": "chunked" } });
      assert.deepEqual([edge.seen[0].bytes, edge.seen[0].headers["content-length"]], [5, undefined]);
    },
  },
  {
    name: "the body is streamed: the origin has its beginning before the client has sent its end",
    async run(edge) {
      edge.forget();
      const body = new PassThrough();
      body.write(randomBytes(200_000));
      const answering = edge.send({ ...fromUs, method: "POST", body });
      answering.catch(() => {}); // awaited below, unless that is not reached
      const until = Date.now() + 5000;
      while (!(edge.seen[0]?.bytes > 0) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
      const before = edge.seen[0]?.bytes ?? 0;
      body.end("end");
      assert.equal((await answering).json.bytes, 200_003);
      assert.ok(before > 0, "nothing had arrived before the end was sent");
    },
  },
  {
    name: "status, headers and body come back as they were sent",
    async run(edge) {
      const headers = { "set-cookie": ["a=1; Path=/", "b=2"], etag: '"7"', "x-request-id": "r-1", "cache-control": "private, max-age=5", "content-type": "text/plain; charset=utf-8", link: "</a>; rel=next" };
      const answer = await goes(edge, "smp-us", "country", { ...fromUs, answer: { status: 200, headers, body: "Xin chào 你好" } });
      assert.equal(answer.text, "Xin chào 你好");
      for (const [name, value] of Object.entries(headers)) {
        if (name !== "set-cookie") assert.equal(answer.headers[name], value);
      }
      assert.deepEqual(answer.headers["set-cookie"].slice(0, 2), headers["set-cookie"]);
      assert.equal(answer.headers["set-cookie"].length, 3);
    },
  },
  {
    name: "a compressed body is passed on byte for byte",
    async run(edge) {
      const packed = gzipSync("x".repeat(5000));
      const answer = await goes(edge, "smp-us", "country", {
        ...fromUs, headers: { "accept-encoding": "gzip" }, answer: { headers: { "content-encoding": "gzip" }, base64: packed.toString("base64") },
      });
      assert.equal(answer.headers["content-encoding"], "gzip");
      assert.deepEqual(answer.body, packed);
    },
  },
  {
    name: "ranges and conditions are the origin's business",
    async run(edge) {
      const answer = await edge.send({ ...fromUs, headers: { range: "bytes=0-3", "if-none-match": '"7"' }, answer: { status: 206, headers: { "content-range": "bytes 0-3/9" }, body: "abcd" } });
      assert.deepEqual([answer.status, answer.headers["content-range"], answer.text], [206, "bytes 0-3/9", "abcd"]);
      const empty = await edge.send({ ...fromUs, answer: { status: 304, headers: { etag: '"7"' } } });
      assert.deepEqual([empty.status, empty.body.length, empty.headers.etag], [304, 0, '"7"']);
    },
  },
  {
    name: "a redirect is passed on, not followed",
    async run(edge) {
      for (const status of [301, 302, 303, 307, 308]) {
        edge.forget();
        const answer = await edge.send({ ...fromUs, method: "POST", body: "x", answer: { status, headers: { location: "/v4/login?a=1" } } });
        assert.deepEqual([answer.status, answer.headers.location, edge.seen.length], [status, "/v4/login?a=1", 1]);
      }
    },
  },
  {
    name: "a redirect never names a regional origin; third parties are left alone",
    async run(edge) {
      const location = async (answer) => (await edge.send({ ...fromUs, answer: { status: 302, ...answer } })).headers.location;
      assert.equal(await location({ home: "/v4/a%2Fb?c=d#e" }), "http://api.smp.vn/v4/a%2Fb?c=d#e");
      const { host } = new URL(edge.origins["smp-us"]);
      assert.equal(await location({ headers: { location: `//${host}/x` } }), "http://api.smp.vn/x");
      assert.equal(await location({ headers: { location: "https://pay.example/return?to=1" } }), "https://pay.example/return?to=1");
      for (const odd of ["?page=2", "https://", "http://[", "mailto:a@b.example"]) assert.equal(await location({ headers: { location: odd } }), odd);
    },
  },
  {
    name: "what a client claims about itself is replaced by the platform's word",
    async run(edge) {
      const headers = {
        "cf-connecting-ip": "203.0.113.9", // the platform overwrites this one, so here it is the platform's
        "cf-ipcountry": "CN", "cf-ray": "forged", "cf-visitor": "forged", "cf-access-jwt-assertion": "forged", "x-smp-cluster": "smp-china", "x-smp-route": "jwt", "x-smp-admin": "1",
        "x-forwarded-for": "10.0.0.1", "x-forwarded-host": "evil.example", "x-forwarded-proto": "gopher", "x-forwarded-port": "1", "x-forwarded": "forged", forwarded: "for=10.0.0.1", "x-real-ip": "10.0.0.1",
        "true-client-ip": "10.0.0.1", "x-client-ip": "10.0.0.1", "x-cluster-client-ip": "10.0.0.1", "x-original-url": "/admin", "x-original-forwarded-for": "10.0.0.1", "x-rewrite-url": "/admin", "x-host": "evil.example",
        "x-envoy-external-address": "10.0.0.1", "X-ENVOY-INTERNAL": "true", via: "1.1 evil",
      };
      await goes(edge, "smp-us", "country", { ...fromUs, headers });
      const received = edge.seen[0].headers;
      assert.deepEqual(
        ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-smp-cluster"].map((name) => received[name]),
        ["203.0.113.9", "api.smp.vn", "http", "smp-us"],
      );
      const kept = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-smp-cluster"];
      for (const name of Object.keys(headers).map((each) => each.toLowerCase()).filter((each) => !kept.includes(each))) assert.equal(received[name], undefined, name);
      assert.doesNotMatch(JSON.stringify(received), /evil|forged|10\.0\.0\.1/);
      await goes(edge, "smp-us", "country", { ...fromUs, headers: { "cf-connecting-ip": "<junk>", "x-forwarded-for": "10.0.0.1" } });
      assert.equal(edge.seen[0].headers["x-forwarded-for"], undefined);
    },
  },
  {
    name: "the application's own headers pass",
    async run(edge) {
      const headers = { authorization: "Basic dXNlcg==", cookie: "sid=1; theme=dark", "accept-language": "vi", "idempotency-key": "k-1", traceparent: "00-aa-bb-01", "x-requested-with": "app", "x-smpx": "1", origin: "https://smp-mobile.pages.dev" };
      await goes(edge, "smp-us", "country", { ...fromUs, headers });
      for (const [name, value] of Object.entries(headers)) assert.equal(edge.seen[0].headers[name], value, name);
    },
  },
  {
    name: "hop-by-hop headers stop here",
    async run(edge) {
      const headers = { "x-secret-hop": "1", "keep-alive": "timeout=9", "proxy-authorization": "Basic x", "proxy-connection": "keep-alive", te: "trailers", connection: "keep-alive, X-Secret-Hop" };
      await goes(edge, "smp-us", "country", { ...fromUs, headers });
      const first = [...edge.seen];
      await goes(edge, "smp-us", "country", { ...fromUs, headers: { upgrade: "h2c" } });
      for (const { headers: received } of first.concat(edge.seen)) {
        for (const name of [...Object.keys(headers), "upgrade"].filter((each) => each !== "connection")) assert.equal(received[name], undefined, name);
      }
      const answer = await edge.send({ ...fromUs, answer: { headers: { "keep-alive": "timeout=99", "proxy-connection": "x" } } });
      assert.notEqual(answer.headers["keep-alive"], "timeout=99");
    },
  },
  {
    name: "nothing may be cached on the way",
    async run(edge) {
      for (let i = 0; i < 2; i++) await goes(edge, "smp-us", "country", { ...fromUs, path: "/v4/invoices/7.pdf", answer: { headers: { "cache-control": "public, max-age=3600" } } });
      // What the runtime sends for `cache: "no-store"`: the sign that the request by-passes the data centre's cache.
      assert.equal(edge.seen[0].headers.pragma, "no-cache");
    },
  },
  {
    name: "the origin cannot speak for the edge",
    run: (edge) => goes(edge, "smp-us", "country", { ...fromUs, answer: { headers: { "x-smp-cluster": "smp-china", "x-smp-route": "jwt" } } }),
  },
  {
    name: "a request goes to the API's origin, on ws hosts to the WebSocket origin",
    bindings: [noWsOrigin],
    async run(edge) {
      for (const [host, origin] of [["api.smp.vn", "smp-us"], ["ws.smp.vn", "smp-us-ws"], ["staging-ws.smp.vn", "smp-us-ws"], ["dev-ws.smp.vn", "smp-us-ws"], ["news.smp.vn", "smp-us"], ["ws-docs.smp.vn", "smp-us"]]) {
        edge.forget();
        await edge.send({ ...fromUs, host });
        assert.deepEqual(edge.seen.map((record) => record.origin), [origin], host);
        assert.equal(edge.seen[0].headers["x-forwarded-host"], host);
      }
      edge.forget();
      await edge.send({ ...fromUs, host: "ws.smp.vn", bindings: noWsOrigin });
      assert.deepEqual(edge.seen.map((record) => record.origin), ["smp-us"]);
    },
  },
  {
    name: "a WebSocket is carried both ways, with the edge's marks on the upgrade",
    async run(edge) {
      edge.forget();
      const { socket, status, headers } = await connect(edge, { ...fromUs, protocols: ["smp.v4", "other"] });
      assert.deepEqual([status, headers["x-smp-cluster"], headers["x-smp-route"], socket.protocol], [101, "smp-us", "country", "smp.v4"]);
      assert.match(String(headers["set-cookie"]), /^__Secure-smp-session-prod=smp-us\./);
      socket.send("Xin chào");
      assert.equal(String((await next(socket, "message"))[0]), "Xin chào");
      const binary = randomBytes(300_000);
      socket.send(binary);
      assert.deepEqual((await next(socket, "message"))[0], binary);
      assert.deepEqual(edge.seen.map((record) => [record.origin, record.method, record.url]), [["smp-us-ws", "WEBSOCKET", "/live?room=7"]]);
      socket.close(4001, "done");
      assert.equal((await next(socket, "close"))[0], 4001);
    },
  },
  {
    name: "a WebSocket to a cluster that does not serve gets 503 as JSON",
    bindings: [wsMaintenance, wsDown],
    async run(edge) {
      for (const bindings of [wsMaintenance, wsDown]) {
        edge.forget();
        const { status, headers } = await connect(edge, { ...fromUs, bindings, headers: { accept: "text/html" } });
        assert.deepEqual([status, headers["x-smp-cluster"], headers["x-smp-route"], headers["content-type"], edge.seen.length], [503, "smp-us", "country", "application/problem+json", 0]);
      }
    },
  },
  {
    name: "a refused upgrade is passed on",
    async run(edge) {
      const { status } = await connect(edge, { ...fromUs, host: "api.smp.vn", path: `/live?answer=${encodeURIComponent('{"status":403}')}` }).catch(() => ({ status: 0 }));
      assert.ok(status === 101 || status === 403);
    },
  },
  {
    name: "the fiftieth junk header does no harm",
    async run(edge) {
      const junk = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-junk-${n}`, "\x80\xff ;,=\"'"]));
      await goes(edge, "smp-us", "country", { ...fromUs, headers: { ...junk, accept: ";;;q=,,,*", "accept-language": "\xff-;q=q", "content-type": "\xe9", range: "bytes=z", expect: "" } });
    },
  },
];
