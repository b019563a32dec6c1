// Gate cards, and the card that asks for trust: they take an answer only once a person can have seen what they answer, and
// nothing takes the place of a card under the pointer. Without this script they are plain forms. It shares the scope of
// client.js, which comes before it.

/** How long a card has stood still, seen whole, before it takes an answer; how long when a part of it was never on the screen. */
const calmMs = 500;
const unseenMs = 1_500;
const nearPx = 24;
const movedPx = 1;

/** What is known of each card: where it stands, since when it can be answered, how much of it has been on the screen. */
const seenCards = new WeakMap();
let nextLook = 0;
/** The button that takes the focus back, or takes it at last, as soon as it takes an answer. */
let wished = null;

/** Looks at every card now, before anything is painted, and with the next frame. */
function lookAtGates() {
  look(false);
}

/** As long as a card is on the way, it is looked at with every frame: only frames count as time on the screen. */
function look(isFrame) {
  const bar = document.querySelector(".bar");
  const isBarFixed = bar && getComputedStyle(bar).position === "sticky";
  const view = { top: isBarFixed ? Math.max(0, bar.getBoundingClientRect().bottom) : 0, bottom: window.innerHeight };
  let isWaiting = !isFrame;
  for (const card of document.querySelectorAll(".gate")) isWaiting = lookAt(card, view, isFrame) || isWaiting;
  if (!isWaiting || nextLook !== 0) return;
  nextLook = requestAnimationFrame(() => {
    nextLook = 0;
    look(true);
  });
}

/** Whether the card is on the way to take an answer. */
function lookAt(card, view, isFrame) {
  const now = performance.now();
  const box = card.getBoundingClientRect();
  const seen = knownOf(card, box, now);
  if (isFrame) noteSeen(seen, box, view, now);
  const buttons = [...card.querySelectorAll(".levers button")];
  const canBeHit = document.visibilityState === "visible" && buttons.every((button) => isWithin(button, view));
  // A frame is painted after it was looked at: the time runs from the one after it.
  if (!canBeHit || seen.isSent) seen.frameCount = 0;
  else if (isFrame) seen.frameCount += 1;
  if (seen.frameCount <= 2) seen.sinceMs = now;
  const calm = now - Math.max(seen.sinceMs, seen.wholeSinceMs);
  const isLong = now - seen.sinceMs >= unseenMs;
  const isFolded = hasFolds(card, seen);
  seen.ready = {
    decline: calm >= calmMs || isLong,
    approve: ((calm >= calmMs && !isFolded) || isLong) && !card.hasAttribute("data-unshown"),
  };
  for (const button of buttons) settleButton(card, button, isReady(seen, button), canBeHit);
  for (const button of card.querySelectorAll("[data-arms]")) settleButton(card, button, seen.ready.approve, canBeHit);
  return canBeHit && !seen.isSent && !(seen.ready.approve && seen.ready.decline);
}

/** Whether a part of the payload is closed, or lies below the end of a box that nobody has scrolled to its end. */
function hasFolds(card, seen) {
  const box = card.querySelector(".plain");
  if (!box) return false;
  seen.isScrolled ||= box.scrollTop + box.clientHeight >= box.scrollHeight - 2;
  return !seen.isScrolled || box.querySelector("details:not([open])") !== null;
}

function isReady(seen, button) {
  return button.matches(".decline") ? seen.ready.decline : seen.ready.approve;
}

/** A card that has moved, grown or got another payload is a new one. Scrolling moves the window, not the card. */
function knownOf(card, box, now) {
  const at = { x: box.left + window.scrollX, y: box.top + window.scrollY, width: box.width, height: box.height };
  const tick = card.querySelector('[name="alike"]:checked')?.value ?? "";
  const hash = `${card.querySelector('[name="payloadHash"], [name="hash"]')?.value} ${tick}`;
  const old = seenCards.get(card);
  const isSame = old?.hash === hash && Object.keys(at).every((key) => Math.abs(at[key] - old.at[key]) <= movedPx);
  if (isSame) return old;
  const isShapeKept = old?.hash === hash && Math.abs(at.height - old.at.height) <= movedPx;
  seenCards.set(card, {
    at,
    hash,
    extent: isShapeKept ? old.extent : null,
    frameCount: 0,
    sinceMs: now,
    wholeSinceMs: Number.POSITIVE_INFINITY,
    isScrolled: isShapeKept && old.isScrolled,
    isSent: old?.isSent ?? false,
  });
  return seenCards.get(card);
}

/** Which stretch of the card has been on the screen, joined as long as what is seen adjoins it. */
function noteSeen(seen, box, view, now) {
  const from = Math.max(box.top, view.top) - box.top;
  const to = Math.min(box.bottom, view.bottom) - box.top;
  if (to > from && document.visibilityState === "visible") {
    const isJoined = seen.extent && from <= seen.extent.to + 1 && to >= seen.extent.from - 1;
    seen.extent = isJoined
      ? { from: Math.min(from, seen.extent.from), to: Math.max(to, seen.extent.to) }
      : { from, to };
  }
  const isWhole = seen.extent && seen.extent.from <= 1 && seen.extent.to >= box.height - 1;
  if (!isWhole) seen.wholeSinceMs = Number.POSITIVE_INFINITY;
  else if (seen.wholeSinceMs === Number.POSITIVE_INFINITY) seen.wholeSinceMs = now;
}

function isWithin(element, view) {
  const box = element.getBoundingClientRect();
  return box.top >= view.top - 1 && box.bottom <= view.bottom + 1 && box.left >= -1 && box.right <= innerWidth + 1;
}

/**
 * A button that is not ready takes no pointer. It is also disabled where it can be seen; where it cannot, a script may
 * bring it into view by its name, and waits then.
 */
function settleButton(card, button, canAnswer, canBeHit) {
  const isDisabled = canBeHit && !canAnswer;
  const hadFocus = isDisabled && document.activeElement === button;
  if (button.disabled !== isDisabled) button.disabled = isDisabled;
  if (button.hasAttribute("data-waits") === canAnswer) button.toggleAttribute("data-waits", !canAnswer);
  if (hadFocus) {
    wished = button;
    card.focus({ preventScroll: true });
  } else if (canAnswer && wished === button) {
    wished = null;
    if (document.activeElement === card) button.focus({ preventScroll: true });
  }
}

// The rule itself: whatever sends the form, a card that is not ready is not answered.
document.addEventListener(
  "submit",
  (event) => {
    const card = event.target.closest(".gate");
    if (!card) return;
    lookAtGates();
    if (event.submitter && isReady(seenCards.get(card), event.submitter)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

function noteSending(event, isSent) {
  if (event.detail.ctx.draft) return;
  const seen = seenCards.get(event.detail.ctx.sourceElement.closest(".gate"));
  if (seen) seen.isSent = isSent;
  lookAtGates();
}
document.addEventListener("htmx:before:request", (event) => noteSending(event, true));
document.addEventListener("htmx:finally:request", (event) => noteSending(event, false));
document.addEventListener("htmx:error", (event) => {
  const told = event.detail.ctx?.sourceElement.closest(".gate")?.querySelector(".error");
  if (told)
    told.textContent = "The server did not answer, and nothing is known to be decided. Try again when it is there.";
});

// Places: what leaves the list leaves a place of its height, until the pointer and the focus are elsewhere.
let pointer = null;

document.addEventListener("htmx:before:swap", (event) => {
  const list = document.getElementById("gate-list");
  for (const { fragment } of event.detail.tasks) {
    const next = fragment.querySelector("#gate-list");
    if (list && next) keepPlaces(list, next, fragment);
  }
});
document.addEventListener("htmx:after:swap", () => closePlaces());

function keepPlaces(list, next, fragment) {
  let before = null;
  for (const old of list.children) {
    const same = next.querySelector(`:scope > [id="${old.id}"]`);
    const kept = same ?? (old.matches(".gate-gone") ? old.cloneNode(true) : placeOf(old, fragment));
    if (!same) before ? before.after(kept) : next.prepend(kept);
    before = kept;
  }
}

/** What stands where a card stood: what became of it. The keyboard's focus goes there, so that it does not get lost. */
function placeOf(card, fragment) {
  const place = document.createElement("p");
  const decided = fragment.querySelector(`[data-decided="${CSS.escape(card.dataset.gate)}"]`);
  place.id = `gone-${card.id}`;
  place.className = "gate-gone";
  place.tabIndex = -1;
  place.dataset.gone = card.dataset.gate;
  // Of a tall card only a part is on the screen: the words stay in sight there.
  const words = document.createElement("span");
  words.textContent = decided?.textContent ?? `${card.dataset.gate} is answered.`;
  place.append(words);
  place.style.height = `${card.getBoundingClientRect().height}px`;
  // A live update leaves it alone: the server does not know of it.
  place.setAttribute("hx-morph-skip", "true");
  if (card.contains(document.activeElement) && document.activeElement.matches(":focus-visible"))
    queueMicrotask(() => document.getElementById(place.id)?.focus({ preventScroll: true }));
  return place;
}

function closePlaces() {
  const list = document.getElementById("gate-list");
  if (!list?.querySelector(".gate-gone") || list.contains(document.activeElement) || isNear(list)) return;
  for (const place of list.querySelectorAll(".gate-gone")) place.remove();
}

function isNear(list) {
  if (!pointer) return false;
  const box = list.getBoundingClientRect();
  const isBeside = pointer.x < box.left - nearPx || pointer.x > box.right + nearPx;
  return !isBeside && pointer.y >= box.top - nearPx && pointer.y <= box.bottom + nearPx;
}

function notePointer(event) {
  // The bar stands over the list: a pointer on it is not on a card.
  const isOnBar = event.target.closest?.(".bar") !== null;
  pointer = isOnBar ? null : { x: event.clientX, y: event.clientY };
  closePlaces();
}
for (const name of ["pointermove", "pointerdown"]) document.addEventListener(name, notePointer, { passive: true });
document.documentElement.addEventListener("pointerleave", () => {
  pointer = null;
  closePlaces();
});
document.addEventListener("focusout", () => setTimeout(closePlaces));

// Keys.
Object.assign(keys, {
  j: () => moveGate(1),
  k: () => moveGate(-1),
  a: () => wishFor(currentGate()),
  d: () => currentGate()?.querySelector('[name="reason"]').focus(),
  e: () => editGate(currentGate()),
  x: () => currentGate()?.querySelector('[name="alike"]')?.click(),
  r: () => currentGate()?.querySelector(".rule-lever > summary")?.click(),
});

/** To the first fitting field, unfolded; to the JSON where there is none. */
function editGate(card) {
  const fold = card?.querySelector(".gate-fields");
  if (fold) fold.open = true;
  (fold?.querySelector("textarea") ?? card?.querySelector('[name="payload"]'))?.focus();
}

function currentGate() {
  return document.activeElement?.closest(".gate") ?? document.querySelector(".gate");
}

/** The focus goes to Approve, at once or as soon as it takes an answer. */
function wishFor(card) {
  if (!card) return;
  card.focus();
  wished = card.querySelector('button[value="approve"]');
  lookAtGates();
}

function moveGate(by) {
  const all = [...document.querySelectorAll(".gate, .gate-gone")];
  const at = all.indexOf(document.activeElement?.closest(".gate, .gate-gone"));
  const ahead = by > 0 ? all.slice(at + 1) : all.slice(0, at < 0 ? all.length : at).reverse();
  const next = ahead.find((card) => card.matches(".gate"));
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

// Everything that can move a card is looked at before it is painted.
new MutationObserver(lookAtGates).observe(document.body, {
  childList: true,
  subtree: true,
  attributes: true,
  characterData: true,
});
new ResizeObserver(lookAtGates).observe(document.body);
for (const name of ["scroll", "toggle"]) document.addEventListener(name, lookAtGates, { capture: true, passive: true });
for (const name of ["resize", "load"]) window.addEventListener(name, lookAtGates);
document.addEventListener("visibilitychange", lookAtGates);
lookAtGates();
