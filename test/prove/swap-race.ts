/**
 * Gates open, close and move up while a robot clicks at the same places of the window as fast as it can. A second observer in
 * the page notes since when each card has stood still, whole or with its buttons, on the screen. It fails when an answer is
 * sent for a card that has not stood so long enough, or when the engine got an answer that the page did not send.
 */
import type { Page } from "playwright-core";
import { z } from "zod";
import { Dice } from "../support/dice.ts";
import { commandGate, PageScene } from "../support/page-scene.ts";
import type { Proof, Tally } from "./proof.ts";

const wholeMs = 500;
/** For a card of which a part has never been on the screen. */
const partMs = 1_500;
/** The race is run on until this many answers have come, at most this many rounds more: a slow machine needs them. */
const leastAnswers = 5;
const extraRounds = 200;
const Sent = z.array(z.object({ gateId: z.string(), decision: z.string(), wholeMs: z.number(), partMs: z.number() }));

export const swapRace: Proof = {
  name: "swap-race",
  promise: `Cards come, go and move under a clicking robot: none is answered before it has stood still for ${wholeMs} ms.`,
  async prove(tally, { isLong, seed }) {
    const scene = await PageScene.start();
    try {
      const visitor = await scene.visitor({ viewport: { width: 1000, height: 800 } });
      const page = await visitor.newPage();
      await page.addInitScript(observer);
      await page.goto(`${scene.origin}/gates`);
      await page.locator('html[data-live="on"]').waitFor();
      const clickCount = await race(scene, page, new Dice(seed), isLong ? 250 : 50);
      await judge(tally, scene, page);
      tally.note = `${clickCount} clicks`;
    } finally {
      await scene.close();
    }
  },
};

/** The robot; now and then it leaves the list, so that places close and cards move up to where it clicks next. */
async function race({ engine }: PageScene, page: Page, dice: Dice, gateCount: number): Promise<number> {
  const opened = (index: number) => commandGate(`G-${index}`, "echo again\n".repeat(dice.pick([1, 1, 1, 6])));
  engine.add(opened(1), opened(2), opened(3));
  await page.locator('[data-gate="G-3"]').waitFor();
  let places = await buttonPlaces(page);
  let clickCount = 0;
  const answers = () => engine.dispatched.filter((command) => "gateId" in command).length;
  const isEnough = (index: number) =>
    index > gateCount && (answers() >= leastAnswers || index > gateCount + extraRounds);
  for (let index = 4; !isEnough(index); index += 1) {
    engine.add(opened(index));
    // The card that is at the top by now may have no button at any of the old places.
    if (index % 25 === 0) places = [...places.slice(-2), ...(await buttonPlaces(page))];
    if (dice.isLucky(0.3)) withdrawOne(engine, dice);
    for (let count = 2 + dice.below(5); count > 0; count -= 1) {
      if (dice.isLucky(0.2)) await leave(page);
      const place = dice.pick(places);
      await page.mouse.click(place.x, place.y);
      clickCount += 1;
    }
  }
  return clickCount;
}

/** Pointer and focus go elsewhere. */
async function leave(page: Page): Promise<void> {
  await page.evaluate("document.activeElement.blur()");
  await page.mouse.move(500, 8);
}

/** The middle of every button that can be seen, all at one moment. */
async function buttonPlaces(page: Page): Promise<readonly { x: number; y: number }[]> {
  const found = await page.evaluate(
    "[...document.querySelectorAll('.levers button')].map((button) => button.getBoundingClientRect().toJSON())",
  );
  const boxes = z.array(z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })).parse(found);
  return boxes.flatMap(({ x, y, width, height }) => (y < 760 ? [{ x: x + width / 2, y: y + height / 2 }] : []));
}

/** As if it had been answered in another tab. */
function withdrawOne(engine: PageScene["engine"], dice: Dice): void {
  const open = [...engine.state().gates.values()].filter((gate) => gate.status === "open");
  const { gateId, kind } = dice.pick(open);
  engine.add({ type: "gate.withdrawn", gateId, kind, reason: "No longer asked." });
}

async function judge(tally: Tally, { engine }: PageScene, page: Page): Promise<void> {
  const sent = Sent.parse(await page.evaluate("sentAnswers"));
  for (const { gateId, decision, ...stood } of sent) {
    const isLate = stood.wholeMs >= wholeMs || stood.partMs >= partMs;
    tally.trial(`${decision} ${gateId}`, isLate ? [] : [`sent after ${JSON.stringify(stood)}`]);
  }
  const arrived = engine.dispatched.flatMap((command) => ("gateId" in command ? [command.gateId] : []));
  const unsent = arrived.filter((gateId) => !sent.some((answer) => answer.gateId === gateId));
  for (const gateId of unsent) tally.fail(`${gateId} was answered, and the page did not send it.`);
  if (arrived.length < leastAnswers) tally.fail(`Only ${arrived.length} answers: the race has not been run.`);
}

/** Runs in the page beside its own script, and knows nothing of it. Zero where a card does not stand so at all. */
const observer = `(() => {
  const stood = new Map();
  globalThis.sentAnswers = [];
  const isIn = (box, top) => box.top >= top - 1 && box.bottom <= innerHeight + 1;
  const look = () => {
    const top = document.querySelector(".bar")?.getBoundingClientRect().bottom ?? 0;
    for (const card of document.querySelectorAll("[data-gate]")) {
      const box = card.getBoundingClientRect();
      const at = [box.left + scrollX, box.top + scrollY, box.width, box.height].map(Math.round).join();
      const old = stood.get(card.dataset.gate);
      const isStill = old?.at === at;
      const now = performance.now();
      const hasButtons = [...card.querySelectorAll(".levers button")].every((button) => isIn(button.getBoundingClientRect(), top));
      stood.set(card.dataset.gate, {
        at,
        whole: isIn(box, top) ? (isStill && old.whole) || now : 0,
        part: hasButtons ? (isStill && old.part) || now : 0,
      });
    }
    requestAnimationFrame(look);
  };
  addEventListener("DOMContentLoaded", look);
  document.addEventListener("htmx:config:request", ({ target, detail }) => {
    const gateId = target.closest?.("[data-gate]")?.dataset.gate;
    if (!gateId) return;
    const { whole = 0, part = 0 } = stood.get(gateId) ?? {};
    const now = performance.now();
    sentAnswers.push({
      gateId,
      decision: detail.ctx.request.submitter.value,
      wholeMs: whole ? now - whole : 0,
      partMs: part ? now - part : 0,
    });
  });
})();`;
