/** @jsxImportSource hono/jsx */
/** The palette: one field that finds every page, track, ticket, gate, agent and action. Its script fills the list. */
import { useContext } from "hono/jsx";
import { Nonce } from "./nonce.ts";
import { Past } from "./past.ts";

export function Palette() {
  return (
    // It sends what it finds by htmx, which takes an element with the page's nonce alone.
    <dialog id="palette" aria-label="Palette" hx-nonce={useContext(Nonce)} data-at={useContext(Past)?.position}>
      <input
        id="palette-input"
        type="text"
        role="combobox"
        aria-label="Find a page, track, ticket, gate, agent or action"
        placeholder="Find a page, track, ticket, gate, agent, or an action: pause, retry T-003"
        aria-autocomplete="list"
        aria-expanded="false"
        aria-controls="palette-list"
        autocomplete="off"
        spellcheck={false}
      />
      <div id="palette-list" role="listbox" aria-label="Found"></div>
      <p id="palette-count" class="hint" role="status"></p>
    </dialog>
  );
}
