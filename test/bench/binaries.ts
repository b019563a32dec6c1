/** The programs that are measured: the product's binary, and floors that are compiled with the very flags of its build script. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { scripts } from "../../package.json";

const projectRoot = resolve(import.meta.dir, "../..");
const product = join(projectRoot, "dist", "signalbox");

/** The floors, by the names of their files. */
export type FloorName = "version" | "server" | "first-request" | "turns" | "decision" | "page" | "replay";

/** The path of the product's binary, which is built when there is none. */
export async function productBinary(): Promise<string> {
  if (!existsSync(product)) await run(["npm", "run", "--silent", "build"]);
  return product;
}

/** Compiles a floor into a folder and gives its path. */
export async function floorBinary(name: FloorName, folder: string): Promise<string> {
  const outfile = join(folder, `floor-${name}`);
  const source = join(import.meta.dir, "floor", `${name}.ts`);
  await run([process.execPath, "build", ...buildFlags(), source, "--outfile", outfile]);
  return outfile;
}

/** The flags of `npm run build`, whatever they are today: all that stands before its first source file. */
function buildFlags(): string[] {
  const words = scripts.build.split(" ").slice(2);
  return words.slice(
    0,
    words.findIndex((word) => word.startsWith("src/")),
  );
}

async function run(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { cwd: projectRoot, stdout: "ignore", stderr: "pipe" });
  const words = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`"${command.join(" ")}" failed:\n${words}`);
}
