/** The proofs themselves: the quickest ones hold, say what they should, and a wrong name is told. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";
import { partsOf } from "./page-text.ts";
import { notOnce, Tally } from "./proof.ts";

const ProofLine = z.object({ type: z.literal("proof"), name: z.string(), tried: z.number(), failed: z.number() });

async function prove(...args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "prove.ts"), ...args], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, words] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { exitCode: await child.exited, lines: out.trimEnd().split("\n"), words };
}

test("the quickest proofs hold, and count what they tried", async () => {
  const { exitCode, lines, words } = await prove("--only", "simulation,crash-points", "--seed", "7", "--json");
  expect({ exitCode, words }).toEqual({ exitCode: 0, words: "" });
  const proofs = lines.slice(0, -1).map((line) => ProofLine.parse(JSON.parse(line)));
  expect(proofs.map(({ name, failed }) => `${name} ${failed}`)).toEqual(["crash-points 0", "simulation 0"]);
  for (const { tried } of proofs) expect(tried).toBeGreaterThan(30);
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ type: "summary", seed: 7, proofCount: 2, failedCount: 0 });
}, 120_000);

test("a proof that there is not is told with those that there are", async () => {
  const { exitCode, words } = await prove("--only", "nothing");
  expect(exitCode).toBe(2);
  expect(words).toContain("kill,storage-faults");
});

test("the counting notices a failure, a double and what was not tried", () => {
  const tally = new Tally();
  tally.trial("right", []);
  tally.trial("wrong", ["it is so", "and so"]);
  expect(tally).toMatchObject({ tried: 2, failed: 1, failures: ["wrong: it is so; and so"] });
  expect(notOnce(["a", "b", "a"])).toEqual(["a 2 times"]);
});

test("the page reader notices a tag, an attribute and an entity that are not escaped", () => {
  const page = (text: string) => `<!doctype html><p class="x" title="${text}">${text}</p>`;
  const ordinary = partsOf(page("word"));
  expect(ordinary).toMatchObject({ skeleton: ["p class title", "/p"], texts: ["x", "word", "word", ""], faults: [] });
  expect(partsOf(page("&lt;b&gt; &amp;lt; &quot;")).texts).toEqual(["x", '<b> &lt; "', '<b> &lt; "', ""]);
  for (const attack of ["<b>", '" hx-get="/', "a & b", "&nbsp;", "<b x=y>"]) {
    const { skeleton, faults } = partsOf(page(attack));
    expect(faults.length > 0 || skeleton.join() !== ordinary.skeleton.join()).toBe(true);
  }
});
