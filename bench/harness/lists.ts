/** Checks of lists of the best: against the single query, and against a baseline that rounds differently. */
import type { Id, IdIndex, ItemRankings } from "../../src/index.js";
import { checksum } from "./statistics.js";

/** Lists of queries, whoever made them: list q is the first counts[q] of the `width` places from q × width. */
export interface Lists {
  width: number;
  indices: ArrayLike<number>;
  scores: ArrayLike<number>;
  counts: ArrayLike<number>;
}

export function listsOf({ width, itemIndices, scores, counts }: ItemRankings): Lists {
  return { width, indices: itemIndices, scores, counts };
}

/** @throws if list `at` of the rankings is not, to the last bit, what the single query answers. */
export function checkSameList(
  name: string,
  { width, itemIndices, scores, counts }: ItemRankings,
  at: number,
  items: IdIndex,
  single: readonly { itemId: Id; score: number }[],
): void {
  const places = Array.from({ length: counts[at]! }, (_, rank) => at * width + rank);
  const list = places.map((place) => ({ itemId: items.idAt(itemIndices[place]!), score: scores[place]! }));
  if (JSON.stringify(list) === JSON.stringify(single)) return;
  throw new Error(`${name}: list ${at} must be ${JSON.stringify(single)}, got ${JSON.stringify(list)}`);
}

/**
 * @throws if list `at` of one and list `expectedAt` of the other differ by more than rounding: a score by more than
 * `tolerance`, or an item that is not a near-tie of the last.
 */
export function checkNearList(
  name: string,
  got: Lists,
  at: number,
  expected: Lists,
  expectedAt: number,
  tolerance = 1e-4,
): void {
  const count = expected.counts[expectedAt]!;
  const where = `${name}: list ${at}`;
  if (got.counts[at] !== count) throw new Error(`${where} must have ${count} items, got ${got.counts[at]}`);
  const wanted = new Set<number>();
  for (let rank = 0; rank < count; rank++) wanted.add(expected.indices[expectedAt * expected.width + rank]!);
  const last = expected.scores[expectedAt * expected.width + count - 1]!;
  for (let rank = 0; rank < count; rank++) {
    const score = got.scores[at * got.width + rank]!;
    const expectedScore = expected.scores[expectedAt * expected.width + rank]!;
    if (!(Math.abs(score - expectedScore) <= tolerance)) {
      throw new Error(`${where} must have the score ${expectedScore} at rank ${rank}, got ${score}`);
    }
    const item = got.indices[at * got.width + rank]!;
    if (!wanted.has(item) && !(score <= last + tolerance)) throw new Error(`${where} must not have the item ${item}`);
  }
}

/** Of the places that mean something. */
export function listsChecksum({ width, indices, scores, counts }: Lists): string {
  const isPlace = (_: number, at: number) => at % width < counts[Math.floor(at / width)]!;
  return checksum(Uint32Array.from(indices).filter(isPlace), Float32Array.from(scores).filter(isPlace));
}

/** About `wanted` of `size` positions, evenly spread. */
export function sampled(size: number, wanted: number): Uint32Array {
  const step = Math.max(1, Math.floor(size / wanted));
  return Uint32Array.from({ length: Math.ceil(size / step) }, (_, at) => at * step);
}
