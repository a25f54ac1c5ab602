import { Interactions } from "../../src/data/interactions.js";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { syntheticRatings } from "../../src/data/synthetic.js";
import type { Model } from "../../src/models/model.js";

/** 300 users, 200 items, 40,000 ratings: cut into 2 × 2 blocks. */
export const MADE = syntheticRatings({ numUsers: 300, numItems: 200, numRatings: 40_000, seed: 3 }).interactions;

/** 60 users, 40 items, 900 ratings: few enough to be learned by heart. */
export const SMALL = syntheticRatings({ numUsers: 60, numItems: 40, numRatings: 900, seed: 5 }).interactions;

/** The same interactions, indices too, with other values. */
export function mapValues({ users, items, matrix }: Interactions, change: (value: number) => number): Interactions {
  const { numRows, numColumns, offsets, columns, values } = matrix;
  const changed = new SparseMatrix(numRows, numColumns, offsets, columns, values.map(change));
  return new Interactions({ users, items, matrix: changed });
}

/** What a model predicts for each of the interactions. */
export function predictionsOf(model: Model, interactions: Interactions): Float32Array {
  const all = [...interactions];
  return model.predictMany(
    all.map(({ userId }) => userId),
    all.map(({ itemId }) => itemId),
  );
}

/** √ of the mean squared error of what a model predicts. */
export function rmseOf(model: Model, interactions: Interactions): number {
  const predictions = predictionsOf(model, interactions);
  const { values } = interactions.matrix;
  return Math.sqrt(values.reduce((sum, value, at) => sum + (value - predictions[at]!) ** 2, 0) / values.length);
}
