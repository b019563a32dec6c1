/** What the scheduling of a ticket takes with workers that answer at once, in runs of 1,000 and 10,000, beside bare inserts of as many rows. */
import { Database } from "bun:sqlite";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./figures.ts";
import { type Figure, figure } from "./measure.ts";
import { type Scheduled, type Shape, schedule } from "./schedule.ts";

const shapes: readonly Shape[] = ["layers", "chain"];

/** For each shape and size, a ticket by the rules alone and with its log; and how many times dearer a ticket is among ten times as many. */
export async function scheduleFigures({ project, rounds, isFull }: Bench): Promise<Figure[]> {
  const [few, many] = isFull ? ([1_000, 10_000] as const) : ([100, 1_000] as const);
  const folder = join(project.binFolder, "schedule");
  mkdirSync(folder, { recursive: true });
  const most = Math.max(2, Math.ceil(rounds / 8));
  const figures: Figure[] = [];
  for (const shape of shapes) {
    schedule(shape, few, ":memory:");
    const taken: { few: Scheduled[]; many: Scheduled[]; floor: number[] } = { few: [], many: [], floor: [] };
    for (let round = 0; round < most; round += 1) {
      taken.few.push(schedule(shape, few, freshFile(folder)));
      taken.many.push(schedule(shape, many, freshFile(folder)));
      taken.floor.push(bareInserts(taken.many.at(-1), freshFile(folder)) / many);
    }
    const rules = (count: number) => (run: Scheduled) => (run.ms - run.logMs) / count;
    const whole = (count: number) => (run: Scheduled) => run.ms / count;
    const micros = (values: readonly number[]) => values.map((ms) => ms * 1_000);
    const row = (id: string, words: string, ours: readonly number[], floor: readonly number[]) =>
      figure(`schedule-${shape}-${id}`, `F  ${shape}: ${words}`, { ours: micros(ours), floor: micros(floor) }, "µs");
    figures.push(
      row(
        "rules",
        `rules, a ticket of ${many}; floor: of ${few}`,
        taken.many.map(rules(many)),
        taken.few.map(rules(few)),
      ),
      row("log", `rules and log, a ticket of ${many}; floor: bare inserts`, taken.many.map(whole(many)), taken.floor),
    );
  }
  return figures;
}

function freshFile(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return join(folder, "log.db");
}

/** As many rows as a run's events into a bare table, in as many transactions: milliseconds. */
function bareInserts(run: Scheduled | undefined, path: string): number {
  const { events, transactions } = run ?? { events: 0, transactions: 0 };
  const database = new Database(path, { create: true, strict: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run("CREATE TABLE facts (position INTEGER PRIMARY KEY, at TEXT, body TEXT)");
  const insert = database.query("INSERT INTO facts (at, body) VALUES (?, ?)");
  const body = JSON.stringify({ type: "ticket.completed", ticketId: "T-001", text: "x".repeat(150) });
  const startedAt = performance.now();
  let written = 0;
  for (let done = 1; done <= transactions; done += 1)
    database.transaction(() => {
      for (; written < (events * done) / transactions; written += 1) insert.run("2026-01-01T00:00:00.000Z", body);
    })();
  const ms = performance.now() - startedAt;
  database.close();
  return ms;
}
