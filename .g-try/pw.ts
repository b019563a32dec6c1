import { chromium as pw } from "playwright-core";
const sets: Record<string,string[]> = {
  none: [],
  nozygote: ["--no-zygote"],
  gpu: ["--in-process-gpu"],
  both: ["--no-zygote","--in-process-gpu"],
  single: ["--no-zygote","--single-process"],
};
for (const [name,args] of Object.entries(sets)) {
  const t = Date.now();
  try {
    const b = await pw.launch({ executablePath: "/tmp/chromium", args, timeout: 8000 });
    const c = await b.newContext(); const p = await c.newPage();
    await p.goto("data:text/html,<p>ok</p>", { timeout: 8000 });
    console.log(name, await p.textContent("p"), Date.now()-t);
    const p2 = await (await b.newContext()).newPage(); await p2.goto("data:text/html,<p>two</p>"); console.log(await p2.textContent("p"));
    await b.close();
  } catch (e) { console.log(name, "FAIL", Date.now()-t, String(e).slice(0,700)); }
}
process.exit(0);
