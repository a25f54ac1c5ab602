/** Which interactions go to the test set. A mask has one byte an entry of the matrix: 1 for test, 0 for train. */
import type { InteractionParts } from "./interaction-parts.js";
import {
  checkFinite,
  checkFraction,
  checkInteger,
  checkKnownOptions,
  checkOneOf,
  checkSeed,
  describeValue,
} from "./options.js";
import { RandomPurpose, RandomStream } from "./random.js";
import { selectRank } from "./select.js";
import { SparseMatrix } from "./sparse-matrix.js";

/** Options of `split`. */
export interface SplitOptions {
  /** The share of the interactions to test on, in (0, 1); default 0.1. */
  testFraction?: number | undefined;
  /** A whole number in [0, 2^53 − 1]; default 1. */
  seed?: number | undefined;
}

/** Options of `folds`. */
export interface FoldsOptions {
  /** A whole number in [0, 2^53 − 1]; default 1. */
  seed?: number | undefined;
}

/** Options of `leaveOneOut`. */
export interface LeaveOneOutOptions {
  /** Test on each user's latest interaction, or on one at random; default "time". */
  by?: "time" | "random" | undefined;
  /** For "random": a whole number in [0, 2^53 − 1]; default 1. */
  seed?: number | undefined;
}

/** Options of `splitByTime`: exactly one of the two. */
export type SplitByTimeOptions =
  | { /** The share of the interactions, the latest, in (0, 1). */ testFraction: number; at?: undefined }
  | { /** The first timestamp of the test set, in the unit of the timestamps. */ at: number; testFraction?: undefined };

/** A mask of exactly round(testFraction × size) entries, each as likely as any other. */
export function chooseShare(size: number, options: SplitOptions): Uint8Array {
  checkKnownOptions("split", options, ["testFraction", "seed"]);
  const { testFraction = 0.1, seed = 1 } = options;
  checkFraction("testFraction", testFraction);
  checkSeed(seed);
  const mask = new Uint8Array(size);
  const random = new RandomStream(seed, RandomPurpose.split);
  let wanted = Math.round(testFraction * size);
  for (let entry = 0; wanted > 0; entry++) {
    // Knuth, TAOCP 2, 3.4.2, algorithm S: selection sampling
    if (random.nextBelow(size - entry) >= wanted) continue;
    mask[entry] = 1;
    wanted--;
  }
  return mask;
}

/** The fold of every entry, 0 … k − 1; sizes differ by at most one. */
export function assignFolds(size: number, k: number, options: FoldsOptions): Uint32Array | Uint8Array {
  checkKnownOptions("folds", options, ["seed"]);
  const { seed = 1 } = options;
  checkSeed(seed);
  if (size < 2) throw new RangeError(`folds needs at least two interactions, got ${size}`);
  checkInteger("k", k, 2, size);
  const folds = k <= 256 ? new Uint8Array(size) : new Uint32Array(size);
  for (let entry = 0; entry < size; entry++) folds[entry] = entry % k;
  const random = new RandomStream(seed, RandomPurpose.folds);
  for (let last = size - 1; last > 0; last--) {
    const other = random.nextBelow(last + 1); // Fisher and Yates
    const fold = folds[last]!;
    folds[last] = folds[other]!;
    folds[other] = fold;
  }
  return folds;
}

/** The mask of one fold. */
export function maskOfFold(folds: Uint32Array | Uint8Array, fold: number): Uint8Array {
  const mask = new Uint8Array(folds.length);
  for (let entry = 0; entry < mask.length; entry++) if (folds[entry] === fold) mask[entry] = 1;
  return mask;
}

/** A mask of one entry of each user who has two or more. */
export function chooseOneOfEach(parts: InteractionParts, options: LeaveOneOutOptions): Uint8Array {
  checkKnownOptions("leaveOneOut", options, ["by", "seed"]);
  const { by = "time", seed = 1 } = options;
  checkOneOf("by", by, ["time", "random"]);
  checkSeed(seed);
  const { matrix, timestamps } = parts;
  const { offsets } = matrix;
  if (by === "time") requireTimestamps('leaveOneOut: by "time"', timestamps, '; use by: "random"');
  const random = new RandomStream(seed, RandomPurpose.leaveOneOut);
  const mask = new Uint8Array(matrix.size);
  for (let user = 0; user < matrix.numRows; user++) {
    const begin = offsets[user]!;
    const end = offsets[user + 1]!;
    if (end - begin < 2) continue;
    random.seek(user);
    const chosen = by === "time" ? latest(timestamps!, begin, end) : begin + random.nextBelow(end - begin);
    mask[chosen] = 1;
  }
  return mask;
}

/** The entry of [begin, end) with the greatest timestamp, the last of equals. */
function latest(timestamps: Float64Array, begin: number, end: number): number {
  let chosen = begin;
  for (let entry = begin + 1; entry < end; entry++) if (timestamps[entry]! >= timestamps[chosen]!) chosen = entry;
  return chosen;
}

/** A mask of the entries from a time on. */
export function chooseLatest(parts: InteractionParts, options: SplitByTimeOptions): Uint8Array {
  checkKnownOptions("splitByTime", options, ["testFraction", "at"]);
  const { testFraction, at } = options;
  if ((testFraction === undefined) === (at === undefined)) {
    const given = at === undefined ? "neither" : "both";
    throw new TypeError(`splitByTime: options must have either testFraction or at, got ${given}`);
  }
  if (testFraction !== undefined) checkFraction("testFraction", testFraction);
  else checkFinite("at", at);
  const { timestamps } = parts;
  requireTimestamps("splitByTime", timestamps, "");
  if (at !== undefined) checkBetweenTimes(at, timestamps);
  const isTest = at !== undefined ? (time: number) => time >= at : latestShare(timestamps, testFraction!);
  const mask = new Uint8Array(timestamps.length);
  for (let entry = 0; entry < mask.length; entry++) if (isTest(timestamps[entry]!)) mask[entry] = 1;
  return mask;
}

function requireTimestamps(
  where: string,
  timestamps: Float64Array | undefined,
  advice: string,
): asserts timestamps is Float64Array {
  if (timestamps !== undefined) return;
  throw new RangeError(`${where} needs timestamps, got interactions without them${advice}`);
}

/** Throws unless both sides get something: else `at` is most likely in another unit. */
function checkBetweenTimes(at: number, timestamps: Float64Array): void {
  let earliest = Number.POSITIVE_INFINITY;
  let latestTime = Number.NEGATIVE_INFINITY;
  for (let entry = 0; entry < timestamps.length; entry++) {
    const time = timestamps[entry]!;
    if (time < earliest) earliest = time;
    if (time > latestTime) latestTime = time;
  }
  if (at > earliest && at <= latestTime) return;
  const range = `(${earliest}, ${latestTime}], the range of the timestamps`;
  throw new RangeError(`at must be a number in ${range}, got ${describeValue(at)}`);
}

/** Whether a time is after the latest train time, at which ties go to train: the test set is never above its share. */
function latestShare(timestamps: Float64Array, testFraction: number): (time: number) => boolean {
  const numTest = Math.round(testFraction * timestamps.length);
  if (numTest === 0) return () => false;
  if (numTest === timestamps.length) return () => true;
  const latestTrainTime = selectRank(timestamps.slice(), timestamps.length - numTest - 1);
  return (time) => time > latestTrainTime;
}

/** The entries whose mask is `side`, in their order, over the same ids. */
export function takeMasked(parts: InteractionParts, mask: Uint8Array, side: 0 | 1): InteractionParts {
  const { matrix, timestamps } = parts;
  const { numRows, numColumns, offsets } = matrix;
  let size = 0;
  for (let entry = 0; entry < mask.length; entry++) if (mask[entry] === side) size++;
  const takenOffsets = new Uint32Array(numRows + 1);
  const columns = new Uint32Array(size);
  const values = new Float32Array(size);
  const takenTimestamps = timestamps && new Float64Array(size);
  let taken = 0;
  for (let row = 0; row < numRows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      if (mask[entry] !== side) continue;
      columns[taken] = matrix.columns[entry]!;
      values[taken] = matrix.values[entry]!;
      if (takenTimestamps !== undefined) takenTimestamps[taken] = timestamps![entry]!;
      taken++;
    }
    takenOffsets[row + 1] = taken;
  }
  const takenMatrix = new SparseMatrix(numRows, numColumns, takenOffsets, columns, values);
  return { users: parts.users, items: parts.items, matrix: takenMatrix, timestamps: takenTimestamps };
}
