/** @jsxImportSource hono/jsx */
/**
 * The one page that needs no session: why the server said no, and where it helps a form that takes the one-time token by
 * hand. It holds no data of the project. Its script and style are static files that anybody on this machine may have.
 */

interface Notice {
  readonly status: number;
  readonly message: string;
  /** Whether the form for the one-time token is on it. */
  readonly hasLogin: boolean;
  readonly nonce: string;
}

/** The whole page. `login.js` takes the token out of the address (`#k=`) and posts it, so that nobody has to type it. */
export function noticePage({ status, message, hasLogin, nonce }: Notice) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`Signalbox: ${titleOf(status)}`}</title>
        {/* Under the header's no-referrer a browser sends a plain form with `Origin: null`, which the guard refuses. */}
        <meta name="referrer" content="same-origin" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        {hasLogin ? <script src="/assets/login.js" type="module" nonce={nonce} /> : null}
      </head>
      <body>
        <main class="notice">
          <p class="brand">Signalbox</p>
          <h1>{titleOf(status)}</h1>
          <p id="login-status" role="status">
            {message}
          </p>
          {hasLogin ? <LoginForm /> : <WayBack />}
        </main>
      </body>
    </html>
  );
}

function WayBack() {
  return (
    <p>
      <a href="/">Open the overview</a>
    </p>
  );
}

function LoginForm() {
  return (
    <form id="login-form" method="post" action="/login" class="login">
      <label for="token">One-time token</label>
      <input id="token" name="token" type="password" autocomplete="off" required />
      <button type="submit">Log in</button>
      <p class="quiet">
        Run <code>signalbox url</code> in the project and open the address that it prints. The token is the part after{" "}
        <code>#k=</code>.
      </p>
      <p class="quiet">
        <a href="/">Open Signalbox</a> if you have logged in before.
      </p>
    </form>
  );
}

function titleOf(status: number): string {
  const titles: Record<number, string> = {
    401: "Log in",
    403: "Not from here",
    404: "Not found",
    413: "Too large",
    421: "Wrong address",
  };
  return titles[status] ?? (status >= 500 ? "Something went wrong" : "That did not work");
}
