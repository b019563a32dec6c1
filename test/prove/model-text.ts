/**
 * The Big List of Naughty Strings, and strings made for htmx and for the eye, in every place of every page. Each page is
 * compared with the same page that holds an ordinary word. It fails when a text adds an element or an attribute, when it is
 * not escaped or escaped twice, when it is changed, or when a character that cannot be seen is sent as it is.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import naughtyStrings from "big-list-of-naughty-strings/blns.json";
import { Access } from "../../src/web/access.ts";
import { createApp } from "../../src/web/app.ts";
import { serverNames } from "../../src/web/names.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { visible } from "../../views/format.ts";
import { type PageParts, partsOf } from "./page-text.ts";
import { poisonedEngine, poisonedPages } from "./poisoned-state.ts";
import type { Proof } from "./proof.ts";

const word = "Ordinaryword";
const address = "http://127.0.0.1:4747";

/** What htmx would act on, what ends an element or a value that our pages have, and what hides from the eye. */
const ownStrings = [
  `<div hx-post="/actions/gates/G-1/decision" hx-trigger="load">x</div>`,
  `" hx-post="/actions/engine" hx-trigger="load" x="`,
  `' hx-on:load='alert(1)`,
  `<hx-partial hx-target="#status">x</hx-partial>`,
  `<div id="status" hx-swap-oob="true">x</div>`,
  `<template hx type="partial" hx-target="body">x</template>`,
  `<meta name="htmx-config" content='{"selfRequestsOnly":false}'>`,
  `</textarea><button name="decision" value="approve">Approve</button>`,
  `</title></style></script></pre></template><img src=x onerror=alert(1)>`,
  `<svg><animate onbegin=alert(1) attributeName=x></svg>`,
  `--><!--><![CDATA[]]>&lt;b&gt;&amp;amp;&#60;i&#62;`,
  `javascript:alert(1)//"><a href=javascript:alert(1)>x`,
  `{"__proto__":{"x":1}} \${alert(1)} {{7*7}} <%= 7*7 %>`,
  "rm -rf \u202e txt.exe\u2066 a \u200b b \u00ad c \ufeff d",
  "tag \u{e0041}\u{e0042} annotated \ufff9a\ufffab\ufffb vowel \u180e end",
  "\u001b[8mhidden\u001b[0m \u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007 \u0000 \u0008 \u009b31m",
];
/** Without a picture of their own, or turning the text: every such character must be made visible. */
const unseen =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

export const modelText: Proof = {
  name: "model-text",
  promise: "Model text is text: shown exactly on every page, no element and no attribute beyond the template's.",
  async prove(tally) {
    const stateDir = mkdtempSync(join(tmpdir(), "signalbox-prove-"));
    try {
      const ordinary = new Map<string, PageParts>();
      const plain = pagesOf(word, stateDir);
      for (const page of poisonedPages) ordinary.set(page, partsOf(await plain(page)));
      const texts = [...ownStrings, ...naughtyStrings.filter((text) => text.trim() !== "")];
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
      contextMap: () => ({}),
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
    if (!model.includes(word) || isAbridged(model)) return [];
    if (found.fields.has(index) && shown.trim() === model.replaceAll(word, () => text).trim()) return [];
    return isShown(shown, model, text) ? [] : [`shown as ${JSON.stringify(shown.slice(0, 90))}`];
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

/** The line that sums an event up runs spaces together and stops at some length; the whole event stands below it. */
function isAbridged(model: string): boolean {
  return /^\w+ .* · \w+ /.test(model);
}

/** The word's place holds the text itself: as it is, as JSON, or its beginning where the page says that it goes on. */
function isShown(shown: string, model: string, text: string): boolean {
  const inJson = JSON.stringify(text).slice(1, -1);
  // Some places take a text without the spaces around it.
  const forms = [text, text.trim(), inJson, JSON.stringify(inJson).slice(1, -1)].flatMap((form) => [
    visible(form),
    escapedUnseen(form),
  ]);
  return forms.some((form) => {
    const whole = model.replaceAll(word, () => form);
    const cut = /^([\s\S]+?)\s*…(?: \d+ more characters.*)?$/.exec(shown)?.[1];
    return shown === whole || shown.trim() === whole.trim() || (cut !== undefined && whole.startsWith(cut));
  });
}

/** How JSON in a text box writes what cannot be seen. */
function escapedUnseen(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g,
    (character) =>
      character
        .split("")
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join(""),
  );
}
