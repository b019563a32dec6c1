/** Answers for a foreign provider: a crew that plans the given tracks and writes the given files, with any part replaced. */
import type { Ask, Reply, ToolUse } from "./foreign-provider.ts";

export interface TicketPlan {
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  readonly target_files?: readonly string[];
  readonly depends_on?: readonly string[];
  readonly acceptance_criteria?: readonly string[];
  readonly [more: string]: unknown;
}

export interface TrackPlan {
  readonly key: string;
  readonly title: string;
  readonly depends_on?: readonly string[];
  readonly tickets: readonly TicketPlan[];
}

/** Parts of a crew that a test replaces; `undefined` from one means: as usual. */
export interface CrewParts {
  orchestrator?(ask: Ask): Reply | undefined;
  techLead?(ask: Ask, track: TrackPlan): Reply | undefined;
  review?(ask: Ask, track: TrackPlan): Reply | undefined;
  worker?(ask: Ask, ticket: TicketPlan): Reply | undefined | Promise<Reply | undefined>;
  verdict?(ask: Ask): Reply | undefined;
  diagnosis?(ask: Ask): Reply | undefined;
}

/** An answer with one tool call. */
export function call(name: string, input: unknown, text = ""): Reply {
  return { text, tools: [{ name, input }] };
}

/** One ticket that writes `src/<key>.ts`. */
export function ticketPlan(key: string, more: Partial<TicketPlan> = {}): TicketPlan {
  return {
    key,
    title: `Add the part ${key}.`,
    description: `Export the word ${key}, in capitals, from its own file.`,
    target_files: [`src/${key}.ts`],
    acceptance_criteria: [`src/${key}.ts exports the constant ${key}`],
    ...more,
  };
}

/** One track of tickets. */
export function trackPlan(key: string, tickets: readonly TicketPlan[], depends_on: readonly string[] = []): TrackPlan {
  return { key, title: `The ${key} track.`, depends_on, tickets };
}

/** What `propose_tracks` takes for these tracks. */
export function tracksInput(tracks: readonly TrackPlan[]) {
  return {
    tracks: tracks.map(({ key, title, depends_on = [] }) => ({
      key,
      title,
      goal: `Have everything that ${key} means.`,
      acceptance_criteria: [`${key} is there`],
      depends_on,
    })),
    rationale: "They touch different files.",
  };
}

/** The answering function of a crew. */
export function crew(tracks: readonly TrackPlan[], parts: CrewParts = {}) {
  return async (ask: Ask): Promise<Reply> => {
    switch (ask.role) {
      case "orchestrator":
        return parts.orchestrator?.(ask) ?? call("propose_tracks", tracksInput(tracks), "I propose tracks.");
      case "tech_lead":
        return lead(ask, tracks, parts);
      case "worker": {
        const ticket = lastNamed(
          tracks.flatMap((track) => track.tickets),
          ask,
        );
        return (await parts.worker?.(ask, ticket)) ?? work(ask, ticket);
      }
      case "verdict":
        return parts.verdict?.(ask) ?? call("report_verdict", { verdict: "pass", diagnosis: "Every criterion holds." });
      case "diagnosis":
        return parts.diagnosis?.(ask) ?? { text: "src/base.ts:1: the value is not what the check expects." };
      default:
        return ask.role satisfies never;
    }
  };
}

/** Writes the ticket's files at the first turn, and says at the second that it has. */
export function work(ask: Ask, ticket: TicketPlan, content = `export const ${ticket.key} = "${ticket.key}";\n`): Reply {
  if (ask.turn > 0) return { text: `Finished ${mark(ticket.key)}.` };
  const write = (file_path: string): ToolUse => ({ name: "write", input: { file_path, content } });
  return { text: `Working on ${mark(ticket.key)}. `, tools: (ticket.target_files ?? []).map(write) };
}

/** Words that only this key's streams may hold. */
export function mark(key: string): string {
  return `«mark of ${key}»`;
}

function lead(ask: Ask, tracks: readonly TrackPlan[], parts: CrewParts): Reply {
  const track = lastNamed(tracks, ask);
  const isReview = ask.turn > 0 && /review/i.test(ask.last) && !ask.tools.includes("propose_tracks");
  if (isReview) return parts.review?.(ask, track) ?? call("accept_ticket", {}, `Accepted ${mark(track.key)}.`);
  const input = { tickets: track.tickets };
  return parts.techLead?.(ask, track) ?? call("propose_tickets", input, `Planned ${mark(track.key)}.`);
}

/** First messages may name others too (the roster of tracks); their own subject stands last. */
function lastNamed<T extends { readonly title: string }>(subjects: readonly T[], ask: Ask): T {
  const places = subjects.map((subject) => ({ subject, place: ask.first.lastIndexOf(subject.title) }));
  const found = places.toSorted((a, b) => b.place - a.place)[0];
  if (!found || found.place < 0) throw new Error(`the first message names none of the plan's titles: ${ask.first}`);
  return found.subject;
}
