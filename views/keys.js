// The keyboard: going to pages, the list of keys, and sending a form. Keys of gate cards are in their own script.
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
