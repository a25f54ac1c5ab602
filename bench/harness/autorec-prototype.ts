/**
 * The prototype's epochs of AutoRec over the same batches from the same weights. Its steps are its own (sums of gradients,
 * no biases, one count of steps), so its errors are not those of the others; its sums over entries are the same.
 */
import type { AutoRecBatch, AutoRecWeights } from "../baselines/autorec.js";
import { type AutoRecSetup, batchesOf, startWeights } from "./autorec-setup.js";
import { EpochSpeed, SUMS_OF_EPOCH } from "./autorec-speed.js";
import type { PeakMeter } from "./peak.js";
import { Prototype, type PrototypeKernels } from "./prototype.js";
import { checksum } from "./statistics.js";
import type { Competitor } from "./suite.js";

const TILE_UNITS = 32;
/** Floats behind a row's tiles, so that rows do not fall into the same cache sets. */
const GAP_UNITS = 16;
const BETA1 = 0.9;
const BETA2 = 0.999;
/** Learning rate, β₁, β₂, ε and the pull to zero. */
const ADAM = [1e-3, BETA1, BETA2, 1e-8, 1e-5];
/** What its logistic function reads: bounds, 1/ln 2, ln 2 in two parts, a polynomial, 1. */
const LOGISTIC_TABLE = [
  ...[87, -87, Math.LOG2E, 0.693359375, -2.1219444e-4],
  ...[1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 1],
];

type Floats = { ptr: number; view: Float32Array };

/** A batch in its memory, entries by input, all inputs. */
interface PlacedBatch {
  readonly numSlots: number;
  readonly offsetsPtr: number;
  readonly slotsPtr: number;
  readonly valuesPtr: number;
  readonly placesPtr: number;
}

/** None where there are no prototypes. */
export async function prototypeFit(setup: AutoRecSetup, peak?: PeakMeter): Promise<Competitor[]> {
  const { interactions, options } = setup;
  const network = await PrototypeNetwork.open(setup, batchesOf(setup));
  if (!network) return [];
  const start = startWeights(setup);
  const speed = new EpochSpeed(setup, SUMS_OF_EPOCH, peak);
  let squares: number[] = [];
  let bits = "";
  const competitor: Competitor = {
    name: "prototype",
    work: interactions.size,
    prepare() {
      speed.measurePeak();
      network.begin(start);
    },
    run() {
      const durations: number[] = [];
      squares = [];
      for (let epoch = 1; epoch <= options.epochs; epoch++) {
        const begin = performance.now();
        squares.push(network.runEpoch());
        if (epoch > 1) durations.push(performance.now() - begin);
      }
      bits = network.bits;
      return speed.add(durations);
    },
    check() {
      const falls = squares.every((sum, epoch) => sum < (squares[epoch - 1] ?? Infinity));
      if (!falls) throw new Error(`prototype: the error must fall, got ${squares.join(", ")}`);
      return bits;
    },
    facts: () => speed.facts(),
  };
  return [competitor];
}

/** The network in the prototype's memory: rows of V and W, each with two moments behind. */
class PrototypeNetwork {
  readonly #kernels: PrototypeKernels;
  readonly #batches: readonly PlacedBatch[];
  readonly #numInputs: number;
  readonly #tiles: number;
  readonly #stride: number;
  readonly #encoder: readonly Floats[];
  readonly #decoder: readonly Floats[];
  readonly #codes: Floats;
  readonly #codeErrors: Floats;
  readonly #gradient: Floats;
  readonly #outputBias: Floats;
  readonly #errors: Floats;
  readonly #errorsByRow: Floats;
  readonly #table: Floats;
  #steps = 0;

  private constructor(opened: Prototype, batches: readonly AutoRecBatch[], numInputs: number, tiles: number) {
    const stride = tiles * TILE_UNITS + GAP_UNITS;
    const place = (length: number) => opened.put(new Float32Array(length));
    const matrices = () => [0, 1, 2].map(() => place(numInputs * stride));
    const { slots, entries } = mostOf(batches);
    this.#kernels = opened.kernels;
    this.#batches = batches.map((batch) => placeBatch(opened, batch, numInputs));
    this.#numInputs = numInputs;
    this.#tiles = tiles;
    this.#stride = stride;
    this.#encoder = matrices();
    this.#decoder = matrices();
    this.#codes = place(slots * stride);
    this.#codeErrors = place(slots * stride);
    this.#gradient = place(stride);
    this.#outputBias = place(numInputs);
    this.#errors = place(entries);
    this.#errorsByRow = place(entries);
    this.#table = opened.put(Float32Array.from(LOGISTIC_TABLE));
  }

  static async open(
    { options, interactions, data }: AutoRecSetup,
    batches: readonly AutoRecBatch[],
  ): Promise<PrototypeNetwork | undefined> {
    const numInputs = data.inputCounts.length;
    const tiles = Math.ceil(options.hidden / TILE_UNITS);
    const wideRows = 6 * numInputs + 2 * mostOf(batches).slots + 1;
    const floats = wideRows * (tiles * TILE_UNITS + GAP_UNITS) + 5 * interactions.size + numInputs;
    const lists = batches.length * (numInputs + 64);
    const opened = await Prototype.open(4 * (floats + lists) + 8192);
    return opened && new PrototypeNetwork(opened, batches, numInputs, tiles);
  }

  begin({ hidden, encoder, decoder }: AutoRecWeights): void {
    this.#steps = 0;
    for (const { view } of [...this.#encoder, ...this.#decoder]) view.fill(0);
    for (let input = 0; input < this.#numInputs; input++) {
      const [from, to, at] = [input * hidden, (input + 1) * hidden, input * this.#stride];
      this.#encoder[0]!.view.set(encoder.subarray(from, to), at);
      this.#decoder[0]!.view.set(decoder.subarray(from, to), at);
    }
  }

  /** Returns Σ e², each error before its step. */
  runEpoch(): number {
    let squares = 0;
    for (const batch of this.#batches) squares += this.#step(batch);
    return squares;
  }

  get bits(): string {
    return checksum(this.#encoder[0]!.view, this.#decoder[0]!.view);
  }

  #step({ offsetsPtr, slotsPtr, valuesPtr, placesPtr, numSlots }: PlacedBatch): number {
    const kernels = this.#kernels;
    const rowBytes = 4 * this.#stride;
    const codeBytes = numSlots * rowBytes;
    const [v, ...encoderMoments] = this.#encoder.map(({ ptr }) => ptr);
    const [w, ...decoderMoments] = this.#decoder.map(({ ptr }) => ptr);
    const [codes, codeErrors, errors] = [this.#codes.ptr, this.#codeErrors.ptr, this.#errors.ptr];
    const lists = [this.#numInputs, offsetsPtr, slotsPtr] as const;
    const outputs = [w!, this.#outputBias.ptr, codes, errors, this.#errorsByRow.ptr, rowBytes];
    const adam = [this.#gradient.ptr, rowBytes, ...ADAM, ...this.#corrections()];
    this.#codes.view.fill(0, 0, numSlots * this.#stride);
    this.#codeErrors.view.fill(0, 0, numSlots * this.#stride);
    kernels.sumUsers!(0, this.#tiles, ...lists, valuesPtr, v!, rowBytes, codes);
    kernels.sigRows!(codeBytes, codes, this.#table.ptr);
    const squares = kernels.errUsers!(0, ...lists, placesPtr, valuesPtr, ...outputs);
    kernels.sumUsers!(0, this.#tiles, ...lists, errors, w!, rowBytes, codeErrors);
    kernels.dsigRows!(codeBytes, codeErrors, codes);
    kernels.adamUsers!(0, ...lists, errors, codes, w!, ...decoderMoments, ...adam);
    kernels.adamUsers!(0, ...lists, valuesPtr, codeErrors, v!, ...encoderMoments, ...adam);
    return squares;
  }

  /** Of both moments, for so many steps. */
  #corrections(): number[] {
    const steps = ++this.#steps;
    return [1 / (1 - BETA1 ** steps), 1 / (1 - BETA2 ** steps)];
  }
}

function mostOf(batches: readonly AutoRecBatch[]): { slots: number; entries: number } {
  const most = (count: (batch: AutoRecBatch) => number) => Math.max(...batches.map(count));
  return { slots: most(({ numSlots }) => numSlots), entries: most(({ slots }) => slots.length) };
}

/** The batch with offsets for all inputs. Errors by row of the autoencoder, which nobody reads, go where those by input go. */
function placeBatch(
  opened: Prototype,
  { numSlots, inputs, offsets, slots, values }: AutoRecBatch,
  numInputs: number,
): PlacedBatch {
  const all = new Uint32Array(numInputs + 1);
  for (const [active, input] of inputs.entries()) all[input + 1] = offsets[active + 1]! - offsets[active]!;
  for (let input = 0; input < numInputs; input++) all[input + 1]! += all[input]!;
  return {
    numSlots,
    offsetsPtr: opened.put(all).ptr,
    slotsPtr: opened.put(slots).ptr,
    valuesPtr: opened.put(values).ptr,
    placesPtr: opened.put(slots.map((_, at) => at)).ptr,
  };
}
