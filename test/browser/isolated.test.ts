import { expect, test } from "vitest";
import { engine } from "../../src/engine/engine.js";
import { canShareMemory } from "../../src/engine/thread.js";
import { evaluate, GlobalMean, MatrixFactorization, syntheticRatings } from "../../src/index.js";

const { interactions } = syntheticRatings({ numUsers: 300, numItems: 200, numRatings: 20_000, seed: 5 });

test("the page is cross-origin isolated, so jobs run on workers", () => {
  expect(crossOriginIsolated).toBe(true);
  expect(canShareMemory()).toBe(true);
});

test("a threaded fit learns, and its bits are those of one thread", async () => {
  const { train, test: held } = interactions.split({ seed: 1 });
  const bits: Uint8Array[] = [];
  for (const threads of [1, 2, 3, 5, 7]) {
    const model = await new MatrixFactorization({ epochs: 10, threads }).fit(train);
    const { values } = model.itemFactors;
    bits.push(new Uint8Array(values.slice().buffer));
    const mean = await new GlobalMean().fit(train);
    expect(evaluate(model, held).rmse).toBeLessThan(0.9 * evaluate(mean, held).rmse);
    model.dispose();
  }
  for (const other of bits) expect(other).toEqual(bits[0]);
  expect(engine().pool.threads.length).toBeGreaterThan(1);
});
