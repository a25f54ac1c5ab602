/** AutoRec's training: batches of rows, forward and back through both layers, over observed entries alone. */
import { RandomPurpose, RandomStream } from "../data/random.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import { AUTOREC_KERNELS } from "../engine/autorec-kernels.js";
import {
  ACTIVATION_CODES,
  allocateCodes,
  OPTIMIZER_CODES,
  PARAMETER_WORDS,
  Parameter,
  placeNetwork,
  placeParameters,
  TILE_UNITS,
} from "../engine/autorec-network.js";
import { ranges } from "../engine/chunks.js";
import { type EntryNumbers, placeRowBatches, type RowBatches } from "../engine/row-batches.js";
import { runRanges } from "../engine/run-ranges.js";
import type { TimeSlice } from "../engine/time-slice.js";
import type { FactorTable } from "../ranking/factor-table.js";
import type { Encoder } from "./autorec-encoder.js";
import { type AutoRecSettings, optimizerParameters } from "./autorec-settings.js";
import type { TrainingContext } from "./rating-training.js";

/** Rows of a table that one chunk draws, packs or places. */
const ROWS_PER_CHUNK = 256;
/** The workspace of decodeRows. */
const DECODE_BYTES = 576;

/** What is learned from. */
export interface AutoRecData {
  /** The training matrix mirrored: its rows are the inputs, its columns the rows of the autoencoder. */
  readonly byInput: SparseMatrix;
  /** How many entries each input has. */
  readonly inputCounts: Uint32Array;
  /** The rows that have entries, in the order in which they come into batches. */
  readonly rows: Uint32Array;
  readonly numbers: EntryNumbers;
}

/** Where a state of training goes when it is to be asked: tables of the rows' codes and of the decoder, and its bases. */
export interface AutoRecTables {
  readonly codes: FactorTable;
  readonly decoder: FactorTable;
  /** What the decoder's biases are added to, f32[inputs]. */
  readonly base: Float32Array;
  /** Ratings in a unit of the output. */
  readonly scale: number;
}

export class AutoRecTraining {
  readonly #context: TrainingContext;
  readonly #settings: AutoRecSettings;
  readonly #encoder: Encoder;
  readonly #batches: RowBatches;
  readonly #networkPtr: number;
  readonly #parametersPtr: number;
  /** β₁ᵗ and β₂ᵗ after t steps. */
  #powers: readonly [number, number] = [1, 1];

  private constructor(
    context: TrainingContext,
    settings: AutoRecSettings,
    encoder: Encoder,
    data: AutoRecData,
    batches: RowBatches,
  ) {
    const { arena } = context.engine;
    const { scope } = context;
    this.#context = context;
    this.#settings = settings;
    this.#encoder = encoder;
    this.#batches = batches;
    this.#parametersPtr = placeParameters(arena, scope);
    this.#networkPtr = this.#placeNetwork(data);
  }

  /** Cuts the data into batches and draws the weights. @param table f32[inputs × stride] to draw in, overwritten */
  static async prepare(
    context: TrainingContext,
    settings: AutoRecSettings,
    encoder: Encoder,
    data: AutoRecData,
    table: FactorTable,
    slice: TimeSlice,
  ): Promise<AutoRecTraining> {
    const { arena } = context.engine;
    const { byInput, rows, numbers } = data;
    const batches = await placeRowBatches(arena, context.scope, byInput, rows, settings.batchSize, numbers, slice);
    const training = new AutoRecTraining(context, settings, encoder, data, batches);
    const decoderPtr = arena.uint32(training.#networkPtr, 3)[2]!;
    const { encoderDeviation, decoderDeviation } = settings;
    await training.#draw(table, encoder.ptr, RandomPurpose.encoder, encoderDeviation, data.inputCounts);
    await training.#draw(table, decoderPtr, RandomPurpose.decoder, decoderDeviation, data.inputCounts);
    return training;
  }

  /** One epoch, from 1. Returns Σ e² over the entries in units of the output, each error taken before its own update. */
  async runEpoch(epoch: number, learningRate: number): Promise<number> {
    const { batches } = this.#batches;
    const { seed } = this.#settings;
    const random = new RandomStream(seed, RandomPurpose.batchOrder, epoch);
    const order = shuffled(Uint32Array.from(batches.keys()), random);
    this.#setEpoch(epoch, learningRate);
    const context = { ...this.#context, family: AUTOREC_KERNELS };
    const tiles = ranges(this.#encoder.numTiles, 1);
    let loss = 0;
    await runRanges(context, "encodeTiles", tiles, [this.#networkPtr, batches[order[0]!]!.ptr]);
    for (let at = 0; at < order.length; at++) {
      const batch = batches[order[at]!]!;
      const next = at + 1 < order.length ? batches[order[at + 1]!]!.ptr : 0;
      const shared = [this.#networkPtr, batch.ptr];
      loss += await runRanges(context, "decodeRows", batch.activeRanges, shared, DECODE_BYTES);
      this.#setStep(learningRate);
      await runRanges(context, "learnTiles", tiles, [...shared, next]);
    }
    return loss;
  }

  /** The codes of all rows and the decoder, as they are now, to tables to be asked from. */
  async publish({ codes, decoder, base, scale }: AutoRecTables): Promise<void> {
    const { engine } = this.#context;
    const scope = engine.arena.scope();
    try {
      const parameters = engine.arena.uint32(this.#parametersPtr, Parameter.dropout + 1);
      const dropout = parameters[Parameter.dropout]!;
      parameters[Parameter.dropout] = 0;
      const emptyPtr = this.#encoder.placeEmptyCode(scope);
      await this.#encoder.encodeBatches(this.#context, this.#networkPtr, emptyPtr, this.#batches.batches, codes);
      engine.arena.uint32(this.#parametersPtr, Parameter.dropout + 1)[Parameter.dropout] = dropout;
      const basePtr = scope.allocate(base.length * 4, "any");
      engine.arena.float32(basePtr, base.length).set(base);
      const shared = [this.#networkPtr, emptyPtr, decoder.factorsPtr, decoder.stride, decoder.biasPtr, basePtr, scale];
      const context = { ...this.#context, family: AUTOREC_KERNELS };
      await runRanges(context, "placeDecoder", ranges(decoder.rows, ROWS_PER_CHUNK), shared);
    } finally {
      scope.release();
    }
  }

  #placeNetwork({ byInput: { numRows: numInputs }, inputCounts }: AutoRecData): number {
    const { engine, scope } = this.#context;
    const { arena } = engine;
    const settings = this.#settings;
    const { hidden, tileBytes, numTiles, words } = this.#encoder;
    const codes = allocateCodes(scope, this.#batches.mostSlots, hidden);
    const stateBytes = numTiles * tileBytes;
    const states = settings.stateMatrices * stateBytes;
    const tileFloats = numTiles * TILE_UNITS;
    const network = {
      ...words,
      ...codes,
      encoderState: scope.allocate(states),
      decoder: scope.allocate(stateBytes),
      decoderState: scope.allocate(states),
      stateBytes: settings.stateMatrices > 1 ? stateBytes : 0,
      hiddenBiasState: scope.allocate(2 * tileFloats * 4),
      outputBias: scope.allocate(numInputs * 4),
      outputBiasState: scope.allocate(numInputs * 8),
      powers: scope.allocate(numInputs * 8),
      decoderPulls: this.#placePulls(inputCounts, settings.regularization, settings.decoderDamping),
      encoderPulls: this.#placePulls(inputCounts, 0, settings.encoderDamping),
      biasPulls: this.#placePulls(inputCounts, settings.biasRegularization, settings.biasDamping),
      codeErrors: scope.allocate(numTiles * codes.codeTileBytes!, "any"),
      outputActivation: ACTIVATION_CODES[settings.outputActivation],
      optimizer: OPTIMIZER_CODES[settings.optimizer],
      parameters: this.#parametersPtr,
      gradient: scope.allocate(tileFloats * 4),
    };
    arena.float32(network.powers, numInputs * 2).fill(1); // β⁰
    if (settings.optimizer === "rprop") {
      const { encoderState, decoderState, hiddenBiasState } = network;
      arena.float32(encoderState + stateBytes, stateBytes / 4).fill(settings.learningRate);
      arena.float32(decoderState + stateBytes, stateBytes / 4).fill(settings.learningRate);
      arena.float32(hiddenBiasState, 2 * tileFloats).fill(settings.learningRate, tileFloats);
      const outputs = arena.float32(network.outputBiasState, 2 * numInputs);
      for (let input = 0; input < numInputs; input++) outputs[2 * input + 1] = settings.learningRate;
    }
    return placeNetwork(arena, scope, network);
  }

  /** λ + δ / n of each input, f32[inputs], as λ n + δ is spread over its n entries. */
  #placePulls(inputCounts: Uint32Array, regularization: number, damping: number): number {
    const { engine, scope } = this.#context;
    const ptr = scope.allocate(inputCounts.length * 4, "any");
    const pulls = Float32Array.from(inputCounts, (count) => regularization + damping / Math.max(1, count));
    engine.arena.float32(ptr, pulls.length).set(pulls);
    return ptr;
  }

  /** Weights of inputs with entries ← N(0, deviation²), by tiles. */
  async #draw(
    { factorsPtr, rows, stride }: FactorTable,
    tilesPtr: number,
    purpose: number,
    deviation: number,
    counts: Uint32Array,
  ): Promise<void> {
    const { arena } = this.#context.engine;
    const { seed } = this.#settings;
    const { hidden, tileBytes } = this.#encoder;
    const chunks = ranges(rows, ROWS_PER_CHUNK);
    const seedWords = [seed >>> 0, Math.floor(seed / 2 ** 32)];
    await runRanges(this.#context, "fillNormalRows", chunks, [
      factorsPtr,
      hidden,
      stride,
      deviation,
      ...seedWords,
      purpose,
    ]);
    const drawn = arena.float32(factorsPtr, rows * stride);
    for (let row = 0; row < rows; row++) if (counts[row] === 0) drawn.fill(0, row * stride, (row + 1) * stride);
    const context = { ...this.#context, family: AUTOREC_KERNELS };
    await runRanges(context, "packTiles", chunks, [factorsPtr, stride, tilesPtr, tileBytes]);
  }

  #setEpoch(epoch: number, learningRate: number): void {
    const { arena } = this.#context.engine;
    const { dropout, seed, outputOffset } = this.#settings;
    const floats = arena.float32(this.#parametersPtr, PARAMETER_WORDS);
    const words = arena.uint32(this.#parametersPtr, PARAMETER_WORDS);
    floats.set(optimizerParameters(this.#settings), Parameter.first);
    floats[Parameter.learningRate] = learningRate;
    floats[Parameter.dropoutScale] = 1 / (1 - dropout);
    floats[Parameter.outputOffset] = outputOffset;
    words[Parameter.dropout] = Math.floor(dropout * 2 ** 32);
    words.set([seed >>> 0, Math.floor(seed / 2 ** 32), epoch, RandomPurpose.dropout], Parameter.seed);
  }

  /** The hidden bias takes a step in every batch: its rate has Adam's correction for so many. */
  #setStep(learningRate: number): void {
    const { optimizer, beta1, beta2 } = this.#settings;
    this.#powers = [this.#powers[0] * beta1, this.#powers[1] * beta2];
    const [power1, power2] = this.#powers;
    const correction = optimizer === "adam" ? Math.sqrt(1 - power2) / (1 - power1) : 1;
    const floats = this.#context.engine.arena.float32(this.#parametersPtr, PARAMETER_WORDS);
    floats[Parameter.hiddenBiasRate] = learningRate * correction;
  }
}

/** In place (Fisher, Yates). */
export function shuffled(numbers: Uint32Array, random: RandomStream): Uint32Array {
  for (let left = numbers.length; left > 1; left--) {
    const other = random.nextBelow(left);
    const last = numbers[left - 1]!;
    numbers[left - 1] = numbers[other]!;
    numbers[other] = last;
  }
  return numbers;
}
