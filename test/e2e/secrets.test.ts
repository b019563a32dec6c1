/** The key that a run uses and the token of its server stay where they belong, although a worker prints them. */
import { afterAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeSite, removeSites, runAll, type Site, secretKey } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const one = [trackPlan("alpha", [ticketPlan("ant")])];
const encoded = btoa(secretKey);
const leak = "cat settings.txt; base64 settings.txt; cat settings.txt >&2";

async function databaseOf(site: Site): Promise<string> {
  const path = join(site.repository.root, ".signalbox/signalbox.db");
  const wal = await readFile(`${path}-wal`, "latin1").catch(() => "");
  return (await readFile(path, "latin1")) + wal;
}

/** The names of the sinks that hold a secret; not their text, which is long and partly binary. */
function leaky(sinks: Readonly<Record<string, string>>, secret: string): string[] {
  return Object.keys(sinks).filter((name) => sees(sinks[name] ?? "", secret));
}

function sees(text: string, secret: string): boolean {
  return (
    text.includes(secret) || text.includes(btoa(secret).replace(/..?=*$/, "")) || text.includes(secret.slice(0, -2))
  );
}

test.concurrent("a worker that prints the key gives it to no log, no output, no request", async () => {
  const site = await makeSite(
    crew(one, {
      worker: ({ turn }) =>
        [
          call("bash", { command: leak }, "I look at it."),
          call("read", { file_path: "settings.txt" }, `The key is ${secretKey}, or ${encoded}.`),
          call("bash", { command: `echo ${secretKey} > copy.txt && cat copy.txt` }),
          call("write", { file_path: "src/ant.ts", content: `export const ant = "${secretKey}";\n` }),
        ][turn],
    }),
    { files: { "settings.txt": `key=${secretKey}\n` } },
  );
  const run = await site.run(runAll);
  expect([run.exitCode, run.err]).toEqual([0, run.err]);
  expect(
    run.lines.some(({ type, output }) => type === "command.completed" && String(output).includes("[secret]")),
  ).toBe(true);
  const looks = await Promise.all([
    site.run(["comms", "--full", "--json"]),
    site.run(["log", "--json"]),
    site.run(["status"]),
  ]);
  const bodies = site.provider.answered.map(({ ask }) => ask.body);
  expect(bodies.some((body) => body.includes("[secret]"))).toBe(true);
  const sinks = {
    out: run.out,
    err: run.err,
    database: await databaseOf(site),
    requests: bodies.join("\n"),
    looks: looks.map(({ out, err }) => out + err).join("\n"),
  };
  expect(leaky(sinks, secretKey)).toEqual([]);
  expect(site.provider.answered[0]?.ask.headers.get("authorization")).toContain(secretKey);
});

test.concurrent("live text holds neither the key nor the server's token, in whatever pieces they come", async () => {
  let token = "not yet known";
  const site = await makeSite(
    crew(one, {
      worker: ({ turn }) =>
        turn === 1 ? { text: `The key is ${secretKey}, the token ${token}. The end.` } : undefined,
    }),
    { config: { gates: 'level = "all"' } },
  );
  const served = await Served.start(site);
  try {
    token = served.token;
    const feed = await served.feed();
    await served.send("POST", "/api/epics", { goal: "Reach the goal" });
    await feed.event(({ type }) => type === "ticket.completed");
    const streams = JSON.stringify(await served.get("/api/streams"));
    expect(streams).toContain("The key is [secret], the token [secret]. The end.");
    const deltas = feed.deltas.map(({ text }) => text).join("");
    const sinks = { streams, deltas, frames: JSON.stringify(feed.frames), database: await databaseOf(site) };
    for (const secret of [secretKey, token]) expect(leaky(sinks, secret)).toEqual([]);
    await feed.close();
  } finally {
    served.process.kill("SIGTERM");
    await served.process.finished;
  }
});
