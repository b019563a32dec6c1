// What waits, told beyond the page: in the title, to a screen reader in one sentence at a time, and, for those who asked for
// it, as a desktop notification while nobody sees the page. Never a sound. It shares the scope of client.js.
const announceGapMs = 5_000;
const notifyGapMs = 2_000;
const ageTickMs = 20_000;
const notifyKey = "signalbox-notify";

let openCount = Number(document.querySelector("[data-open-gates]")?.dataset.openGates ?? 0);

function wordsFor(count) {
  return count === 1 ? "1 gate waits for you" : `${count} gates wait for you`;
}

function showCount(count) {
  const plain = document.title.replace(/^\(\d+\) /, "");
  const title = count > 0 ? `(${count}) ${plain}` : plain;
  if (document.title !== title) document.title = title;
}

// One sentence at most every few seconds, of what is so then: a batch of gates is told once.
let announceTimer = 0;
let announcedAtMs = 0;
function announceSoon() {
  if (announceTimer !== 0) return;
  const waitMs = Math.max(500, announcedAtMs + announceGapMs - performance.now());
  announceTimer = setTimeout(() => {
    announceTimer = 0;
    announcedAtMs = performance.now();
    const words = openCount === 0 ? "Nothing waits for you." : `${wordsFor(openCount)}.`;
    document.getElementById("announcer").textContent = words;
  }, waitMs);
}

function noteBar() {
  const count = Number(document.querySelector("[data-open-gates]")?.dataset.openGates ?? 0);
  showCount(count);
  if (count === openCount) return;
  openCount = count;
  announceSoon();
}

// How long ago a time was, beside it.
function ageOf(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

function showAges() {
  for (const time of document.querySelectorAll("time.ago")) {
    const age = ageOf(Date.now() - Date.parse(time.dateTime));
    if (time.dataset.age !== age) time.dataset.age = age;
  }
}

// A page that nobody sees has no live connection, so that many of them do not use up what a browser allows. One of them all listens to what waits, and tells the others.
const channel = new BroadcastChannel("signalbox-waiting");
let listening = null;

function listenUnseen() {
  if (!document.hidden || listening) return;
  listening = new AbortController();
  const { signal } = listening;
  const hold = () => new Promise((resolve) => listenUntil(signal, resolve));
  navigator.locks.request("signalbox-listener", { signal }, hold).catch((error) => {
    if (error.name !== "AbortError") throw error;
  });
}

function listenUntil(signal, done) {
  if (signal.aborted) return done();
  const source = new EventSource("/waiting");
  signal.addEventListener("abort", () => {
    source.close();
    done();
  });
  source.addEventListener("message", ({ data }) => {
    const now = JSON.parse(data);
    channel.postMessage(now.count);
    noteUnseen(now);
  });
}

function stopListening() {
  listening?.abort();
  listening = null;
}

channel.addEventListener("message", ({ data }) => {
  if (document.hidden) showCount(data);
});

// Notifications: what came since a person last saw the page, as one.
let told = null;
let notifyTimer = 0;
function noteUnseen(now) {
  showCount(now.count);
  // What the page itself showed when it was last seen needs no telling.
  if (told === null) told = new Set(now.count <= openCount ? now.gateIds : []);
  if (!isNotifying() || now.gateIds.every((gateId) => told.has(gateId))) return;
  clearTimeout(notifyTimer);
  notifyTimer = setTimeout(() => void notify(now), notifyGapMs);
}

async function notify({ count, gateIds, newest }) {
  if (!document.hidden || (await isSeenElsewhere())) return;
  told = new Set(gateIds);
  const project = document.querySelector(".project")?.textContent ?? "";
  const options = { body: newest.sentence, tag: `signalbox-${project}`, silent: true };
  const shown = new Notification(`${project}: ${wordsFor(count)}`, options);
  shown.addEventListener("click", () => {
    window.focus();
    shown.close();
    openGate(newest);
  });
}

/** The gate's card, on this page if it is there. */
function openGate(gate) {
  const card = document.getElementById(gate.elementId);
  if (!card) return location.assign(`/gates#${gate.elementId}`);
  card.scrollIntoView({ block: "nearest" });
  card.focus({ preventScroll: true });
}

/** Whether another page of this project is in sight: each holds this lock while it is. */
async function isSeenElsewhere() {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === "signalbox-seen");
}

let seen = null;
function noteVisibility() {
  if (!navigator.locks) return;
  if (document.hidden) {
    seen?.();
    seen = null;
    told = null;
    return listenUnseen();
  }
  stopListening();
  clearTimeout(notifyTimer);
  if (seen) return;
  void navigator.locks.request("signalbox-seen", { mode: "shared" }, () => {
    if (document.hidden) return;
    return new Promise((resolve) => {
      seen = resolve;
    });
  });
}

// The lever: asks the browser, and is remembered by it.
const lever = document.getElementById("notify");

function isNotifying() {
  return localStorage.getItem(notifyKey) === "on" && Notification.permission === "granted";
}

function showLever() {
  const isDenied = Notification.permission === "denied";
  lever.setAttribute("aria-pressed", String(isNotifying()));
  lever.title = isDenied
    ? "Desktop notifications: the browser forbids them for this site. Allow them in its settings first."
    : isNotifying()
      ? "Desktop notifications: on, while this page is not in sight"
      : "Desktop notifications: off";
}

async function pullLever() {
  const isOn = !isNotifying();
  if (isOn && Notification.permission !== "granted") await Notification.requestPermission();
  localStorage.setItem(notifyKey, isOn && Notification.permission === "granted" ? "on" : "off");
  showLever();
  tellNotice(lever.title);
}

if (lever && "Notification" in window) {
  lever.hidden = false;
  lever.addEventListener("click", () => void pullLever());
  showLever();
}

const statusBar = document.querySelector(".bar");
if (statusBar)
  new MutationObserver(noteBar).observe(statusBar, {
    childList: true,
    subtree: true,
    attributeFilter: ["data-open-gates"],
  });
document.addEventListener("htmx:after:swap", showAges);
document.addEventListener("visibilitychange", noteVisibility);
setInterval(showAges, ageTickMs);
showCount(openCount);
showAges();
noteVisibility();
