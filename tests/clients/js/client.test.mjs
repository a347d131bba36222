// @clickhouse/client with its default settings against the embedded engine.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";

import { createClient } from "@clickhouse/client";

import { PASSWORD, start, USER } from "./engine.mjs";

const TABLE = `
  CREATE TABLE visits (n UInt64, path String, tags Array(String), note Nullable(String))
  ENGINE = MergeTree ORDER BY n`;

let engine;
let client;

const connect = (options = {}) => createClient({ url: engine.url, username: USER, password: PASSWORD, ...options });

before(async () => {
  engine = await start();
  client = connect();
});

after(async () => {
  await client.close();
  await engine.stop();
});

beforeEach(async () => {
  await client.command({ query: "DROP TABLE IF EXISTS visits" });
  await client.command({ query: TABLE });
});

const rows = async (query, options = {}) => (await client.query({ query, format: "JSONEachRow", ...options })).json();

test("the client pings and finds our database", async () => {
  assert.equal((await client.ping()).success, true);
  assert.equal((await client.ping({ select: true })).success, true);
  assert.deepEqual(await rows("SELECT currentDatabase() AS name"), [{ name: "mostik" }]);
});

test("rows inserted as values come back the same", async () => {
  const values = [
    { n: "1", path: "/страница", tags: ["a", "b"], note: null },
    { n: "2", path: "/it's", tags: [], note: "x\ty" },
  ];
  const { summary } = await client.insert({ table: "visits", values, format: "JSONEachRow" });
  assert.equal(summary.written_rows, "2");
  const options = { clickhouse_settings: { output_format_json_quote_64bit_integers: 1 } };
  assert.deepEqual(await rows("SELECT * FROM visits ORDER BY n", options), values);
});

test("the default format is one JSON document, whole", async () => {
  const answer = await (await client.query({ query: "SELECT number FROM numbers(100000)" })).json();
  assert.equal(answer.rows, 100000);
  assert.equal(answer.data.length, 100000);
});

test("one hundred thousand rows streamed in make one part and stream out again", async () => {
  const source = Readable.from(
    (function* () {
      for (let n = 0; n < 100_000; n++) yield { n, path: `/${n}`, tags: [], note: null };
    })(),
  );
  await client.insert({ table: "visits", values: source, format: "JSONEachRow" });
  const [{ parts }] = await rows("SELECT count() AS parts FROM system.parts WHERE table = 'visits'");
  assert.equal(Number(parts), 1);
  const answer = await client.query({ query: "SELECT n FROM visits ORDER BY n", format: "JSONCompactEachRow" });
  let next = 0;
  for await (const batch of answer.stream()) {
    for (const row of batch) assert.equal(Number(row.json()[0]), next++);
  }
  assert.equal(next, 100_000);
});

test("parameters are bound by the engine", async () => {
  const odd = "it's \\ \"odd\"\t\n";
  const query_params = { text: odd, list: [1, 2, 3] };
  const found = await rows("SELECT {text: String} AS text, arraySum({list: Array(UInt8)}) AS sum", { query_params });
  assert.deepEqual(found.map(({ text, sum }) => [text, Number(sum)]), [[odd, 6]]);
});

test("a refusal carries its code and its kind", async () => {
  await assert.rejects(client.query({ query: "SELECT * FROM nowhere" }), { code: "60", type: "UNKNOWN_TABLE" });
  await assert.rejects(client.command({ query: "CREATE NOTHING" }), { code: "62" });
  const outside = "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')";
  await assert.rejects(client.query({ query: outside }), { code: "497", type: "ACCESS_DENIED" });
});

test("a failure in the middle of an answer is an error, not a short answer", async () => {
  const answer = await client.query({
    query: "SELECT throwIf(number = 9999999) AS x FROM numbers(10000000)",
    format: "JSONEachRow",
    clickhouse_settings: { max_threads: 1, max_block_size: "1000" },
  });
  await assert.rejects(async () => {
    for await (const _ of answer.stream());
  });
});

test("the query id and the summary come back", async () => {
  const { query_id } = await client.query({ query: "SELECT 1", query_id: "mine-1" });
  assert.equal(query_id, "mine-1");
});

test("a reading client cannot write", async () => {
  const reader = connect({ clickhouse_settings: { readonly: "1" } });
  await assert.rejects(reader.command({ query: "INSERT INTO visits (n) VALUES (1)" }), { code: "164" });
  await reader.close();
});

test("a statement that is aborted stops in the engine", async () => {
  const controller = new AbortController();
  const endless = client.query({
    query: "SELECT sum(sipHash64(number)) AS endless FROM numbers(1000000000000)",
    abort_signal: controller.signal,
  });
  const running = "SELECT count() AS n FROM system.processes WHERE query LIKE '%AS endless%' AND query NOT LIKE '%system%'";
  const until = async (n) => {
    while (Number((await rows(running))[0].n) !== n);
  };
  await until(1);
  controller.abort();
  await assert.rejects(endless);
  await until(0);
});

test("a wrong password is refused", async () => {
  const stranger = connect({ password: "wrong" });
  await assert.rejects(stranger.query({ query: "SELECT 1" }), { code: "516" });
  await stranger.close();
});
