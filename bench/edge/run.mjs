/**
 * Requests per second and CPU time of the router beside a bare pass-through Worker: one workerd, one run, in turns.
 *
 *     node bench/edge/run.mjs [--seconds N] [--rounds N] [--json]
 *
 * The workerd is started with no wrapper around it, one socket for each Worker, so that neither is thinned by what both
 * would share. CPU is the process's own user and system time (Linux, /proc), so the load generator does not count.
 */
import { spawn } from "node:child_process";
import { createSign, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const edge = path.join(here, "../../edge");
const { compatibilityDate } = JSON.parse(readFileSync(path.join(edge, "worker.json"), "utf8"));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? otherwise : Number(process.argv[at + 1]);
};
const seconds = option("seconds", 0.5); // short turns: what else the machine does then falls on all alike
const rounds = option("rounds", 20);
const CONNECTIONS = 16;
const DISTINCT_TOKENS = 3000; // more than the router keeps, in turn: no token is ever found again
const CPU_TICKS_PER_SECOND = 100;

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwks = { keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid: "bench", alg: "RS256", use: "sig" }] };

/** @param {number} n */
function token(n) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "RS256", kid: "bench", typ: "JWT" })}.${part({ sub: `bench-${n}`, country_code: "VN", iat: now, nbf: now, exp: now + 3600 })}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(pair.privateKey).toString("base64url")}`;
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Sends requests over kept connections for a while; `cookie` is the session that a client keeps. @returns {Promise<{count: number, wrong: number}>} */
async function load({ port, tokens, cookie }, milliseconds) {
  const until = performance.now() + milliseconds;
  let next = 0;
  let count = 0;
  let wrong = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () => new Promise((resolve, reject) => {
      const socket = net.connect(port, "127.0.0.1");
      socket.setNoDelay(true);
      let received = "";
      let length = -1;
      const send = () => {
        received = "";
        length = -1;
        socket.write(
          `GET /v4/orders?page=2 HTTP/1.1\r\nHost: api.smp.vn\r\nAccept: application/json\r\nAccept-Encoding: gzip, br\r\n` +
            `Accept-Language: vi,en;q=0.8\r\nUser-Agent: bench\r\nAuthorization: Bearer ${tokens[next++ % tokens.length]}\r\n${cookie}\r\n`,
        );
      };
      socket.on("error", reject);
      socket.on("connect", send);
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
        if (length === -1) {
          const head = received.indexOf("\r\n\r\n");
          if (head === -1) return;
          length = head + 4 + Number(/content-length: (\d+)/i.exec(received)?.[1]);
        }
        if (received.length < length) return;
        count += 1;
        if (!received.startsWith("HTTP/1.1 200")) wrong += 1;
        if (performance.now() < until) return send();
        socket.end();
        resolve(undefined);
      });
    })),
  );
  return { count, wrong };
}

/** User and system time so far, in seconds. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CPU_TICKS_PER_SECOND;
}

const origin = spawn(process.execPath, [path.join(here, "origin.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
const originPort = Number(String((await once(origin.stdout, "data"))[0]));
const [routerPort, plainPort] = [await freePort(), await freePort()];
const folder = mkdtempSync(path.join(os.tmpdir(), "edge-bench-"));
const text = (value) => JSON.stringify(value); // a JSON string is a valid Cap'n Proto text literal here
const routing = {
  clusters: { "smp-asia": { origin: `http://127.0.0.1:${originPort}`, state: "serving" } },
  countries: { CN: "smp-china", US: "smp-us" },
  colos: {},
  default: "smp-asia",
};
writeFileSync(path.join(folder, "router.js"), readFileSync(path.join(edge, "src/router.js")));
writeFileSync(path.join(folder, "passthrough.js"), readFileSync(path.join(here, "passthrough.js")));
writeFileSync(
  path.join(folder, "bench.capnp"),
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "router", worker = (modules = [(name = "router.js", esModule = embed "router.js")], compatibilityDate = "${compatibilityDate}", globalOutbound = "loopback",
      bindings = [(name = "ROUTING", text = ${text(text(routing))}), (name = "JWKS", text = ${text(text(jwks))}),
        (name = "SESSION_KEY", text = "bench-bench-bench-bench-bench-bench"), (name = "ENVIRONMENT", text = "prod")])),
    (name = "plain", worker = (modules = [(name = "plain.js", esModule = embed "passthrough.js")], compatibilityDate = "${compatibilityDate}", globalOutbound = "loopback",
      bindings = [(name = "ORIGIN", text = "http://127.0.0.1:${originPort}")])),
    (name = "loopback", network = (allow = ["private", "local"])),
  ],
  sockets = [
    (name = "router", address = "127.0.0.1:${routerPort}", http = (), service = "router"),
    (name = "plain", address = "127.0.0.1:${plainPort}", http = (), service = "plain"),
  ],
);
`,
);
const require = createRequire(path.join(edge, "package.json"));
const workerd = spawn(require("workerd").default, ["serve", path.join(folder, "bench.capnp")], { stdio: "inherit" });

try {
  const tokens = Array.from({ length: DISTINCT_TOKENS }, (_, n) => token(n));
  await sleep(500); // workerd listens
  const first = await fetch(`http://127.0.0.1:${routerPort}/`, { headers: { authorization: `Bearer ${tokens[0]}` } });
  const kept = `Cookie: ${first.headers.getSetCookie()[0].split(";")[0]}\r\n`;
  const subjects = [
    { name: "pass-through", port: plainPort, tokens: tokens.slice(0, 200), cookie: kept },
    { name: "router, session kept, token seen before", port: routerPort, tokens: tokens.slice(0, 200), cookie: kept },
    { name: "router, no cookies kept, token seen before", port: routerPort, tokens: tokens.slice(0, 200), cookie: "" },
    { name: "router, session kept, token never seen", port: routerPort, tokens, cookie: kept },
  ].map((subject) => ({ ...subject, count: 0, cpu: 0, elapsed: 0 }));
  for (const subject of subjects) await load(subject, 1500); // warm up
  for (let round = 0; round < rounds; round++) {
    for (const subject of round % 2 ? subjects.toReversed() : subjects) {
      const [cpu, start] = [cpuSeconds(workerd.pid), performance.now()];
      const { count, wrong } = await load(subject, seconds * 1000);
      if (wrong > 0) throw new Error(`${subject.name}: ${wrong} of ${count} answers are not 200`);
      subject.count += count;
      subject.elapsed += (performance.now() - start) / 1000;
      subject.cpu += cpuSeconds(workerd.pid) - cpu;
    }
  }
  const figures = subjects.map(({ name, count, cpu, elapsed }) => ({ name, perSecond: count / elapsed, cpuMicroseconds: (cpu / count) * 1e6 }));
  const base = figures[0];
  if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
  else {
    console.log("| Worker | requests/s | ratio | CPU µs/request | ratio |\n|---|---|---|---|---|");
    for (const { name, perSecond, cpuMicroseconds } of figures) {
      console.log(`| ${name} | ${perSecond.toFixed(0)} | ${(base.perSecond / perSecond).toFixed(2)} | ${cpuMicroseconds.toFixed(0)} | ${(cpuMicroseconds / base.cpuMicroseconds).toFixed(2)} |`);
    }
  }
} finally {
  workerd.kill();
  origin.kill();
  rmSync(folder, { recursive: true });
}
