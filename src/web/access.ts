/**
 * Who may come in: the API token, one-time tokens that a browser trades for a session, and sessions. Keeps only SHA-256
 * hashes of what it gave out; sessions are in a file, so that a restart does not log anybody out.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { readPrivateFile, writePrivateFile } from "./state-file.ts";

const loginTokenMs = 10 * 60_000;
const sessionMs = 30 * 24 * 3_600_000;
const maxLoginTokens = 64;
const maxSessions = 32;
const labelLength = 16;
const base32 = "abcdefghijklmnopqrstuvwxyz234567";

const SessionFile = z.object({ sessions: z.array(z.object({ hash: z.string(), createdAtMs: z.number() })) });

interface AccessOptions {
  readonly stateDir: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets: one-time tokens last their ten minutes whatever happens to the date. */
  readonly elapsedMs: () => number;
  /** A fixed API token (`SIGNALBOX_TOKEN`); absent or empty: a random one. */
  readonly token?: string;
}

/** How long a session lasts, in seconds: the cookie's `Max-Age`. */
export const sessionSeconds = sessionMs / 1000;

/** Gives out and checks tokens and sessions. Every comparison takes the same time, right or wrong. */
export class Access {
  readonly apiToken: string;
  readonly #now: () => number;
  readonly #elapsedMs: () => number;
  readonly #sessionPath: string;
  /** Hash of a one-time token to the time when it expires. */
  readonly #loginTokens = new Map<string, number>();
  /** Hash of a session to the time when it began, oldest first. */
  readonly #sessions: Map<string, number>;

  constructor(options: AccessOptions) {
    this.#now = options.now;
    this.#elapsedMs = options.elapsedMs;
    this.#sessionPath = join(options.stateDir, "sessions.json");
    this.apiToken = options.token || secret();
    this.#sessions = readSessions(this.#sessionPath);
  }

  isApiToken(candidate: string): boolean {
    return isSame(candidate, this.apiToken);
  }

  /** A fresh one-time token: 256 bits, good for one login within ten minutes. */
  newLoginToken(): string {
    const token = secret();
    this.#loginTokens.set(sha256(token), this.#elapsedMs() + loginTokenMs);
    dropOldest(this.#loginTokens, maxLoginTokens);
    return token;
  }

  /** Trades a one-time token for a session; null when it is unknown, used or too old. */
  login(loginToken: string): string | null {
    const hash = sha256(loginToken);
    const expiresAtMs = this.#loginTokens.get(hash);
    this.#loginTokens.delete(hash);
    if (expiresAtMs === undefined || expiresAtMs < this.#elapsedMs()) return null;
    const session = secret();
    this.#sessions.set(sha256(session), this.#now());
    dropOldest(this.#sessions, maxSessions);
    this.#writeSessions();
    return session;
  }

  isSession(candidate: string): boolean {
    const createdAtMs = this.#sessions.get(sha256(candidate));
    return createdAtMs !== undefined && createdAtMs + sessionMs > this.#now();
  }

  isHeaderToken(session: string, candidate: string): boolean {
    return isSame(candidate, headerToken(session));
  }

  #writeSessions(): void {
    const sessions = [...this.#sessions].map(([hash, createdAtMs]) => ({ hash, createdAtMs }));
    writePrivateFile(this.#sessionPath, `${JSON.stringify({ sessions }, null, 2)}\n`);
  }
}

/** The token that changes from a page carry in a header: made from its session, which it does not give away. */
export function headerToken(session: string): string {
  return createHmac("sha256", session).update("signalbox header token").digest("base64url");
}

/** The project's own host label: random, made once, kept in a file so that bookmarks and sessions stay good. */
export function projectLabel(stateDir: string): string {
  const path = join(stateDir, "label");
  const known = readPrivateFile(path)?.trim();
  if (known && new RegExp(`^[a-z2-7]{${labelLength}}$`).test(known)) return known;
  const label = Array.from(randomBytes(labelLength), (byte) => base32.charAt(byte % 32)).join("");
  writePrivateFile(path, `${label}\n`);
  return label;
}

function readSessions(path: string): Map<string, number> {
  const text = readPrivateFile(path);
  if (text === null) return new Map();
  const parsed = SessionFile.safeParse(jsonOrNull(text));
  // A file that does not parse holds no session that could be trusted: everybody logs in again, and it is rewritten then.
  if (!parsed.success) return new Map();
  return new Map(parsed.data.sessions.map((session) => [session.hash, session.createdAtMs]));
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function isSame(candidate: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(candidate)), Buffer.from(sha256(expected)));
}

function dropOldest(map: Map<string, number>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
