/**
 * The nonce of the answer that is being drawn. Every element that htmx may act on carries it, so that one which came in with a
 * text stays inert; it is handed down beside the data, because nothing between the page and its forms needs it.
 */
import { createContext } from "hono/jsx";

/** Empty outside a provider: htmx then takes no element at all. */
export const Nonce = createContext("");
