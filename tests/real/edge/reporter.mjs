/** One JSON line for each finished case, for pytest: {name, ok, message}. */
export default async function* report(events) {
  const path = [];
  for await (const { type, data } of events) {
    if (type === "test:start") path[data.nesting] = data.name;
    if (type !== "test:pass" && type !== "test:fail") continue;
    const cause = data.details?.error?.cause ?? data.details?.error;
    const suite = data.details?.type === "suite";
    if (suite && (type === "test:pass" || data.details.error?.failureType === "subtestsFailed")) continue;
    yield `${JSON.stringify({
      name: [...path.slice(0, data.nesting), data.name].join(" / "),
      ok: type === "test:pass",
      skipped: data.skip === undefined ? undefined : String(data.skip),
      message: type === "test:fail" ? String(cause?.stack ?? cause) : undefined,
    })}\n`;
  }
}
