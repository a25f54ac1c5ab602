/** Ratings as triples in the orders that kernels without a grid of their own visit them. */

import { RandomStream } from "../../src/data/random.js";
import type { SparseMatrix } from "../../src/data/sparse-matrix.js";
import type { BaselineRatings } from "../baselines/sgd.js";

const USERS_PER_BLOCK = 2048;
const ITEMS_PER_BLOCK = 512;
const BENCH_PURPOSE = 1000;

/** The row of every entry. */
function rowsOf({ numRows, offsets, size }: SparseMatrix): Uint32Array {
  const rows = new Uint32Array(size);
  for (let row = 0; row < numRows; row++) rows.fill(row, offsets[row]!, offsets[row + 1]!);
  return rows;
}

/** Each position's place when ordered by falling count. */
function ranksByCount(positions: Uint32Array, size: number): Uint32Array {
  const counts = new Uint32Array(size);
  for (const position of positions) counts[position]!++;
  const order = Uint32Array.from(counts, (_, position) => position).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const ranks = new Uint32Array(size);
  order.forEach((position, rank) => {
    ranks[position] = rank;
  });
  return ranks;
}

/**
 * Blocks of 2048 users × 512 items one after another, each by user; users and items renumbered by how many ratings they
 * have, so that what is met often lies together: the best order known for a plain loop.
 */
export function blockedTriples(matrix: SparseMatrix): BaselineRatings {
  const { numRows, numColumns, columns, values, size } = matrix;
  const rows = rowsOf(matrix);
  const userRanks = ranksByCount(rows, numRows);
  const itemRanks = ranksByCount(columns, numColumns);
  const panels = Math.ceil(numColumns / ITEMS_PER_BLOCK);
  // by user, then stably by block: two counting sorts
  const byUser = countingSort(
    rows.map((row) => userRanks[row]!),
    numRows,
  );
  const block = (entry: number) =>
    Math.floor(userRanks[rows[entry]!]! / USERS_PER_BLOCK) * panels +
    Math.floor(itemRanks[columns[entry]!]! / ITEMS_PER_BLOCK);
  const byBlock = countingSort(byUser.map(block), Math.ceil(numRows / USERS_PER_BLOCK) * panels);
  const order = byBlock.map((place) => byUser[place]!);
  const ratings = { users: new Uint32Array(size), items: new Uint32Array(size), values: new Float32Array(size) };
  for (let at = 0; at < size; at++) {
    const entry = order[at]!;
    ratings.users[at] = userRanks[rows[entry]!]!;
    ratings.items[at] = itemRanks[columns[entry]!]!;
    ratings.values[at] = values[entry]!;
  }
  return ratings;
}

/** The positions of the keys in rising order of key, equal keys in order of position. */
function countingSort(keys: Uint32Array, numKeys: number): Uint32Array {
  const next = new Uint32Array(numKeys + 1);
  for (const key of keys) next[key + 1]!++;
  for (let key = 1; key <= numKeys; key++) next[key]! += next[key - 1]!;
  const positions = new Uint32Array(keys.length);
  for (let position = 0; position < keys.length; position++) positions[next[keys[position]!]!++] = position;
  return positions;
}

/** All triples in a random order: what a plain stochastic gradient descent visits. */
export function shuffledTriples(matrix: SparseMatrix, seed: number): BaselineRatings {
  const ratings = { users: rowsOf(matrix), items: matrix.columns.slice(), values: matrix.values.slice() };
  const random = new RandomStream(seed, BENCH_PURPOSE);
  for (let last = matrix.size - 1; last > 0; last--) {
    const other = random.nextBelow(last + 1);
    for (const array of [ratings.users, ratings.items, ratings.values]) {
      const kept = array[last]!;
      array[last] = array[other]!;
      array[other] = kept;
    }
  }
  return ratings;
}

/** Every n-th triple: enough to measure an error by. */
export function sampleTriples({ users, items, values }: BaselineRatings, every: number): BaselineRatings {
  const keep = (_: number, at: number) => at % every === 0;
  return { users: users.filter(keep), items: items.filter(keep), values: values.filter(keep) };
}

/** Factors to start from: uniform in ± spread. */
export function startFactors(length: number, spread: number, seed: number): Float32Array {
  const random = new RandomStream(seed, BENCH_PURPOSE + 1);
  return new Float32Array(length).map(() => spread * (2 * random.nextUniform() - 1));
}
