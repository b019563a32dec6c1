// The page's own script: the header token, editors that live updates leave alone, notices, the connection.
// Keys, panes and gate cards have scripts of their own; everything else is htmx: forms by hx-post, live updates by hx-sse.
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

const statusBar = document.querySelector(".bar");
if (statusBar)
  new MutationObserver(countGates).observe(statusBar, { childList: true, subtree: true, attributes: true });
countGates();
