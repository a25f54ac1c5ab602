import type { Engine } from "../../src/engine/engine.js";
import type { Variant } from "../../src/engine/kernels.js";
import { BilinearScores } from "../../src/ranking/bilinear-scores.js";
import type { Link } from "../../src/ranking/link.js";
import type {
  Direction,
  ManyRows,
  Ranked,
  RankedRows,
  Row,
  Scores,
  Selection,
  Side,
  SimilarityMetric,
} from "../../src/ranking/scores.js";
import { randomOf } from "../assembly/rating-pass.js";

/** What small models are made of. */
export interface ToyShape {
  numUsers?: number;
  numItems?: number;
  factors?: number;
  offset?: number;
  link?: Link;
  range?: readonly [number, number];
  /** Small whole numbers: many scores are equal. */
  tied?: boolean;
}

/** Random factors and biases; user 3 and item 5, if there are so many, have factors of zero. */
export function toyScores(engine: Engine, variant: Variant, shape: ToyShape = {}): BilinearScores {
  const { numUsers = 23, numItems = 41, factors = 5, range = [-Infinity, Infinity], tied = false } = shape;
  const { offset = 3.5, link } = shape;
  const scores = new BilinearScores(engine, variant, { numUsers, numItems, factors, offset, link, range });
  const random = randomOf(8000 + factors);
  const draw = (): number => (tied ? random.nextBelow(3) - 1 : 2 * random.nextUniform() - 1);
  for (const [matrix, biases, zero] of [
    [scores.userFactors, scores.userBias, 3],
    [scores.itemFactors, scores.itemBias, 5],
  ] as const) {
    for (let row = 0; row < matrix.rows; row++) {
      matrix.row(row).forEach((_, f, all) => {
        all[f] = row === zero ? 0 : draw();
      });
      biases[row] = draw();
    }
  }
  return scores;
}

export const METRICS: readonly SimilarityMetric[] = ["cosine", "dot", "euclidean"];

/** Every direction there is: scores both ways, and similarity on both sides by each metric. */
export const DIRECTIONS: readonly (readonly [name: string, direction: Direction])[] = [
  ["items for users", { rows: "users", columns: "items", metric: "cosine" }],
  ["users for items", { rows: "items", columns: "users", metric: "cosine" }],
  ...METRICS.flatMap((metric): [string, Direction][] => [
    [`items like items, ${metric}`, { rows: "items", columns: "items", metric }],
    [`users like users, ${metric}`, { rows: "users", columns: "users", metric }],
  ]),
];

/** All columns, as many as there are. */
export const EVERYTHING: Selection = { count: 1000, candidates: undefined, minimumScore: -Infinity };

export const sizeOf = (scores: BilinearScores, side: Side): number =>
  (side === "users" ? scores.userFactors : scores.itemFactors).rows;

/** A list as pairs, to be compared and looked at. */
export function pairsOf({ indices, scores }: Ranked): [index: number, score: number][] {
  return Array.from(indices, (index, at) => [index, scores[at]!]);
}

/** What a list would be if fewer may come. */
export function narrowed(all: Ranked, selection: Selection, excluded: Iterable<number>): [number, number][] {
  const left = new Set(excluded);
  return pairsOf(all)
    .filter(([index]) => !left.has(index) && (selection.candidates?.includes(index) ?? true))
    .filter(([, score]) => score >= selection.minimumScore)
    .slice(0, selection.count);
}

/** Selections and exclusions of every kind, out of a full list. */
export function* narrowings(all: Ranked, numColumns: number): Generator<[Selection, number[]]> {
  const columns = [...Array(numColumns).keys()];
  const candidateLists = [undefined, columns.filter((column) => column % 3 !== 1), columns.slice(0, 1), []];
  const scores = [...all.scores];
  const minimums = [-Infinity, 0, ...[0, 1, 7, scores.length - 1].flatMap((at) => scores[at] ?? []), 4.2, 1e9];
  for (const candidates of candidateLists) {
    for (const minimumScore of minimums) {
      for (const count of [1, 4, 1000]) {
        const selection = { count, candidates: candidates && Uint32Array.from(candidates), minimumScore };
        yield [selection, []];
        yield [selection, columns.filter((column) => column % 4 === 2).toReversed()];
        if (count === 4) yield [selection, columns];
      }
    }
  }
}

/** All that rankMany gives, a list a row. */
export async function collect(batches: AsyncIterable<RankedRows>): Promise<[number, number][][]> {
  const lists: [number, number][][] = [];
  for await (const { width, indices, scores, counts } of batches) {
    for (const [row, count] of counts.entries()) {
      const [begin, end] = [row * width, row * width + count];
      lists.push(pairsOf({ indices: indices.subarray(begin, end), scores: scores.subarray(begin, end) }));
    }
  }
  return lists;
}

/** What rows leave out, as compressed rows. */
export function compressed(excludedFor: (row: number) => Uint32Array, numRows: number) {
  const lists = Array.from({ length: numRows }, (_, row) => excludedFor(row));
  const offsets = new Uint32Array(numRows + 1);
  for (const [row, { length }] of lists.entries()) offsets[row + 1] = offsets[row]! + length;
  return { offsets, columns: Uint32Array.from(lists.flatMap((list) => [...list])) };
}

/** `rankMany` with what is most often wanted. */
export function rankMany<Folded>(
  scores: Scores<Folded>,
  direction: Direction,
  rows: readonly number[],
  query: Partial<ManyRows> = {},
): AsyncGenerator<RankedRows, void, void> {
  return scores.rankMany({
    direction,
    rows: Uint32Array.from(rows),
    selection: EVERYTHING,
    excluded: undefined,
    batchRows: 1000,
    run: { threads: 2 },
    ...query,
  });
}

/** Both of a row's scores, in the order of users and items. */
export function pairOf<Folded>({ rows }: Direction, row: Row<Folded>, column: number): [Row<Folded>, Row<Folded>] {
  return rows === "users" ? [row, column] : [column, row];
}
