/** The names under which this server answers, and what it calls itself: Host headers, origins, addresses, the cookie. */

/** The server's names. `hosts` and `origins` are compared exactly. */
export interface ServerNames {
  readonly port: number;
  readonly label: string;
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  readonly pageUrl: string;
  readonly apiUrl: string;
  readonly cookieName: string;
}

/** The names of a server on this port; `isPlainHost` gives the page at 127.0.0.1 instead of the project's label. */
export function serverNames(port: number, label: string, isPlainHost: boolean): ServerNames {
  // Browsers leave the default port out of Host and Origin.
  const suffix = port === 80 ? "" : `:${port}`;
  const hosts = ["127.0.0.1", "localhost", "[::1]", `${label}.localhost`].map((name) => `${name}${suffix}`);
  return {
    port,
    label,
    hosts: new Set(hosts),
    origins: new Set(hosts.map((host) => `http://${host}`)),
    pageUrl: `http://${isPlainHost ? "127.0.0.1" : `${label}.localhost`}${suffix}/`,
    apiUrl: `http://127.0.0.1${suffix}`,
    // Cookies do not tell ports apart: the port in the name keeps two projects' sessions from overwriting each other.
    cookieName: `signalbox_${port}`,
  };
}
