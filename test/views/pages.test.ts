/** What the pages show: the hooks and names that scripts rely on, and that no text of a model is ever more than text. */
import { describe, expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { payloadHash } from "../../src/domain/gate.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { FakeEngine } from "../support/fake-engine.ts";
import { attempt } from "../support/sample-builders.ts";
import { planFacts, ticketFact, trackId } from "../support/sample-facts.ts";
import { sampleEngine } from "../support/sample-state.ts";
import { webApp } from "../support/web-app.ts";

const pages = ["/", "/streams", "/gates", "/usage", "/context", "/comms", "/events", "/settings"];
const sampleTrack = "/tracks/duration_parsing_20261123";

async function show(engine: FakeEngine, path: string): Promise<string> {
  const { ask } = webApp(registerPages, { engine });
  const response = await ask(path);
  expect(response.status).toBe(200);
  return await response.text();
}

describe("hooks", () => {
  test("every page is complete on the server, and names its live connection", async () => {
    const engine = sampleEngine();
    for (const path of [...pages, sampleTrack, "/tickets/T-001"]) {
      const html = await show(engine, path);
      expect(html).toStartWith("<!doctype html>");
      expect(html).toContain(`hx-sse:connect="/live?page=${encodeURIComponent(path)}"`);
      expect(html).toContain('name="signalbox-token"');
      expect(html).not.toMatch(/<script(?![^>]*src=)|style="|\son[a-z]+="|hx-on/);
    }
  });

  test("a gate's card has its kind, a box named Payload, and the buttons Approve and Decline", async () => {
    const html = await show(sampleEngine(), "/gates");
    expect(html).toContain('data-gate="G-002" data-gate-kind="command"');
    const id = /<label for="(gate-[0-9a-f]+-payload)">Payload<\/label>/.exec(html)?.[1];
    expect(html).toContain(`<textarea id="${id}" name="payload"`);
    expect(html).toMatch(/<button type="submit" name="decision" value="approve" class="approve">Approve<\/button>/);
    expect(html).toMatch(/value="decline"[^>]*>Decline<\/button>/);
    expect(html).toMatch(/class="hidden">Reason<\/label>/);
  });

  test("gates stand oldest first, on the overview, on their track's page and on their ticket's page", async () => {
    const engine = sampleEngine();
    const ids = async (path: string) =>
      [...(await show(engine, path)).matchAll(/data-gate="([^"]+)"/g)].map((match) => match[1]);
    expect(await ids("/")).toEqual(["G-001", "G-002", "G-003", "G-004", "G-005", "G-006"]);
    expect(await ids(sampleTrack)).toEqual(["G-002", "G-004", "G-005"]);
    expect(await ids("/tickets/T-002")).toEqual(["G-002"]);
  });

  test("tickets carry id and status, streams their id, the usage table one row a tier", async () => {
    const engine = sampleEngine();
    expect(await show(engine, sampleTrack)).toContain('data-ticket="T-001" data-status="completed"');
    expect(await show(engine, "/streams")).toContain('data-stream="Tier 3 (Worker): T-002"');
    for (const path of ["/", "/usage"]) {
      const html = await show(engine, path);
      expect([...html.matchAll(/data-tier="(\d)"/g)].map((match) => match[1])).toEqual(["1", "2", "3", "4"]);
    }
  });

  test("a ticket's page shows the stack of its agent's failure, and the prompt as it was edited", async () => {
    const engine = new FakeEngine();
    const ref = { ticketId: "T-002", trackId, attempt: 1 };
    const payload = { prompt: "As edited by a person.", context: "", model: "m" };
    const shown = { ...payload, prompt: "As proposed." };
    const gateId = "G-001";
    engine.add(
      ...planFacts(),
      ...attempt(ref, "m"),
      { type: "gate.opened", gateId, kind: "spawn", ...ref, reason: "", payload: shown, payloadHash: "a" },
      { type: "gate.approved", gateId, kind: "spawn", payload, payloadHash: "b", isEdited: true, by: "person" },
      {
        type: "agent.failed",
        agentId: "A-T-002-1",
        code: "crash",
        reason: "It crashed.",
        stack: "Error: boom\n    at work (agent.ts:1:1)",
        isRetryable: true,
      },
    );
    const html = await show(engine, "/tickets/T-002");
    expect(html).toContain("at work (agent.ts:1:1)");
    expect(html).toContain("As edited by a person.");
    expect(html).toContain("<del>proposed</del><ins>edited by a person</ins>");
    expect(html).toContain("edited first");
  });

  test("the goal box is named Goal and has a Start button, also in an empty project", async () => {
    const html = await show(new FakeEngine(), "/");
    expect(html).toContain('<label for="goal">Goal</label>');
    expect(html).toContain(">Start</button>");
    expect(html).toContain("tier 1 proposes tracks");
  });

  test("a figure without a price is unpriced, not nothing", async () => {
    expect(await show(sampleEngine(), "/usage")).toContain("unpriced");
  });

  test("where nothing was spent the usage page parts nothing", async () => {
    const tables = async (engine: FakeEngine) => (await show(engine, "/usage")).match(/<table/g)?.length;
    expect(await tables(new FakeEngine())).toBe(1);
    expect(await tables(sampleEngine())).toBeGreaterThan(5);
  });

  test("no element id is given twice", async () => {
    const engine = sampleEngine();
    for (const path of [...pages, sampleTrack, "/tickets/T-002"]) {
      const ids = [...(await show(engine, path)).matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    }
  });

  test("what does not exist is a 404 in words", async () => {
    const { ask } = webApp(registerPages, { engine: new FakeEngine() });
    for (const path of ["/tracks/none", "/tickets/T-999", "/context?agent=none", "/tracks/%E0%A4%A"]) {
      expect((await ask(path)).status).toBe(404);
    }
  });
});

test("without a script every form says that it needs one, and a gate's card what to do instead", async () => {
  for (const path of [...pages, sampleTrack, "/tickets/T-001", `${sampleTrack}?change=edit&ticket=T-002`]) {
    const html = await show(sampleEngine(), path);
    const forms = html.match(/<form [^>]*method="post"[\s\S]*?<\/form>/g) ?? [];
    expect(forms.length).toBeGreaterThan(0);
    for (const form of forms) expect(form).toMatch(/<noscript><span class="hint">Needs JavaScript/);
  }
  expect(await show(sampleEngine(), "/gates")).toContain("without it: signalbox gates approve G-002<");
});

describe("escaping", () => {
  const attack = `"'><img src=x onerror=alert(1)><script>alert(1)</script><hx-partial hx-target="#status">x</hx-partial>`;

  function poisoned(): FakeEngine {
    const engine = new FakeEngine();
    const replaceText = (_key: string, value: unknown) =>
      typeof value === "string" &&
      !/^(epic|track|ticket|gate)\./.test(value) &&
      /[A-Z ]/.test(value) &&
      !/^[ETG]-\d+$/.test(value)
        ? `${value} ${attack}`
        : value;
    // Only texts are changed, so the facts keep their shape.
    const facts = JSON.parse(JSON.stringify(planFacts(), replaceText)) as Fact[];
    const payload = { command: attack, cwd: attack };
    // Spreading a union loses its tag; the fact is the ticket's, with other texts.
    const poisonedTicket = {
      ...ticketFact("T-003", []),
      title: attack,
      description: attack,
      targetFiles: [attack],
    } as Fact;
    engine.add(
      ...facts,
      poisonedTicket,
      { type: "ticket.blocked", ticketId: "T-003", trackId, reason: attack },
      {
        type: "gate.opened",
        gateId: "G-001",
        kind: "command",
        trackId,
        ticketId: "T-003",
        reason: attack,
        payload,
        payloadHash: payloadHash(payload),
      },
      {
        type: "gate.opened",
        gateId: "G-002",
        kind: "spawn",
        trackId,
        reason: attack,
        payload: attack,
        payloadHash: "0",
      },
      {
        type: "agent.started",
        agentId: "A-1",
        role: "worker",
        purpose: "work",
        streamId: `Tier 3 (Worker): ${attack}`,
        model: attack,
        provider: attack,
        maxTokens: 1,
        system: attack,
        message: [attack],
      },
    );
    engine.warnings.push(attack);
    engine.liveStreams.set(attack, {
      streamId: attack,
      role: "worker",
      agentId: "A-1",
      epicId: null,
      trackId,
      ticketId: "T-003",
      status: "waiting",
      reason: attack,
      text: attack,
      endOffset: attack.length,
      startedAt: attack,
      endedAt: null,
    });
    return engine;
  }

  test("a text with markup in it is shown as text, wherever it stands", async () => {
    const engine = poisoned();
    for (const path of [...pages, `/tracks/${trackId}`, "/tickets/T-003", "/context?agent=A-1"]) {
      const html = await show(engine, path);
      expect(html).not.toContain("<img");
      expect(html).not.toContain("<script>");
      expect(html).not.toContain("<hx-partial");
      expect(html).not.toMatch(/\s(id|for)="[^"]*[<>' ]/);
    }
  });

  test("what the eye cannot see, or what turns text around, is made visible", async () => {
    const engine = new FakeEngine();
    const payload = { command: "rm \u202e txt.exe \u200b", cwd: "." };
    engine.add({
      type: "gate.opened",
      gateId: "G-001",
      kind: "command",
      reason: "",
      payload,
      payloadHash: payloadHash(payload),
    });
    const html = await show(engine, "/gates");
    expect(html).toContain("⟨U+202E⟩");
    expect(html).toContain("\\u202e");
    expect(html).not.toContain("\u202e");
  });
});
