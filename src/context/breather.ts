/** Lets a long walk of short synchronous steps give way, so that it never holds the event loop for long. */

const mostHeldMs = 8;

/** Gives what to await before each step: it resolves at once, and after a turn of the event loop when 8 ms have passed since the last. */
export function breather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < mostHeldMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  };
}
