/** Floor of a decision: a bare server that puts what it is sent into SQLite, with the same promise, and answers. */
import { Database } from "bun:sqlite";
import { join } from "node:path";

const database = new Database(join(process.cwd(), "floor-decision.db"), { create: true });
database.run("PRAGMA journal_mode = WAL");
database.run("PRAGMA synchronous = FULL");
database.run("CREATE TABLE IF NOT EXISTS decisions (position INTEGER PRIMARY KEY, body TEXT)");
const insert = database.query("INSERT INTO decisions (body) VALUES (?)");
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: false,
  fetch: async (request) => {
    insert.run(JSON.stringify(await request.json()));
    return Response.json({ ok: true });
  },
});
console.log(JSON.stringify({ type: "listening", apiUrl: `http://127.0.0.1:${server.port}` }));
