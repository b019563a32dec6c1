// The time line's slider: it moves at once, and what it shows follows as fast as the server draws it; one request at a time,
// and the newest position wins. Without this script a number and links do the same.
const timeRange = document.getElementById("time-range");

if (timeRange) {
  const timeField = document.getElementById("time-at");
  const cursor = document.getElementById("time-cursor");
  const drawing = document.getElementById("time-drawing");
  const [from, to] = [Number(timeRange.min), Number(timeRange.max)];
  const positions = (name) => timeRange.dataset[name].split(" ").filter(Boolean).map(Number);
  const [marks, phases] = [positions("marks"), positions("phases")];
  /** Moves that follow each other within this make one entry of the browser's history. */
  const goMs = 1_000;
  let movedAtMs = Number.NEGATIVE_INFINITY;

  const after = (list) => list.find((position) => position > Number(timeRange.value)) ?? to;
  const before = (list) => list.findLast((position) => position < Number(timeRange.value)) ?? from;

  function showPlace(position) {
    timeRange.value = position;
    timeField.value = position;
    const x = (drawing.viewBox.baseVal.width * (position - from)) / Math.max(1, to - from);
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
  }

  function move(position) {
    showPlace(Math.min(to, Math.max(from, position)));
    timeRange.form.requestSubmit();
  }

  const keyed = {
    PageUp: () => after(phases),
    PageDown: () => before(phases),
    ArrowRight: ({ shiftKey }) => (shiftKey ? after(marks) : null),
    ArrowUp: ({ shiftKey }) => (shiftKey ? after(marks) : null),
    ArrowLeft: ({ shiftKey }) => (shiftKey ? before(marks) : null),
    ArrowDown: ({ shiftKey }) => (shiftKey ? before(marks) : null),
  };

  timeRange.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const position = Object.hasOwn(keyed, event.key) ? keyed[event.key](event) : null;
    if (position === null) return;
    event.preventDefault();
    move(position);
  });
  timeRange.addEventListener("input", () => move(Number(timeRange.value)));

  // The drawing is as wide as the way of the slider's knob: a click on a tick goes to it.
  drawing.addEventListener("click", (event) => {
    const box = drawing.getBoundingClientRect();
    const exact = from + ((event.clientX - box.left) / box.width) * (to - from);
    const reach = (6 / box.width) * (to - from);
    const near = marks.filter((position) => Math.abs(position - exact) <= reach);
    near.sort((a, b) => Math.abs(a - exact) - Math.abs(b - exact));
    move(near[0] ?? Math.round(exact));
    timeRange.focus({ preventScroll: true });
  });

  /** What is shown has an address: going back leads to where one was before this go. */
  function noteAddress(position) {
    const url = new URL(location);
    // An answer that is on the way while one moves on, or back, is no place where one is.
    if (position !== timeRange.value || url.searchParams.get("at") === position) return;
    url.searchParams.set("at", position);
    const isSameGo = performance.now() - movedAtMs < goMs;
    movedAtMs = performance.now();
    history[isSameGo ? "replaceState" : "pushState"](null, "", url);
  }

  document.addEventListener("htmx:after:swap", () => {
    const { position, spoken } = document.getElementById("time-now").dataset;
    timeRange.setAttribute("aria-valuetext", spoken);
    noteAddress(position);
  });
  window.addEventListener("popstate", () => {
    move(Number(new URL(location).searchParams.get("at") ?? to));
  });
}
