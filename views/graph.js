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
