// The suite in Node. Each test makes up a key, and so has an account of its own.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

const origin = process.env.FAKEKIT_URL ?? "http://127.0.0.1:4310";

const AMA = {
  customer_name: "Ama Mensah",
  customer_phone: "+233201112223",
  customer_country: "Ghana",
  customer_city: "Kumasi",
  customer_state: "Ashanti",
  address1: "4 Harper Road",
};

async function send(method, url, headers, body) {
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(url, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
}

function account() {
  const key = `fk_node_${randomUUID()}`;
  return {
    // One request to XtraKit's API.
    ask: (method, path, body) =>
      send(method, `${origin}/api/v1/${path}`, { Authorization: `Bearer ${key}` }, body),
    // One request to fakekit's control API, about this account; throws if it is refused.
    control: async (method, path, body) => {
      const url = `${origin}/_fakekit/accounts/${key}/${path}`;
      const answer = await send(method, url, { "Fakekit-Control": "1" }, body);
      if (answer.status >= 400) throw new Error(JSON.stringify(answer.body));
      return answer;
    },
  };
}

test("fetch", async () => {
  const { ask } = account();
  const { status, body } = await ask("GET", "customers/1");
  assert.equal(status, 200);
  assert.equal(body.data.customer.customer_name, "Jane Doe");
});

test("add", async () => {
  const { ask } = account();
  const added = (await ask("POST", "customers/add", AMA)).body.data.customer;
  assert.equal(added.id, 51);
  assert.deepEqual((await ask("GET", "customers/51")).body.data.customer, added);
});

test("delete", async () => {
  const { ask } = account();
  assert.equal((await ask("DELETE", "customers/1")).status, 204);
  assert.equal((await ask("GET", "customers/1")).status, 404);
});

test("fail twice", async () => {
  const { ask, control } = account();
  await control("POST", "faults", { fault: "fail", status: 503, times: 2 });
  const statuses = [];
  for (let n = 0; n < 3; n++) statuses.push((await ask("GET", "customers/1")).status);
  assert.deepEqual(statuses, [503, 503, 200]);
});

test("journal", async () => {
  const { ask, control } = account();
  await ask("POST", "customers/add", AMA);
  await ask("GET", "customers/51");
  const { requests } = (await control("GET", "requests")).body;
  assert.deepEqual(requests.map((r) => [r.method, r.path, r.status]), [
    ["POST", "/api/v1/customers/add", 200],
    ["GET", "/api/v1/customers/51", 200],
  ]);
});
