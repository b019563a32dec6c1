/** Puts the declared routes into the application: reads bodies as JSON, answers with JSON, and knows which methods a path has. */
import type { Context, Hono } from "hono";
import { refusal } from "../answer.ts";
import type { WebServices } from "../web-services.ts";
import type { ApiRoute } from "./route.ts";

/** Schemas and hashes walk JSON by recursion: what is nested deeper than this could overflow the stack. */
const maxDepth = 200;

/** Adds every route, and a 405 for the other methods of its path. */
export function mountRoutes(app: Hono, services: WebServices, routes: readonly ApiRoute[]): void {
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    app.on(route.method, route.path, (c) => serve(c, services, route));
    methods.set(route.path, [...(methods.get(route.path) ?? []), route.method]);
  }
  for (const [path, allowed] of methods) {
    app.all(path, (c) => {
      c.header("allow", allowed.join(", "));
      return refusal(c, 405, "method_not_allowed", `This address takes ${allowed.join(" and ")} only.`);
    });
  }
}

async function serve(c: Context, services: WebServices, route: ApiRoute): Promise<Response> {
  const body = route.body ? await readJson(c) : { isValid: true, value: {} };
  if (!body.isValid) {
    return refusal(c, 400, "bad_json", "The request's body is no valid JSON; send an object such as {}.");
  }
  if (isDeeperThan(body.value, maxDepth)) {
    return refusal(c, 422, "too_deep", `The request's JSON is nested more than ${maxDepth} levels deep.`);
  }
  const reply = await route.answer(services, {
    params: c.req.param(),
    query: c.req.query(),
    body: body.value,
    request: c.req.raw,
  });
  return reply instanceof Response ? reply : Response.json(reply.body, { status: reply.status });
}

/** An empty body counts as `{}`: a lever without options needs none. */
async function readJson(c: Context): Promise<{ isValid: boolean; value: unknown }> {
  const text = await c.req.text();
  if (text.trim() === "") return { isValid: true, value: {} };
  try {
    return { isValid: true, value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { isValid: false, value: null };
    throw error;
  }
}

function isDeeperThan(root: unknown, limit: number): boolean {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return false;
}
