import { decisionChecks, sessionChecks } from "./checks_decision.mjs";
import { failureChecks } from "./checks_failure.mjs";
import { proxyChecks } from "./checks_proxy.mjs";

/** Every promise of the router as {name, bindings?, run(edge)}: run on the deployed script, and on its mutants. */
export const checks = [...decisionChecks, ...sessionChecks, ...failureChecks, ...proxyChecks];
