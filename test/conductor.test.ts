/** This repository's own plan opens in Signalbox like every other project, and its documents lead nowhere that is not there. */
import { describe, expect, test } from "bun:test";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseMetadata } from "../src/workspace/documents/metadata-document.ts";
import { parseRegistry } from "../src/workspace/documents/registry-document.ts";
import { parseTask } from "../src/workspace/documents/task-line.ts";

const conductor = resolve(import.meta.dir, "../conductor");
const text = (path: string) => readFileSync(join(conductor, path), "utf8");
const tracks = parseRegistry(text("tracks.md"));

test("the registry has tracks, each named in its own metadata", () => {
  expect(tracks.length).toBeGreaterThan(0);
  for (const { trackId, title } of tracks) {
    const metadata = parseMetadata(text(`tracks/${trackId}/metadata.json`));
    expect(metadata).toMatchObject({ track_id: trackId, description: title });
  }
});

test("every plan has tasks, and every line with a mark is one", () => {
  for (const { trackId } of tracks) {
    const marked = text(`tracks/${trackId}/plan.md`).match(/^\s*- \[.*$/gm) ?? [];
    expect(marked.length).toBeGreaterThan(0);
    for (const line of marked) expect(parseTask(line)).not.toBeNull();
  }
});

describe("a link in a document", () => {
  for (const path of globSync("**/*.md", { cwd: conductor })) {
    test(`of ${path} leads to something that is there`, () => {
      const links = [...text(path).matchAll(/\]\((\.[^)#\s]*)\)/g)].map(([, link = ""]) => link);
      const broken = links.filter((link) => !existsSync(resolve(conductor, dirname(path), link)));
      expect(broken).toEqual([]);
    });
  }
});
