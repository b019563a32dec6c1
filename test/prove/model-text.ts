/**
 * The Big List of Naughty Strings, and strings made for htmx and for the eye, in every place of every page. Each page is
 * compared with the same page that holds an ordinary word. It fails when a text adds an element or an attribute, when it is
 * not escaped or escaped twice, when it is changed, or when a character that cannot be seen is sent as it is.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import naughtyStrings from "big-list-of-naughty-strings/blns.json";
import { proposedPattern } from "../../src/domain/rule.ts";
import { ansiText } from "../../src/projections/ansi-text.ts";
import { Access } from "../../src/web/access.ts";
import { createApp } from "../../src/web/app.ts";
import { serverNames } from "../../src/web/names.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { exact, exactCommand, visible } from "../../views/format.ts";
import { htmlPayloads } from "./html-payloads.ts";
import { type PageParts, partsOf } from "./page-text.ts";
import { poisonedEngine, poisonedPages } from "./poisoned-state.ts";
import type { Proof } from "./proof.ts";

const word = "Ordinaryword";
const address = "http://127.0.0.1:4747";

/** Without a picture of their own, or turning the text: every such character must be made visible. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u2800\ufff9-\ufffb]|(?! )(?!(?<=\d)\u202f\d)\p{Zs}|(?![\ufe0e\ufe0f])\p{DI}/u;

export const modelText: Proof = {
  name: "model-text",
  promise: "Model text is text: shown exactly on every page, no element and no attribute beyond the template's.",
  async prove(tally, { isLong }) {
    const stateDir = mkdtempSync(join(tmpdir(), "signalbox-prove-"));
    try {
      const ordinary = new Map<string, PageParts>();
      const plain = pagesOf(word, stateDir);
      for (const page of poisonedPages) ordinary.set(page, partsOf(await plain(page)));
      const naughty = naughtyStrings.filter((text, index) => text.trim() !== "" && (isLong || index % 3 === 0));
      const texts = [...htmlPayloads, ...naughty];
      for (const text of texts) {
        const show = pagesOf(text, stateDir);
        for (const [page, known] of ordinary) {
          const faults = faultsOf(partsOf(await show(page)), known, text);
          tally.trial(`${JSON.stringify(text)} on ${page}`, faults.slice(0, 2));
        }
      }
      const places = [...ordinary.values()]
        .flatMap((parts) => parts.texts)
        .filter((text) => text.includes(word)).length;
      tally.note = `${texts.length} strings, ${places} places on ${poisonedPages.length} pages`;
      if (places < 100) tally.fail("The text stands in too few places for the proof to say anything.");
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  },
};

/** The pages of a project that is full of this text. */
function pagesOf(text: string, stateDir: string): (path: string) => Promise<string> {
  const failures: unknown[] = [];
  const app = createApp(
    {
      engine: poisonedEngine(text),
      access: new Access({ stateDir, now: () => 1_000_000, elapsedMs: () => 1_000_000, token: "token" }),
      names: serverNames(4747, "abcdefghijklmnop", false),
      version: "0.0.0",
      toolsFor: () => [],
      closing: new AbortController().signal,
      heartbeatMs: 60_000,
      openStreams: new Set(),
      reportFailure: (failure) => failures.push(failure),
    },
    registerPages,
  );
  return async (path) => {
    const headers = { host: "127.0.0.1:4747", authorization: "Bearer token" };
    const answer = await app.request(`${address}${path}`, { headers });
    if (answer.status !== 200)
      throw new Error(`${path} with ${JSON.stringify(text)}: ${answer.status} ${String(failures[0])}`);
    return await answer.text();
  };
}

function faultsOf(found: PageParts, ordinary: PageParts, text: string): string[] {
  const differing = found.skeleton.findIndex((element, index) => element !== ordinary.skeleton[index]);
  if (differing >= 0 || found.skeleton.length !== ordinary.skeleton.length)
    return [...found.faults, `another element: ${found.skeleton[differing]}, not ${ordinary.skeleton[differing]}`];
  const changed = ordinary.texts.flatMap((model, index) => {
    const shown = found.texts[index] ?? "";
    if (!model.includes(word)) return [];
    if (found.fields.has(index) && shown.trim() === model.replaceAll(word, () => text).trim()) return [];
    const isRight =
      (found.links.has(index) && isAddress(shown, model, text)) ||
      (found.lines.has(index) && isLine(shown, model, text)) ||
      isShown(shown, model, text);
    return isRight ? [] : [`shown as ${JSON.stringify(shown.slice(0, 90))}`];
  });
  const hidden = found.texts.find(
    (shown, index) => !found.fields.has(index) && unseen.test(shown.replace(/[\t\n]/g, "")),
  );
  return [
    ...found.faults,
    ...changed,
    ...(hidden === undefined ? [] : [`unseen characters in ${JSON.stringify(hidden.slice(0, 90))}`]),
  ];
}

/** A link that leads where the ordinary text's link leads, with the text itself as a value: encoded, decoded the same. */
function isAddress(shown: string, model: string, text: string): boolean {
  const [found, ordinary] = [new URL(shown, address), new URL(model, address)];
  const values = [...ordinary.searchParams].map(([name, value]) => [name, value.replaceAll(word, () => text)]);
  const isSamePlace = found.origin === ordinary.origin && found.pathname === ordinary.pathname;
  return isSamePlace && JSON.stringify([...found.searchParams]) === JSON.stringify(values);
}

/**
 * A sentence of one line: plain white space is run together, and what was cut says so with `…` at the place, after enough to
 * know it by. That the whole text stands elsewhere is what the other places of the proof show.
 */
function isLine(shown: string, model: string, text: string): boolean {
  const whole = flat(model.replaceAll(word, () => text));
  if (shown === whole || (shown.endsWith("…") && shown.length > 200 && whole.startsWith(shown.slice(0, -1))))
    return true;
  const [before = "", ...after] = model.split(word);
  const rest = flat(`.${after.join(text)}`).slice(1);
  return [...shown.matchAll(/…/g)].some(({ index }) => {
    const [kept, tail] = [shown.slice(before.length, index), shown.slice(index + 1)];
    const isTail = tail === rest || (tail.endsWith("…") && tail.length > 100 && rest.startsWith(tail.slice(0, -1)));
    return shown.startsWith(before) && kept.length > 50 && flat(text).startsWith(kept) && isTail;
  });
}

function flat(text: string): string {
  return visible(text.replace(/[ \t\r\n]+/g, " ").replace(/^ | $/g, ""));
}

/** The word's place holds the text itself: as it is, as JSON, or its beginning where the page says that it goes on. */
function isShown(shown: string, model: string, text: string): boolean {
  const inJson = JSON.stringify(text).slice(1, -1);
  // Some places take a text without the spaces around it; the rule that a card proposes takes the beginning of a command.
  const forms = [text, text.trim(), proposedPattern(text), inJson, JSON.stringify(inJson).slice(1, -1)].flatMap(
    (form) => [
      visible(form),
      exact(form),
      exactCommand(form),
      escapedUnseen(form),
      // Output of commands: as a terminal would show it.
      exact(ansiText(form)),
    ],
  );
  return forms.some((form) => {
    const whole = model.replaceAll(word, () => form);
    const cut = /^([\s\S]+?)\s*…(?: \d+ more characters.*)?$/.exec(shown)?.[1];
    return shown === whole || shown.trim() === whole.trim() || (cut !== undefined && whole.startsWith(cut));
  });
}

/** How JSON in a text box writes what cannot be seen. */
function escapedUnseen(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2800\ufff9-\ufffb\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}/gu,
    (character) =>
      character
        .split("")
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join(""),
  );
}
