/** The time line as a page: one strip, and below it any page as it was at a position of the log. */
import { describe, expect, test } from "bun:test";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { fullEngine } from "../support/every-page.ts";
import { webApp } from "../support/web-app.ts";

const engine = fullEngine();
const last = engine.log.length;
const trackId = "duration_parsing_20261123";
const { ask } = webApp(registerPages, { engine });

async function show(path: string): Promise<{ readonly status: number; readonly html: string }> {
  const answer = await ask(path);
  return { status: answer.status, html: await answer.text() };
}

/** The position of the first event of a type. */
function positionOf(type: string): number {
  return engine.log.findIndex((event) => event.type === type) + 1;
}

describe("the time line", () => {
  test("begins at the end of the log, with the whole of it on the strip and the overview below", async () => {
    const { html } = await show("/timeline");
    expect(html).toContain(`<strong>Position ${last} of ${last}</strong>`);
    expect(html).toContain(`min="1" max="${last}" step="1" value="${last}"`);
    expect(html).toContain('<span>Gates</span> <span class="figure">11</span>');
    expect(html).toContain('data-gate="G-001"');
    expect(html).not.toMatch(/method="post"|hx-post|<textarea|hx-sse:connect|id="live"|id="notify"/);
  });

  test("shows the page that is asked for as it was at the position, and says what happened there", async () => {
    const merged = positionOf("merge.started");
    const { html } = await show(`/timeline?at=${merged}&view=track:${trackId}`);
    expect(html).toContain('data-ticket="T-001" data-status="merging"');
    expect(html).toContain("T-001: Merging bbbbbbb into the track at aaaaaaa.");
    expect(html).toContain("$0.6938 spent");
    const before = await show(`/timeline?at=${positionOf("track.created") - 1}&view=track:${trackId}`);
    expect(before.html).toContain("this was not there yet");
  });

  test("is read and gone along without a script: a number, and links to what comes before and after", async () => {
    const at = positionOf("attempt.failed");
    const { html } = await show(`/timeline?at=${at}&view=gates`);
    expect(html).toContain('<form id="time-form" action="/timeline" method="get"');
    expect(html).toMatch(new RegExp(`<input id="time-at" type="number" name="at"[^>]*value="${at}"`));
    const address = (to: number) => `href="/timeline?at=${to}&amp;view=gates"`;
    const steps = {
      "Event before": at - 1,
      "Next event": at + 1,
      "Next mark": positionOf("merge.completed"),
      Last: last,
    };
    for (const [words, to] of Object.entries(steps)) expect(html).toContain(`<a ${address(to)}>${words}</a>`);
    expect(html).toMatch(/<a href="\/gates" data-now="">\s*Back to now/);
  });

  test("of a track or a goal goes from its first event to its last, and counts what is its own", async () => {
    const { html } = await show(`/timeline?view=track:${trackId}&scope=track:${trackId}`);
    expect(html).toContain(`min="${positionOf("track.created")}"`);
    expect(html).toContain('<span>Gates</span> <span class="figure">8</span>');
    expect(html).toContain("$0.2818 spent");
    // The call of tier 1 in the sample names no goal; those of its tracks do by their track.
    expect((await show("/timeline?scope=epic:E-001")).html).toContain("$0.2818 spent");
    expect((await show("/timeline?scope=epic:E-002")).html).toContain(
      '<span>Gates</span> <span class="figure">0</span>',
    );
    expect((await show(`/tracks/${trackId}`)).html).toContain(`href="/timeline?view=track%3A${trackId}`);
  });

  test("keeps whoever follows a link on the line, with the position and the part of the log", async () => {
    const { html } = await show(`/timeline?at=${last}&scope=epic:E-001`);
    const at = `/timeline?at=${last}&amp;view=`;
    expect(html).toContain(`href="${at}track%3A${trackId}&amp;scope=epic%3AE-001"`);
    expect(html).toContain(`href="${at}ticket%3AT-002&amp;scope=epic%3AE-001"`);
    expect(html).toContain(`href="/usage?tier=1&amp;at=${last}"`);
  });

  test("answers a move with the parts that differ, each by its id", async () => {
    const { html } = await show(`/timeline/moment?at=3&view=overview&scope=`);
    expect([...html.matchAll(/hx-target="#([^"]+)"/g)].map(([, id]) => id)).toEqual([
      "status",
      "time-now",
      "time-steps",
      "time-views",
      "moment",
    ]);
    expect(html).toContain('<div id="time-now" data-position="3"');
    expect(html).not.toContain("<!doctype");
  });

  test("says in a sentence what an address asks for that there is not", async () => {
    const asked = ["?at=x", `?at=${last + 1}`, "?view=nothing", "?view=track:", "?scope=track:none", "?scope=x"];
    const answers = await Promise.all(asked.map((query) => show(`/timeline${query}`)));
    expect(answers.map(({ status }) => status)).toEqual([422, 404, 404, 404, 404, 404]);
    for (const { html } of answers) expect(html).toMatch(/<p id="login-status" role="status">[A-Z].*\.</);
    expect((await webApp(registerPages).ask("/timeline")).status).toBe(404);
  });

  test("goes on with a log that goes on", async () => {
    const grown = fullEngine();
    const { ask: askGrown } = webApp(registerPages, { engine: grown });
    await askGrown("/timeline");
    grown.add({ type: "track.landed", trackId, branch: "main", commit: "c".repeat(40) });
    const html = await (await askGrown("/timeline")).text();
    expect(html).toContain(`Position ${last + 1} of ${last + 1}`);
    expect(html).toContain('<span>Landings</span> <span class="figure">1</span>');
    expect(html).toContain("the run goes on");
  });
});
