/** The API's spec and plan: read with a hash, and written three ways. */
import { expect, test } from "bun:test";
import { z } from "zod";
import { planFacts, trackId } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

const path = `/api/tracks/${trackId}/documents/spec`;
const Hashed = z.object({ hash: z.string() });
const started = "# Spec\n\none\ntwo\nthree\n";

async function opened() {
  const web = webApp();
  web.engine.add(...planFacts());
  web.engine.disk.put(trackId, "spec", started);
  const read = await web.ask(path);
  const { hash } = Hashed.parse(await read.clone().json());
  const put = async (body: object) => {
    const response = await web.send("PUT", path, body);
    const json: ReturnType<typeof JSON.parse> = await response.json();
    return { status: response.status, body: json };
  };
  return { ...web, read, hash, put };
}

test("a document comes with the hash of its text, as its ETag too", async () => {
  const { read, hash, ask } = await opened();
  expect(read.headers.get("etag")).toBe(`"${hash}"`);
  expect(await read.json()).toEqual({ trackId, name: "spec", text: started, hash });
  expect((await ask(`/api/tracks/${trackId}/documents/plan`)).status).toBe(200);
  expect((await ask(`/api/tracks/${trackId}/documents/metadata`)).status).toBe(422);
  expect((await ask("/api/tracks/none/documents/spec")).status).toBe(404);
});

test("a change of it is written, and a hand edit meanwhile is taken together with it", async () => {
  const { engine, hash, put } = await opened();
  expect(await put({ text: started.replace("one", "1"), baseHash: hash })).toMatchObject({
    status: 200,
    body: { isMerged: false, text: started.replace("one", "1") },
  });
  engine.disk.put(trackId, "spec", started.replace("three", "3"));
  expect(await put({ text: started.replace("one", "1"), baseHash: hash, base: started })).toMatchObject({
    status: 200,
    body: { isMerged: true, text: "# Spec\n\n1\ntwo\n3\n" },
  });
});

test("a clash is a 409 with the whole text between marks, and what is on disk to go on from", async () => {
  const { engine, hash, put } = await opened();
  engine.disk.put(trackId, "spec", started.replace("two", "by hand"));
  const clash = await put({ text: started.replace("two", "mine"), baseHash: hash, base: started });
  expect(clash).toMatchObject({
    status: 409,
    body: { error: { code: "conflict" }, conflicts: [{ base: "two", mine: "mine", onDisk: "by hand" }] },
  });
  const { onDisk } = clash.body;
  expect(await put({ text: clash.body.text, baseHash: onDisk.hash })).toMatchObject({ status: 422 });
  expect(await put({ text: started.replace("two", "both"), baseHash: onDisk.hash })).toMatchObject({ status: 200 });
});
