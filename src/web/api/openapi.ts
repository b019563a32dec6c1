/** Makes the OpenAPI 3.1 document from the declared routes and their schemas. */
import { z } from "zod";
import { type ApiRoute, defineRoute } from "./route.ts";
import { ApiError, namedSchemas } from "./schemas.ts";

type JsonObject = Record<string, unknown>;

const words: Readonly<Record<number, string>> = {
  200: "Done.",
  201: "Made.",
  400: "The body is no JSON.",
  401: "No valid token or session.",
  403: "From another site, or a change without its token.",
  404: "There is no such thing.",
  405: "Not with this method.",
  409: "It has been decided, has started, or has ended already; or what was shown is stale.",
  413: "The body is too large.",
  421: "Not under this host name.",
  422: "It breaks a rule; the message says which.",
  503: "Too many event streams.",
};

/** The route that gives the document of all routes, itself among them. */
export function openapiRoute(routes: () => readonly ApiRoute[]): ApiRoute {
  return defineRoute({
    method: "GET",
    path: "/api/openapi.json",
    summary: "This document.",
    status: 200,
    reply: z.looseObject({ openapi: z.string() }),
    refusals: [],
    handle: ({ version, names }) => ({ status: 200, body: openapiDocument(routes(), version, names.apiUrl) }),
  });
}

/** The document. Request and answer schemas allow what later versions may add, except where a body is strict. */
function openapiDocument(routes: readonly ApiRoute[], version: string, apiUrl: string): JsonObject {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(namedSchemas)) registry.add(schema, { id });
  const schemas: JsonObject = {};
  const describe = (schema: z.ZodType) => jsonSchema(schema, registry, schemas);
  for (const schema of Object.values(namedSchemas)) describe(schema);
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, describe) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Signalbox", version, description: "Turns a goal into merged, tested code through four tiers." },
    servers: [{ url: apiUrl }],
    security: [{ bearer: [] }],
    paths,
    components: { schemas, securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
  };
}

function operation(route: ApiRoute, describe: (schema: z.ZodType) => unknown): JsonObject {
  const replyContent = { "application/json": { schema: describe(route.reply) } };
  const content =
    route.path === "/api/events"
      ? { ...replyContent, "text/event-stream": { schema: { type: "string" } } }
      : replyContent;
  const refusals = [401, 403, 421, 422, ...(route.body ? [400, 413] : []), ...route.refusals].sort((a, b) => a - b);
  const errorContent = { "application/json": { schema: describe(ApiError) } };
  const responses = Object.fromEntries(
    refusals.map((status) => [status, { description: words[status] ?? "Refused.", content: errorContent }]),
  );
  const parameters = [...parametersOf(route.params, "path", describe), ...parametersOf(route.query, "query", describe)];
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/\W+(\w)/g, (_match, letter: string) => letter.toUpperCase())}`,
    summary: route.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: {
        required: !route.body.safeParse({}).success,
        content: { "application/json": { schema: describe(route.body) } },
      },
    }),
    responses: { [route.status]: { description: words[route.status] ?? "Done.", content }, ...responses },
  };
}

function parametersOf(
  shape: z.ZodObject | undefined,
  place: "path" | "query",
  describe: (schema: z.ZodType) => unknown,
): JsonObject[] {
  return Object.entries(shape?.shape ?? {}).map(([name, schema]) => {
    // A zod object's shape holds zod types; its own type says no more than "some core type".
    const type = schema as z.ZodType;
    const required = place === "path" || !type.safeParse(undefined).success;
    return { name, in: place, required, schema: describe(type) };
  });
}

/** One schema as JSON Schema; what it names goes into `components` once. */
function jsonSchema(schema: z.ZodType, registry: z.core.$ZodRegistry<{ id: string }>, components: JsonObject): unknown {
  // Inside a wrapper, so that a named schema is referred to even where it stands alone.
  const made = z.toJSONSchema(z.object({ it: schema }), { metadata: registry, io: "input", unrepresentable: "any" });
  for (const [id, definition] of Object.entries(made.$defs ?? {})) {
    const { id: _id, ...rest } = definition;
    components[id] ??= withComponentRefs(rest);
  }
  return withComponentRefs(made.properties?.it);
}

function withComponentRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponentRefs);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "$ref" && typeof item === "string"
        ? item.replace("#/$defs/", "#/components/schemas/")
        : withComponentRefs(item),
    ]),
  );
}
