/** @jsxImportSource hono/jsx */
/** The frame around every page: head, navigation, the bar that is always there, warnings, notices, and its dialogs. */
import { useContext } from "hono/jsx";
import { visible } from "./format.ts";
import { KeyList } from "./key-list.tsx";
import { Nonce } from "./nonce.ts";
import { pageLinks } from "./page-links.ts";
import { Palette } from "./palette-dialog.tsx";
import { Past } from "./past.ts";
import type { Markup, Region } from "./region.ts";

interface ShellView {
  readonly title: string;
  /** The page's own path and query: what its live connection asks for. */
  readonly path: string;
  readonly token: string;
  readonly projectName: string;
  readonly warnings: readonly string[];
  /** Names the text of scripts and styles, so that a browser may keep them. */
  readonly assetVersion: string;
  /** Whose offsets the panes' texts are counted in. */
  readonly feedId: string;
  readonly regions: readonly Region[];
  /** What stands above and below the regions, where a page has such things. */
  readonly head?: Markup;
  readonly foot?: Markup;
}

const htmxConfig = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  extensions: "sse, hx-csp",
  // What scripts write beside what the server draws: which folds are open, how old a time is, how long something takes.
  morphIgnore: ["data-htmx-powered", "open", "data-age", "data-elapsed"],
  // A server on the same machine is back within seconds, not minutes.
  sse: { reconnectMaxDelay: 5_000 },
});

/** A whole page. The status region is drawn by the caller, because it lives like any other region. */
export function Shell({ view, status }: { readonly view: ShellView; readonly status: Markup }) {
  const current = view.path.split("?")[0] ?? "/";
  const nonce = useContext(Nonce);
  const isPast = useContext(Past) !== null;
  const asset = (name: string) => `/assets/${name}?v=${view.assetVersion}`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="signalbox-token" content={view.token} />
        <meta name="htmx-config" content={htmxConfig} />
        <title>{`${visible(view.title)} · ${visible(view.projectName)} · Signalbox`}</title>
        <link rel="icon" href={asset("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={asset("style.css")} />
        {/* Not deferred: htmx would then start before its extensions are there, and never open the live connection. */}
        <script src={asset("htmx.js")} nonce={nonce}></script>
        <script src={asset("client.js")} nonce={nonce} defer></script>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the page
        </a>
        <Bar projectName={view.projectName} current={current} status={status} />
        <main id="main" class="page">
          <Warnings warnings={view.warnings} />
          <div id="notice" class="notice" role="status" aria-live="polite"></div>
          <p id="announcer" class="hidden" role="status" aria-live="polite"></p>
          <h1 class="page-title">{visible(view.title)}</h1>
          {view.head}
          <RegionList regions={view.regions} />
          {view.foot}
        </main>
        {isPast ? null : <Live path={view.path} feedId={view.feedId} />}
        <KeyList />
        <Palette />
      </body>
    </html>
  );
}

interface BarProps {
  readonly projectName: string;
  /** The path that is open. */
  readonly current: string;
  readonly status: Markup;
}

/** One line at 1280 pixels, whatever it says: a bar that breaks into two would move the page. */
function Bar({ projectName, current, status }: BarProps) {
  return (
    <header class="bar">
      <a class="brand" href="/" data-now="">
        Signalbox
      </a>
      <span class="project" title={visible(projectName)}>
        {visible(projectName)}
      </span>
      <nav aria-label="Pages">
        {pageLinks.map((link) => (
          <a
            href={link.href}
            aria-current={link.href === current ? "page" : undefined}
            data-key={link.key}
            data-name={link.name}
            title={`g ${link.key}`}
          >
            {link.name}
          </a>
        ))}
      </nav>
      {status}
      <div class="bar-tools needs-script">
        <button
          type="button"
          id="palette-open"
          class="small"
          title="Ctrl K"
          aria-keyshortcuts="Control+K"
          aria-haspopup="dialog"
        >
          Find{" "}
          <span class="kbd" aria-hidden="true">
            Ctrl K
          </span>
        </button>
        <Connection />
      </div>
    </header>
  );
}

/** Nothing of the past is live, so nothing is told of it. */
function Connection() {
  if (useContext(Past)) return <span class="past-mark">the past</span>;
  return (
    <>
      <button type="button" id="notify" class="small" aria-pressed="false" hidden>
        <Bell />
        <span class="hidden">Desktop notifications</span>
      </button>
      <span id="connection" data-words="connecting"></span>
    </>
  );
}

function Bell() {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" fill="none" stroke="currentColor">
      <path d="M2 10.5h10L10.8 9V6a3.8 3.8 0 0 0-7.6 0v3z M5.6 12.3h2.8" />
      <path class="bell-off" d="M1.5 1.5l11 11" />
    </svg>
  );
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  return (
    <>
      {warnings.map((warning) => (
        <p class="warning" role="note">
          <strong>Warning</strong> {visible(warning)}
        </p>
      ))}
      <p id="logged-out" class="warning" role="alert" hidden>
        <strong>Logged out</strong> This page is not live any more: its login has ended. Run <code>signalbox url</code>{" "}
        in the project, and open the address that it prints.
      </p>
      <noscript>
        <p class="warning">
          <strong>Read only</strong> Without JavaScript these pages can be read but not steered; the command line can do
          all of it: signalbox gates, pause, retry, skip, cancel.
        </p>
      </noscript>
    </>
  );
}

/** Regions in their order; those that are `main` and `side` stand in two columns, so that neither waits for the other's height. */
export function RegionList({ regions }: { readonly regions: readonly Region[] }) {
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
      {/* Also where it is not seen: headings then come in their order for those who go by them. */}
      <h2 class={region.isHeadingShown ? undefined : "hidden"}>{visible(region.label)}</h2>
      {region.content}
    </section>
  );
}

function Live({ path, feedId }: { readonly path: string; readonly feedId: string }) {
  // `every 3s` retries a first connection that failed; once connected it holds one.
  const source = `/live?page=${encodeURIComponent(path)}`;
  return (
    <div
      id="live"
      hidden
      data-feed={feedId}
      hx-sse:connect={source}
      hx-trigger="load, every 3s"
      hx-swap="none"
      hx-nonce={useContext(Nonce)}
    ></div>
  );
}
