/** Every ISO country x every token x every session x every kind of data centre, each seen at the origin that got it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { COLOS, COUNTRIES, NO_COUNTRY, SESSIONS, TOKENS, expected, homeOf } from "./cases.mjs";
import { authorization, sessionCookie, token } from "./fixtures.mjs";
import { Edge } from "./harness.mjs";

/** A session of a cluster that does not exist has its own check; here it would only be a second kind of none. */
const USED_SESSIONS = SESSIONS.filter(({ id }) => id !== "unknown");
const LANES = 24;
const SHOWN = 20;

describe("the decision matrix", () => {
  /** @type {Edge} */
  let edge;
  before(async () => {
    edge = await Edge.start();
  });
  after(() => edge.stop());

  /** Sends all cases, compares cluster, rule and the one origin that was asked; shows the first that are wrong. */
  async function holds(cases) {
    edge.forget();
    const wrong = [];
    let next = 0;
    const answers = new Array(cases.length);
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        while (next < cases.length) {
          const n = next++;
          answers[n] = await edge.place({ ...cases[n].request, path: `/m/${n}` });
        }
      }),
    );
    const asked = new Map();
    for (const { url, origin } of edge.seen) asked.set(url, [...(asked.get(url) ?? []), origin]);
    for (const [n, { label, wanted }] of cases.entries()) {
      const got = { cluster: answers[n].cluster, route: answers[n].route, asked: String(asked.get(`/m/${n}`)), status: answers[n].status };
      const right = got.cluster === wanted.cluster && got.route === wanted.route && got.asked === wanted.cluster && got.status === 200;
      if (!right) wrong.push(`${label}: wanted ${wanted.cluster} by ${wanted.route}, got ${JSON.stringify(got)}`);
    }
    assert.equal(wrong.length, 0, `${wrong.length} of ${cases.length} are wrong, the first of them:\n${wrong.slice(0, SHOWN).join("\n")}`);
  }

  test(`${COUNTRIES.length} countries are in ISO 3166-1`, () => {
    assert.equal(COUNTRIES.length, 249);
    assert.equal(new Set(COUNTRIES).size, 249);
  });

  for (const state of TOKENS) {
    test(`${state.text}: every platform country, session and data centre`, async () => {
      const cases = [];
      const headers = authorization(state);
      const cookies = USED_SESSIONS.map((session) => (session.cluster ? { cookie: sessionCookie(session.cluster, session) } : {}));
      for (const country of [...COUNTRIES, ...NO_COUNTRY.map(({ value }) => value)]) {
        for (const [s, session] of USED_SESSIONS.entries()) {
          for (const colo of COLOS) {
            cases.push({
              label: `${state.id}, platform country ${country}, session ${session.id}, colo ${colo.value}`,
              request: { headers: { ...headers, ...cookies[s] }, cf: { country, colo: colo.value } },
              wanted: expected({ token: state, session, country, colo }),
            });
          }
        }
      }
      await holds(cases);
    });
  }

  test("a valid token of every country, whatever the platform and the session say", async () => {
    const cases = [];
    for (const claimed of COUNTRIES) {
      const headers = { authorization: `Bearer ${token({ country_code: claimed })}` };
      for (const country of ["CN", "US", "VN", undefined]) {
        for (const cookie of [undefined, sessionCookie("smp-us")]) {
          cases.push({
            label: `token of ${claimed}, platform country ${country}, ${cookie ? "session of smp-us" : "no session"}`,
            request: { headers: cookie ? { ...headers, cookie } : headers, cf: { country, colo: "PEK" } },
            wanted: { cluster: homeOf(claimed), route: "jwt" },
          });
        }
      }
    }
    await holds(cases);
  });
});
