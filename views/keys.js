// The keyboard: going to pages, the list of keys, the engine's lever, sending a form. Keys of gate cards and of the palette
// are added by their own scripts.
const goingMs = 1500;
let isGoing = false;

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select, [contenteditable]");
  const isChord = event.ctrlKey || event.metaKey;
  if (isChord && !event.altKey && event.key.toLowerCase() === "k") return run(event, keys.palette);
  if (event.key === "Enter" && isChord && isTyping) return sendForm(event);
  if (event.key === "Escape" && isTyping && !event.target.closest("dialog")) return event.target.blur();
  if (isTyping || isChord || event.altKey || document.querySelector("dialog[open]")) return;
  if (isGoing) {
    isGoing = false;
    return goTo(event.key);
  }
  if (/^[1-9]$/.test(event.key)) return document.querySelector(`[data-wait-key="${event.key}"]`)?.click();
  // A word such as `palette` is no key: what is looked up has one character.
  if (event.key.length === 1 && Object.hasOwn(keys, event.key)) run(event, keys[event.key]);
});

const keys = {
  g: () => {
    isGoing = true;
    setTimeout(() => {
      isGoing = false;
    }, goingMs);
  },
  "?": () => document.getElementById("help")?.showModal(),
  n: () => writeGoal(),
  p: () => document.querySelector("#pause-form button")?.click(),
};

function run(event, does) {
  if (!does) return;
  event.preventDefault();
  does();
}

function goTo(key) {
  if (key === "t") return location.assign("/#tracks");
  if (key === "l") return location.assign("/timeline");
  document.querySelector(`.bar nav a[data-key="${CSS.escape(key)}"]`)?.click();
}

function writeGoal() {
  const goal = document.getElementById("goal");
  if (goal) goal.focus();
  else location.assign("/#goal");
}

/** The goal box and editors are sent by a key: a gate is never approved by one keystroke in its payload. */
function sendForm(event) {
  const form = event.target.closest("#goal-form, .editor form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}
