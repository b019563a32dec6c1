/**
 * Keeps whoever looks at the past there: links and filters of a drawn page that lead to pages which know the past get its
 * position. Done on the drawn page, because every view draws links and none of them should have to know of this.
 */
import { hasPast } from "./asked-position.ts";

/** Where a link to a page leads instead; null leaves it as it is. */
export type PastAddress = (url: URL) => string;

/** The same page at a position. */
export function atPosition(position: number): PastAddress {
  return (url) => {
    url.searchParams.set("at", String(position));
    return `${url.pathname}${url.search}${url.hash}`;
  };
}

/** The HTML with such links led elsewhere; those marked `data-now` lead to the present, and those with a position stay. */
export function withPastLinks(html: string, position: number, address: PastAddress): string {
  const at = String(position);
  return new HTMLRewriter()
    .on("a[href]", {
      element(link) {
        const url = URL.parse(attribute(link, "href"), "http://page.invalid");
        if (url?.host !== "page.invalid" || link.hasAttribute("data-now")) return;
        if (attribute(link, "href").startsWith("#") || !hasPast(url.pathname) || url.searchParams.has("at")) return;
        link.setAttribute("href", escaped(address(url)));
      },
    })
    .on("form[action]", {
      element(form) {
        if (form.getAttribute("method") !== "get" || !hasPast(attribute(form, "action"))) return;
        form.append(`<input type="hidden" name="at" value="${at}">`, { html: true });
      },
    })
    .transform(html);
}

/** The rewriter gives an attribute as it stands in the text, and writes one as it is given, but for quotes. */
function attribute(element: HTMLRewriterTypes.Element, name: string): string {
  return (element.getAttribute(name) ?? "").replaceAll("&amp;", "&").replaceAll("&#39;", "'").replaceAll("&quot;", '"');
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;");
}
