/** Documents as HTML: what a person or a model wrote in them is never more than text and plain links. */
import { expect, test } from "bun:test";
import { documentHtml } from "../../src/web/pages/markdown.ts";

const htmlOf = (text: string) => documentHtml({ text, hash: "", tasks: [] });

test("HTML of the text is text, and an image is none", () => {
  const html = htmlOf("<script>x</script> <img src=x onerror=y> ![a](https://example.org/a.png)");
  expect(html).not.toMatch(/<(script|img)/);
  expect(html).toContain("&lt;script&gt;");
});

test("a link leads to the web or within the project's pages, and tells nobody where it came from", () => {
  expect(htmlOf("[a](https://example.org)")).toContain('<a href="https://example.org" rel="noopener noreferrer">');
  expect(htmlOf("[a](./plan.md)")).toContain('href="./plan.md"');
  for (const address of [
    "javascript:x",
    "data:text/html,x",
    "vbscript:x",
    "//example.org",
    "file:///etc",
    "JavaScript:x",
  ])
    expect(htmlOf(`[a](${address})`)).not.toContain("href");
});

test("a heading, a list and code are what they are", () => {
  expect(htmlOf("# A\n\n- b\n\n`c`")).toBe("<h1>A</h1>\n<ul>\n<li>b</li>\n</ul>\n<p><code>c</code></p>\n");
});
