// The page's own script: the header token, keys, panes that follow their text, editors that live updates leave alone.
// Gate cards have a script of their own; everything else is htmx: forms by hx-post, live updates by hx-sse.
const keptCharacters = 10_240;
const trimAt = 16_384;

// The nonce stays readable here, and in no attribute of a script: what it marks is ours.
const { nonce } = document.currentScript;

document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  // hx-csp asks this of forms; a live connection is made by another extension, which does not ask.
  if (sourceElement.getAttribute("hx-nonce") !== nonce) return event.preventDefault();
  const token = document.querySelector('meta[name="signalbox-token"]')?.content;
  if (token) request.headers["X-Signalbox-Token"] = token;
  if (request.action.startsWith("/live?")) request.headers["X-Signalbox-Nonce"] = nonce;
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
  if (isDone) ctx.sourceElement.closest(".editor")?.removeAttribute("hx-morph-skip");
});

// A notice tells what was just done; it goes when it is old, so that it never tells of something else.
const noticeMs = 8_000;
let noticeTimer = 0;
document.addEventListener("htmx:after:request", () => {
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => document.getElementById("notice")?.replaceChildren(), noticeMs);
});

// Panes: stick to the end unless the person has scrolled up; keep the last part of the text.
const following = new WeakMap();
document.addEventListener(
  "scroll",
  (event) => {
    const pane = event.target;
    if (!pane.classList?.contains("stream-text")) return;
    following.set(pane, pane.scrollHeight - pane.scrollTop - pane.clientHeight < 24);
  },
  true,
);
const paneChanges = new MutationObserver((changes) => {
  const panes = new Set();
  for (const change of changes) {
    const element = change.target.nodeType === Node.TEXT_NODE ? change.target.parentElement : change.target;
    if (element?.matches?.(".stream-text")) panes.add(element);
    for (const node of change.addedNodes)
      if (node.querySelectorAll) for (const pane of node.querySelectorAll(".stream-text")) panes.add(pane);
  }
  for (const pane of panes) settle(pane);
});

function settle(pane) {
  const isFollowing = following.get(pane) !== false;
  if (isFollowing && pane.textContent.length > trimAt) pane.textContent = pane.textContent.slice(-keptCharacters);
  else if (pane.childNodes.length > 50) pane.normalize();
  if (isFollowing) pane.scrollTop = pane.scrollHeight;
}

// A pane becomes lower when its agent ends: its text would then stop short of its last lines.
document.addEventListener("htmx:after:swap", () => {
  for (const pane of document.querySelectorAll(".stream-text")) if (following.get(pane) !== false) settle(pane);
});

function countGates() {
  const count = Number(document.querySelector("[data-open-gates]")?.dataset.openGates ?? 0);
  const plain = document.title.replace(/^\(\d+\) /, "");
  const title = count > 0 ? `(${count}) ${plain}` : plain;
  if (document.title !== title) document.title = title;
}

// Connection: shown in the bar, in words.
const connection = (state) => document.documentElement.setAttribute("data-live", state);
document.addEventListener("htmx:sse:after:connection", () => connection("on"));
document.addEventListener("htmx:sse:error", () => connection("off"));
document.addEventListener("htmx:sse:close", () => connection("off"));

const places = {
  o: "/",
  t: "/#tracks",
  s: "/streams",
  g: "/gates",
  u: "/usage",
  c: "/context",
  m: "/comms",
  e: "/events",
  ",": "/settings",
};
let isGoing = false;

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && isTyping) return sendGoal(event);
  if (event.key === "Escape" && isTyping) return event.target.blur();
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (isGoing) {
    isGoing = false;
    if (places[event.key]) location.assign(places[event.key]);
    return;
  }
  const does = keys[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

const keys = {
  g: () => {
    isGoing = true;
    setTimeout(() => {
      isGoing = false;
    }, 1500);
  },
  "?": () => document.getElementById("help")?.showModal(),
  n: () => document.getElementById("goal")?.focus(),
};

/** Only the goal box is sent by a key: a gate is never approved by one keystroke in its editor. */
function sendGoal(event) {
  const form = event.target.closest("#goal-form, .editor form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}

const main = document.getElementById("main");
if (main) paneChanges.observe(main, { childList: true, subtree: true, characterData: true });
const statusBar = document.querySelector(".bar");
if (statusBar)
  new MutationObserver(countGates).observe(statusBar, { childList: true, subtree: true, attributes: true });
for (const pane of document.querySelectorAll(".stream-text")) settle(pane);
countGates();
