// In the place of k6, whose licence keeps it out of the tests: `node k6.mjs load.js` calls a script's function once.
import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";

function send(method, url, body, { headers }) {
  const lines = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const sent = body === null ? [] : ["-d", body];
  const status = execFileSync("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method, ...lines, ...sent, url]);
  return { status: Number(status) };
}

export default {
  get: (url, params) => send("GET", url, null, params),
  post: (url, body, params) => send("POST", url, body, params),
};

export function check(answer, checks) {
  for (const [name, holds] of Object.entries(checks)) console.log(name, answer.status, holds(answer));
}

export const sleep = () => {};

if (process.argv[2]) {
  globalThis.__VU = 1;
  globalThis.__ENV = process.env;
  import(pathToFileURL(process.argv[2])).then((script) => script.default()); // not awaited: it imports this module
}
