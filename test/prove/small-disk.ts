/** A small disk of its own for a project's state, in a mount namespace that its holder keeps: full, read-only and roomy on demand. */
import { dirname, join } from "node:path";
import { until } from "./proof.ts";

const megabyte = 1024 * 1024;

export class SmallDisk {
  /** What starts a program so that it sees the disk. */
  readonly through: readonly string[];
  readonly #holder: Bun.Subprocess;
  readonly #folder: string;

  /** Mounts it over a folder; null where this machine or this user may not. */
  static async over(folder: string, sizeBytes: number): Promise<SmallDisk | null> {
    if (process.getuid?.() !== 0 || !Bun.which("unshare") || !Bun.which("nsenter")) return null;
    const script = `mkdir -p "$1" && mount -t tmpfs -o size=${sizeBytes} tmpfs "$1" && touch "$1/.ready" && exec sleep 600`;
    const holder = Bun.spawn(["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", folder], {
      stdout: "ignore",
      stderr: "ignore",
    });
    holder.unref();
    const disk = new SmallDisk(holder, folder);
    const isReady = await until(
      () => holder.exitCode !== null || disk.#run("test", "-e", join(folder, ".ready")),
      10_000,
    );
    if (isReady && holder.exitCode === null) return disk;
    holder.kill("SIGKILL");
    return null;
  }

  private constructor(holder: Bun.Subprocess, folder: string) {
    this.#holder = holder;
    this.#folder = folder;
    this.through = ["nsenter", "-m", "-t", String(holder.pid), `--wdns=${dirname(folder)}`, "--"];
  }

  /** The folder as this process sees it. */
  get seenFrom(): string {
    return join(`/proc/${this.#holder.pid}/root`, this.#folder);
  }

  makeRoom(): void {
    this.#mount(`remount,size=${64 * megabyte}`);
  }

  makeReadonly(): void {
    this.#mount("remount,ro");
  }

  makeWritable(): void {
    this.#mount("remount,rw");
  }

  async end(): Promise<void> {
    this.#holder.kill("SIGKILL");
    await this.#holder.exited;
  }

  #mount(options: string): void {
    if (!this.#run("mount", "-o", options, this.#folder)) throw new Error(`mount -o ${options} failed`);
  }

  #run(...args: string[]): boolean {
    return Bun.spawnSync(["nsenter", "-m", "-t", String(this.#holder.pid), ...args]).exitCode === 0;
  }
}
