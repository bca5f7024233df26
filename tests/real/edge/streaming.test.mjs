/** 50 MB up and 50 MB down through the Worker: its memory does not follow the body. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";

import { Edge } from "./harness.mjs";

const MB = 1024 * 1024;
const BODY = 50 * MB;
const CHUNK = Buffer.alloc(64 * 1024, "smp");
const ROOM = 20 * MB;
const residentBytes = (pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;

function* fiftyMegabytes() {
  for (let sent = 0; sent < BODY; sent += CHUNK.length) yield CHUNK;
}

describe("a 50 MB body", { skip: process.platform === "linux" ? false : "resident memory is read from /proc" }, () => {
  /** @type {Edge} */
  let edge;
  before(async () => {
    edge = await Edge.start();
  });
  after(() => edge.stop());

  /** The most that workerd's memory grows by while something runs. */
  async function growth(run) {
    const pid = Edge.workerdPid();
    assert.ok(pid, "workerd is not among this process's children");
    const before = residentBytes(pid);
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, residentBytes(pid))), 5);
    try {
      await run();
    } finally {
      clearInterval(watch);
    }
    return Math.max(peak, residentBytes(pid)) - before;
  }

  const upload = () => edge.send({ method: "POST", body: Readable.from(fiftyMegabytes()), headers: { "content-length": BODY }, cf: { country: "US" } });
  const download = (bytes) => edge.send({ answer: { bytes }, cf: { country: "US" } });

  test("goes up and comes down whole, in constant memory", async () => {
    await edge.send({ method: "POST", body: Buffer.alloc(2 * MB), headers: { "content-length": 2 * MB } }); // warm up
    await download(2 * MB);
    edge.forget();
    const up = await growth(async () => assert.equal((await upload()).status, 200));
    const down = await growth(async () => assert.equal((await download(BODY)).body.length, BODY));
    const hash = createHash("sha256");
    for (const chunk of fiftyMegabytes()) hash.update(chunk);
    assert.deepEqual([edge.seen[0].bytes, edge.seen[0].sha256], [BODY, hash.digest("hex")]);
    assert.ok(up < ROOM, `up: memory grew by ${(up / MB).toFixed(1)} MB`);
    assert.ok(down < ROOM, `down: memory grew by ${(down / MB).toFixed(1)} MB`);
    console.log(`growth: ${(up / MB).toFixed(1)} MB up, ${(down / MB).toFixed(1)} MB down`);
  });
});
