/** Prints docs/edge-decisions.md from the cases that the tests send: `node decision_table.mjs > docs/edge-decisions.md`. */
import { COLOS, COUNTRIES, FAILURES, MAPPING, NO_COUNTRY, SESSIONS, TOKENS, expected, homeOf } from "./cases.mjs";

const table = (head, rows) => [`| ${head.join(" | ")} |`, `|${head.map(() => "---").join("|")}|`, ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
const gives = (value) => value ?? "next rule";

const homes = Map.groupBy ? Map.groupBy(COUNTRIES, homeOf) : COUNTRIES.reduce((map, code) => map.set(homeOf(code), [...(map.get(homeOf(code)) ?? []), code]), new Map());
const [noToken, goodToken] = [TOKENS.find(({ id }) => id === "none"), TOKENS.find(({ id }) => id === "valid")];
const named = ["VN", "CN", "US", "HK", "TW", "MO", "FR"].map((code) => ({ value: code, text: code }));

const combinations = [...named, ...NO_COUNTRY.slice(0, 3)].flatMap((country) =>
  [SESSIONS[0], SESSIONS[1]].flatMap((session) =>
    COLOS.slice(0, 2).map((colo) => {
      const cell = (token) => Object.values(expected({ token, session, country: country.value, colo })).join(", by ");
      return [country.text, session.text, colo.text, cell(noToken), cell(goodToken)];
    }),
  ),
);

console.log(`# What the edge decides

Printed from the cases of the tests (\`tests/real/edge/cases.mjs\`); a test holds this file against them. Change the cases, then run
\`node tests/real/edge/decision_table.mjs > docs/edge-decisions.md\`.

## Order (M§14.5)

A valid access token, then the session, then the platform's country, then the data centre, then the default. The first rule that gives a cluster
decides, and \`x-smp-route\` names it: \`jwt\`, \`session\`, \`country\`, \`colo\`, \`default\`. \`x-smp-cluster\` names the cluster. No rule is tried twice, and no second
cluster is ever asked.

### Access token (\`Authorization: Bearer\`)

${table(["token", "gives"], TOKENS.map(({ text, gives: value }) => [text, gives(value)]))}

RS256 only, key by \`kid\`, \`exp\` required, 30 s of leeway. Tokens in a query or a cookie are not read. A signature that was verified is remembered for the
life of the Worker's instance (1,000 tokens); \`exp\` and \`nbf\` are checked on every request.

### Session

${table(["session", "gives"], SESSIONS.map(({ text, gives: value }) => [text, gives(value)]))}

The cookie \`__Secure-smp-session-<environment>\` holds the cluster, the end of the session (a whole hour, 24 to 25 hours ahead) and an HMAC-SHA256 signature. It is
the same for all visitors of a cluster within an hour, so it cannot single anybody out. It is renewed in its second half, and whenever a token names another
cluster. Its domain is the parent of the host (\`smp.vn\`), because \`api\` and \`ws\` must agree and a browser's WebSocket cannot send a token; the name carries the
environment, because \`dev-api.smp.vn\` has the same parent. The signature covers the mapping: a session lasts as long as the mapping it was decided under, so
taking a mapping back takes its sessions back. \`SameSite=Lax\` means that an app on \`pages.dev\` does not send it; there the token decides.

### The platform's country (\`request.cf.country\`)

${table(["country", "gives"], [...[...homes].map(([cluster, codes]) => [codes.length > 5 ? `the other ${codes.length} of ISO 3166-1 (${["VN", "TH", "SG", "ID", "MY", "PH", "HK", "TW", "MO"].join(", ")}, ...)` : codes.join(", "), cluster]).sort((a, b) => a[0].length - b[0].length), ...NO_COUNTRY.map(({ text }) => [text, "next rule"])])}

Headers (\`CF-IPCountry\` and the like) are not read: anybody may send them.

### Data centre (\`request.cf.colo\`) and default

${table(["data centre", "gives"], COLOS.map(({ text, gives: value }) => [text, gives(value)]))}

The default is \`${MAPPING.default}\`.

## Together

${table(["platform country", "session", "data centre", noToken.text, goodToken.text], combinations)}

## When the cluster does not serve (M§14.6)

503 of the same cluster, with \`Retry-After\`, and no request to any other origin.

${table(["what happens", "reason", "Retry-After, s"], FAILURES.map(({ text, reason, retryAfter }) => [text, `\`${reason}\``, retryAfter]))}

Every status of 500 and more is a failure, the application's own included: a client has one thing to understand. The original status stays visible in
\`x-smp-origin-status\`. Everything below 500 is passed on as it is. The time limit is for the head of an answer, and a request with a body gets one more second for
each 16 kB; one of unknown length is left to the platform (524 after about 100 s).

A browser that opens a page (\`Accept\` prefers \`text/html\`, and \`Sec-Fetch-Mode\` is \`navigate\` or absent) gets a page in one of the languages of the cluster's
countries. Everything else gets \`application/problem+json\` (RFC 9457). Preflights are answered with 204 meanwhile, so that a web app on another host can
read the 503 that follows.

A configuration that cannot be read closes and does not open: an unusable \`ROUTING\` is 503 of the cluster \`none\`, an unknown state or a bad origin closes its
cluster, and a country mapped to junk is not handed to another. A bad key in \`JWKS\` is skipped; without a usable \`SESSION_KEY\` there are no sessions.

## What passes

Method, path, query, body (streamed), status, headers, WebSockets. Redirects are not followed. A redirect to the origin's own name gets the public name; one to
another cluster's origin is a failure; one to a third party (payment, sign-in) is passed on. Dot segments in a path are resolved by the runtime before the Worker sees it.
The request goes out with \`cache: no-store\`, which the runtime tells the origin by \`Cache-Control\` and \`Pragma: no-cache\`: personal data must not rest in the
cache of whichever data centre is near. The Worker's log has the cluster, the reason and the status of a failure, and nothing of the request.`);
