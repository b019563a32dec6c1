/**
 * The page of somebody who would like to drive Signalbox from a person's own browser: every way in which a page can send a
 * request, all at once, at one gate. Each request names its way in its address, so that its answer can be told apart.
 */

export interface AttackTarget {
  /** Where the requests go, such as `http://127.0.0.1:4747`. */
  readonly origin: string;
  readonly gateId: string;
  readonly payloadHash: string;
}

/** The ways, by name; each is the body of a function in the attacking page that may return what it could read. */
const ways: Readonly<Record<string, string>> = {
  "fetch-post": "await fetch(decide, { ...post, mode: 'no-cors' });",
  "fetch-json":
    "const r = await fetch(api, { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json', 'x-signalbox-token': 'guess' }, body: json }); return r.text();",
  "fetch-patch":
    "const r = await fetch(engine, { method: 'PATCH', credentials: 'include', body: '{\"isPaused\":true}' }); return r.text();",
  "fetch-read": "const r = await fetch(state, { credentials: 'include' }); return r.ok ? r.text() : '';",
  xhr: "await new Promise((end) => { const x = new XMLHttpRequest(); x.withCredentials = true; x.onloadend = end; x.open('POST', decide); x.setRequestHeader('content-type', 'application/x-www-form-urlencoded'); x.send(form); });",
  "form-frame": "submit('application/x-www-form-urlencoded', frame().name);",
  "form-text-frame": "submit('text/plain', frame().name);",
  "form-popup": "submit('application/x-www-form-urlencoded', '_blank');",
  beacon: "navigator.sendBeacon(decide, new Blob([form], { type: 'application/x-www-form-urlencoded' }));",
  "event-source":
    "return new Promise((end) => { const s = new EventSource(live, { withCredentials: true }); s.onopen = () => end('opened'); s.onerror = () => end(''); });",
  image:
    "return new Promise((end) => { const i = new Image(); i.onload = () => end('loaded'); i.onerror = () => end(''); i.src = icon; });",
  script:
    "return new Promise((end) => { const s = document.createElement('script'); s.onload = () => end('loaded'); s.onerror = () => end(''); s.src = asset; document.head.append(s); });",
  frame: "frame().src = page;",
  popup: "window.open(page);",
};

export const attackWays: readonly string[] = Object.keys(ways);

/** The parameter that names the way in an address. */
export const wayParameter = "attack";

/** The document. When all ways were tried it sends what each could read to the window that holds it. */
export function attackDocument({ origin, gateId, payloadHash }: AttackTarget): string {
  const at = (path: string) => JSON.stringify(`${origin}${path}${path.includes("?") ? "&" : "?"}${wayParameter}=`);
  const tries = Object.entries(ways).map(
    ([name, body]) => `attempt(${JSON.stringify(name)}, async (way) => {
      const decide = ${at(`/actions/gates/${gateId}/decision`)} + way, api = ${at(`/api/gates/${gateId}/decision`)} + way;
      const engine = ${at("/api/engine")} + way, state = ${at("/api/state")} + way, live = ${at("/live?page=/")} + way;
      const icon = ${at("/gates")} + way, asset = ${at("/assets/client.js")} + way, page = ${at("/gates")} + way;
      const submit = (type, target) => {
        const sent = document.createElement('form');
        Object.assign(sent, { method: 'POST', action: decide, enctype: type, target });
        for (const [key, value] of new URLSearchParams(form)) sent.append(Object.assign(document.createElement('input'), { name: key, value }));
        document.body.append(sent);
        sent.submit();
      };
      ${body}
    })`,
  );
  return `<!doctype html><title>attack</title><body><script>
    const form = ${JSON.stringify(new URLSearchParams({ decision: "approve", payloadHash }).toString())};
    const json = ${JSON.stringify(JSON.stringify({ decision: "approve", payloadHash }))};
    const post = { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form };
    const frame = () => {
      const made = document.createElement('iframe');
      made.name = 'frame' + Math.random();
      document.body.append(made);
      return made;
    };
    const bound = () => new Promise((end) => setTimeout(end, 1500, ''));
    const attempt = async (way, body) => [way, String(await Promise.race([body(way).catch(() => ''), bound()]) ?? '')];
    addEventListener('message', ({ data }) => { document.title = 'done ' + JSON.stringify(data); });
    Promise.all([bound().then(() => ['', '']), ${tries.join(",")}]).then((all) => top.postMessage(all, '*'));
  </script>`;
}

/** A page that holds the attack in a sandbox, where its origin is none. */
export const sandboxDocument = `<!doctype html><title>holder</title><body><script>
  addEventListener('message', ({ data }) => { document.title = 'done ' + JSON.stringify(data); });
</script><iframe sandbox="allow-scripts allow-forms allow-popups" src="/attack"></iframe>`;
