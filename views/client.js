// The page's own script: the header token, editors that live updates leave alone, notices, the connection. Keys, panes, gate
// cards, the palette and what waits have scripts of their own; all else is htmx: forms by hx-post, live updates by hx-sse.
// The nonce stays readable here, and in no attribute of a script: what it marks is ours.
const { nonce } = document.currentScript;

// A connection tells which text the page has, also when it is made again with the same headers: nothing comes twice.
let liveHeaders = {};
function tellHeldText() {
  const panes = [...document.querySelectorAll(".stream-text")].filter((pane) => pane.dataset.end);
  const held = panes.map((pane) => `${pane.id.replace(/-text$/, "")}=${pane.dataset.end}`).join(",");
  liveHeaders["X-Signalbox-Held"] = `${document.getElementById("live").dataset.feed} ${held}`;
}
document.addEventListener("htmx:sse:before:connection", tellHeldText);

document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  // hx-csp asks this of forms; a live connection is made by another extension, which does not ask.
  if (sourceElement.getAttribute("hx-nonce") !== nonce) return event.preventDefault();
  const token = document.querySelector('meta[name="signalbox-token"]')?.content;
  if (token) request.headers["X-Signalbox-Token"] = token;
  if (!request.action.startsWith("/live?")) return;
  request.headers["X-Signalbox-Nonce"] = nonce;
  liveHeaders = request.headers;
  tellHeldText();
});

// We send partials alone: an element that asks to be put elsewhere (`hx-swap-oob`) is none of ours.
document.addEventListener("htmx:before:swap", (event) => {
  const { tasks } = event.detail;
  tasks.splice(0, tasks.length, ...tasks.filter((task) => task.type === "partial"));
});

// What a person has typed stays: a card that is being edited is not redrawn. It goes when its gate is answered.
document.addEventListener("input", (event) => {
  event.target.closest(".gate, .editor")?.setAttribute("hx-morph-skip", "true");
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const isDone = ctx.response && ctx.response.status < 300;
  if (isDone && ctx.sourceElement.id === "goal-form") ctx.sourceElement.reset();
  const editor = ctx.sourceElement.closest(".editor");
  // A preview or a check saves nothing: what was typed is still to be saved.
  const isSaved = isDone && !ctx.sourceElement.matches("[data-check]");
  if (isSaved && ctx.sourceElement.matches(".setting-form")) forgetTyping(ctx.sourceElement);
  if (isSaved && !editor?.querySelector("[data-preview]")) editor?.removeAttribute("hx-morph-skip");
});

// A field that was typed into would show that for ever, whatever is saved elsewhere: what is saved is its value from now on.
function forgetTyping(form) {
  for (const field of form.querySelectorAll("input")) field.defaultValue = field.value;
  form.reset();
}

// A notice tells what was just done; it goes when it is old, so that it never tells of something else.
const noticeMs = 8_000;
let noticeTimer = 0;

function tellNotice(words) {
  document.getElementById("notice").textContent = words;
  ageNotice();
}

function ageNotice() {
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => document.getElementById("notice")?.replaceChildren(), noticeMs);
}

document.addEventListener("htmx:after:request", ({ detail }) => {
  const { response, sourceElement } = detail.ctx;
  if (sourceElement.id === "live") return;
  if (response?.status === 401) noteLoggedOut();
  else if (response?.status === 403) tellNotice("This page is older than its login. Reload it, then try again.");
  ageNotice();
});
document.addEventListener("htmx:error", ({ detail }) => {
  if (detail.ctx?.sourceElement.id !== "live") tellNotice("The server did not answer. Try again when it is there.");
});

// Connection: shown in the bar, in words. A short gap is a restart; of a long one the bar says since when.
const longGapMs = 10_000;
let goneSince = null;
let isLoggedOut = false;

function showConnection(state, words) {
  document.documentElement.setAttribute("data-live", state);
  const shown = document.getElementById("connection");
  if (shown && shown.dataset.words !== words) shown.dataset.words = words;
}

function noteGone() {
  goneSince ??= new Date();
  if (isLoggedOut) return showConnection("off", "logged out");
  const isLong = Date.now() - goneSince >= longGapMs;
  const clock = goneSince.toTimeString().slice(0, 5);
  showConnection("off", isLong ? `off since ${clock}` : "reconnecting");
  if (!isLong) setTimeout(() => goneSince && noteGone(), longGapMs);
}

function noteThere() {
  goneSince = null;
  // A page whose login had ended has the header token of that one: only a fresh page can steer again.
  if (isLoggedOut && !hasTypedText()) return location.reload();
  showConnection("on", "live");
}

function hasTypedText() {
  return document.querySelector(
    "[hx-morph-skip] :is(input, textarea):focus, .gate[hx-morph-skip], .editor[hx-morph-skip]",
  );
}

function noteLoggedOut() {
  isLoggedOut = true;
  document.getElementById("logged-out").hidden = false;
  noteGone();
}

document.addEventListener("htmx:sse:after:connection", ({ detail }) => {
  if (detail.connection.status < 300) noteThere();
});
document.addEventListener("htmx:sse:error", ({ detail }) => (detail.status === 401 ? noteLoggedOut() : noteGone()));
document.addEventListener("htmx:sse:close", noteGone);
document.addEventListener("htmx:response:error", ({ detail }) => {
  if (detail.ctx?.sourceElement.id === "live" && detail.ctx.response?.status === 401) noteLoggedOut();
});

// Where the names of the pages do not fit beside each other, that of the present one is in sight.
{
  const nav = document.querySelector(".bar nav");
  const current = nav?.querySelector('[aria-current="page"]');
  if (current) nav.scrollLeft = current.offsetLeft - nav.offsetLeft - 48;
}
