/**
 * A project that is full of hostile texts, opened in a real Chromium: every page as it is sent, as the live connection redraws
 * it, and while a stream says them piece by piece. It fails when the document ever holds an element or an attribute that an
 * ordinary text does not bring, when a request leaves for anything but the page's own addresses, or when the policy reports.
 */
import type { BrowserContext, Page } from "playwright-core";
import { z } from "zod";
import { PageScene } from "../support/page-scene.ts";
import { htmlPayloads } from "./html-payloads.ts";
import { poisonedEngine, poisonedPages } from "./poisoned-state.ts";
import type { Proof } from "./proof.ts";

const groupSize = 14;
const samplePages = ["/", "/tickets/T-001", "/gates", "/comms", "/events"];
const Seen = z.object({ shapes: z.array(z.string()), reports: z.array(z.string()) });

interface Look {
  readonly shapes: readonly string[];
  readonly faults: readonly string[];
}

export const textInBrowser: Proof = {
  name: "browser-text",
  promise: "In Chromium no page gets an element, an attribute, a request or a policy report from a hostile text.",
  async prove(tally, { isLong }) {
    const groups = groupsOf(htmlPayloads).slice(0, isLong ? undefined : 1);
    const known = new Set<string>();
    const paths = isLong ? poisonedPages : samplePages;
    for (const look of (await looksAt("Ordinaryword", paths)).values())
      for (const shape of look.shapes) known.add(shape);
    for (const group of groups) {
      for (const [page, { shapes, faults }] of await looksAt(group.join(" "), paths)) {
        const foreign = shapes.filter((shape) => !known.has(shape)).map((shape) => `a foreign <${shape}>`);
        tally.trial(`${group.length} texts on ${page}`, [...faults, ...foreign].slice(0, 3));
      }
    }
    tally.note = `${groups.flat().length} texts in every place, ${known.size} shapes of elements known`;
    if (known.size < 100) tally.fail("Too few elements were seen for the proof to say anything.");
  },
};

/** What each page holds and does when the project is full of this text. */
async function looksAt(text: string, paths: readonly string[]): Promise<ReadonlyMap<string, Look>> {
  const engine = poisonedEngine(text);
  const scene = await PageScene.start(engine);
  try {
    const visitor = await scene.visitor();
    const looks = new Map<string, Look>();
    for (const path of paths) looks.set(path, await lookAt(scene, visitor, path, text));
    return looks;
  } finally {
    await scene.close();
  }
}

async function lookAt(scene: PageScene, visitor: BrowserContext, path: string, text: string): Promise<Look> {
  const page = await visitor.newPage();
  const faults = faultsOf(page, scene.origin);
  await page.addInitScript(observer);
  await page.goto(scene.origin + path);
  await page.locator('html[data-live="on"]').waitFor();
  sayInPieces(scene, text);
  // Whatever a text set going has by now had its turn; the gate of its own is there when the redrawn regions are.
  scene.engine.add({ type: "epic.created", epicId: `E-${scene.engine.log.length}`, goal: text, isStarting: true });
  if (path === "/") await page.getByText(`E-${scene.engine.log.length - 1}`, { exact: true }).waitFor();
  await page.evaluate("new Promise((end) => setTimeout(end, 300))");
  const { shapes, reports } = Seen.parse(await page.evaluate("({ shapes: [...seenShapes], reports: seenReports })"));
  await page.close();
  return { shapes, faults: [...faults, ...reports] };
}

/** The stream says the whole text again, in pieces that end anywhere. */
function sayInPieces({ engine }: PageScene, text: string): void {
  for (const stream of [...engine.liveStreams.values()]) {
    for (let at = 0; at < Math.min(text.length, 2_000); at += 37) {
      const piece = text.slice(at, at + 37);
      const { text: said, endOffset } = engine.liveStreams.get(stream.streamId) ?? stream;
      engine.liveStreams.set(stream.streamId, { ...stream, text: said + piece, endOffset: endOffset + piece.length });
      engine.say({ streamId: stream.streamId, offset: endOffset, text: piece });
    }
  }
}

/** Requests that the page has no business with, windows and dialogs. */
function faultsOf(page: Page, origin: string): string[] {
  const faults: string[] = [];
  const own = new Set([origin, `${origin}/live`]);
  page.on("request", (request) => {
    const { origin: asked, pathname } = new URL(request.url());
    const isOwn = asked === origin && (request.isNavigationRequest() || /^\/(assets\/|live$)/.test(pathname));
    if (!isOwn && !own.has(request.url())) faults.push(`a request for ${request.url().slice(0, 80)}`);
  });
  let navigationCount = 0;
  page.on("framenavigated", () => {
    navigationCount += 1;
    if (navigationCount > 1) faults.push("it went elsewhere");
  });
  page.on("dialog", (dialog) => {
    faults.push(`a dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => faults.push(error.message));
  return faults;
}

/** Notes the shape of every element that is ever in the document: its name and its attributes' names. */
const observer = `(() => {
  globalThis.seenShapes = new Set();
  globalThis.seenReports = [];
  const note = (element) => seenShapes.add([element.localName, ...element.getAttributeNames().sort()].join(" "));
  const noteAll = (node) => {
    if (!(node instanceof Element)) return;
    note(node);
    for (const element of node.querySelectorAll("*")) note(element);
  };
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
    seenReports.push("a report: " + violatedDirective + " " + blockedURI + " " + sample));
  new MutationObserver((changes) => {
    for (const { target, type, addedNodes } of changes)
      if (type === "attributes") note(target);
      else for (const node of addedNodes) noteAll(node);
  }).observe(document, { childList: true, subtree: true, attributes: true });
})();`;

/** Groups that a page can hold everywhere at once, each of every kind. */
function groupsOf(items: readonly string[]): readonly (readonly string[])[] {
  const groupCount = Math.ceil(items.length / groupSize);
  return Array.from({ length: groupCount }, (_unset, first) => items.filter((_item, at) => at % groupCount === first));
}
