/** The API's own description: whole, consistent with itself and with the routes. */
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { apiRoutes } from "../../src/web/api/routes.ts";
import { webApp } from "../support/web-app.ts";

const Parameter = z.strictObject({
  name: z.string(),
  in: z.enum(["path", "query"]),
  required: z.boolean(),
  schema: z.looseObject({}),
});
const Content = z.record(z.string().includes("/"), z.strictObject({ schema: z.looseObject({}) }));
const Operation = z.strictObject({
  operationId: z.string().regex(/^\w+$/),
  summary: z.string().min(5),
  parameters: z.array(Parameter).optional(),
  requestBody: z.strictObject({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(
    z.string().regex(/^[2-5]\d\d$/),
    z.strictObject({ description: z.string().min(1), content: Content }),
  ),
});
const Document = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.url() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string().startsWith("/"), z.record(z.string().regex(/^(get|post|put|patch|delete)$/), Operation)),
  components: z.strictObject({
    schemas: z.record(z.string(), z.looseObject({})),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })),
  }),
});

const document: unknown = await (await webApp().ask("/api/openapi.json")).json();

describe("openapi.json", () => {
  test("has the shape of an OpenAPI 3.1 document", () => {
    expect(Document.safeParse(document).error?.issues).toBeUndefined();
  });

  test("has every route, with its path's parameters", () => {
    const { paths } = Document.parse(document);
    for (const route of apiRoutes) {
      const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
      const operation = paths[path]?.[route.method.toLowerCase()];
      const declared =
        operation?.parameters?.filter((parameter) => parameter.in === "path").map(({ name }) => name) ?? [];
      expect(declared).toEqual([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? ""));
    }
  });

  test("gives every operation a name of its own", () => {
    const names = Object.values(Document.parse(document).paths).flatMap((path) =>
      Object.values(path).map((operation) => operation.operationId),
    );
    expect(new Set(names).size).toBe(apiRoutes.length);
  });

  test("refers only to what it holds", () => {
    const { schemas } = Document.parse(document).components;
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(
      ([, reference]) => reference ?? "",
    );
    expect(references.length).toBeGreaterThan(10);
    const unknown = references.filter((reference) => !(reference.replace("#/components/schemas/", "") in schemas));
    expect(unknown).toEqual([]);
    expect(JSON.stringify(document)).not.toContain("$defs");
  });
});
