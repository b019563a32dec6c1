/**
 * Finds a Chromium for the browser tests: the one that `CHROMIUM_PATH` names, the system's, or else the one from npm,
 * which is unpacked once below `node_modules` with the libraries and fonts that a bare machine lacks.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };

const repository = resolve(import.meta.dir, "../..");
const cacheFolder = join(repository, "node_modules/.cache/signalbox-chromium");
const browserFolder = join(cacheFolder, manifest.devDependencies["@sparticuz/chromium"]);
const startTimeoutMs = 20_000;

const systemBrowsers = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/usr/local/bin/chromium",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The path of a Chromium that starts on this machine; throws an error that says how to get one. */
export async function findBrowser(): Promise<string> {
  const named = process.env.CHROMIUM_PATH;
  if (named) return await browserThatWasNamed(named);
  for (const path of systemBrowsers) if (existsSync(path) && (await startFault(path)) === null) return path;
  return await unpackedBrowser();
}

async function browserThatWasNamed(path: string): Promise<string> {
  const fault = await startFault(path);
  if (fault === null) return path;
  throw new Error(`CHROMIUM_PATH names ${path}, which does not start (${fault}). Set it to a Chromium, or unset it.`);
}

async function unpackedBrowser(): Promise<string> {
  const launcher = join(browserFolder, "launch");
  if (!existsSync(launcher)) await unpack();
  const fault = await startFault(launcher);
  if (fault === null) return launcher;
  throw noBrowser(`the one from npm does not start: ${fault}`);
}

/** Unpacks beside its final place and moves it there whole, so that two runs at once, or a broken one, leave no half. */
async function unpack(): Promise<void> {
  if (process.platform !== "linux") throw noBrowser("the one from npm is for Linux only");
  mkdirSync(cacheFolder, { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, "unpacking-"));
  try {
    await runUnpacker(folder);
    writeFileSync(join(folder, "fonts.conf"), fontSettings());
    writeFileSync(join(folder, "launch"), launchScript());
    chmodSync(join(folder, "launch"), 0o755);
    if (!existsSync(browserFolder)) renameSync(folder, browserFolder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runUnpacker(folder: string): Promise<void> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "unpack-chromium.ts")], {
    cwd: repository,
    // The name of a serverless runtime makes the package unpack its libraries (NSS, expat) too.
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (exitCode !== 0) throw noBrowser(`the one from npm could not be unpacked: ${said.trim().slice(-500)}`);
}

/** Text is measured with the package's own fonts first, so that a machine without any shows words, not boxes. */
function fontSettings(): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${browserFolder}/fonts/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${browserFolder}/fonts-cache</cachedir>
</fontconfig>
`;
}

function launchScript(): string {
  return `#!/bin/sh
here="$(dirname "$0")"
export LD_LIBRARY_PATH="$here/al2023/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
`;
}

/** Why a browser does not start, or null. Its version needs every library that it needs itself, and no display. */
async function startFault(path: string): Promise<string | null> {
  try {
    const child = Bun.spawn([path, "--version"], { stdio: ["ignore", "pipe", "pipe"], timeout: startTimeoutMs });
    const [shown, said] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) === 0 && /\d+\.\d+/.test(shown)) return null;
    return said.trim().split("\n").at(-1) || `exit code ${child.exitCode}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function noBrowser(reason: string): Error {
  return new Error(
    `The browser tests need a Chromium, and ${reason}. Install one (Debian, Ubuntu: apt-get install chromium), or set CHROMIUM_PATH to one.`,
  );
}
