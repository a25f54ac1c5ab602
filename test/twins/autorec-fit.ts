/**
 * A whole fit of `AutoRec` in plain f64 over dense matrices, from its documentation: what is taken off the ratings, weights
 * drawn from normal distributions, batches of shuffled rows in a shuffled order, and scores on the rating scale.
 */
import type { Interactions } from "../../src/data/interactions.js";
import { philox4x32, RandomPurpose, RandomStream } from "../../src/data/random.js";
import type { AutoRecOptions } from "../../src/models/autorec-options.js";
import { decodeTwin, encodeTwin, type TwinBatch, type TwinNetwork } from "./autorec.js";
import { type TwinOptimizer, TwinTraining, twinAdam, twinMomentum, twinResilient } from "./autorec-steps.js";
import { normalQuantileTwin } from "./normal.js";

/** Options whose `"auto"`s are decided. */
export type TwinFitOptions = AutoRecOptions & {
  batchSize: number;
  learningRate: number;
  learningRateSchedule: "constant" | "linear";
};

/** Of a user's or an item's bias: so many more ratings as expected. */
const BIAS_DAMPING = 5;
const BIAS_SWEEPS = 10;

/** Ratings by row of the autoencoder and input. */
type Dense = (number | undefined)[][];

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function denseRatings({ matrix }: Interactions, orientation: AutoRecOptions["orientation"]): Dense {
  const byUser: Dense = Array.from({ length: matrix.numRows }, () => new Array(matrix.numColumns).fill(undefined));
  for (let user = 0; user < matrix.numRows; user++) {
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      byUser[user]![matrix.columns[entry]!] = matrix.values[entry]!;
    }
  }
  return orientation === "user" ? byUser : transposed(byUser, matrix.numColumns);
}

const transposed = (rows: Dense, columns: number): Dense =>
  Array.from({ length: columns }, (_, column) => rows.map((row) => row[column]));

/** b = Σ (value − offset − b of the other side) / (n + damping), of each row. */
function biasesOf(rows: Dense, others: ArrayLike<number>, offset: number): number[] {
  return rows.map((row) => {
    const left = row.flatMap((value, at) => (value === undefined ? [] : [value - offset - others[at]!]));
    return left.reduce((sum, each) => sum + each, 0) / (left.length + BIAS_DAMPING);
  });
}

/** The order of a deck shuffled by Fisher and Yates. */
function shuffledTwin(numbers: readonly number[], random: RandomStream): number[] {
  const left = [...numbers];
  for (let size = left.length; size > 1; size--) {
    const at = random.nextBelow(size);
    [left[size - 1], left[at]] = [left[at]!, left[size - 1]!];
  }
  return left;
}

/** From outputs to ratings, and from ratings to what outputs are to be. */
interface TwinOutput {
  readonly offset: number;
  readonly target: ((value: number) => number) | undefined;
  readonly scale: number;
  rating(output: number): number;
}

function outputOf({ outputActivation }: TwinFitOptions, values: readonly number[], spread: number): TwinOutput {
  const [lowest, highest, mean] = [Math.min(...values), Math.max(...values), meanOf(values)];
  const span = highest - lowest;
  const share = Math.min(Math.max((mean - lowest) / span, 0.02), 0.98);
  const logit = Math.log(share / (1 - share));
  switch (outputActivation) {
    case "identity":
      return { offset: 0, target: undefined, scale: spread, rating: (output) => spread * output };
    case "sigmoid": {
      const target = (value: number): number => (value - lowest) / span;
      return { offset: logit, target, scale: span, rating: (output) => lowest + span * output };
    }
    case "tanh": {
      const target = (value: number): number => (2 * (value - lowest)) / span - 1;
      return { offset: logit / 2, target, scale: span / 2, rating: (output) => lowest + (span / 2) * (output + 1) };
    }
    case "relu": {
      const target = (value: number): number => (value - lowest) / spread;
      return { offset: (mean - lowest) / spread, target, scale: spread, rating: (output) => lowest + spread * output };
    }
  }
}

function optimizerOf({ optimizer, momentum, learningRate }: TwinFitOptions): TwinOptimizer {
  if (optimizer === "adam") return twinAdam(0.9, 0.999, 1e-8);
  return optimizer === "sgd" ? twinMomentum(momentum) : twinResilient([0.5, 1.2], [1e-6, 50], learningRate);
}

export class AutoRecTwin {
  readonly #options: TwinFitOptions;
  readonly #ratings: Dense;
  readonly #columnBias: readonly number[];
  readonly #rowBias: readonly number[];
  readonly #offset: number;
  readonly #spread: number;
  readonly #output: TwinOutput;
  readonly network: TwinNetwork;
  /** After each epoch, on the rating scale: each error taken before its own step. */
  readonly trainRmses: number[] = [];

  constructor(train: Interactions, options: TwinFitOptions) {
    this.#options = options;
    this.#ratings = denseRatings(train, options.orientation);
    const values = [...train.matrix.values];
    this.#offset = options.centering === "none" ? 0 : meanOf(values);
    this.#spread = Math.sqrt(meanOf(values.map((value) => (value - this.#offset) ** 2)));
    this.#output = outputOf(options, values, this.#spread);
    const numInputs = this.#ratings[0]!.length;
    const byInput = transposed(this.#ratings, numInputs);
    const isCentred = options.centering === "biases";
    this.#columnBias = isCentred ? this.#solveColumnBiases(byInput) : new Array(numInputs).fill(0);
    this.#rowBias = isCentred ? biasesOf(this.#ratings, this.#columnBias, this.#offset) : this.#ratings.map(() => 0);
    this.network = this.#draw(byInput);
    this.#train();
  }

  /** Items' and then users' biases, solved for in turn: those of the inputs. */
  #solveColumnBiases(byInput: Dense): number[] {
    const ofUsers = this.#options.orientation === "user" ? this.#ratings : byInput;
    const ofItems = this.#options.orientation === "user" ? byInput : this.#ratings;
    let [users, items] = [ofUsers.map(() => 0), ofItems.map(() => 0)];
    for (let sweep = 0; sweep < BIAS_SWEEPS; sweep++) {
      items = biasesOf(ofItems, users, this.#offset);
      users = biasesOf(ofUsers, items, this.#offset);
    }
    return this.#options.orientation === "user" ? items : users;
  }

  /** V ~ N(0, 1/entries of a row), W ~ N(0, initialScale²/hidden), of inputs that have entries; the biases are 0. */
  #draw(byInput: Dense): TwinNetwork {
    const { hidden, activation, outputActivation, regularization, damping, initialScale, seed, centering } =
      this.#options;
    const counts = byInput.map((row) => row.filter((value) => value !== undefined).length);
    const numEntries = counts.reduce((sum, count) => sum + count, 0);
    const numRows = this.#rows().length;
    const words = new Uint32Array(4);
    const unit = (this.#spread / this.#output.scale) ** 2; // errors count in units of the ratings' spread
    const pulls = (perEntry: number, once: number): number[] =>
      counts.map((count) => unit * (perEntry + once / Math.max(1, count)));
    const rows = (purpose: number, deviation: number): Float64Array[] =>
      counts.map((count, input) =>
        Float64Array.from({ length: hidden }, (_, unit) => {
          philox4x32(unit >> 2, input, 0, purpose, seed >>> 0, Math.floor(seed / 2 ** 32), words);
          return count === 0 ? 0 : deviation * normalQuantileTwin((words[unit & 3]! + 0.5) / 2 ** 32);
        }),
      );
    return {
      hidden,
      activation,
      outputActivation,
      outputOffset: this.#output.offset,
      encoder: rows(RandomPurpose.encoder, Math.sqrt(numRows / numEntries)),
      decoder: rows(RandomPurpose.decoder, initialScale / Math.sqrt(hidden)),
      hiddenBias: new Float64Array(hidden),
      outputBias: new Float64Array(counts.length),
      encoderPulls: pulls(0, damping),
      decoderPulls: pulls(regularization, (damping * hidden) / 4),
      biasPulls: {
        biases: pulls(regularization, (damping * hidden) / 4),
        mean: pulls(0, BIAS_DAMPING),
        none: pulls(0, 0.1),
      }[centering],
    };
  }

  /** The rows with entries. */
  #rows(): number[] {
    return [...this.#ratings.keys()].filter((row) => this.#ratings[row]!.some((value) => value !== undefined));
  }

  #inputs(row: number): (number | undefined)[] {
    return this.#ratings[row]!.map((value, input) =>
      value === undefined
        ? undefined
        : (value - this.#offset - this.#columnBias[input]! - this.#rowBias[row]!) / this.#spread,
    );
  }

  #batch(rows: readonly number[]): TwinBatch {
    const inputs = rows.map((row) => this.#inputs(row));
    const { target } = this.#output;
    const targets = rows.map((row) =>
      this.#ratings[row]!.map((value) => (value === undefined ? undefined : target?.(value))),
    );
    return { inputs, targets: target ? targets : inputs, numbers: rows };
  }

  #train(): void {
    const { batchSize, epochs, seed, learningRate, learningRateSchedule, dropout } = this.#options;
    const rows = shuffledTwin(this.#rows(), new RandomStream(seed, RandomPurpose.batchRows));
    const numBatches = Math.ceil(rows.length / batchSize);
    const begin = (batch: number): number => Math.floor((batch * rows.length) / numBatches);
    const numbers = Array.from({ length: numBatches }, (_, batch) => batch);
    const batches = numbers.map((batch) => this.#batch(rows.slice(begin(batch), begin(batch + 1))));
    const training = new TwinTraining(this.network, optimizerOf(this.#options));
    const numEntries = this.#ratings.flat().filter((value) => value !== undefined).length;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const rate = learningRateSchedule === "linear" ? learningRate * (1 - (epoch - 1) / epochs) : learningRate;
      const order = shuffledTwin(numbers, new RandomStream(seed, RandomPurpose.batchOrder, epoch));
      const left = { share: dropout, seed, epoch, purpose: RandomPurpose.dropout };
      const loss = order.reduce((sum, batch) => sum + training.step(batches[batch]!, rate, left), 0);
      this.trainRmses.push(this.#output.scale * Math.sqrt(loss / numEntries));
    }
  }

  /** What row `row` is given for every input, on the rating scale, not clipped. */
  scores(row: number): Float64Array {
    const isLinear = this.#options.outputActivation === "identity";
    const outputs = decodeTwin(this.network, encodeTwin(this.network, this.#inputs(row)));
    const base = (input: number): number => this.#offset + this.#rowBias[row]! + this.#columnBias[input]!;
    return outputs.map((output, input) => this.#output.rating(output) + (isLinear ? base(input) : 0));
  }
}
