/** A diff as git writes it, from its lines: what tests of rules over diffs are made of. */

type Kind = "changed" | "deleted" | "added" | { readonly renamedFrom: string };

/** A file's part of a diff; each line of `body` begins with its mark. */
export function file(path: string, body: string, kind: Kind = "changed"): string {
  const lines = body === "" ? [] : body.split("\n");
  const from = typeof kind === "object" ? kind.renamedFrom : path;
  const heads = {
    changed: ["index 1111111..2222222 100644"],
    deleted: ["deleted file mode 100644", "index 1111111..0000000"],
    added: ["new file mode 100644", "index 0000000..2222222"],
  };
  const head =
    typeof kind === "object" ? ["similarity index 90%", `rename from ${from}`, `rename to ${path}`] : heads[kind];
  const names = [
    `--- ${kind === "added" ? "/dev/null" : `a/${from}`}`,
    `+++ ${kind === "deleted" ? "/dev/null" : `b/${path}`}`,
  ];
  const hunk = lines.length === 0 ? [] : [...names, `@@ -1,${lines.length} +1,${lines.length} @@`, ...lines];
  return [`diff --git a/${from} b/${path}`, ...head, ...hunk].join("\n");
}
