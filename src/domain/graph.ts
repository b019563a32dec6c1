/** The dependency graph of tracks or tickets: its faults, and an order in which every item comes after what it needs. */

interface GraphItem {
  readonly key: string;
  readonly depends_on?: readonly string[] | undefined;
}

/** Duplicate keys, unknown dependencies and cycles, each as a sentence. Items may also depend on `knownKeys`. */
export function graphFaults(items: readonly GraphItem[], knownKeys: readonly string[] = []): string[] {
  const faults: string[] = [];
  const seen = new Set(knownKeys);
  for (const item of items) {
    if (seen.has(item.key)) faults.push(`the key "${item.key}" is used more than once`);
    seen.add(item.key);
  }
  for (const item of items) {
    for (const needed of item.depends_on ?? []) {
      if (!seen.has(needed)) faults.push(`"${item.key}" depends on "${needed}", which does not exist`);
    }
  }
  const cycle = findCycle(items);
  if (cycle) faults.push(`the dependencies form a cycle: ${cycle.join(" -> ")}`);
  return faults;
}

/** A cycle as the keys along it, first and last the same; null when there is none. Iterative: depth does not matter. */
export function findCycle(items: readonly GraphItem[]): string[] | null {
  const edges = new Map(items.map((item) => [item.key, item.depends_on ?? []]));
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const stack: { key: string; isLeaving: boolean }[] = [{ key: start, isLeaving: false }];
    for (let step = stack.pop(); step; step = stack.pop()) {
      if (step.isLeaving) {
        path.pop();
        onPath.delete(step.key);
        done.add(step.key);
        continue;
      }
      if (onPath.has(step.key)) return [...path.slice(path.indexOf(step.key)), step.key];
      if (done.has(step.key)) continue;
      path.push(step.key);
      onPath.add(step.key);
      stack.push({ key: step.key, isLeaving: true });
      for (const needed of edges.get(step.key) ?? []) {
        if (edges.has(needed)) stack.push({ key: needed, isLeaving: false });
      }
    }
  }
  return null;
}

/** Whether two lists of target files (paths or globs) may name the same file. A glob overlaps by its fixed prefix. */
export function pathsOverlap(a: readonly string[], b: readonly string[]): boolean {
  const rights = b.map(plainPath);
  return a.map(plainPath).some((left) => rights.some((right) => mayBeSame(left, right)));
}

/** One way to write a path: `./src//a.ts` is `src/a.ts`. */
export function plainPath(path: string): string {
  return path.replace(/\/(\.?\/)+/g, "/").replace(/^(\.\/)+/, "");
}

/** Whether a target stands for more than one file. */
export function isGlob(path: string): boolean {
  return fixedPrefix(path) !== path;
}

function mayBeSame(left: string, right: string): boolean {
  const leftPrefix = fixedPrefix(left);
  const rightPrefix = fixedPrefix(right);
  if (leftPrefix === left && rightPrefix === right) return left === right;
  return leftPrefix.startsWith(rightPrefix) || rightPrefix.startsWith(leftPrefix);
}

function fixedPrefix(pattern: string): string {
  const at = pattern.search(/[*?[{]/);
  return at < 0 ? pattern : pattern.slice(0, at);
}
