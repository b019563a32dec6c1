/** The search for a test browser gives words that a person can act on, and trusts no path that it has not started. */
import { afterEach, expect, test } from "bun:test";
import { findBrowser } from "./support/browser.ts";

const named = process.env.CHROMIUM_PATH;

afterEach(() => {
  if (named === undefined) delete process.env.CHROMIUM_PATH;
  else process.env.CHROMIUM_PATH = named;
});

test("refuses a named browser that does not start, and says so", async () => {
  process.env.CHROMIUM_PATH = "/bin/false";
  await expect(findBrowser()).rejects.toThrow("CHROMIUM_PATH names /bin/false, which does not start");
});

test("refuses a named browser that is not there, and says so", async () => {
  process.env.CHROMIUM_PATH = "/nowhere/chromium";
  await expect(findBrowser()).rejects.toThrow("CHROMIUM_PATH names /nowhere/chromium, which does not start");
});

test("takes a named program that tells its version", async () => {
  process.env.CHROMIUM_PATH = process.execPath;
  expect(await findBrowser()).toBe(process.execPath);
});
