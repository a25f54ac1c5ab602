import { Interactions } from "../../src/data/interactions.js";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { syntheticRatings } from "../../src/data/synthetic.js";

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

/** Pairs of ids, one array a side. */
export function pairsOf(interactions: Interactions): [userIds: (string | number)[], itemIds: (string | number)[]] {
  const all = [...interactions];
  return [all.map(({ userId }) => userId), all.map(({ itemId }) => itemId)];
}
