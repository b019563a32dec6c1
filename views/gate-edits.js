// Drafts on gate cards: what is typed goes to the server, which keeps fields and JSON in step and says what differs. A card
// is marked, and takes no approval (gates.js), until the difference of the last key is on the page.

/** How often each card was edited. */
const edits = new WeakMap();

function noteEdit(card) {
  edits.set(card, (edits.get(card) ?? 0) + 1);
  card.setAttribute("data-unshown", "");
  // A live update leaves an edited card alone; a button edits it without a key.
  card.setAttribute("hx-morph-skip", "true");
}

document.addEventListener("input", (event) => {
  const card = event.target.closest(".gate");
  if (
    card &&
    event.target.matches('[data-draft] [name="payload"], [data-draft] [name^="field."], [data-draft] [name="pattern"]')
  )
    noteEdit(card);
});

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const { sourceElement } = ctx;
  const card = sourceElement.closest(".gate");
  if (!card) return;
  // What was not typed into says what the JSON says already: a long prompt is sent once.
  for (const field of card.querySelectorAll('[name^="field."]'))
    if (field.value === field.defaultValue) ctx.request.body.delete(field.name);
  if (!sourceElement.matches("[data-draft]")) return;
  if (sourceElement.matches("button")) noteEdit(card);
  ctx.draft = { card, edit: edits.get(card) };
});

// An answer to anything but the last edit would take away what was typed since.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (ctx.draft && ctx.draft.edit !== edits.get(ctx.draft.card)) tasks.splice(0);
});

document.addEventListener("htmx:finally:request", (event) => {
  const { draft, request } = event.detail.ctx;
  if (!draft || draft.edit !== edits.get(draft.card)) return;
  draft.card.removeAttribute("data-unshown");
  if (request.action.endsWith("by=reset")) draft.card.removeAttribute("hx-morph-skip");
  // The button that was pressed may be gone with what it took out.
  if (document.activeElement === document.body) draft.card.focus({ preventScroll: true });
});
