/** The route behind `signalbox url`: a program with the API token gets a fresh address for a browser. */
import { z } from "zod";
import { hasBearer } from "../guard.ts";
import { freshUrl } from "../login.ts";
import { type ApiRoute, defineRoute, failure } from "./route.ts";

export const loginRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "POST",
    path: "/api/login-tokens",
    summary: "A fresh address of the page with a one-time token, good for ten minutes. Takes the API token only.",
    body: z.strictObject({}),
    status: 201,
    reply: z.object({ url: z.string() }),
    refusals: [],
    handle: (services, { request }) => {
      if (!hasBearer(services.access, { authorization: request.headers.get("authorization") ?? undefined })) {
        return failure(403, "bearer_only", "Only the API token may make a login token; a page's session may not.");
      }
      return { status: 201, body: { url: freshUrl(services) } };
    },
  }),
];
