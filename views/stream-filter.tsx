/** @jsxImportSource hono/jsx */
/** The filter of the streams: a form that asks for an address, so that what is shown can be linked to and gone back from. */
import type { StreamFilterView } from "../src/projections/view-stream-filter.ts";
import { visible } from "./format.ts";

const tiers = ["1 Orchestrator", "2 Tech Lead", "3 Worker", "4 QA"];

export function StreamFilter({ filter }: { readonly filter: StreamFilterView }) {
  const isListed = filter.trackId === "" || filter.tracks.some(({ trackId }) => trackId === filter.trackId);
  return (
    <div class="editor">
      <form action="/streams" method="get" class="row filter stream-filter">
        <label for="filter-track">Track</label>
        <select id="filter-track" name="track">
          <option value="">all</option>
          {isListed ? null : (
            <option value={filter.trackId} selected>
              {visible(filter.trackId)}
            </option>
          )}
          {filter.tracks.map(({ trackId, title }) => (
            <option value={trackId} selected={trackId === filter.trackId}>
              {visible(title)}
            </option>
          ))}
        </select>
        <label for="filter-tier">Tier</label>
        <select id="filter-tier" name="tier">
          <option value="">all</option>
          {tiers.map((tier) => (
            <option value={tier.charAt(0)} selected={tier.startsWith(filter.tier) && filter.tier !== ""}>
              {tier}
            </option>
          ))}
        </select>
        <label for="filter-ticket">Ticket</label>
        <input id="filter-ticket" type="text" name="ticket" value={filter.ticketId} placeholder="T-014" />
        <button type="submit" class="small">
          Filter
        </button>
        {filter.isActive ? <a href="/streams">All streams</a> : null}
      </form>
    </div>
  );
}
