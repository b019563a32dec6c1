/** What a page costs its browser: how busy its main thread is, its longest task, late frames, its heap, and how old text is when it arrives. */
import type { CDPSession, Page } from "playwright-core";
import { z } from "zod";

/** What one page did during a window of time. */
export interface PageCost {
  /** Share of the window in which the main thread ran a task, 0 to 1. */
  readonly busyShare: number;
  /** Of tasks of 50 ms and more; 0 when there was none. */
  readonly longestTaskMs: number;
  readonly lateFrameCount: number;
  readonly frameCount: number;
  /** After a collection, at the start and at the end. */
  readonly heapMb: readonly [number, number];
  readonly nodeCounts: readonly [number, number];
  /** From the provider's byte to the text in the page, sorted. */
  readonly delaysMs: readonly number[];
}

const lateFrameMs = 50;
const Seen = z.object({
  delays: z.array(z.number()),
  longest: z.number(),
  late: z.number(),
  frames: z.number(),
});

/** Runs in the page: notes what is appended, long tasks and gaps between frames. */
const watch = `(() => {
  const seen = { delays: [], longest: 0, late: 0, frames: 0 };
  globalThis.benchSeen = seen;
  const read = (text) => {
    const now = performance.timeOrigin + performance.now();
    for (const match of text.matchAll(/⟨([0-9.]+)⟩/g)) seen.delays.push(now - Number(match[1]));
  };
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes)
        if (node.nodeType === 3 && change.target.classList?.contains("stream-text") && node.data.length < 2000) read(node.data);
  }).observe(document.body, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.longest = Math.max(seen.longest, entry.duration);
  }).observe({ type: "longtask" });
  let last = performance.now();
  const frame = (now) => {
    seen.frames += 1;
    if (now - last > ${lateFrameMs}) seen.late += 1;
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})()`;

/** Watches an open page for a window of seconds. */
export async function pageCost(page: Page, seconds: number): Promise<PageCost> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await page.evaluate(watch);
  const [before, beforeAt] = [await metrics(session), performance.now()];
  await page.waitForTimeout(seconds * 1000);
  const seen = Seen.parse(await page.evaluate("globalThis.benchSeen"));
  const busyUntil = await metrics(session, false);
  const tookS = (performance.now() - beforeAt) / 1000;
  const after = await metrics(session);
  await session.detach();
  return {
    busyShare: (busyUntil.taskSeconds - before.taskSeconds) / tookS,
    longestTaskMs: seen.longest,
    lateFrameCount: seen.late,
    frameCount: seen.frames,
    heapMb: [before.heapMb, after.heapMb],
    nodeCounts: [before.nodes, after.nodes],
    delaysMs: seen.delays.toSorted((a, b) => a - b),
  };
}

async function metrics(session: CDPSession, isCollected = true) {
  if (isCollected) await session.send("HeapProfiler.collectGarbage");
  const { metrics: list } = await session.send("Performance.getMetrics");
  const of = (name: string) => list.find((metric) => metric.name === name)?.value ?? 0;
  return { taskSeconds: of("TaskDuration"), heapMb: of("JSHeapUsedSize") / 1e6, nodes: of("Nodes") };
}
