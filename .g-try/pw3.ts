import { chromium as pw } from "playwright-core";
import { findBrowser } from "../test/support/browser.ts";
const b = await pw.launch({ executablePath: await findBrowser() });
const p = await b.newPage(); await p.setContent("<p style='font:20px monospace'>Hello text</p>"); console.log(await p.textContent("p"), b.version(), await p.evaluate(() => (document.querySelector("p") as any).getClientRects()[0].height));
await p.screenshot({path:"/tmp/g-shot.png"}); await b.close();
