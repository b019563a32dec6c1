/** @jsxImportSource hono/jsx */
/** How long something has been going on: counted by a script, or, in the past, as long as it had been going on then. */
import { useContext } from "hono/jsx";
import { elapsed } from "./format.ts";
import { Past } from "./past.ts";

export function ElapsedTime({ since, isQuiet = false }: { readonly since: string; readonly isQuiet?: boolean }) {
  const past = useContext(Past);
  const name = isQuiet ? "since quiet" : "since";
  if (past === null) return <time class={name} datetime={since} data-since={since}></time>;
  const ms = Math.max(0, Date.parse(past.at) - Date.parse(since));
  return <time class={name} datetime={since} data-elapsed={elapsed(Math.floor(ms / 1_000))}></time>;
}
