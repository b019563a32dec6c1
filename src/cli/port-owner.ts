/** Whose a listening port is: the kernel says it, so nobody has to be sent a secret to find out. */
import { readFile } from "node:fs/promises";

const listening = "0A";

/** Whether another user's process listens on this port of the loopback interface. False where the system does not tell. */
export async function isSomebodyElses(port: number): Promise<boolean> {
  const uid = process.getuid?.();
  if (process.platform !== "linux" || uid === undefined) return false;
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => socketTable(name)));
  return tables.some((table) => ownersIn(table, port).some((owner) => owner !== uid));
}

/** The user numbers of those who listen on a port, by a table of `/proc/net`. */
export function ownersIn(table: string, port: number): number[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const [, local, , state, , , , owner] = line.trim().split(/\s+/);
    return state === listening && local?.endsWith(suffix) ? [Number(owner)] : [];
  });
}

/** Empty where there is no such table: a system without the protocol, or one that hides it. */
async function socketTable(name: string): Promise<string> {
  return await readFile(`/proc/net/${name}`, "utf8").catch(() => "");
}
