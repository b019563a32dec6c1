/** Which streams a page shows, as its address says it, and what there is to choose from. */
import type { State } from "../domain/state.ts";
import type { StreamScope } from "./view-streams.ts";

export interface StreamFilterView {
  readonly trackId: string;
  readonly tier: string;
  readonly ticketId: string;
  readonly isActive: boolean;
  /** Tracks to choose from, those that have started, the latest first. */
  readonly tracks: readonly { readonly trackId: string; readonly title: string }[];
}

const mostTracks = 50;

/** The streams that an address asks for; what it says wrongly is not asked for. */
export function streamScope(asked: Readonly<Record<"track" | "tier" | "ticket", string | null>>): StreamScope {
  const { track, tier, ticket } = asked;
  return {
    ...(track && { trackId: track }),
    ...(ticket && { ticketId: ticket }),
    ...((tier === "1" || tier === "2" || tier === "3" || tier === "4") && { tier: tiers[tier] }),
  };
}

const tiers = { "1": 1, "2": 2, "3": 3, "4": 4 } as const;

/** The filter as it stands. */
export function streamFilter(state: State, { trackId = "", tier, ticketId = "" }: StreamScope): StreamFilterView {
  const started = [...state.tracks.values()].filter((track) => track.status !== "new" || track.trackId === trackId);
  return {
    trackId,
    tier: tier === undefined ? "" : String(tier),
    ticketId,
    isActive: trackId !== "" || tier !== undefined || ticketId !== "",
    tracks: started
      .slice(-mostTracks)
      .reverse()
      .map((track) => ({ trackId: track.trackId, title: track.title })),
  };
}
