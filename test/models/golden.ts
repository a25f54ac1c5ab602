/**
 * The bits of a small fit, to be the same on every engine and processor: `reproducible: true` promises it. Runs in Node
 * and in a page alike, and uses no function that engines round differently.
 */
import { syntheticRatings } from "../../src/data/synthetic.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import type { OptimizerName } from "../../src/models/optimizers.js";

/** What `fitHash` must give. */
export const EXPECTED_FIT_HASHES: Readonly<Record<OptimizerName, string>> = {
  sgd: "205c2d1e6c719c19",
  adagrad: "5d31fe98faf14a52",
  adam: "cefdd149df07c7f9",
};

/** Trains a model on 40,000 made-up ratings and hashes the bits of all that it learned. */
export async function fitHash(optimizer: OptimizerName, threads = 0): Promise<string> {
  const { interactions } = syntheticRatings({ numUsers: 300, numItems: 200, numRatings: 40_000, seed: 42 });
  const options = { factors: 13, epochs: 3, optimizer, seed: 7, threads, reproducible: true };
  const model = await new MatrixFactorization(options).fit(interactions);
  const hash = hashOf(model);
  model.dispose();
  return hash;
}

/** FNV-1a over the words of both sides' factors and biases, 64 bits, as 16 hexadecimal digits. */
export function hashOf(model: MatrixFactorization): string {
  let hash = 0xcbf29ce484222325n;
  const tables = [model.userFactors.values, model.itemFactors.values, model.userBias, model.itemBias];
  for (const table of tables) {
    for (const word of new Uint32Array(table.slice().buffer)) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(word)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, "0");
}
