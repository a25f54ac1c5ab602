import { expect, test } from "vitest";
import { syntheticRatings } from "../../src/data/synthetic.js";
import { engine } from "../../src/engine/engine.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { runChild } from "./child-process.js";

test("500 models fitted and disposed of keep memory as it is", async () => {
  const { interactions } = syntheticRatings({ numUsers: 50, numItems: 30, numRatings: 400, seed: 1 });
  const { arena } = engine();
  const cycle = async (): Promise<void> => {
    const model = await new MatrixFactorization({ factors: 5, epochs: 1, threads: 2 }).fit(interactions);
    model.recommend(1, { count: 3 });
    model.dispose();
  };
  await cycle();
  const before = { bytesInUse: arena.bytesInUse, capacity: arena.capacity };
  for (let turn = 0; turn < 500; turn++) await cycle();
  expect({ bytesInUse: arena.bytesInUse, capacity: arena.capacity }).toEqual(before);
});

test("fits that fail give back what they took", async () => {
  const { interactions } = syntheticRatings({ numUsers: 50, numItems: 30, numRatings: 400, seed: 1 });
  const { arena } = engine();
  const bytesInUse = arena.bytesInUse;
  const model = new MatrixFactorization({ factors: 5, epochs: 3, threads: 2 });
  const wild = new MatrixFactorization({ factors: 5, learningRate: 1e20 });
  const onEpoch = (): void => {
    throw new Error("in the middle");
  };
  for (let turn = 0; turn < 5; turn++) {
    await expect(wild.fit(interactions)).rejects.toThrow("diverged");
    await expect(model.fit(interactions, { validation: interactions, onEpoch })).rejects.toThrow("in the middle");
    await expect(model.fit(interactions, { signal: AbortSignal.abort("no") })).rejects.toBe("no");
  }
  expect(arena.bytesInUse).toBe(bytesInUse);
});

test("models that were forgotten are freed by the garbage collector", async () => {
  const script = `
    import { MatrixFactorization } from "lowrank";
    import { engine } from "./src/engine/engine.ts";
    import { syntheticRatings } from "./src/data/synthetic.ts";
    const { interactions } = syntheticRatings({ numUsers: 50, numItems: 30, numRatings: 400, seed: 1 });
    const fit = async () => {
      const model = await new MatrixFactorization({ factors: 5, epochs: 1, threads: 1 }).fit(interactions);
      model.predict(1, 2);
    };
    await fit();
    await collected(0);
    const before = engine().arena.bytesInUse;
    for (let turn = 0; turn < 20; turn++) await fit();
    const full = engine().arena.bytesInUse;
    await collected(before);
    console.log(full > before, engine().arena.bytesInUse <= before);

    async function collected(bytes) {
      for (let turn = 0; turn < 50 && engine().arena.bytesInUse > bytes; turn++) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  `;
  const { code, stdout, stderr } = await runChild(script, ["--expose-gc"]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "true true\n", stderr: "" });
});

test("lists that were begun and forgotten give their memory back, and their model's", async () => {
  const script = `
    import { MatrixFactorization } from "lowrank";
    import { engine } from "./src/engine/engine.ts";
    import { syntheticRatings } from "./src/data/synthetic.ts";
    const { interactions } = syntheticRatings({ numUsers: 50, numItems: 30, numRatings: 400, seed: 1 });
    const model = await new MatrixFactorization({ factors: 5, epochs: 1, threads: 1 }).fit(interactions);
    await model.inBatches("recommend", { batchSize: 50 }).next(); // the pool's own memory, once
    await collected(0);
    const before = engine().arena.bytesInUse;
    const begin = async (query) => {
      const { value } = await model.inBatches(query, { batchSize: 7 }).next();
      return value.counts.length;
    };
    for (let turn = 0; turn < 5; turn++) await begin(turn % 2 ? "recommend" : "similarItems");
    const full = engine().arena.bytesInUse;
    await collected(before);
    const after = engine().arena.bytesInUse;
    await begin("recommend");
    model.dispose(); // while a hold is forgotten
    await collected(0);
    console.log(full > before, after <= before, engine().arena.bytesInUse < before);

    async function collected(bytes) {
      for (let turn = 0; turn < 50 && engine().arena.bytesInUse > bytes; turn++) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  `;
  const { code, stdout, stderr } = await runChild(script, ["--expose-gc"]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "true true true\n", stderr: "" });
});

test("a matrix that is held keeps its model's memory", async () => {
  const script = `
    import { MatrixFactorization } from "lowrank";
    import { syntheticRatings } from "./src/data/synthetic.ts";
    const { interactions } = syntheticRatings({ numUsers: 50, numItems: 30, numRatings: 400, seed: 1 });
    const fit = async (seed) => (await new MatrixFactorization({ factors: 5, epochs: 1, seed }).fit(interactions));
    const factors = (await fit(1)).userFactors; // the model itself is forgotten
    const before = [...factors.values];
    for (let turn = 0; turn < 20; turn++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    (await fit(2)).predict(1, 2);
    console.log(before.every((value, at) => value === factors.values[at]));
  `;
  const { code, stdout, stderr } = await runChild(script, ["--expose-gc"]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "true\n", stderr: "" });
});
