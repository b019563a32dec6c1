// The sign-in page: takes the one-time token out of the address, trades it for the session cookie, and goes on.
const token = new URLSearchParams(location.hash.slice(1)).get("k");
const form = document.getElementById("login-form");
const status = document.getElementById("login-status");

if (token) {
  // The token leaves the address bar and the history before anything else happens.
  history.replaceState(null, "", location.pathname + location.search);
  void signIn(token);
}
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void signIn(new FormData(form).get("token"));
});

async function signIn(value) {
  if (status) status.textContent = "Logging in…";
  const message = await trade(value).catch(() => "The server did not answer. Is it still running?");
  if (message === null) location.replace(location.pathname === "/login" ? "/" : location.pathname + location.search);
  else if (status) status.textContent = message;
}

/** Null when it worked, else a sentence. */
async function trade(value) {
  const answer = await fetch("/login", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ token: value }),
  });
  if (answer.ok) return null;
  const body = await answer.json();
  return body.error?.message ?? "The token was not accepted.";
}
