/** Given what a person started from and what is on disk by now, when they save, then nothing of either is lost. */
import { describe, expect, test } from "bun:test";
import type { Event } from "../../src/domain/event.ts";
import { ProjectFileError } from "../../src/workspace/documents/project-files.ts";
import { textHash } from "../../src/workspace/documents/three-way.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { planFacts, trackId } from "../support/sample-facts.ts";

const started = "# Spec\n\none\ntwo\nthree\n";

/** An engine whose spec.md a person has opened, and then somebody has changed on disk. */
function given(onDisk = started) {
  const engine = new FakeEngine();
  engine.add(...planFacts());
  engine.disk.put(trackId, "spec", started);
  const { text: base, hash: baseHash } = engine.documents.read(trackId, "spec");
  engine.disk.put(trackId, "spec", onDisk);
  const save = (text: string, change: { baseHash?: string; base?: string } = { base }) =>
    engine.documents.edit({ trackId, name: "spec", text, baseHash, by: "person", ...change });
  const types = () => engine.log.map(({ type }) => type).filter((type) => type.startsWith("document."));
  return { engine, save, types, disk: () => engine.disk.readDocument(trackId, "spec") };
}

describe("an edit", () => {
  test("of a file that nobody else touched is written, with its intent before it and its outcome after", () => {
    const { engine, save, types, disk } = given();
    expect(save("# Spec\n\nnew\n")).toMatchObject({ outcome: "saved", isMerged: false });
    expect(disk()).toBe("# Spec\n\nnew\n");
    expect(types()).toEqual(["document.edited", "document.written"]);
    const hash = textHash("# Spec\n\nnew\n");
    expect(engine.log.at(-2)).toMatchObject({ trackId, name: "spec", hash, fromHash: textHash(started), by: "person" });
  });

  test("is taken together with a hand edit of other lines, and says so", () => {
    const { save, disk } = given(started.replace("three", "by hand"));
    expect(save(started.replace("one", "mine"))).toMatchObject({ outcome: "saved", isMerged: true });
    expect(disk()).toBe("# Spec\n\nmine\ntwo\nby hand\n");
  });

  test("that clashes with a hand edit writes nothing, and gives back both", () => {
    const { save, types, disk } = given(started.replace("two", "by hand"));
    const result = save(started.replace("two", "mine"));
    expect(result).toMatchObject({
      outcome: "conflict",
      conflicts: [{ base: "two", mine: "mine", onDisk: "by hand" }],
    });
    expect(types()).toEqual([]);
    expect(disk()).toContain("by hand");
  });

  test("from which the marks of a conflict are not gone is refused", () => {
    const { save, disk } = given(started.replace("two", "by hand"));
    const result = save(started.replace("two", "mine"));
    const marked = result.outcome === "conflict" ? result.text : "";
    expect(save(marked)).toMatchObject({ outcome: "refused", rejection: { code: "invalid" } });
    expect(disk()).toContain("by hand");
  });

  test("whose base is not what its hash names is held against the disk alone", () => {
    const { save } = given(started.replace("three", "by hand"));
    expect(save(started.replace("one", "mine"), { base: "something else" }).outcome).toBe("conflict");
    expect(save(started.replace("one", "mine"), {}).outcome).toBe("conflict");
  });

  test("that changes nothing is no event; of an unknown track it is refused", () => {
    const { engine, save, types } = given();
    expect(save(started.replaceAll("\n", "\r\n"))).toMatchObject({ outcome: "saved" });
    expect(types()).toEqual([]);
    const edit = { trackId: "none", name: "spec" as const, text: "x", baseHash: textHash(""), by: "person" };
    expect(engine.documents.edit(edit)).toMatchObject({ outcome: "refused", rejection: { code: "not_found" } });
  });

  test("keeps the line endings of the file, though a browser sends its own", () => {
    const { engine, save, disk } = given();
    engine.disk.put(trackId, "spec", started.replaceAll("\n", "\r\n"));
    save(started.replace("two", "2").replaceAll("\n", "\r\n"));
    expect(disk()).toBe(started.replace("two", "2").replaceAll("\n", "\r\n"));
  });

  test("that the disk does not take is refused with the reason, and the log says that it is not written", () => {
    const { engine, save, types } = given();
    engine.disk.writeDocument = () => {
      throw new ProjectFileError("spec.md could not be written. Check the disk.");
    };
    expect(save("other")).toMatchObject({
      outcome: "refused",
      rejection: { message: expect.stringContaining("could not be written") },
    });
    expect(types()).toEqual(["document.edited", "document.unwritten"]);
  });
});

describe("after a crash between the log and the disk", () => {
  /** An engine that starts on the events of one that was cut off before it wrote. */
  function restarted(onDisk: string) {
    const { engine, save } = given();
    save("# Spec\n\nnew\n");
    const cut = engine.log.filter(({ type }) => type !== "document.written");
    const next = new FakeEngine();
    next.add(...cut.map(({ position: _position, at: _at, ...fact }: Event) => fact));
    next.disk.put(trackId, "spec", onDisk);
    next.documents.begin();
    return next;
  }

  test("the edit is written where the file is still what it was made of", () => {
    const next = restarted(started);
    expect(next.disk.readDocument(trackId, "spec")).toBe("# Spec\n\nnew\n");
    expect(next.log.at(-1)?.type).toBe("document.written");
    next.documents.begin();
    expect(next.log.filter(({ type }) => type === "document.written")).toHaveLength(1);
  });

  test("a file that somebody changed meanwhile stays, and the log says where the edit is", () => {
    const next = restarted("by hand\n");
    expect(next.disk.readDocument(trackId, "spec")).toBe("by hand\n");
    expect(next.log.at(-1)).toMatchObject({
      type: "document.unwritten",
      reason: expect.stringContaining("is in the event log"),
    });
  });
});
