/**
 * What secrets of well-known kinds look like, for words to people. Never used on file contents, commands or model text: a
 * test fixture that only looks like a key is legitimate code, and must reach model and disk as it is.
 */

/** Not in the middle of a name; what stands before may be an escaped line end. */
const begin = String.raw`(?:(?<![\w-])|(?<=\\[nrt]))`;
const privateKey = "[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----";

const secretPatterns: readonly RegExp[] = [
  new RegExp(`-----BEGIN ${privateKey}(?:[\\s\\S]{0,20000}?-----END ${privateKey}|(?:[\\w+/=\\s\\\\]*[\\w+/=])?)`, "g"),
  new RegExp(`${begin}sk-ant-[\\w-]{8,}`, "g"),
  // A digit tells a key from a long name with hyphens.
  new RegExp(`${begin}sk-(?=[\\w-]*\\d)[\\w-]{20,}`, "g"),
  new RegExp(`${begin}(?:gh[opsur]_\\w{20,}|github_pat_\\w{20,})`, "g"),
  new RegExp(`${begin}AKIA[0-9A-Z]{16}(?![0-9A-Za-z])`, "g"),
  new RegExp(`${begin}xox[bp]-[\\w-]{10,}`, "g"),
  new RegExp(`${begin}eyJ[\\w-]{10,}\\.eyJ[\\w-]{10,}\\.[\\w-]*`, "g"),
];
const addressLogin = /:\/\/[^\s/:@"'`<>${}]+:[^\s/@"'`<>${}]+@/g;

/** Replaces whatever looks like a secret. */
export function withoutLookalikes(text: string, mark: string): string {
  const kept = secretPatterns.reduce((rest, pattern) => rest.replace(pattern, mark), text);
  return kept.replace(addressLogin, `://${mark}@`);
}
