/** @jsxImportSource hono/jsx */
/** The frame around every page: head, navigation, the status bar that is always there, notices, and help. */
import { useContext } from "hono/jsx";
import { spaced, usd, visible } from "./format.ts";
import { Nonce } from "./nonce.ts";
import { PostForm } from "./post-form.tsx";
import type { Markup, Region } from "./region.ts";

interface ShellView {
  readonly title: string;
  /** The page's own path and query: what its live connection asks for. */
  readonly path: string;
  readonly token: string;
  readonly projectName: string;
  readonly warnings: readonly string[];
  readonly regions: readonly Region[];
}

export interface StatusView {
  readonly openGateCount: number;
  readonly isPaused: boolean;
  readonly workingCount: number;
  readonly costUsd: number;
  readonly isUnpriced: boolean;
}

const links: readonly { readonly href: string; readonly name: string; readonly key: string }[] = [
  { href: "/", name: "Overview", key: "o" },
  { href: "/streams", name: "Streams", key: "s" },
  { href: "/gates", name: "Gates", key: "g" },
  { href: "/usage", name: "Usage", key: "u" },
  { href: "/context", name: "Context", key: "c" },
  { href: "/comms", name: "Comms", key: "m" },
  { href: "/events", name: "Events", key: "e" },
  { href: "/settings", name: "Settings", key: "," },
];

const htmxConfig = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  extensions: "sse, hx-csp",
  morphIgnore: ["data-htmx-powered", "open", "data-elapsed"],
});

/** A whole page. The status region is drawn by the caller, because it lives like any other region. */
export function Shell({ view, status }: { readonly view: ShellView; readonly status: Markup }) {
  const current = view.path.split("?")[0] ?? "/";
  const nonce = useContext(Nonce);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="signalbox-token" content={view.token} />
        <meta name="htmx-config" content={htmxConfig} />
        <title>{`${visible(view.title)} · ${visible(view.projectName)} · Signalbox`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        {/* Not deferred: htmx would then start before its extensions are there, and never open the live connection. */}
        <script src="/assets/htmx.min.js" nonce={nonce}></script>
        <script src="/assets/hx-csp.min.js" nonce={nonce}></script>
        <script src="/assets/hx-sse.min.js" nonce={nonce}></script>
        <script src="/assets/client.js" nonce={nonce} defer></script>
        <script src="/assets/since.js" nonce={nonce} defer></script>
        <script src="/assets/panes.js" nonce={nonce} defer></script>
        <script src="/assets/keys.js" nonce={nonce} defer></script>
        <script src="/assets/gates.js" nonce={nonce} defer></script>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the page
        </a>
        <header class="bar">
          <a class="brand" href="/">
            Signalbox
          </a>
          <span class="project">{visible(view.projectName)}</span>
          <nav aria-label="Pages">
            {links.map((link) => (
              <a href={link.href} aria-current={link.href === current ? "page" : undefined} title={`g ${link.key}`}>
                {link.name}
              </a>
            ))}
          </nav>
          {status}
        </header>
        {view.warnings.map((warning) => (
          <p class="warning" role="note">
            <strong>Warning</strong> {visible(warning)}
          </p>
        ))}
        <noscript>
          <p class="warning">
            <strong>Read only</strong> Without JavaScript these pages can be read but not steered; the command line can
            do all of it: signalbox gates, pause, retry, skip, cancel.
          </p>
        </noscript>
        <div id="notice" class="notice" role="status" aria-live="polite"></div>
        <main id="main" class="page">
          <h1 class="page-title">{visible(view.title)}</h1>
          <Regions regions={view.regions} />
        </main>
        <Live path={view.path} />
        <Help />
      </body>
    </html>
  );
}

/** Regions in their order; those that are `main` and `side` stand in two columns, so that neither waits for the other's height. */
function Regions({ regions }: { readonly regions: readonly Region[] }) {
  const inColumns = regions.filter((region) => region.span === "main" || region.span === "side");
  const column = (span: Region["span"]) => (
    <div class={`column-${span}`}>
      {inColumns
        .filter((region) => region.span === span)
        .map((region) => (
          <RegionView region={region} />
        ))}
    </div>
  );
  return (
    <>
      {regions.map((region) => {
        if (!inColumns.includes(region)) return <RegionView region={region} />;
        if (region !== inColumns[0]) return null;
        return (
          <div class="columns">
            {column("main")}
            {column("side")}
          </div>
        );
      })}
    </>
  );
}

/** One region: what a live update replaces as a whole. */
export function RegionView({ region }: { readonly region: Region }) {
  return (
    <section id={region.id} class={`region region-${region.span}`} aria-label={region.label}>
      {region.isHeadingShown ? <h2>{visible(region.label)}</h2> : null}
      {region.content}
    </section>
  );
}

/** What is true everywhere: what waits for you, whether the engine runs, what it has cost. */
export function StatusBar({ status }: { readonly status: StatusView }) {
  return (
    <div id="status" class="status-bar">
      <a
        class={status.openGateCount > 0 ? "waits has-gates" : "waits"}
        href="/gates"
        data-open-gates={status.openGateCount}
      >
        {status.openGateCount === 0 ? "nothing waits" : `${status.openGateCount} waiting for you`}
      </a>
      <span class="quiet">{`${status.workingCount} working`}</span>
      <a class="quiet" href="/usage">
        {usd(status.costUsd)}
        {status.isUnpriced ? " + unpriced" : ""}
      </a>
      <PostForm action="/actions/engine">
        <input type="hidden" name="isPaused" value={status.isPaused ? "false" : "true"} />
        <button type="submit" class="small">
          {status.isPaused ? "Unpause" : "Pause"}
        </button>
      </PostForm>
      <span class="connection" aria-hidden="true"></span>
    </div>
  );
}

function Live({ path }: { readonly path: string }) {
  // `every 3s` retries a first connection that failed; once connected it holds one.
  const source = `/live?page=${encodeURIComponent(path)}`;
  return (
    <div
      id="live"
      hidden
      hx-sse:connect={source}
      hx-trigger="load, every 3s"
      hx-swap="none"
      hx-nonce={useContext(Nonce)}
    ></div>
  );
}

function Help() {
  const keys: readonly (readonly [string, string])[] = [
    ...links.map((link) => [`g ${link.key}`, `go to ${spaced(link.name)}`] as const),
    ["j / k", "next, previous gate"],
    ["a", "to the gate's Approve button; Enter then approves"],
    ["e", "to the gate's payload"],
    ["d", "to the gate's reason; then Decline"],
    ["n", "to the goal box"],
    ["Ctrl Enter", "send the form that you are in"],
    ["?", "this list"],
  ];
  return (
    <dialog id="help" aria-label="Keys">
      <h2>Keys</h2>
      <dl>
        {keys.map(([key, does]) => (
          <div>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
