/** Floor of a start over a long log: reads every event of the same table in order, parses it, and serves. It checks and keeps nothing. */
import { Database } from "bun:sqlite";

const database = new Database(process.env.FLOOR_LOG ?? "", { readonly: true });
let count = 0;
for (const { body } of database.query<{ body: string }, []>("SELECT body FROM events ORDER BY position").iterate())
  if (JSON.parse(body) !== null) count += 1;
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: false,
  fetch: () => new Response(`<!doctype html><title>Floor</title>${count} events`),
});
console.log(JSON.stringify({ type: "listening", apiUrl: `http://127.0.0.1:${server.port}` }));
