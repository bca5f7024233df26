/** Every rule is broken once, and the check that guards it has to fail. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { checks } from "./checks.mjs";
import { Edge, SCRIPT } from "./harness.mjs";
import { mutants } from "./mutants.mjs";

/** Replaces a text that has to be there exactly once. */
function patched(script, [from, to]) {
  const parts = script.split(from);
  assert.equal(parts.length, 2, `the script has ${parts.length - 1} times, and should have once: ${from}`);
  return parts.join(to);
}

describe("mutants of the router", () => {
  /** @type {Edge} */
  let edge;
  before(async () => {
    edge = await Edge.start();
  });
  after(() => edge.stop());

  for (const { rule, change, also = [], check: name } of mutants) {
    test(`${rule} — guarded by: ${name}`, async () => {
      const check = checks.find((each) => each.name === name);
      assert.ok(check, `there is no check named ${name}`);
      const script = [change, ...also].reduce(patched, SCRIPT);
      await edge.replace({ script, bindings: check.bindings });
      const survived = await Promise.race([
        check.run(edge).then(() => true, () => false),
        new Promise((resolve) => setTimeout(resolve, 5000, false).unref()), // it hangs, which the suite would notice too
      ]);
      assert.equal(survived, false, `the check passes although the rule is broken: ${change[0]}`);
    });
  }
});
