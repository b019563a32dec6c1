// Counts the time of what is going on: the server says since when, so that it need not draw a page every second.
// The count stands in an attribute that live updates leave alone; the style sheet shows it.
function elapsed(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function countSince() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 1000));
    const words = elapsed(seconds);
    if (element.dataset.elapsed !== words) element.dataset.elapsed = words;
  }
}

setInterval(countSince, 1_000);
document.addEventListener("visibilitychange", countSince);
document.addEventListener("htmx:after:swap", countSince);
countSince();
