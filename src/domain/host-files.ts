/** Files of a diff that act on a program of the person's own machine, or that a diff does not show: said in words at the gate. */
import type { FileChange } from "./unified-diff.ts";

interface HostFile {
  readonly path: RegExp;
  readonly does: string;
}

const hostFiles: readonly HostFile[] = [
  { path: /^\.github\//, does: "runs at GitHub, with the repository's secrets" },
  { path: /^\.gitlab-ci|^\.circleci\/|^\.buildkite\/|(^|\/)Jenkinsfile$|^azure-pipelines/, does: "runs in CI" },
  { path: /(^|\/)\.(?:vscode|idea|zed|fleet)\/|\.code-workspace$/, does: "acts in your editor" },
  {
    path: /(^|\/)\.(?:claude|cursor|windsurf|aider|codex|gemini)[\w.-]*(?:\/|$)|(^|\/)\.mcp\.json$|(^|\/)(?:AGENTS|CLAUDE|GEMINI)\.md$|(^|\/)\.cursorrules$/i,
    does: "instructs other agents",
  },
  {
    path: /(^|\/)\.envrc$|(^|\/)\.env(?:\.|$)|(^|\/)\.(?:tool-versions|nvmrc|npmrc|yarnrc[\w.]*|pypirc)$/,
    does: "sets your shell's or package manager's environment",
  },
  {
    path: /(^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|Pipfile\.lock|Gemfile\.lock|composer\.lock)$/,
    does: "decides which packages are installed",
  },
  {
    path: /(^|\/)(?:GNUmakefile|[Mm]akefile|[Jj]ustfile|Rakefile|Taskfile\.ya?ml)$|\.mk$/,
    does: "holds commands that you run",
  },
  {
    path: /(^|\/)(?:Dockerfile[\w.-]*|[\w.-]+\.dockerfile|(?:docker-)?compose[\w.-]*\.ya?ml)$|(^|\/)\.devcontainer\//,
    does: "builds or starts containers",
  },
  { path: /(^|\/)bunfig\.toml$/, does: "is loaded whenever Bun starts here" },
  {
    path: /(^|\/)\.(?:git-?hooks|husky)\/|(^|\/)\.pre-commit-config\.ya?ml$|(^|\/)lefthook\.ya?ml$/,
    does: "runs as a git hook",
  },
  { path: /(^|\/)\.git(?:attributes|modules)$/, does: "changes what git does" },
  { path: /^conductor\/signalbox\.toml$/, does: "is Signalbox's own config" },
];

const maxFlags = 12;

/** One sentence part for each such file; empty when there is none. */
export function hostFlags(changes: readonly FileChange[]): string[] {
  const flags = changes.flatMap((change) => flagsOf(change));
  const rest = flags.length - maxFlags;
  return rest > 0 ? [...flags.slice(0, maxFlags), `and ${rest} more`] : flags;
}

function flagsOf(change: FileChange): string[] {
  const { path, oldPath, oldMode, newMode, kind } = change;
  const host = hostFiles.find((file) => file.path.test(path) || file.path.test(oldPath));
  const isNewMode = newMode !== oldMode && kind !== "deleted";
  return [
    ...(host ? [`${path} ${host.does}`] : []),
    ...(isScripted(change) ? [`${path} changes scripts that your package manager runs`] : []),
    ...(isNewMode && newMode === "120000" ? [`${path} becomes a symbolic link`] : []),
    ...(isNewMode && newMode === "100755" ? [`${path} becomes executable`] : []),
    ...(newMode === "160000" || oldMode === "160000" ? [`${path} is a submodule`] : []),
    ...(change.isBinary && kind !== "deleted" ? [`${path} is binary: its diff is not shown`] : []),
  ];
}

/** Lines in a package.json whose value is a command; dependencies are versions. */
function isScripted({ path, hunks }: FileChange): boolean {
  if (!/(^|\/)package\.json$/.test(path)) return false;
  const isCommand =
    /^\s*"[\w:-]+"\s*:\s*"(?![~^>=<*\dv]|workspace:|npm:|file:|git|https?:|latest"|module"|commonjs")[^"]*[\s/&|;][^"]*"/;
  return hunks
    .flat()
    .some(
      ({ mark, text }) =>
        mark === "+" &&
        isCommand.test(text) &&
        !/^\s*"(?:description|name|license|author|homepage|repository|main|module|types|url)"/.test(text),
    );
}

/** Flags as one sentence; "" when there are none. */
export function flagWords(flags: readonly string[]): string {
  return flags.length === 0 ? "" : `Look at these first: ${flags.join("; ")}.`;
}
