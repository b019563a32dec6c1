/**
 * Which files of the project a file uses. Found by the shape of import lines, not by a full parse: whatever does not lead to a
 * file of the project is dropped, so a line in a string or a comment does no harm.
 */
import { posix } from "node:path";
import { languageOf } from "./language.ts";

/** What imports are resolved against. */
export interface ProjectPaths {
  readonly paths: ReadonlySet<string>;
  /** The module path of `go.mod`; without it Go imports are not followed. */
  readonly goModule?: string;
}

const importLimit = 60;

/** Paths of the project's own files that this file imports, each once, in the order of their first mention. */
export function localImports(filePath: string, source: string, project: ProjectPaths): string[] {
  const found = candidates(filePath, source, project).filter((path) => path !== filePath);
  return [...new Set(found)].slice(0, importLimit);
}

function candidates(filePath: string, source: string, project: ProjectPaths): string[] {
  const language = languageOf(filePath);
  switch (language) {
    case "typescript":
    case "tsx":
      return captures(source, /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["']([^"'\n]+)["']/g).flatMap((name) =>
        firstOf(scriptPaths(filePath, name), project),
      );
    case "python":
      return pythonImports(filePath, source, project);
    case "go":
      return goImports(source, project);
    case "rust":
      return rustImports(filePath, source, project);
    case "java":
      return captures(source, /^\s*import\s+(?:static\s+)?([\w.]+)/gm).flatMap((name) => endingWith(name, project));
    case null:
      return captures(source, /^\s*#\s*include\s+"([^"\n]+)"/gm).flatMap((name) =>
        firstOf([posix.join(posix.dirname(filePath), name), name], project),
      );
    default:
      return language satisfies never;
  }
}

function captures(source: string, pattern: RegExp): string[] {
  return [...source.matchAll(pattern)].map((match) => match[1] ?? "").filter((name) => name !== "");
}

function firstOf(paths: readonly string[], project: ProjectPaths): string[] {
  const path = paths.find((candidate) => project.paths.has(candidate));
  return path === undefined ? [] : [path];
}

function scriptPaths(filePath: string, name: string): string[] {
  const bases = name.startsWith(".")
    ? [posix.join(posix.dirname(filePath), name)]
    : /^[@~#]\//.test(name)
      ? [posix.join("src", name.slice(2)), name.slice(2)]
      : [name];
  return bases.flatMap((base) => {
    const stem = base.replace(/\.(?:js|jsx|mjs|cjs)$/, "");
    const endings = [
      ".ts",
      ".tsx",
      ".js",
      ".jsx",
      ".mts",
      ".cts",
      ".mjs",
      ".cjs",
      ".d.ts",
      "/index.ts",
      "/index.tsx",
      "/index.js",
    ];
    return [base, ...endings.map((ending) => stem + ending)];
  });
}

function pythonImports(filePath: string, source: string, project: ProjectPaths): string[] {
  const found: string[] = [];
  for (const match of source.matchAll(/^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)/gm)) {
    const module = match[1] ?? "";
    const names = (match[2] ?? "")
      .replace(/[()]|#.*/g, "")
      .split(",")
      .map((name) => name.trim().split(/\s/)[0] ?? "");
    const inside = names.flatMap((name) =>
      pythonModule(filePath, module.endsWith(".") ? module + name : `${module}.${name}`, project),
    );
    found.push(...(inside.length > 0 ? inside : pythonModule(filePath, module, project)));
  }
  for (const names of captures(source, /^[ \t]*import[ \t]+([\w., \t]+)/gm))
    for (const name of names.split(","))
      found.push(...pythonModule(filePath, name.trim().split(/\s/)[0] ?? "", project));
  return found;
}

function pythonModule(filePath: string, module: string, project: ProjectPaths): string[] {
  const dots = /^\.*/.exec(module)?.[0].length ?? 0;
  const path = module.slice(dots).replaceAll(".", "/");
  const folder = posix.dirname(filePath);
  const base = dots === 0 ? "" : posix.join(folder, ...Array.from({ length: dots - 1 }, () => ".."));
  // An absolute import may be rooted at the project, at `src`, or beside the file that runs.
  const roots = dots > 0 ? [base] : ["", "src", folder];
  return firstOf(
    roots.map((root) => posix.join(root, path)).flatMap((stem) => [`${stem}.py`, `${stem}.pyi`, `${stem}/__init__.py`]),
    project,
  );
}

function goImports(source: string, project: ProjectPaths): string[] {
  const module = project.goModule;
  if (!module) return [];
  const [head = ""] = source.split(/^(?:func|type|var|const)\b/m, 1);
  return captures(head, /"([^"\n]+)"/g)
    .filter((name) => name === module || name.startsWith(`${module}/`))
    .flatMap((name) => {
      const folder = name.slice(module.length + 1) || ".";
      return [...project.paths].filter(
        (path) => posix.dirname(path) === folder && path.endsWith(".go") && !path.endsWith("_test.go"),
      );
    });
}

function rustImports(filePath: string, source: string, project: ProjectPaths): string[] {
  const isFolderModule = /(?:^|\/)(?:mod|lib|main)\.rs$/.test(filePath);
  const own = isFolderModule ? posix.dirname(filePath) : filePath.replace(/\.rs$/, "");
  const crate = /^(.*?\bsrc)\//.exec(filePath)?.[1] ?? "src";
  const modules = captures(source, /^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;/gm).map((name) =>
    posix.join(own, name),
  );
  const used = captures(source, /\buse\s+((?:crate|self|super)\b[\w:]*)/g).map((name) =>
    name
      .split("::")
      .filter((part) => part !== "")
      .reduce((base, part) => {
        if (part === "crate") return crate;
        if (part === "self") return own;
        return part === "super" ? posix.dirname(base || own) : posix.join(base, part);
      }, ""),
  );
  return [...modules, ...used].flatMap((stem) => {
    // The last parts of a path may name things inside the module.
    const stems = [stem, posix.dirname(stem), posix.dirname(posix.dirname(stem))];
    return firstOf(
      stems.flatMap((path) => [`${path}.rs`, `${path}/mod.rs`]),
      project,
    );
  });
}

function endingWith(name: string, project: ProjectPaths): string[] {
  const ending = `${name.replaceAll(".", "/")}.java`;
  const found = [...project.paths].find((path) => path === ending || path.endsWith(`/${ending}`));
  return found === undefined ? [] : [found];
}
