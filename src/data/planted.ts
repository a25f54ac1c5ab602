/** The truth behind made ratings: a mean, biases and low-rank factors, drawn from a seed. */
import { RandomPurpose, RandomStream } from "./random.js";

/** What each stream of the synthetic purpose is for (its epoch); the row is the user or the item where there is one. */
export const SyntheticStream = { userRanks: 0, itemRanks: 1, coverage: 2, users: 3, items: 4, ratings: 5 } as const;

/** The share of an item's bias that its popularity explains is the square of this: 0.6² = 36 %. */
const POPULARITY_LIFT = 0.6;

/**
 * A bell-shaped number with mean 0 and variance 1, from one word: the centred sum of its four bytes (Irwin–Hall law,
 * within ± 3.45). A normal draw would need logarithms, which engines round differently.
 */
export function nextBell(random: RandomStream): number {
  const word = random.nextUint32();
  const sum = (word & 0xff) + ((word >>> 8) & 0xff) + ((word >>> 16) & 0xff) + (word >>> 24);
  return (sum - 510) / Math.sqrt(21845); // 4 × (256² − 1) / 12
}

/** The whole numbers 0 … count − 1 in a random order (Fisher–Yates). */
export function randomOrder(count: number, random: RandomStream): Uint32Array {
  const order = new Uint32Array(count);
  for (let position = 0; position < count; position++) {
    const other = random.nextBelow(position + 1);
    order[position] = order[other]!;
    order[other] = position;
  }
  return order;
}

export interface PlantedSizes {
  numUsers: number;
  numItems: number;
  factors: number;
  scale: readonly [min: number, max: number];
  biasShare: number;
  seed: number;
}

/** Noise-free ratings: mean + userBiases[u] + itemBiases[i] + userFactors[u] · itemFactors[i]. */
export class PlantedRatings {
  readonly factors: number;
  /** The rating of an average user for an average item; the mean of the ratings is higher, as popular items are. */
  readonly mean: number;
  /** f32[numUsers] */
  readonly userBiases: Float32Array;
  /** f32[numItems] */
  readonly itemBiases: Float32Array;
  /** f32[numUsers × factors], without padding. */
  readonly userFactors: Float32Array;
  /** f32[numItems × factors], without padding. */
  readonly itemFactors: Float32Array;
  readonly #min: number;
  readonly #max: number;

  /** @param itemRanks u32[numItems]: each item's rank in popularity, 0 the most popular. */
  constructor(sizes: PlantedSizes, itemRanks: Uint32Array) {
    const { numUsers, numItems, factors, scale, biasShare, seed } = sizes;
    [this.#min, this.#max] = scale;
    this.factors = factors;
    const width = this.#max - this.#min;
    this.mean = this.#min + 0.55 * width;
    const deviation = 0.2 * width; // of the noise-free ratings; the biases have their share of its square
    const biasDeviation = deviation * Math.sqrt(biasShare / 2);
    // Σ over the factors of products of two deviations d: variance factors × d⁴
    const factorDeviation = Math.sqrt(deviation * Math.sqrt((1 - biasShare) / factors));
    this.userFactors = new Float32Array(numUsers * factors);
    this.itemFactors = new Float32Array(numItems * factors);
    const users = new RandomStream(seed, RandomPurpose.synthetic, SyntheticStream.users);
    const items = new RandomStream(seed, RandomPurpose.synthetic, SyntheticStream.items);
    this.userBiases = plantSide(this.userFactors, numUsers, factorDeviation, biasDeviation, users);
    this.itemBiases = plantSide(this.itemFactors, numItems, factorDeviation, biasDeviation, items);
    liftPopular(this.itemBiases, itemRanks, biasDeviation);
  }

  /** The rating before noise and before the scale's ends cut it. */
  signal(userIndex: number, itemIndex: number): number {
    const { factors, userFactors, itemFactors } = this;
    let rating = this.mean + this.userBiases[userIndex]! + this.itemBiases[itemIndex]!;
    let user = userIndex * factors;
    let item = itemIndex * factors;
    for (const end = user + factors; user < end; user++, item++) rating += userFactors[user]! * itemFactors[item]!;
    return rating;
  }

  /** The rating without noise: the signal, clipped to the scale. */
  expected(userIndex: number, itemIndex: number): number {
    return this.clip(this.signal(userIndex, itemIndex));
  }

  /** The nearest number on the scale. */
  clip(rating: number): number {
    return Math.max(this.#min, Math.min(this.#max, rating));
  }
}

/** Draws the factors of every row into `factors`, and returns the biases. */
function plantSide(
  factors: Float32Array,
  numRows: number,
  factorDeviation: number,
  biasDeviation: number,
  random: RandomStream,
): Float32Array {
  const biases = new Float32Array(numRows);
  const perRow = factors.length / numRows;
  for (let row = 0; row < numRows; row++) {
    random.seek(row);
    biases[row] = biasDeviation * nextBell(random);
    for (let factor = 0; factor < perRow; factor++) {
      factors[row * perRow + factor] = factorDeviation * nextBell(random);
    }
  }
  return biases;
}

/** Mixes the popularity into the items' biases, which keep their variance: the more popular, the better rated. */
function liftPopular(itemBiases: Float32Array, itemRanks: Uint32Array, biasDeviation: number): void {
  const numItems = itemBiases.length;
  const own = Math.sqrt(1 - POPULARITY_LIFT * POPULARITY_LIFT);
  for (let item = 0; item < numItems; item++) {
    const standing = Math.sqrt(3) * (1 - (2 * itemRanks[item]! + 1) / numItems); // mean 0, variance 1
    itemBiases[item] = own * itemBiases[item]! + biasDeviation * POPULARITY_LIFT * standing;
  }
}
