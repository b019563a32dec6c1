// The palette: asks the server what a query finds, shows it as a listbox, and goes there or sends it. It shares the scope of
// client.js and keys.js, which come before it.
const palette = document.getElementById("palette");
const paletteInput = document.getElementById("palette-input");
const paletteList = document.getElementById("palette-list");
const paletteCount = document.getElementById("palette-count");

let found = [];
let chosen = 0;
/** The question that is under way; an answer to an older one is dropped. */
let asking = null;
/** Enter was pressed before the answer was there. */
let isWaitingToChoose = false;

function openPalette() {
  if (palette.open) return palette.close();
  document.querySelector("dialog[open]")?.close();
  paletteInput.value = "";
  palette.showModal();
  void askPalette();
}

async function askPalette() {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  try {
    const { at } = palette.dataset;
    const address = `/palette?q=${encodeURIComponent(paletteInput.value)}${at === undefined ? "" : `&at=${at}`}`;
    const answer = await fetch(address, { signal: mine.signal, headers: { accept: "application/json" } });
    if (answer.status === 401) return tellPalette("You are logged out: run `signalbox url` in the project.");
    if (!answer.ok) return tellPalette("The server did not answer this. Try again.");
    const { entries } = await answer.json();
    if (asking !== mine) return;
    asking = null;
    showFound(entries);
  } catch (error) {
    if (error.name !== "AbortError") tellPalette("The server does not answer. Is it still running?");
  }
}

function tellPalette(words) {
  asking = null;
  isWaitingToChoose = false;
  showFound([]);
  paletteCount.textContent = words;
}

function showFound(entries) {
  found = entries;
  paletteList.replaceChildren(...entries.map(optionOf));
  paletteInput.setAttribute("aria-expanded", String(entries.length > 0));
  choose(0);
  const asked = paletteInput.value.trim();
  paletteCount.textContent = entries.length > 0 ? "" : asked === "" ? "" : `Nothing is named like “${asked}”.`;
  if (isWaitingToChoose) takeChosen();
}

function optionOf({ kind, label, hint }, index) {
  const option = document.createElement("div");
  option.id = `palette-option-${index}`;
  option.role = "option";
  option.className = "palette-option";
  for (const [name, text] of Object.entries({ label, hint, kind })) {
    const part = document.createElement("span");
    part.className = `palette-${name}`;
    part.textContent = text;
    option.append(part);
  }
  return option;
}

function choose(index) {
  chosen = found.length === 0 ? 0 : (index + found.length) % found.length;
  const options = [...paletteList.children];
  options.forEach((option, at) => {
    option.ariaSelected = String(at === chosen);
  });
  const option = options[chosen];
  if (!option) return paletteInput.removeAttribute("aria-activedescendant");
  paletteInput.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

/** Goes to what is chosen, or sends it; while its answer is under way it is taken as soon as it is there. */
function takeChosen() {
  isWaitingToChoose = asking !== null;
  const entry = found[chosen];
  if (isWaitingToChoose || !entry) return;
  palette.close();
  const { href, action, fields } = entry.target;
  if (href === undefined) return void htmx.ajax("POST", action, { source: palette, swap: "none", values: fields });
  location.assign(href);
}

if (palette) {
  Object.assign(keys, { palette: openPalette, "/": openPalette });
  document.getElementById("palette-open")?.addEventListener("click", openPalette);
  paletteInput.addEventListener("input", () => void askPalette());
  paletteInput.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: found.length - 1, PageUp: 0 };
    if (event.key in moves) choose(moves[event.key]);
    else if (event.key === "Enter") takeChosen();
    else return;
    event.preventDefault();
  });
  paletteList.addEventListener("click", (event) => {
    const option = event.target.closest(".palette-option");
    if (!option) return;
    choose([...paletteList.children].indexOf(option));
    takeChosen();
  });
  // A click beside the dialog is one on its backdrop, which belongs to the dialog.
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
  palette.addEventListener("close", () => {
    asking?.abort();
    asking = null;
    isWaitingToChoose = false;
  });
}
