/**
 * Made ratings whose truth is known: a planted low-rank structure, noise, and a popularity tail. Every number comes
 * from the seed through whole-number arithmetic and operations IEEE 754 rounds exactly, so that a seed gives the same
 * bits on every engine.
 */
import { type Id, IdIndex } from "./id-index.js";
import { Interactions } from "./interactions.js";
import {
  checkBoolean,
  checkInteger,
  checkKnownOptions,
  checkNonNegative,
  checkRange,
  checkSeed,
  reject,
} from "./options.js";
import { nextBell, PlantedRatings, randomOrder, SyntheticStream } from "./planted.js";
import { apportion, DistinctSampler, powerLawWeights } from "./popularity.js";
import { RandomPurpose, RandomStream } from "./random.js";
import { SparseMatrix } from "./sparse-matrix.js";

export const SYNTHETIC_DEFAULTS = {
  numUsers: 1000,
  numItems: 500,
  numRatings: 50_000,
  /** The rank of the planted structure. */
  factors: 8,
  /** The standard deviation of the noise, in units of the rating scale. */
  noise: 0.7,
  /** The least and the greatest rating. */
  scale: [1, 5] as readonly [min: number, max: number],
  /** The distance of two neighbouring ratings; 0: any number on the scale. */
  step: 0.5,
  /** The exponent of the power law of the users' activity; 0: all alike. */
  userTail: 0.9,
  /** The exponent of the power law of the items' popularity; 0: all alike. */
  itemTail: 1.5,
  /** The share of the variance of the noise-free ratings that the biases of users and items make, half each. */
  biasShare: 0.7,
  /** Ids: false: the numbers 1, 2, 3, …; true: "user-17", "item-42". */
  names: false,
  seed: 1,
};

export type SyntheticOptions = typeof SYNTHETIC_DEFAULTS;

export interface SyntheticRatings {
  interactions: Interactions;
  /**
   * The RMSE, on these ratings, of the truth itself: the noise-free ratings, clipped to the scale. What a model of this
   * kind can hope for at best; one that also knew how the scale's ends bend the noise would gain a few thousandths.
   */
  noiseFloor: number;
  /** The truth, by user index and item index. */
  planted: PlantedRatings;
}

/** A draw is exact below this many items: see `AliasTable`. */
const MOST_ITEMS = 2 ** 21;
const MOST_USERS = 2 ** 24;

/**
 * Makes a set of ratings: r = clip(mean + b_u + b_i + p_u · q_i + noise), rounded to the step. No pair comes twice; the
 * total is exact; every user and every item has a rating as long as there are as many ratings as users, or as items.
 * Popular items are rated higher; activity and popularity follow power laws whose ranks are spread over the indices by
 * chance. The noise-free ratings have a standard deviation of about a fifth of the scale.
 *
 * @example
 * const { interactions, noiseFloor } = syntheticRatings({ numUsers: 500, numItems: 200, numRatings: 20_000, seed: 7 });
 * @throws {TypeError | RangeError} if an option is unknown or breaks its rule.
 */
export function syntheticRatings(options: Partial<SyntheticOptions> = {}): SyntheticRatings {
  const checked = checkedOptions(options);
  const { numUsers, numItems, numRatings, names, seed } = checked;
  const itemRanks = randomOrder(numItems, new RandomStream(seed, RandomPurpose.synthetic, SyntheticStream.itemRanks));
  const planted = new PlantedRatings(checked, itemRanks);
  const ratings = new SparseMatrix(
    numUsers,
    numItems,
    rowOffsets(checked),
    new Uint32Array(numRatings),
    new Float32Array(numRatings),
  );
  const squares = fillRatings(ratings, planted, itemRanks, checked);
  const users = new IdIndex(numberedIds(numUsers, names ? "user-" : undefined));
  const items = new IdIndex(numberedIds(numItems, names ? "item-" : undefined));
  return {
    interactions: new Interactions({ users, items, matrix: ratings }),
    noiseFloor: Math.sqrt(squares / numRatings),
    planted,
  };
}

function checkedOptions(options: Partial<SyntheticOptions>): SyntheticOptions {
  checkKnownOptions("syntheticRatings", options, Object.keys(SYNTHETIC_DEFAULTS));
  const all = { ...SYNTHETIC_DEFAULTS, ...options };
  checkInteger("numUsers", all.numUsers, 1, MOST_USERS);
  checkInteger("numItems", all.numItems, 1, MOST_ITEMS);
  checkInteger("numRatings", all.numRatings, 1, Math.min(all.numUsers * all.numItems, 2 ** 32 - 1));
  checkInteger("factors", all.factors, 1, 1024);
  checkNonNegative("noise", all.noise);
  checkScale(all.scale, all.step);
  checkRange("userTail", all.userTail, 0, 10);
  checkRange("itemTail", all.itemTail, 0, 10);
  checkRange("biasShare", all.biasShare, 0, 1);
  checkBoolean("names", all.names);
  checkSeed(all.seed);
  return all;
}

function checkScale(scale: unknown, step: number): void {
  const [min, max] = Array.isArray(scale) ? scale : [];
  const isScale = Number.isFinite(min) && Number.isFinite(max) && min < max;
  if (!isScale) throw new RangeError(`scale must be [min, max] with min < max, got ${JSON.stringify(scale)}`);
  checkNonNegative("step", step);
  const steps = step === 0 ? 0 : (max - min) / step;
  const isWhole = Math.abs(steps - Math.round(steps)) < 1e-6;
  if (!isWhole) reject("step", `0 or a whole part of the scale's width ${max - min}`, step);
}

function numberedIds(count: number, prefix: string | undefined): Id[] {
  return Array.from({ length: count }, (_, index) => (prefix === undefined ? index + 1 : prefix + (index + 1)));
}

/** Where each user's ratings begin: as many as the power law gives to the user's rank, and at least one. */
function rowOffsets({ numUsers, numItems, numRatings, userTail, seed }: SyntheticOptions): Uint32Array {
  const userRanks = randomOrder(numUsers, new RandomStream(seed, RandomPurpose.synthetic, SyntheticStream.userRanks));
  const least = numRatings < numUsers ? 0 : 1;
  const counts = apportion(numRatings, powerLawWeights(numUsers, userTail), least, numItems);
  const offsets = new Uint32Array(numUsers + 1);
  for (let user = 0; user < numUsers; user++) offsets[user + 1] = offsets[user]! + counts[userRanks[user]!]!;
  return offsets;
}

/** Draws every user's items and rates them; returns the sum of the squared distances to the truth. */
function fillRatings(
  ratings: SparseMatrix,
  planted: PlantedRatings,
  itemRanks: Uint32Array,
  options: SyntheticOptions,
): number {
  const { numItems, numRatings, itemTail, seed } = options;
  const law = powerLawWeights(numItems, itemTail);
  const sampler = new DistinctSampler(law.map((_, item) => law[itemRanks[item]!]!));
  const coverage = new RandomStream(seed, RandomPurpose.synthetic, SyntheticStream.coverage);
  const owed = numRatings < numItems ? new Uint32Array(0) : randomOrder(numItems, coverage);
  const random = new RandomStream(seed, RandomPurpose.synthetic, SyntheticStream.ratings);
  let numPaid = 0;
  let squares = 0;
  for (let user = 0; user < ratings.numRows; user++) {
    const end = ratings.offsets[user + 1]!;
    const columns = ratings.columns.subarray(ratings.offsets[user]!, end);
    // Every item is owed a rating: they stand at equal distances along the ratings, in a random order.
    let given = 0;
    while (numPaid * numRatings < end * owed.length) columns[given++] = owed[numPaid++]!;
    random.seek(user);
    sampler.fill(columns, given, columns.length, random);
    columns.sort();
    squares += rateRow(ratings, user, planted, options, random);
  }
  return squares;
}

/** Rates the items of one user; returns the sum of the squared distances to the truth. */
function rateRow(
  { offsets, columns, values }: SparseMatrix,
  user: number,
  planted: PlantedRatings,
  { noise, scale: [min], step }: SyntheticOptions,
  random: RandomStream,
): number {
  const end = offsets[user + 1]!;
  let squares = 0;
  for (let entry = offsets[user]!; entry < end; entry++) {
    const signal = planted.signal(user, columns[entry]!);
    let rating = planted.clip(signal + noise * nextBell(random));
    if (step > 0) rating = min + Math.floor((rating - min) / step + 0.5) * step;
    values[entry] = rating;
    const error = values[entry]! - planted.clip(signal);
    squares += error * error;
  }
  return squares;
}
