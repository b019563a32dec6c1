import { chromium as pw } from "playwright-core";
try {
const b = await pw.launch({ executablePath: process.argv[2]!, timeout: 15000 });
const p = await b.newPage(); await p.goto("data:text/html,<p>ok</p>"); console.log(await p.textContent("p"), b.version()); await b.close();
} catch (e) { console.log(String(e).slice(0,1500)); }
process.exit(0);
