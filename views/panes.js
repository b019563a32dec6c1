// Panes of streamed text: they follow their end until a person scrolls up, and keep the last part of the text.
const keptCharacters = 10_240;
const trimAt = 16_384;

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

const main = document.getElementById("main");
if (main) paneChanges.observe(main, { childList: true, subtree: true, characterData: true });
for (const pane of document.querySelectorAll(".stream-text")) settle(pane);
