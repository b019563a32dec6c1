/** Tokens and sessions: what is given out, what is kept, and for how long. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Access, headerToken, projectLabel } from "../../src/web/access.ts";
import { label, temporaryStateDir, webApp } from "../support/web-app.ts";

const minute = 60_000;

function accessAt(clock: { now: number }, stateDir = temporaryStateDir()) {
  return { stateDir, access: new Access({ stateDir, now: () => clock.now, elapsedMs: () => clock.now }) };
}

describe("a one-time token", () => {
  test("logs in once", () => {
    const { access } = accessAt({ now: 0 });
    const token = access.newLoginToken();
    const session = access.login(token);
    expect(session !== null && access.isSession(session)).toBe(true);
    expect(access.login(token)).toBeNull();
  });

  test("is good for ten minutes", () => {
    const clock = { now: 0 };
    const { access } = accessAt(clock);
    const [early, late] = [access.newLoginToken(), access.newLoginToken()];
    clock.now = 10 * minute;
    expect(access.login(early)).not.toBeNull();
    clock.now = 10 * minute + 1;
    expect(access.login(late)).toBeNull();
  });

  test("cannot be guessed: 2,000 random ones do not log in", () => {
    const { access } = accessAt({ now: 0 });
    access.newLoginToken();
    for (let tries = 0; tries < 2000; tries++) {
      expect(access.login(crypto.getRandomValues(Buffer.alloc(32)).toString("base64url"))).toBeNull();
    }
  });
});

describe("a session", () => {
  test("survives a restart, and ends after thirty days", () => {
    const clock = { now: 0 };
    const { access, stateDir } = accessAt(clock);
    const session = access.login(access.newLoginToken()) ?? "";
    const { access: restarted } = accessAt(clock, stateDir);
    expect(restarted.isSession(session)).toBe(true);
    clock.now = 30 * 24 * 60 * minute;
    expect(restarted.isSession(session)).toBe(false);
  });

  test("is in no file: only its hash is, and the file is its owner's alone", () => {
    const { access, stateDir } = accessAt({ now: 0 });
    const token = access.newLoginToken();
    const session = access.login(token) ?? "";
    for (const name of readdirSync(stateDir)) {
      const path = join(stateDir, name);
      const text = readFileSync(path, "utf8");
      for (const secret of [session, token, access.apiToken, headerToken(session)]) expect(text).not.toContain(secret);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  test("a spoilt file logs everybody out and stops nothing", () => {
    const stateDir = temporaryStateDir();
    writeFileSync(join(stateDir, "sessions.json"), "{ half");
    const { access } = accessAt({ now: 0 }, stateDir);
    expect(access.isSession("x")).toBe(false);
    expect(access.login(access.newLoginToken())).not.toBeNull();
  });
});

test("the label is random and stays the same for a project", () => {
  const stateDir = temporaryStateDir();
  const first = projectLabel(stateDir);
  expect(first).toMatch(/^[a-z2-7]{16}$/);
  expect(projectLabel(stateDir)).toBe(first);
  expect(projectLabel(temporaryStateDir())).not.toBe(first);
});

test("the API token is what was given, or 256 random bits", () => {
  const fixed = new Access({ stateDir: temporaryStateDir(), now: () => 0, elapsedMs: () => 0, token: "given" });
  expect(fixed.isApiToken("given")).toBe(true);
  const random = new Access({ stateDir: temporaryStateDir(), now: () => 0, elapsedMs: () => 0, token: "" });
  expect(Buffer.from(random.apiToken, "base64url").length).toBe(32);
  expect(random.isApiToken("")).toBe(false);
});

describe("POST /login", () => {
  const host = `${label}.localhost:4747`;
  const { app, services, ask } = webApp((pages) => {
    pages.get("/", (c) => c.text("the page"));
    pages.post("/actions/x", (c) => c.text("changed"));
  });
  const post = (body: string, type: string) =>
    app.request("http://x/login", { method: "POST", body, headers: { host, "content-type": type } });

  test("trades a token for a strict cookie that opens the page, and with its header token changes", async () => {
    const answer = await post(JSON.stringify({ token: services.access.newLoginToken() }), "application/json");
    expect(answer.status).toBe(200);
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^signalbox_4747=[\w-]{43}; /);
    for (const part of ["HttpOnly", "SameSite=Strict", "Path=/"]) expect(cookie).toContain(part);
    const session = cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf(";"));
    const headers = { host, cookie: `signalbox_4747=${session}` };
    expect(await (await app.request("http://x/", { headers })).text()).toBe("the page");
    const change = { ...headers, "x-signalbox-token": headerToken(session) };
    expect((await app.request("http://x/actions/x", { method: "POST", headers: change })).status).toBe(200);
    expect((await app.request("http://x/login", { headers })).status).toBe(303);
  });

  test("takes a form, and goes on to the page", async () => {
    const body = new URLSearchParams({ token: services.access.newLoginToken() }).toString();
    const answer = await post(body, "application/x-www-form-urlencoded");
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/");
    expect((await post(body, "application/x-www-form-urlencoded")).status).toBe(401);
  });

  test("refuses what is no token with words, as JSON or as a page", async () => {
    for (const body of ['{"token":"x"}', "{", "{}", "[]", '{"token":1}']) {
      const answer = await post(body, "application/json");
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { code: "bad_token" } });
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    const page = await post("token=%3Cscript%3E", "application/x-www-form-urlencoded");
    expect(page.status).toBe(401);
    const html = await page.text();
    expect(html).toContain("signalbox url");
    expect(html).not.toContain("<script>");
  });

  test("a fresh address is given to the API token, not to a session", async () => {
    const answer = await ask("/api/login-tokens", { method: "POST" });
    expect(answer.status).toBe(201);
    const { url } = z.object({ url: z.string() }).parse(await answer.json());
    expect(url).toStartWith(`http://${label}.localhost:4747/#k=`);
    const session = services.access.login(url.split("#k=")[1] ?? "") ?? "";
    expect(services.access.isSession(session)).toBe(true);
    const headers = { host, cookie: `signalbox_4747=${session}`, "x-signalbox-token": headerToken(session) };
    expect((await app.request("http://x/api/login-tokens", { method: "POST", headers })).status).toBe(403);
  });
});
