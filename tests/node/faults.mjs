// What Node's own fetch makes of answers that go wrong. Reads [[key, milliseconds], ...] and prints an outcome for each.
const [url, asked] = [process.argv[2], JSON.parse(process.argv[3])];

async function outcome([key, milliseconds]) {
  try {
    const answer = await fetch(url, {
      headers: { Authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(milliseconds),
    });
    const text = await answer.text();
    const wait = answer.headers.get("Retry-After");
    return `${answer.status} ${text.length} ${answer.headers.get("Content-Type")}${wait ? ` retry after ${wait}` : ""}`;
  } catch (error) {
    return error.cause?.code ?? error.name;
  }
}

console.log(JSON.stringify(await Promise.all(asked.map(outcome))));
