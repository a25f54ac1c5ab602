import { expect, test } from "vitest";
import { allOf } from "../../src/engine/all-of.js";

test("gives all results, in order", async () => {
  const late = new Promise<string>((resolve) => setImmediate(() => resolve("late")));
  expect(await allOf([late, Promise.resolve(2)])).toEqual(["late", 2]);
});

test("tells the first failure, but not before all have ended", async () => {
  let ended = false;
  const late = new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() => {
    ended = true;
  });
  await expect(allOf([late, Promise.reject(new Error("one")), Promise.reject(new Error("two"))])).rejects.toThrow(
    "one",
  );
  expect(ended).toBe(true);
});
