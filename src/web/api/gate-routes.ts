/** Routes of gates: what waits for a person, and the person's decision. */
import { z } from "zod";
import { Json } from "../../domain/gate.ts";
import { apiGate, apiGates } from "../../projections/api-gate.ts";
import { type ApiRoute, defineRoute, failure, rejected } from "./route.ts";
import { GateReply } from "./schemas.ts";

const GateParams = z.object({ gateId: z.string() });

export const gateRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "GET",
    path: "/api/gates",
    summary: "The gates that are open, oldest first; with `status=all` also those that are decided.",
    query: z.object({ status: z.enum(["open", "all"]).default("open") }),
    status: 200,
    reply: z.array(GateReply),
    refusals: [],
    handle: ({ engine }, { query }) => ({ status: 200, body: apiGates(engine.state(), query.status) }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/gates/:gateId",
    summary: "One gate, open or decided.",
    params: GateParams,
    status: 200,
    reply: GateReply,
    refusals: [404],
    handle: ({ engine }, { params }) => {
      const gate = engine.state().gates.get(params.gateId);
      if (!gate) return failure(404, "not_found", `There is no gate ${params.gateId}.`);
      return { status: 200, body: apiGate(gate) };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/gates/:gateId/decision",
    summary:
      "Approves or declines a gate. `payloadHash` names the payload that was shown; `payload` replaces it with an edited one. What runs is the approved payload, byte for byte.",
    params: GateParams,
    body: z.strictObject({
      decision: z.enum(["approve", "decline"]),
      payloadHash: z.string(),
      payload: Json.optional(),
      reason: z.string().max(20_000).optional(),
    }),
    status: 200,
    reply: GateReply,
    refusals: [404, 409],
    handle: ({ engine }, { params: { gateId }, body }) => {
      const { payloadHash, payload, reason = "" } = body;
      const result = engine.dispatch(
        body.decision === "approve"
          ? { type: "approve_gate", gateId, payloadHash, by: "person", ...(payload !== undefined && { payload }) }
          : { type: "decline_gate", gateId, payloadHash, reason, by: "person" },
      );
      if (!result.isAccepted) return rejected(result.rejection);
      const gate = engine.state().gates.get(gateId);
      if (!gate) throw new Error(`The gate ${gateId} was decided, and is not in the state.`);
      return { status: 200, body: apiGate(gate) };
    },
  }),
];
