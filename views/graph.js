// Why a ticket of the graph waits, shown beside it on hover and on focus; Escape puts it away. Without a script the box has a
// title of its own, which would only double it here.
{
  const tip = () => document.getElementById("graph-tip");

  const hide = () => {
    if (tip()) tip().hidden = true;
  };

  const show = (event) => {
    const node = event.target.closest?.("a[data-why]");
    if (!node || !tip()) return hide();
    node.querySelector("title")?.remove();
    const shown = tip();
    shown.textContent = node.dataset.why;
    shown.hidden = false;
    const box = node.getBoundingClientRect();
    const room = document.documentElement.clientWidth - shown.offsetWidth - 8;
    const isBelow = box.bottom + shown.offsetHeight + 12 < innerHeight;
    shown.style.left = `${Math.max(8, Math.min(box.left, room))}px`;
    shown.style.top = `${isBelow ? box.bottom + 6 : box.top - shown.offsetHeight - 6}px`;
  };

  // Of the page, not of the drawing: live updates draw that anew. Forgotten with the page.
  const sizes = ["50", "75", "100", "150", "200"];
  const resize = (change) => {
    const { dataset } = document.documentElement;
    const at = sizes.indexOf(dataset.graphSize ?? "100");
    const next = Math.max(0, Math.min(sizes.length - 1, (at < 0 ? 2 : at) + (change === "larger" ? 1 : -1)));
    dataset.graphSize = change === "fit" ? "fit" : sizes[next];
    hide();
    const said = change === "fit" ? "All of the graph is shown." : `The graph is at ${sizes[next]} %.`;
    document.getElementById("announcer").textContent = said;
  };

  document.addEventListener("click", (event) => {
    const lever = event.target.closest?.("button[data-graph-size]");
    if (lever) resize(lever.dataset.graphSize);
  });
  const keys = { "+": "larger", "=": "larger", "-": "smaller", 0: "fit" };
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest?.(".graph, .graph-zoom") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!keys[event.key]) return;
    event.preventDefault();
    resize(keys[event.key]);
  });

  document.addEventListener("mouseover", (event) => {
    // It stays while the pointer is on it.
    if (event.target.id !== "graph-tip") show(event);
  });
  document.addEventListener("focusin", show);
  document.addEventListener("scroll", hide, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
}
