/**
 * Opens the page in a browser. The address holds a one-time token, and arguments of a process can be read by every user of
 * a machine: so the browser gets a private file that leads to it.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { World } from "./world.ts";

/** Asks the system to open the address; where that fails, a note says so and the printed address remains. */
export function openBrowser(url: string, stateDir: string, world: World): void {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const hasScreen = process.platform === "darwin" || Boolean(world.env.DISPLAY || world.env.WAYLAND_DISPLAY);
  const program = Bun.which(opener, { PATH: world.env.PATH ?? "" });
  if (!hasScreen || program === null) {
    world.note("No browser can be opened from here; open the address above yourself.\n");
    return;
  }
  const path = join(stateDir, `open-${process.pid}.html`);
  writeFileSync(path, redirectPage(url), { mode: 0o600 });
  // The token is good for one use; the file goes as soon as a browser has had time to read it, or the program ends.
  const remove = () => rmSync(path, { force: true });
  setTimeout(remove, 30_000).unref();
  process.on("exit", remove);
  Bun.spawn([program, pathToFileURL(path).href], {
    stdio: ["ignore", "ignore", "ignore"],
    onExit: (_child, exitCode) => {
      if (exitCode) world.note("The browser did not open; open the address above yourself.\n");
    },
  }).unref();
}

function redirectPage(url: string): string {
  const address = Bun.escapeHTML(url);
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}"><title>Signalbox</title><a href="${address}">Open Signalbox</a>\n`;
}
