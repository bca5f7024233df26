import { after, before, describe, test } from "node:test";

import { checks } from "./checks.mjs";
import { Edge } from "./harness.mjs";

describe("the router on workerd", () => {
  /** @type {Edge} */
  let edge;
  before(async () => {
    edge = await Edge.start({ bindings: checks.flatMap(({ bindings }) => bindings ?? []) });
  });
  after(() => edge.stop());
  for (const { name, run } of checks) test(name, () => run(edge));
});
