import { expect, test } from "vitest";
import { engine } from "../../src/engine/engine.js";
import { canShareMemory } from "../../src/engine/thread.js";
import { MatrixFactorization, syntheticRatings } from "../../src/index.js";

test("without isolation a fit runs on the page's thread, in slices", async () => {
  expect(crossOriginIsolated).toBe(false);
  expect(canShareMemory()).toBe(false);
  const { interactions } = syntheticRatings({ numUsers: 2000, numItems: 1000, numRatings: 200_000, seed: 5 });
  let turns = 0;
  let running = true;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    turns++;
    if (running) channel.port2.postMessage(0);
  };
  channel.port2.postMessage(0);
  const model = await new MatrixFactorization({ factors: 64, epochs: 200 }).fit(interactions);
  running = false;
  channel.port1.close();
  expect(turns).toBeGreaterThan(10);
  expect(model.predict(1, 1)).toBeGreaterThan(0);
  expect(engine().pool.threads.length).toBe(0);
});
