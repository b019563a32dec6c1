/** `GET /v1/models` and `/v1/models/:id`: the models that a scenario names, with the pages of the real API. */

// Fixed, so that two simulators answer alike; the real API gives each model's release date.
const createdAt = "2026-01-01T00:00:00Z";

/** One model as the API describes it. */
export function modelInfo(id: string): object {
  return {
    type: "model",
    id,
    display_name: id,
    created_at: createdAt,
    deprecated_at: null,
    retires_at: null,
    lifecycle: "active",
    line: null,
    capabilities: null,
    max_input_tokens: 200_000,
    max_tokens: 64_000,
  };
}

/** One page of the list; `limit` (20 unless told, 1000 at most), `after_id` and `before_id` as in the real API. */
export function modelPage(ids: readonly string[], query: URLSearchParams): object {
  const limit = Math.min(1_000, Math.max(1, Number(query.get("limit") ?? 20) || 20));
  const after = ids.indexOf(query.get("after_id") ?? "");
  const before = ids.indexOf(query.get("before_id") ?? "");
  const rest = ids.slice(after + 1, before < 0 ? undefined : before);
  const page = before < 0 ? rest.slice(0, limit) : rest.slice(-limit);
  return {
    data: page.map(modelInfo),
    has_more: page.length < rest.length,
    first_id: page[0] ?? null,
    last_id: page.at(-1) ?? null,
  };
}
