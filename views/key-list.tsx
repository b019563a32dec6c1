/** @jsxImportSource hono/jsx */
/** Every key that the pages listen to, as a dialog that `?` opens. */
import { pageLinks } from "./page-links.ts";

type Key = readonly [key: string, does: string];

const groups: readonly { readonly title: string; readonly keys: readonly Key[] }[] = [
  {
    title: "Go",
    keys: [
      ["Ctrl K or /", "the palette: find a page, track, ticket, gate, agent or action"],
      ...pageLinks.map(({ key, name }): Key => [`g ${key}`, name]),
      ["g t", "the tracks"],
      ["g l", "the time line"],
    ],
  },
  {
    title: "What waits",
    keys: [
      ["1 … 9", "open the first, second … that waits (Overview)"],
      ["j, k", "next, previous gate"],
      ["a", "to the gate's Approve; Enter approves"],
      ["e", "edit its payload"],
      ["d", "to the reason; then Decline"],
      ["x", "give the same answer to all that ask the same"],
      ["r", "write a rule for commands like this"],
    ],
  },
  {
    title: "On the time line's slider",
    keys: [
      ["← →", "the event before, the next event"],
      ["Shift ← →", "the mark before, the next mark"],
      ["Page Down, Up", "the phase before, the next phase"],
      ["Home, End", "the first event, the last"],
    ],
  },
  {
    title: "Do",
    keys: [
      ["n", "write a new goal"],
      ["p", "pause, or go on"],
      ["+, −, 0", "larger, smaller, all of the graph that has the focus"],
      ["Ctrl Enter", "send the form that you are in"],
      ["Esc", "leave a field, or close"],
      ["?", "this list"],
    ],
  },
];

export function KeyList() {
  return (
    <dialog id="help" aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <div class="key-groups">
        {groups.map((group) => (
          <section>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([key, does]) => (
                <div>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
