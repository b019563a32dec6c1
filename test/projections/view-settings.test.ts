/** Settings are shown in the words of the config file, so that what a page says can be typed into it. */
import { expect, test } from "bun:test";
import { defaultSettings } from "../../src/domain/settings.ts";
import { priceRows, settingRows } from "../../src/projections/view-settings.ts";

test("rows carry the file's own tables, keys and units, and who set them", () => {
  const rows = settingRows(defaultSettings, new Map([["verify.timeout_s", "file"]]));
  const find = (group: string, key: string) => rows.find((row) => row.group === group && row.key === key);
  expect(find("verify", "timeout_s")).toMatchObject({ value: "600", source: "project" });
  expect(find("tiers.worker", "max_tokens")).toMatchObject({ value: "16000", source: "default" });
  expect(find("tiers.worker", "model")?.value).toBe("claude-haiku-5-5, claude-sonnet-5-5, claude-opus-5-5");
  expect(find("provider", "base_url")?.value).toBe("https://api.anthropic.com");
  expect(rows.filter((row) => /[A-Z]/.test(row.group + row.key))).toEqual([]);
});

test("prices are a table of their own", () => {
  const price = { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 };
  const settings = { ...defaultSettings, prices: { "my-model": price } };
  expect(priceRows(settings, new Map([["prices.my-model.input", "user"]]))).toEqual([
    { model: "my-model", ...price, source: "your config" },
  ]);
  expect(settingRows(settings, new Map()).some((row) => row.group.startsWith("prices"))).toBe(false);
});
