/** Networks, batches and optimisers to hold the AutoRec kernels to their twin with. */
import { Parameter } from "../../src/engine/autorec-network.js";
import type { Variant } from "../../src/engine/kernels.js";
import type { TwinActivation, TwinBatch, TwinDropout, TwinNetwork } from "../twins/autorec.js";
import {
  type TwinOptimizer,
  type TwinOptimizerName,
  TwinTraining,
  twinAdam,
  twinMomentum,
  twinResilient,
} from "../twins/autorec-steps.js";
import { type KernelSettings, type PlacedBatch, PlacedNetwork } from "./autorec-memory.js";
import { randomOf } from "./rating-pass.js";

const f32 = Math.fround;

export const HIDDEN_COUNTS = [1, 3, 31, 32, 33, 129];

/** Entries of each input in a batch of many rows: tails of every kind, and inputs without any. */
const ENTRIES_PER_INPUT = [1, 0, 2, 3, 4, 5, 7, 13, 17, 0, 8];
export const NUM_INPUTS = ENTRIES_PER_INPUT.length;
/** Those that have an entry in no batch. */
export const UNHEARD = [1, 9];
const MOST_SLOTS = 17;

const ADAM = [0.9, 0.999, 1e-8, 0].map(f32);
const MOMENTUM = [0.75, 0, 0, 0];
const RESILIENT = [0.5, 1.2, 1e-6, 50].map(f32);

export const SETTINGS: Readonly<Record<TwinOptimizerName, KernelSettings>> = {
  adam: { optimizer: "adam", rate: f32(0.01), numbers: ADAM, firstStep: 0 },
  sgd: { optimizer: "sgd", rate: f32(0.125), numbers: MOMENTUM, firstStep: 0 },
  rprop: { optimizer: "rprop", rate: 0, numbers: RESILIENT, firstStep: f32(0.004) },
};

export function twinOptimizer({ optimizer, numbers, firstStep }: KernelSettings): TwinOptimizer {
  const [first, second, third, fourth] = numbers as [number, number, number, number];
  if (optimizer === "adam") return twinAdam(first, second, third);
  if (optimizer === "sgd") return twinMomentum(first);
  return twinResilient([first, second], [third, fourth], firstStep);
}

export interface NetworkShape {
  readonly hidden: number;
  readonly activation?: TwinActivation;
  readonly outputActivation?: TwinActivation;
}

/** Weights so large that every activation bends, and all of them f32. */
export function randomNetwork({ hidden, activation = "sigmoid", outputActivation = "identity" }: NetworkShape) {
  const random = randomOf(hidden + 77);
  const centred = (half: number): number => f32((2 * random.nextUniform() - 1) * half);
  const rows = (half: number): Float64Array[] =>
    Array.from({ length: NUM_INPUTS }, () => Float64Array.from({ length: hidden }, () => centred(half)));
  return {
    hidden,
    activation,
    outputActivation,
    outputOffset: 0.125,
    encoder: rows(0.7),
    decoder: rows(1.5 / Math.sqrt(hidden)),
    hiddenBias: Float64Array.from({ length: hidden }, () => centred(0.5)),
    outputBias: Float64Array.from({ length: NUM_INPUTS }, () => centred(0.5)),
    encoderPulls: Float32Array.from({ length: NUM_INPUTS }, () => 0.1 * random.nextUniform()),
    decoderPulls: Float32Array.from({ length: NUM_INPUTS }, () => 0.1 * random.nextUniform()),
    biasPulls: Float32Array.from({ length: NUM_INPUTS }, () => 0.1 * random.nextUniform()),
  } satisfies TwinNetwork;
}

/** The batch whose inputs have so many entries, in rows drawn at random, numbered as no slot is. */
export function randomBatch(seed: number, numSlots: number, entries: readonly number[] = ENTRIES_PER_INPUT) {
  const random = randomOf(seed);
  const empty = (): (number | undefined)[][] =>
    Array.from({ length: numSlots }, () => new Array<number | undefined>(NUM_INPUTS).fill(undefined));
  const [inputs, targets] = [empty(), empty()];
  entries.forEach((count, input) => {
    const slots = Array.from({ length: numSlots }, (_, slot) => slot);
    for (let left = Math.min(count, numSlots); left > 0; left--) {
      const [slot] = slots.splice(random.nextBelow(slots.length), 1);
      inputs[slot!]![input] = f32(2 * random.nextUniform() - 1);
      targets[slot!]![input] = f32(2 * random.nextUniform() - 1);
    }
  });
  const numbers = Array.from({ length: numSlots }, (_, slot) => 1000 - 7 * slot);
  return { inputs, targets, numbers } satisfies TwinBatch;
}

/** Of 17 rows, of one row, of five with one entry each. */
export const BATCHES: readonly TwinBatch[] = [
  randomBatch(1, MOST_SLOTS),
  randomBatch(2, 1),
  randomBatch(3, 5, [0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]),
];
const ORDER = [0, 1, 0, 2, 0];

/** How tiles and active inputs are cut into calls. */
export interface Split {
  /** [0, count) in the ranges of the calls, in their order. */
  ranges(count: number): readonly (readonly [begin: number, end: number])[];
}

const oneByOne = (count: number): [number, number][] => Array.from({ length: count }, (_, at) => [at, at + 1]);
export const WHOLE: Split = { ranges: (count) => [[0, count]] };
export const ONE_BY_ONE: Split = { ranges: oneByOne };
export const REVERSED: Split = { ranges: (count) => oneByOne(count).reverse() };
export const UNEVEN: Split = {
  ranges: (count) => [
    [0, 0],
    [Math.min(2, count), count],
    [0, Math.min(2, count)],
  ],
};

/** The kernels over batches, as training calls them. */
export class KernelTraining {
  readonly placed: PlacedNetwork;
  readonly batches: readonly PlacedBatch[];
  workspacePtr: number;
  readonly #settings: KernelSettings;
  #steps = 0;

  constructor(
    variant: Variant,
    network: TwinNetwork,
    settings: KernelSettings,
    { batches = BATCHES, begin }: { batches?: readonly TwinBatch[]; begin?: number | undefined } = {},
  ) {
    const mostSlots = Math.max(...batches.map(({ inputs }) => inputs.length));
    this.placed = new PlacedNetwork(variant, network, settings, mostSlots, begin);
    this.batches = batches.map((batch) => this.placed.placeBatch(batch));
    this.workspacePtr = this.placed.memory.float32(144).ptr;
    this.#settings = settings;
  }

  encode(batch: number, split: Split = WHOLE): void {
    const { kernels, ptr, tiles } = this.placed;
    for (const [begin, end] of split.ranges(tiles)) kernels.encodeTiles(begin, end, ptr, this.batches[batch]!.ptr);
  }

  /** Returns Σ e². */
  decode(batch: number, split: Split = WHOLE): number {
    const { kernels, ptr } = this.placed;
    const { ptr: batchPtr, active } = this.batches[batch]!;
    let loss = 0;
    for (const [begin, end] of split.ranges(active.length)) {
      loss += kernels.decodeRows(begin, end, ptr, batchPtr, this.workspacePtr);
    }
    return loss;
  }

  learn(batch: number, next: number | undefined, split: Split = WHOLE): void {
    const { optimizer, rate, numbers } = this.#settings;
    this.#steps++;
    const correction =
      optimizer === "adam" ? Math.sqrt(1 - numbers[1]! ** this.#steps) / (1 - numbers[0]! ** this.#steps) : 1;
    this.placed.setParameter(Parameter.hiddenBiasRate, rate * correction);
    const { kernels, ptr, tiles } = this.placed;
    const nextPtr = next === undefined ? 0 : this.batches[next]!.ptr;
    for (const [begin, end] of split.ranges(tiles)) {
      kernels.learnTiles(begin, end, ptr, this.batches[batch]!.ptr, nextPtr);
    }
  }

  /** Steps by batches in order; returns the loss of each step. */
  run(split: Split = WHOLE, order: readonly number[] = ORDER): number[] {
    this.encode(order[0]!, split);
    return order.map((batch, at) => {
      const loss = this.decode(batch, split);
      this.learn(batch, order[at + 1], split);
      return loss;
    });
  }
}

/** The twin's run over the same batches: the losses of its steps, and itself. */
export function twinRun(network: TwinNetwork, settings: KernelSettings, order: readonly number[] = ORDER) {
  const training = new TwinTraining(network, twinOptimizer(settings));
  const losses = order.map((batch) => training.step(BATCHES[batch]!, settings.rate, settings.dropout));
  return { training, losses };
}

export const DROPOUT: TwinDropout = { share: 0.3, seed: 3 * 2 ** 32 + 0x9e3779b9, epoch: 5, purpose: 11 };
