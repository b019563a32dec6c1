// Panes of streamed text. Pieces come by offset and are put in once a frame; a pane follows its end until a person scrolls up
// or its lane is told not to follow: then what comes waits, counted, and is put in when they go on.
const keptCharacters = 10_240;
const trimAt = 16_384;
const mostNodes = 50;

/** Of each pane: up to where it has its stream, how long its text is, what waits to be put in, whether it is at its end. */
const panes = new WeakMap();
const heldLanes = new Set();
const due = new Set();
let live = null;

function known(pane) {
  const { end } = pane.dataset;
  const fresh = { end: end === "" ? null : Number(end), length: pane.textContent.length, isAtEnd: true };
  const state = panes.get(pane) ?? { ...fresh, waiting: [], waitingLength: 0, replaces: false };
  panes.set(pane, state);
  return state;
}

document.addEventListener("htmx:sse:after:connection", (event) => {
  live = event.detail.connection;
});

document.addEventListener("panes", (event) => {
  const { feed, panes: pieces } = JSON.parse(event.detail.data);
  document.getElementById("live").dataset.feed = feed;
  for (const piece of pieces) take(piece);
});

function take([id, from, to, text, isWhole]) {
  const pane = document.getElementById(id);
  if (!pane) return;
  const state = known(pane);
  if (!isWhole && state.end !== null && to <= state.end) return;
  if (!isWhole && state.end !== from) return startAgain(pane, state);
  state.end = to;
  pane.dataset.end = to;
  if (isWhole) Object.assign(state, { waiting: [], waitingLength: 0, replaces: true });
  state.waiting.push(text);
  state.waitingLength += text.length;
  if (state.waitingLength > 2 * trimAt) keepEnd(state);
  if (due.size === 0) requestAnimationFrame(putIn);
  due.add(pane);
}

/** A piece is missing, which the server does not know: a new connection tells it where this pane stands. */
function startAgain(pane, state) {
  state.end = null;
  pane.dataset.end = "";
  live?.reader?.cancel();
}

/** A pane that is held for long shows the last part when it goes on; the rest is in its earlier text. */
function keepEnd(state) {
  const end = state.waiting.join("").slice(-keptCharacters);
  state.waiting = [end];
  state.replaces = true;
}

/** One frame: first all texts, then all scrolling, so that the browser lays the page out once. */
function putIn() {
  const changed = [...due].filter((pane) => pane.isConnected);
  due.clear();
  const moving = changed.filter((pane) => !isHeld(pane));
  for (const pane of moving) grow(pane, known(pane));
  for (const pane of moving) pane.scrollTop = 1e9;
  for (const pane of changed) tellWaiting(pane);
  if (heldLanes.size > 0) for (const button of document.querySelectorAll(".follow")) tellLane(button);
}

function grow(pane, state) {
  const text = state.waiting.join("");
  if (state.replaces) pane.textContent = text;
  else if (text !== "") pane.append(text);
  state.length = state.replaces ? text.length : state.length + text.length;
  Object.assign(state, { waiting: [], waitingLength: 0, replaces: false });
  if (state.length > trimAt || pane.childNodes.length > mostNodes) pane.normalize();
  if (state.length <= trimAt) return;
  const first = pane.firstChild;
  const isInPair = /[\udc00-\udfff]/.test(first.data.charAt(first.length - keptCharacters));
  first.deleteData(0, first.length - keptCharacters + (isInPair ? 1 : 0));
  state.length = first.length;
}

const laneOf = (pane) => pane.closest(".lane")?.id;
const isHeld = (pane) => !known(pane).isAtEnd || heldLanes.has(laneOf(pane));

function newWords(count) {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f")} new ${count === 1 ? "character" : "characters"}`;
}

function tellWaiting(pane) {
  const button = document.getElementById(pane.id.replace(/-text$/, "-new"));
  if (!button) return;
  const { waitingLength } = known(pane);
  const words = waitingLength === 0 ? "" : `${newWords(waitingLength)} ↓`;
  if (button.textContent !== words) button.textContent = words;
  button.hidden = words === "";
}

function tellLane(button) {
  const lane = button.closest(".lane");
  const isOn = !heldLanes.has(lane.id);
  button.setAttribute("aria-pressed", String(isOn));
  const counts = [...lane.querySelectorAll(".stream-text")].map((pane) => known(pane).waitingLength);
  const count = counts.reduce((sum, one) => sum + one, 0);
  const words = isOn ? "Follow" : count === 0 ? "Held" : `Held · ${newWords(count)}`;
  if (button.textContent !== words) button.textContent = words;
}

function goOn(waiting) {
  for (const pane of waiting) due.add(pane);
  putIn();
}

document.addEventListener("click", (event) => {
  const switched = event.target.closest?.(".follow");
  if (switched) {
    const lane = switched.closest(".lane");
    if (!heldLanes.delete(lane.id)) heldLanes.add(lane.id);
    tellLane(switched);
    return goOn(lane.querySelectorAll(".stream-text"));
  }
  const resumed = event.target.closest?.(".resume");
  if (!resumed) return;
  const pane = document.getElementById(resumed.id.replace(/-new$/, "-text"));
  known(pane).isAtEnd = true;
  const button = pane.closest(".lane")?.querySelector(".follow");
  if (heldLanes.delete(laneOf(pane)) && button) tellLane(button);
  pane.focus({ preventScroll: true });
  goOn([pane]);
});

document.addEventListener(
  "scroll",
  (event) => {
    const pane = event.target;
    if (!pane.classList?.contains("stream-text")) return;
    const state = known(pane);
    state.isAtEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 24;
    if (state.isAtEnd && state.waitingLength > 0 && !heldLanes.has(laneOf(pane))) goOn([pane]);
  },
  true,
);

// A pane becomes lower when its agent ends: its text would then stop short of its last lines.
document.addEventListener("htmx:after:swap", toEnds);

function toEnds() {
  for (const pane of document.querySelectorAll(".stream-text")) if (!isHeld(pane)) pane.scrollTop = 1e9;
}
toEnds();
