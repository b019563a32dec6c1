/** Routes of the question whether the project's own config is accepted: what is asked, and the answer. */
import { z } from "zod";
import type { TrustQuestion } from "../trust-question.ts";
import { type ApiRoute, defineRoute, failure, rejected } from "./route.ts";
import { TrustReply } from "./schemas.ts";

/** Whether the config is accepted, and what is asked while it is not. */
export function trustReply(trust: TrustQuestion | undefined): z.infer<typeof TrustReply> {
  const asked = trust?.asked() ?? null;
  return asked === null ? { isTrusted: true } : { isTrusted: false, trust: asked };
}

const Answer = z.object({ hash: z.string(), decision: z.enum(["accept", "refuse"]).default("accept") });

export const trustRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "GET",
    path: "/api/trust",
    summary: "Whether this user has accepted the project's own config; if not, the tables that wait for it.",
    status: 200,
    reply: TrustReply,
    refusals: [],
    handle: ({ trust }) => ({ status: 200, body: trustReply(trust) }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/trust",
    summary:
      "Accept, or refuse, the project's own config as shown; 409 when the file is no longer that, or the answer is known.",
    body: Answer,
    status: 200,
    reply: TrustReply,
    refusals: [409],
    handle: async ({ trust }, { body }) => {
      if (!trust) return failure(409, "conflict", "The config of this project waits for no acceptance.");
      const refused = await (body.decision === "accept" ? trust.accept(body.hash) : trust.refuse(body.hash));
      return refused ? rejected(refused) : { status: 200, body: trustReply(trust) };
    },
  }),
];
