// Makes every documented call the way the vendor's NodeJS samples do, and prints a line of JSON for each.
import { readFileSync } from 'node:fs';
import axios from 'axios';

const base = process.env.XTRAKIT_BASE_URL ?? 'http://127.0.0.1:4310/api/v1';
const key = process.env.XTRAKIT_API_KEY ?? 'fk_demo';

async function make({ call, method, path, query, body }) {
  const config = {
    method: method.toLowerCase(),
    url: `${base}/${path}`,
    headers: { Authorization: `Bearer ${key}` },
    params: query,
    data: body, // an object goes out as application/json
    timeout: 10_000,
  };
  await axios(config)
    .then((response) => print(call, response))
    .catch((error) => {
      if (!error.response) throw error; // no answer at all
      print(call, error.response);
    });
}

function print(call, { status, headers, data }) {
  console.log(JSON.stringify({ call, status, note: headers['fakekit-note'] ?? '', body: data }));
}

for (const call of JSON.parse(readFileSync(new URL('../calls.json', import.meta.url), 'utf8'))) {
  await make(call);
}

// The sample's URL has {id} where a template literal needs ${id}, so the braces themselves are sent.
await make({ call: 'fetch customer, as printed', method: 'GET', path: `customers/{id}` });
