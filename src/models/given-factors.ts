import type { Id } from "../data/id-index.js";
import { IdIndex } from "../data/id-index.js";
import { checkKnownOptions, checkRange, describeValue } from "../data/options.js";
import { engine } from "../engine/engine.js";
import type { Variant } from "../engine/kernels.js";
import type { Matrix } from "../engine/matrix.js";
import { BilinearScores } from "../ranking/bilinear-scores.js";
import { LARGEST_VALUE } from "../storage/model-file.js";
import type { FittedBilinear } from "./bilinear-model.js";

/** A bilinear model trained elsewhere. Matrices are row by row, without padding. */
export interface GivenFactors {
  userIds: Iterable<Id>;
  itemIds: Iterable<Id>;
  /** users × factors numbers */
  userFactors: ArrayLike<number>;
  /** items × factors numbers */
  itemFactors: ArrayLike<number>;
  /** users numbers; default all 0 */
  userBias?: ArrayLike<number>;
  /** items numbers; default all 0 */
  itemBias?: ArrayLike<number>;
  /** The score of a pair of which nothing is known; default 0. */
  offset?: number;
  /** Predictions are clipped to it; default no clipping. */
  range?: readonly [lowest: number, highest: number];
}

const KEYS = ["userIds", "itemIds", "userFactors", "itemFactors", "userBias", "itemBias", "offset", "range"];

/** A model's state from factors, and how many factors there are. @throws if sizes do not agree or a number is not finite. */
export function takeFactors(
  given: GivenFactors,
  variant: Variant,
): { fitted: Omit<FittedBilinear, "equations">; factors: number } {
  checkKnownOptions("fromFactors", given, KEYS);
  const users = IdIndex.from(given.userIds);
  const items = IdIndex.from(given.itemIds);
  if (users.size === 0 || items.size === 0) {
    throw new RangeError(`fromFactors needs at least one user and one item, got ${users.size} and ${items.size}`);
  }
  const factors = given.userFactors.length / users.size;
  if (!Number.isInteger(factors) || factors < 1) {
    const got = `${given.userFactors.length} numbers for ${users.size} users`;
    throw new RangeError(`userFactors must have the same number of factors for each user, got ${got}`);
  }
  const host = engine();
  const scores = new BilinearScores(host, variant, {
    numUsers: users.size,
    numItems: items.size,
    factors,
    offset: checkRange("offset", given.offset ?? 0, -LARGEST_VALUE, LARGEST_VALUE),
    range: checkBounds(given.range),
  });
  try {
    writeRows("userFactors", given.userFactors, scores.userFactors);
    writeRows("itemFactors", given.itemFactors, scores.itemFactors);
    if (given.userBias) writeAll("userBias", given.userBias, scores.userBias);
    if (given.itemBias) writeAll("itemBias", given.itemBias, scores.itemBias);
  } catch (error) {
    scores.dispose();
    throw error;
  }
  return { fitted: { scores, users, items, seen: undefined, counts: undefined }, factors };
}

function checkBounds(range: readonly [number, number] = [-Infinity, Infinity]): readonly [number, number] {
  const [lowest, highest] = range;
  if (range.length === 2 && lowest <= highest && lowest < Infinity && highest > -Infinity) return range;
  throw new RangeError(
    `range must be [lowest, highest] with lowest ≤ highest and numbers in it, got [${range.join(", ")}]`,
  );
}

function writeRows(name: string, numbers: ArrayLike<number>, matrix: Matrix): void {
  const { rows, columns, stride, values } = matrix;
  checkNumbers(name, numbers, `${rows} × ${columns}`, rows * columns);
  if (stride === columns) values.set(numbers);
  else
    for (let at = 0; at < numbers.length; at++)
      values[Math.floor(at / columns) * stride + (at % columns)] = numbers[at]!;
}

function writeAll(name: string, numbers: ArrayLike<number>, out: Float32Array): void {
  checkNumbers(name, numbers, `${out.length}`, out.length);
  out.set(numbers);
}

/** @throws if there are not `length` numbers, or one is not finite as an f32. */
function checkNumbers(name: string, numbers: ArrayLike<number>, size: string, length: number): void {
  if (numbers.length !== length) throw new RangeError(`${name} must hold ${size} numbers, got ${numbers.length}`);
  for (let at = 0; at < length; at++) {
    const value: unknown = numbers[at];
    if (typeof value === "number" && Math.abs(value) <= LARGEST_VALUE) continue;
    throw new RangeError(`${name}[${at}] must be a number within ±${LARGEST_VALUE}, got ${describeValue(value)}`);
  }
}
