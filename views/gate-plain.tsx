/** @jsxImportSource hono/jsx */
/** A gate's payload as a person reads it, drawn from the exact payload, never from a model's summary of it. */
import type { GatePlain } from "../src/projections/view-gates.ts";
import { DiffView } from "./diff-view.tsx";
import { count, exact, exactCommand, usd } from "./format.ts";
import { extent, LongText } from "./long-text.tsx";
import { TableHead } from "./table-head.tsx";

export function GatePlainView({ plain }: { readonly plain: GatePlain }) {
  switch (plain.kind) {
    case "tracks":
      return <Tracks payload={plain.payload} />;
    case "tickets":
      return <Tickets payload={plain.payload} />;
    case "spawn":
      return <Spawn payload={plain.payload} />;
    case "command":
      return <Command command={plain.payload.command} cwd={plain.payload.cwd} />;
    case "unknown":
      return <Command command={plain.payload.command} cwd={plain.payload.cwd} />;
    case "write":
      return (
        <>
          <p>
            <code>{exactCommand(plain.payload.path)}</code>, {count(plain.payload.content.length)} characters
          </p>
          <LongText text={plain.payload.content} />
        </>
      );
    case "merge":
      return <DiffView diff={plain.payload.diff} lineLimit={Number.POSITIVE_INFINITY} />;
    case "checkpoint":
      return (
        <p>
          Phase <strong>{exact(plain.payload.phase)}</strong>: {exact(plain.payload.tickets.join(", "))} at{" "}
          <code>{exact(plain.payload.commit.slice(0, 7))}</code>
        </p>
      );
    case "land":
      return <Landing payload={plain.payload} />;
    case "budget":
      return <Budget payload={plain.payload} />;
    case "conflict":
      return <List items={plain.payload.files} />;
    case "json":
      return <p class="quiet">This payload has an unknown shape. Read it below.</p>;
    default:
      return plain satisfies never;
  }
}

type PayloadOf<K extends GatePlain["kind"]> = Extract<GatePlain, { kind: K; payload: unknown }>["payload"];

function Tracks({ payload }: { readonly payload: PayloadOf<"tracks"> }) {
  return (
    <>
      {payload.rationale ? <p class="said">{exact(payload.rationale)}</p> : null}
      <div class="scroll">
        <table>
          <TableHead names={["Track", "Goal and criteria", "Needs"]} />
          <tbody>
            {payload.tracks.map((track) => (
              <tr>
                <th scope="row">
                  <code>{exact(track.key)}</code>
                  <br />
                  {exact(track.title)}
                </th>
                <td>
                  {exact(track.goal)}
                  <List items={track.acceptance_criteria} />
                </td>
                <td>{exact((track.depends_on ?? []).join(", ")) || "nothing"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Tickets({ payload }: { readonly payload: PayloadOf<"tickets"> }) {
  return (
    <div class="scroll">
      <table>
        <TableHead names={["Ticket", "Files", "Needs", "Criteria"]} />
        <tbody>
          {payload.tickets.map((ticket) => (
            <tr>
              <th scope="row">
                <code>{exact(ticket.key)}</code>
                <br />
                {exact(ticket.title)}
              </th>
              <td>
                <code>{exact(ticket.target_files.join(", "))}</code>
              </td>
              <td>{exact((ticket.depends_on ?? []).join(", ")) || "nothing"}</td>
              <td>
                <List items={ticket.acceptance_criteria} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Spawn({ payload }: { readonly payload: PayloadOf<"spawn"> }) {
  return (
    <>
      <p>
        Model <code>{exact(payload.model)}</code>
      </p>
      <LongText text={payload.prompt} />
      <p class="quiet">{`Context, ${extent(payload.context)}`}</p>
      <LongText text={payload.context} />
    </>
  );
}

function Command({ command, cwd }: { readonly command: string; readonly cwd: string }) {
  return (
    <>
      <pre class="block command">{exactCommand(command)}</pre>
      <p class="quiet">
        in <code>{exactCommand(cwd)}</code>
      </p>
    </>
  );
}

function Landing({ payload }: { readonly payload: PayloadOf<"land"> }) {
  return (
    <>
      <p>
        Into <code>{exact(payload.branch)}</code>, from <code>{exact(payload.fromCommit.slice(0, 7))}</code> to{" "}
        <code>{exact(payload.toCommit.slice(0, 7))}</code>
      </p>
      <LongText text={payload.diffstat} />
    </>
  );
}

function Budget({ payload }: { readonly payload: PayloadOf<"budget"> }) {
  const show = payload.limit === "runTokens" ? count : usd;
  return (
    <dl class="facts">
      <dt>Limit now</dt>
      <dd>{show(payload.current)}</dd>
      <dt>Spent</dt>
      <dd>{show(payload.spent)}</dd>
      <dt>Next call needs</dt>
      <dd>{show(payload.needed)}</dd>
      <dt>Would be raised to</dt>
      <dd>
        <strong>{show(payload.raiseTo)}</strong>
      </dd>
    </dl>
  );
}

function List({ items }: { readonly items: readonly string[] }) {
  return (
    <ul class="tight">
      {items.map((item) => (
        <li>{exact(item)}</li>
      ))}
    </ul>
  );
}
