/** Markdown of documents as HTML that is safe to show: no HTML of its own, no images, links to the web or within the page only. */
import MarkdownIt from "markdown-it";
import { visible } from "../../../views/format.ts";
import type { OpenDocument } from "../../engine/engine-api.ts";

/** A longer text is shown as it is: laying it out would hold up everything else. */
const mostCharacters = 200_000;
const markdown = new MarkdownIt({ html: false, linkify: false }).disable("image");
const drawn = new WeakMap<OpenDocument, string>();

markdown.validateLink = (address) => /^https?:\/\//i.test(address) || /^(?![\w+.-]*:)(?!\/\/)(?!\\)/.test(address);
markdown.renderer.rules.link_open = (tokens, at, options, _env, self) => {
  tokens[at]?.attrSet("rel", "noopener noreferrer");
  return self.renderToken(tokens, at, options);
};

/** A document's HTML; made once for each text. */
export function documentHtml(document: OpenDocument): string {
  const known = drawn.get(document);
  if (known !== undefined) return known;
  const text = visible(document.text);
  const html = text.length > mostCharacters ? `<pre>${markdown.utils.escapeHtml(text)}</pre>` : markdown.render(text);
  drawn.set(document, html);
  return html;
}
