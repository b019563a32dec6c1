/** The guard against a specification of one line, over every combination of what it looks at. */
import { describe, expect, test } from "bun:test";
import { headerToken } from "../../src/web/access.ts";
import { label, webApp } from "../support/web-app.ts";

const own = `${label}.localhost:4747`;
const hosts = [
  own,
  "127.0.0.1:4747",
  "localhost:4747",
  "[::1]:4747",
  "evil.example:4747",
  "127.0.0.1:4748",
  `${own}.evil`,
  "LOCALHOST:4747",
  "localhost:4747.",
  undefined,
];
const origins = [
  undefined,
  `http://${own}`,
  "http://127.0.0.1:4747",
  "null",
  "http://evil.example",
  `https://${own}`,
  "http://127.0.0.1:7002",
];
const sites = [undefined, "same-origin", "none", "same-site", "cross-site"];
const methods = ["GET", "HEAD", "POST", "PATCH", "OPTIONS"];
const bearers = [undefined, "Bearer api-token", "Bearer wrong", "Basic api-token"];

function withSession() {
  const web = webApp((app) => {
    app.get("/page", (c) => c.text("page"));
    app.all("/page", (c) => c.text("changed"));
  });
  const session = web.services.access.login(web.services.access.newLoginToken()) ?? "";
  const cookies = [undefined, `signalbox_4747=${session}`, "signalbox_4747=old"];
  const tokens = [undefined, headerToken(session), "wrong"];
  return { ...web, session, cookies, tokens };
}

describe("the guard", () => {
  const { app, cookies, tokens, session } = withSession();

  test("lets through exactly what the specification allows, over 21,000 and more combinations", async () => {
    let tried = 0;
    const wrong: string[] = [];
    for (const host of hosts) {
      for (const origin of origins) {
        for (const site of sites) {
          for (const method of methods) {
            for (const bearer of bearers) {
              for (const cookie of cookies) {
                for (const token of tokens) {
                  const headers = headersOf({
                    host,
                    origin,
                    "sec-fetch-site": site,
                    authorization: bearer,
                    cookie,
                    "x-signalbox-token": token,
                  });
                  const answer = await app.request("http://x/page", { method, headers });
                  const expected = specified({ host, origin, site, method, bearer, cookie, token });
                  if (answer.status !== expected)
                    wrong.push(`${JSON.stringify([...headers])} ${method}: ${answer.status}, not ${expected}`);
                  tried += 1;
                }
              }
            }
          }
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(tried).toBeGreaterThan(21_000);
  });

  function specified(visit: {
    host: string | undefined;
    origin: string | undefined;
    site: string | undefined;
    method: string;
    bearer: string | undefined;
    cookie: string | undefined;
    token: string | undefined;
  }): number {
    if (!hosts.slice(0, 4).includes(visit.host)) return 421;
    if (!origins.slice(0, 3).includes(visit.origin) || visit.site === "same-site" || visit.site === "cross-site")
      return 403;
    if (visit.bearer === "Bearer api-token") return 200;
    if (visit.cookie !== `signalbox_4747=${session}`) return 401;
    return visit.method === "GET" || visit.method === "HEAD" || visit.token === headerToken(session) ? 200 : 403;
  }
});

describe("an open path", () => {
  const { app } = withSession();
  const open = { host: own };

  test("says that the server is well, without a token, and nothing more", async () => {
    const answer = await app.request("http://x/healthz", { headers: open });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('{"ok":true}');
  });

  test("keeps the checks of Host and Origin", async () => {
    expect((await app.request("http://x/healthz", { headers: { host: "evil" } })).status).toBe(421);
    expect((await app.request("http://x/healthz", { headers: { ...open, origin: "null" } })).status).toBe(403);
    expect((await app.request("http://x/login", { method: "POST", headers: { ...open, origin: "null" } })).status).toBe(
      403,
    );
  });
});

describe("a refusal", () => {
  const { app, ask } = webApp();

  test("is JSON for the API, a page with the login form for people", async () => {
    const api = await app.request("http://x/api/state", { headers: { host: own } });
    expect(await api.json()).toMatchObject({ error: { code: "unauthorized" } });
    const page = await app.request("http://x/tracks/a", { headers: { host: own, accept: "text/html" } });
    expect(page.status).toBe(401);
    const html = await page.text();
    expect(html).toContain("signalbox url");
    expect(html).toContain('action="/login"');
    // Else a browser without JavaScript sends the form with `Origin: null`, which is refused.
    expect(html).toContain('<meta name="referrer" content="same-origin"');
    expect(html).toStartWith("<!DOCTYPE html>");
  });

  test("gives a person who came by a foreign link the way in, and no data", async () => {
    const page = await app.request("http://x/", { headers: { host: own, "sec-fetch-site": "cross-site" } });
    expect(page.status).toBe(403);
    expect(await page.text()).toContain('action="/login"');
  });

  test("never repeats what came in", async () => {
    const path = "/%3Cscript%3Ealert(1)%3C/script%3E?x=<script>alert(1)</script>";
    for (const answer of [
      await app.request(`http://x${path}`, { headers: { host: '"><script>alert(1)</script>' } }),
      await app.request(`http://x${path}`, { headers: { host: own } }),
      await ask(path),
    ]) {
      expect(await answer.text()).not.toContain("alert(1)");
    }
  });
});

describe("every answer", () => {
  const { app, ask } = webApp((pages) => {
    pages.get("/broken", () => {
      throw new Error("the secret cause");
    });
  });

  test("carries the security headers and no CORS header", async () => {
    const answers = [
      await ask("/api/state"),
      await ask("/api/nothing"),
      await ask("/broken"),
      await ask("/api/state", {
        method: "OPTIONS",
        headers: { origin: "http://127.0.0.1:4747", "access-control-request-method": "PATCH" },
      }),
      await app.request("http://x/", { headers: { host: own } }),
      await app.request("http://x/", { headers: { host: "evil" } }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 404, 500, 405, 401, 421]);
    for (const { headers } of answers) {
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; script-src 'nonce-[\w-]{24}'; style-src 'self'; .*; require-trusted-types-for 'script'; trusted-types htmx$/,
      );
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  test("keeps the cause of a failure to itself and reports it", async () => {
    const web = webApp((pages) => {
      pages.get("/broken", () => {
        throw new Error("the secret cause");
      });
    });
    const answer = await web.ask("/broken");
    expect(await answer.text()).not.toContain("secret cause");
    expect(web.failures.map(String)).toEqual(["Error: the secret cause"]);
  });
});

function headersOf(values: Record<string, string | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) headers.set(name, value);
  return headers;
}
