/** What a route of the API is: declared once, parsed by its schemas, and told to the world by the same schemas. */
import { z } from "zod";
import type { Rejection } from "../../domain/command.ts";
import { rejectionStatus } from "../answer.ts";
import type { WebServices } from "../web-services.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An answer as JSON, or a response of the route's own (an event stream). */
export type Reply = Response | { readonly status: number; readonly body: unknown };

/** A request as it came in, before any schema. */
interface RawInput {
  readonly params: Record<string, string>;
  readonly query: Record<string, string>;
  readonly body: unknown;
  readonly request: Request;
}

interface RouteSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject> {
  readonly method: Method;
  /** `:name` stands for a part of the path; `params` says what it is. */
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly status: number;
  readonly reply: z.ZodType;
  /** Other statuses that the route itself gives. */
  readonly refusals: readonly number[];
  readonly handle: (
    services: WebServices,
    input: {
      readonly params: z.infer<P>;
      readonly query: z.infer<Q>;
      readonly body: z.infer<B>;
      readonly request: Request;
    },
  ) => Reply | Promise<Reply>;
}

export interface ApiRoute {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodObject | undefined;
  readonly status: number;
  readonly reply: z.ZodType;
  readonly refusals: readonly number[];
  readonly answer: (services: WebServices, raw: RawInput) => Reply | Promise<Reply>;
}

type None = z.ZodObject<Record<never, never>>;

/** Declares a route: what comes in is parsed by its schemas before `handle` sees it; what does not parse is a 422. */
export function defineRoute<P extends z.ZodObject = None, Q extends z.ZodObject = None, B extends z.ZodObject = None>(
  spec: RouteSpec<P, Q, B>,
): ApiRoute {
  const input = z.object({
    params: spec.params ?? z.object({}),
    query: spec.query ?? z.object({}),
    body: spec.body ?? z.object({}),
  });
  return {
    method: spec.method,
    path: spec.path,
    summary: spec.summary,
    params: spec.params,
    query: spec.query,
    body: spec.body,
    status: spec.status,
    reply: spec.reply,
    refusals: spec.refusals,
    answer: (services, raw) => {
      const parsed = input.safeParse({ params: raw.params, query: raw.query, body: spec.body ? raw.body : {} });
      if (!parsed.success) return failure(422, "invalid", faultSentence(parsed.error));
      // The three schemas above are the spec's own, or `z.object({})` where the spec's type parameter is `None`.
      const { params, query, body } = parsed.data as { params: z.infer<P>; query: z.infer<Q>; body: z.infer<B> };
      return spec.handle(services, { params, query, body, request: raw.request });
    },
  };
}

/** An error of the API's shape. */
export function failure(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } };
}

/** What a rule refused, with the status that its code stands for. */
export function rejected(rejection: Rejection): Reply {
  return failure(rejectionStatus[rejection.code], rejection.code, rejection.message);
}

/** Names every field that does not parse, and why. */
function faultSentence(error: z.ZodError): string {
  const faults = error.issues.map((issue) => {
    const [, ...path] = issue.path.map(String);
    return path.length > 0 ? `${path.join(".")}: ${issue.message}` : issue.message;
  });
  return `The request is not valid. ${faults.join("; ")}.`;
}
