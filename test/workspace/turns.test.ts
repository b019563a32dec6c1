/** Work that waits for its turn. */
import { expect, test } from "bun:test";
import { Turns } from "../../src/workspace/turns.ts";

test("work in lanes runs as many at once as there are lanes, all of it, also after a failure", async () => {
  const turns = new Turns();
  let [running, most] = [0, 0];
  const work = async (number: number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (number === 3) throw new Error("the third fails");
    return number;
  };
  const all = Array.from({ length: 9 }, (_, number) => turns.inLane("checkout", 2, () => work(number)));
  const ended = await Promise.allSettled(all);
  expect(ended.map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(1);
  expect(most).toBe(2);
});
