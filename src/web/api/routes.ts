/** The table of every route of the API. */
import { contextRoutes } from "./context-routes.ts";
import { documentRoutes } from "./document-routes.ts";
import { editRoutes } from "./edit-routes.ts";
import { gateRoutes } from "./gate-routes.ts";
import { logRoutes } from "./log-routes.ts";
import { loginRoutes } from "./login-routes.ts";
import { openapiRoute } from "./openapi.ts";
import { planRoutes } from "./plan-routes.ts";
import type { ApiRoute } from "./route.ts";
import { ruleRoutes } from "./rule-routes.ts";
import { stateRoutes } from "./state-routes.ts";
import { ticketRoutes } from "./ticket-routes.ts";
import { trustRoutes } from "./trust-routes.ts";

export const apiRoutes: readonly ApiRoute[] = [
  ...stateRoutes,
  ...planRoutes,
  ...gateRoutes,
  ...ruleRoutes,
  ...ticketRoutes,
  ...editRoutes,
  ...documentRoutes,
  ...logRoutes,
  ...contextRoutes,
  ...loginRoutes,
  ...trustRoutes,
  openapiRoute(() => apiRoutes),
];
