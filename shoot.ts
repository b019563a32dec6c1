import { startBrowser } from "/tmp/wt/scrub/test/support/browser-scene.ts";
const [url, ...paths] = process.argv.slice(2);
const browser = await startBrowser();
const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, reducedMotion: "reduce" });
const page = await context.newPage();
page.on("console", (m) => { if (m.type() === "error") console.log("console", m.text()); });
page.on("pageerror", (e) => console.log("error", e.message));
await page.goto(url!);
await page.locator("#main").waitFor();
const origin = new URL(url!).origin;
for (const path of paths) {
  const name = path.replaceAll(/\W+/g, "_").slice(0, 80);
  const t = performance.now();
  await page.setViewportSize({ width: 1280, height: 1000 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(origin + path);
  console.log(path, Math.round(performance.now() - t), "ms", await page.title());
  await page.screenshot({ path: `/tmp/shots/demo${name}_l.png` });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: `/tmp/shots/demo${name}_d.png` });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: `/tmp/shots/demo${name}_n.png` });
}
await browser.close();
