/** The Worker on workerd, and origins on loopback that write down all they are asked. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { CLUSTERS } from "./cases.mjs";
import { JWKS, SESSION_KEY, routing } from "./fixtures.mjs";

export const EDGE = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../../edge");
export const SCRIPT = readFileSync(path.join(EDGE, "src/router.js"), "utf8");
const { compatibilityDate, compatibilityFlags } = JSON.parse(readFileSync(path.join(EDGE, "worker.json"), "utf8"));
const require = createRequire(path.join(EDGE, "package.json"));
const { Miniflare } = require("miniflare");
export const { WebSocket, WebSocketServer } = require("ws");
const { Pool } = createRequire(require.resolve("miniflare"))("undici");

/**
 * Stands for the platform: it alone says what `request.cf` is, and which of the Workers (same script, other bindings)
 * is asked. The router behind it is reached by a service binding, unchanged.
 */
const PLATFORM = `export default {
  fetch(request, env) {
    const headers = new Headers(request.headers);
    const cf = JSON.parse(headers.get("x-test-cf") ?? "{}");
    const worker = headers.get("x-test-worker");
    headers.delete("x-test-cf");
    headers.delete("x-test-worker");
    return env[worker].fetch(new Request(request, { headers, cf }));
  },
};`;

/** An origin answers as the query parameter `answer` says: {status, headers, body, base64, bytes, hang, destroy, slow, home, elsewhere}. */
async function origin(name, log, origins) {
  const server = http.createServer(async (request, response) => {
    if (request.url.startsWith("/m/")) {
      log.push({ origin: name, url: request.url }); // the matrix: tens of thousands of requests, and only the place matters
      return void response.end();
    }
    const entry = { origin: name, method: request.method, url: request.url, headers: request.headers, rawHeaders: request.rawHeaders, bytes: 0, body: "" };
    log.push(entry);
    const hash = createHash("sha256");
    const answer = JSON.parse(new URL(request.url, "http://origin").searchParams.get("answer") ?? "{}");
    try {
      for await (const chunk of request) {
        entry.bytes += chunk.length;
        hash.update(chunk);
        if (entry.bytes < 10_000) entry.body += chunk.toString("latin1");
      }
    } catch {
      entry.aborted = true;
      return;
    }
    entry.sha256 = hash.digest("hex");
    if (answer.hang) return;
    if (answer.slow) {
      response.writeHead(200, { "content-type": "text/plain" }).write("early ");
      setTimeout(() => response.end("late"), answer.slow);
      return;
    }
    if (answer.destroy) return void request.socket.destroy();
    const status = answer.status ?? 200;
    const headers = { "content-type": "application/json", ...answer.headers };
    if (answer.elsewhere) headers.location = `${origins[name.startsWith("smp-us") ? "smp-asia" : "smp-us"]}/moved`;
    if (answer.home) headers.location = `${origins[name]}${answer.home}`;
    response.writeHead(status, headers);
    if (status === 204 || status === 304) return void response.end();
    if (answer.bytes) {
      const chunk = Buffer.alloc(64 * 1024, "z");
      for (let left = answer.bytes; left > 0; left -= chunk.length) {
        if (!response.write(chunk.subarray(0, Math.min(left, chunk.length)))) await once(response, "drain");
      }
      return void response.end();
    }
    response.end(answer.base64 ? Buffer.from(answer.base64, "base64") : (answer.body ?? JSON.stringify({ origin: name, sha256: entry.sha256, bytes: entry.bytes })));
  });
  const sockets = new WebSocketServer({ server, handleProtocols: (protocols) => [...protocols][0] ?? false });
  sockets.on("connection", (socket, request) => {
    log.push({ origin: name, method: "WEBSOCKET", url: request.url, headers: request.headers });
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

export class Edge {
  /** Every request that reached an origin since `forget()`. @type {any[]} */
  seen = [];
  /** What the Workers wrote to the log. */
  logged = "";
  #servers = [];
  #workers = new Map();
  #pool;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

  /** @param {{script?: string, bindings?: object[]}} options the bindings beside the production ones that checks will ask for */
  static async start({ script = SCRIPT, bindings = [] } = {}) {
    const edge = new Edge();
    edge.origins = {};
    for (const name of CLUSTERS.flatMap((cluster) => [cluster, `${cluster}-ws`])) {
      const server = await origin(name, edge.seen, edge.origins);
      edge.#servers.push(server);
      edge.origins[name] = `http://127.0.0.1:${server.address().port}`;
    }
    const closed = http.createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    edge.origins.down = `http://127.0.0.1:${closed.address().port}`;
    closed.close();
    await edge.#run(script, bindings);
    return edge;
  }

  async #run(script, bindings) {
    const options = this.#options(script, bindings);
    this.miniflare = new Miniflare(options);
    const url = await this.miniflare.ready;
    this.port = Number(url.port);
  }

  /** Another script, or other bindings, in the same place. */
  async replace({ script = SCRIPT, bindings = [] }) {
    this.#agent.destroy();
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
    await this.miniflare.setOptions(this.#options(script, bindings));
    this.port = Number((await this.miniflare.ready).port);
  }

  #options(script, bindings) {
    this.#workers = new Map();
    for (const wanted of [undefined, ...bindings]) {
      const key = JSON.stringify(wanted) ?? "production";
      if (!this.#workers.has(key)) this.#workers.set(key, { name: `router-${this.#workers.size}`, bindings: this.#bindings(wanted) });
    }
    const common = { modules: true, compatibilityDate, compatibilityFlags };
    const routers = [...this.#workers.values()];
    return {
      host: "127.0.0.1",
      port: 0,
      cf: false, // or it would ask a public address what this machine's country is
      workers: [
        { ...common, name: "platform", script: PLATFORM, serviceBindings: Object.fromEntries(routers.map(({ name }) => [name, name])) },
        ...routers.map(({ name, bindings: own }) => ({ ...common, name, script, bindings: own })),
      ],
      handleRuntimeStdio: (out, error) => {
        for (const stream of [out, error]) stream.on("data", (chunk) => (this.logged += chunk));
      },
    };
  }

  /** `routing` is laid over the production mapping (an origin may be named `@down`, `@smp-us`); all else is literal, `null` leaves it out. */
  #bindings({ routing: overrides = {}, ...rest } = {}) {
    const named = JSON.parse(JSON.stringify(overrides).replaceAll(/"@([a-z-]+)"/g, (_, name) => JSON.stringify(this.origins[name])));
    const all = { ROUTING: routing(this.origins, named), JWKS, SESSION_KEY, ENVIRONMENT: "prod", ...rest };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  }

  forget() {
    this.seen.length = 0;
    this.logged = "";
  }

  headers({ bindings, cf = {}, host = "api.smp.vn", headers = {} } = {}) {
    const worker = this.#workers.get(JSON.stringify(bindings) ?? "production");
    if (!worker) throw new Error(`no Worker was started with ${JSON.stringify(bindings)}`);
    return { host, "x-test-worker": worker.name, "x-test-cf": JSON.stringify(cf), ...headers };
  }

  /**
   * One request by plain HTTP, so that any header can be sent; `fresh` on a connection of its own, because the runtime
   * closes one whose request body nobody read.
   * @returns {Promise<{status: number, headers: Record<string, any>, rawHeaders: string[], body: Buffer, text: string, json: any, cluster: string, route: string, cookie: string | undefined}>}
   */
  send({ method = "GET", path: target = "/v4/orders", answer, body, fresh = false, ...more } = {}) {
    const asked = answer ? `${target}${target.includes("?") ? "&" : "?"}answer=${encodeURIComponent(JSON.stringify(answer))}` : target;
    return new Promise((resolve, reject) => {
      const request = http.request({ host: "127.0.0.1", port: this.port, agent: fresh ? false : this.#agent, method, path: asked, headers: this.headers(more) }, (response) => {
        const chunks = [];
        response.on("error", reject);
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => {
          const all = Buffer.concat(chunks);
          const { headers } = response;
          resolve({
            status: response.statusCode,
            headers,
            rawHeaders: response.rawHeaders,
            body: all,
            text: all.toString(),
            get json() {
              return JSON.parse(all.toString());
            },
            cluster: headers["x-smp-cluster"],
            route: headers["x-smp-route"],
            cookie: headers["set-cookie"]?.find((cookie) => cookie.startsWith("__Secure-smp-session-")),
          });
        });
      });
      request.on("error", reject);
      if (body?.pipe) body.pipe(request);
      else request.end(body);
    });
  }

  /** As `send`, for the many: only where it went and why. @returns {Promise<{status: number, cluster: string, route: string}>} */
  async place({ path: target, ...more }) {
    this.#pool ??= new Pool(`http://127.0.0.1:${this.port}`, { connections: 24 });
    const { statusCode, headers, body } = await this.#pool.request({ method: "GET", path: target, headers: this.headers(more) });
    await body.dump();
    return { status: statusCode, cluster: headers["x-smp-cluster"], route: headers["x-smp-route"] };
  }

  /** The process that runs the Workers: a child of this one (Linux). */
  static workerdPid() {
    if (!existsSync("/proc/self/stat")) return undefined;
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      try {
        const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        if (name.startsWith("workerd") && Number(rest.split(" ")[1]) === process.pid) return Number(pid);
      } catch {
        continue; // it ended meanwhile
      }
    }
    return undefined;
  }

  async stop() {
    this.#agent.destroy();
    await this.#pool?.destroy();
    await this.miniflare.dispose();
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}
