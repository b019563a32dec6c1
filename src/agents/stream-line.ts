/** The short lines that show tool calls and their results in an agent's live stream. */
import type { Json } from "../domain/gate.ts";

const longestLine = 160;

/** The line that announces a tool call, such as `→ read src/a.ts`. */
export function callLine(name: string, input: Json): string {
  return `\n→ ${oneLine(`${name} ${subject(input)}`)}\n`;
}

/** The line that sums a result up. */
export function resultLine(text: string, isError: boolean): string {
  const lines = text.trimEnd().split("\n");
  const first = lines.find((line) => line.trim() !== "") ?? "(no output)";
  if (isError) return `← failed: ${oneLine(first)}\n`;
  return lines.length > 3 ? `← ${lines.length} lines\n` : `← ${oneLine(first)}\n`;
}

function subject(input: Json): string {
  if (input === null || typeof input !== "object") return "";
  if (Array.isArray(input)) return `(${input.length})`;
  const { file_path, command, pattern, path, reason, verdict, tracks, tickets } = input;
  if (Array.isArray(tracks)) return `(${tracks.length} ${tracks.length === 1 ? "track" : "tracks"})`;
  if (Array.isArray(tickets)) return `(${tickets.length} ${tickets.length === 1 ? "ticket" : "tickets"})`;
  const said = [file_path, command, pattern, path, verdict, reason].filter((value) => typeof value === "string");
  return said.join(" ");
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > longestLine ? `${flat.slice(0, longestLine)}…` : flat;
}
