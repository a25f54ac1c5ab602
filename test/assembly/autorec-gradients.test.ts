/** The gradient of every parameter, through the data's way into the kernels, against central differences of the objective. */
import { describe, expect, test } from "vitest";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { Parameter } from "../../src/engine/autorec-network.js";
import type { Variant } from "../../src/engine/kernels.js";
import { type EntryNumbers, placeRowBatches } from "../../src/engine/row-batches.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import {
  entryCounts,
  TWIN_ACTIVATIONS,
  type TwinActivation,
  type TwinBatch,
  type TwinNetwork,
  twinObjective,
} from "../twins/autorec.js";
import { TWIN_OPTIMIZERS, type TwinOptimizerName } from "../twins/autorec-steps.js";
import { SETTINGS } from "./autorec-cases.js";
import { type KernelSettings, PlacedNetwork } from "./autorec-memory.js";
import { VARIANTS } from "./kernel-memory.js";
import { differences, randomOf } from "./rating-pass.js";

const f32 = Math.fround;
const USERS = 7;
const ITEMS = 6;
const HIDDEN = 5;
/** Above what an arena of a few short lists hands out. */
const BEGIN = 2 ** 20;

const STEPS: Readonly<Record<TwinOptimizerName, KernelSettings>> = {
  sgd: { ...SETTINGS.sgd, rate: 1, numbers: [0, 0, 0, 0] },
  adam: SETTINGS.adam,
  rprop: SETTINGS.rprop,
};

/** Ratings of about half of all pairs, each user and item with one at least: rows are users. */
function randomRatings(): SparseMatrix {
  const random = randomOf(31);
  const pairs = Array.from({ length: USERS * ITEMS }, (_, at) => [at % USERS, Math.floor(at / USERS)] as const);
  const kept = pairs.filter(([user, item]) => user === item || user === item + 3 || random.nextUniform() < 0.4);
  const [users, items] = [0, 1].map((side) => Uint32Array.from(kept, (pair) => pair[side]!));
  const values = Float32Array.from(kept, () => 1 + 4 * random.nextUniform());
  return SparseMatrix.fromTriples(USERS, ITEMS, users!, items!, values);
}

const RATINGS = randomRatings();

/** What a rating is for the encoder and for the output, with numbers of no meaning. */
function entryNumbers(numRows: number, numInputs: number): EntryNumbers {
  return {
    rowBias: Float32Array.from({ length: numRows }, (_, row) => 0.25 * (row % 3)),
    columnBias: Float32Array.from({ length: numInputs }, (_, input) => 0.5 - 0.125 * input),
    offset: 2.5,
    scale: 1.25,
    target: { lowest: 1, span: 4, shift: 0.25 },
  };
}

/** @param byInput its rows are the inputs */
function denseBatch({ numRows: numInputs, numColumns: numRows, offsets, columns, values }: SparseMatrix): TwinBatch {
  const { rowBias, columnBias, offset, scale, target } = entryNumbers(numRows, numInputs);
  const empty = (): (number | undefined)[][] => Array.from({ length: numRows }, () => new Array(numInputs));
  const [inputs, targets] = [empty(), empty()];
  for (let input = 0; input < numInputs; input++) {
    for (let entry = offsets[input]!; entry < offsets[input + 1]!; entry++) {
      const row = columns[entry]!;
      inputs[row]![input] = (values[entry]! - offset - columnBias[input]! - rowBias[row]!) / scale;
      targets[row]![input] = (values[entry]! - target!.lowest) / target!.span - target!.shift;
    }
  }
  return { inputs, targets, numbers: inputs.map((_, row) => row) };
}

function randomWeights(numInputs: number, activation: TwinActivation, outputActivation: TwinActivation): TwinNetwork {
  const random = randomOf(numInputs);
  const numbers = (length: number): Float64Array =>
    Float64Array.from({ length }, () => f32(1.2 * random.nextUniform() - 0.5));
  const rows = (): Float64Array[] => Array.from({ length: numInputs }, () => numbers(HIDDEN));
  const [encoder, decoder] = [rows(), rows()];
  const [hiddenBias, outputBias] = [numbers(HIDDEN), numbers(numInputs)];
  const pulls = (unit: number) => Float32Array.from({ length: numInputs }, (_, input) => unit * (1 + input));
  const own = {
    hidden: HIDDEN,
    activation,
    outputActivation,
    outputOffset: 0.25,
    encoderPulls: pulls(0.02),
    decoderPulls: pulls(0.03),
    biasPulls: pulls(0.05),
  };
  return { ...own, encoder, decoder, hiddenBias, outputBias };
}

/** One step of the kernels by one batch of all rows. */
async function stepOnce(variant: Variant, byInput: SparseMatrix, network: TwinNetwork, settings: KernelSettings) {
  const { numRows: numInputs, numColumns: numRows } = byInput;
  const placed = new PlacedNetwork(variant, network, settings, numRows, BEGIN);
  const scope = placed.arena.scope();
  const rows = Uint32Array.from({ length: numRows }, (_, at) => (5 * at + 1) % numRows);
  const numbers = entryNumbers(numRows, numInputs);
  const { batches } = await placeRowBatches(placed.arena, scope, byInput, rows, numRows, numbers, new TimeSlice());
  expect(placed.arena.bytesInUse).toBeLessThan(BEGIN / 2);
  const { ptr } = batches[0]!;
  const { kernels, memory, tiles } = placed;
  kernels.encodeTiles(0, tiles, placed.ptr, ptr);
  kernels.decodeRows(0, numInputs, placed.ptr, ptr, memory.float32(144).ptr);
  const { numbers: betas, rate } = settings;
  const correction = settings.optimizer === "adam" ? Math.sqrt(1 - betas[1]!) / (1 - betas[0]!) : 1;
  placed.setParameter(Parameter.hiddenBiasRate, rate * correction);
  kernels.learnTiles(0, tiles, placed.ptr, ptr, 0);
  return placed;
}

/** ∂ objective of each array of parameters, divided by the entries that its gradient is a mean over. */
function meanSlopes(network: TwinNetwork, batch: TwinBatch): Record<ParameterName, number[]> {
  const objective = (): number => twinObjective(network, batch);
  const counts = entryCounts(batch, network.outputBias.length);
  const numEntries = counts.reduce((sum, count) => sum + count, 0);
  const ofRows = (rows: readonly Float64Array[]): number[] =>
    rows.flatMap((row, input) => [...differences(row, objective).map((slope) => slope / counts[input]!)]);
  return {
    encoder: ofRows(network.encoder),
    decoder: ofRows(network.decoder),
    hiddenBias: [...differences(network.hiddenBias, objective).map((slope) => slope / numEntries)],
    outputBias: [...differences(network.outputBias, objective)].map((slope, input) => slope / counts[input]!),
  };
}

type ParameterName = "encoder" | "decoder" | "hiddenBias" | "outputBias";

/** An array of parameters behind a step, and the first that is kept of its gradients. */
interface Numbers {
  readonly values: readonly number[];
  readonly kept: readonly number[];
}

function numbersOf(placed: PlacedNetwork): Record<ParameterName, Numbers> {
  const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap((row) => [...row]);
  const ofHidden = (name: "hiddenBias" | "hiddenBiasState"): number[] => [...placed.array(name).subarray(0, HIDDEN)];
  const outputState = [...placed.array("outputBiasState")].filter((_, at) => at % 2 === 0);
  return {
    encoder: { values: flat(placed.matrix("encoder")), kept: flat(placed.matrix("encoderState")) },
    decoder: { values: flat(placed.matrix("decoder")), kept: flat(placed.matrix("decoderState")) },
    hiddenBias: { values: ofHidden("hiddenBias"), kept: ofHidden("hiddenBiasState") },
    outputBias: { values: [...placed.array("outputBias")], kept: outputState },
  };
}

/** ε of Adam's √v + ε, as it is to |g| at the first step. */
const ADAM_EPSILON = f32(1e-8) / Math.sqrt(1 - f32(0.999));

/** What a first step must be, by the gradient. */
const FIRST_STEP: Readonly<Record<TwinOptimizerName, (gradient: number) => number>> = {
  sgd: (gradient) => gradient,
  adam: (gradient) => (SETTINGS.adam.rate * gradient) / (Math.abs(gradient) + ADAM_EPSILON),
  rprop: (gradient) => SETTINGS.rprop.firstStep * Math.sign(gradient),
};
/** The share of a gradient that is kept of it at first. */
const KEPT: Readonly<Record<TwinOptimizerName, number>> = { sgd: 1, rprop: 1, adam: 1 - f32(0.9) };

/** What is kept of the gradients, and what the step was, of one array of parameters. */
function check(
  optimizer: TwinOptimizerName,
  slopes: readonly number[],
  before: readonly number[],
  after: Numbers,
): void {
  const largest = Math.max(...slopes.map(Math.abs));
  expect(largest).toBeGreaterThan(1e-3);
  slopes.forEach((slope, at) => {
    const kept = after.kept[at]! / KEPT[optimizer];
    expect(Math.abs(kept - slope), `kept ${at}`).toBeLessThan(1e-5 * largest);
    if (Math.abs(slope) < 1e-4 * largest) return; // its sign is of rounding
    const step = before[at]! - after.values[at]!;
    const expected = FIRST_STEP[optimizer](slope);
    expect(Math.abs(step - expected), `step ${at}`).toBeLessThan(
      1e-6 * Math.max(1, largest) + 1e-4 * Math.abs(expected),
    );
  });
}

const shapes = TWIN_ACTIVATIONS.flatMap((activation) =>
  TWIN_ACTIVATIONS.map((outputActivation) => ({ activation, outputActivation })),
);

describe.each(VARIANTS)("gradients, %s", (variant) => {
  describe.each(TWIN_OPTIMIZERS)("a step of %s", (optimizer) => {
    test.each(shapes)("$activation, then $outputActivation; of items and of users", async (shape) => {
      for (const byInput of [RATINGS, RATINGS.transpose()]) {
        const network = randomWeights(byInput.numRows, shape.activation, shape.outputActivation);
        const slopes = meanSlopes(network, denseBatch(byInput));
        const placed = await stepOnce(variant, byInput, network, STEPS[optimizer]);
        const after = numbersOf(placed);
        const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap((row) => [...row]);
        check(optimizer, slopes.encoder, flat(network.encoder), after.encoder);
        check(optimizer, slopes.decoder, flat(network.decoder), after.decoder);
        check(optimizer, slopes.hiddenBias, [...network.hiddenBias], after.hiddenBias);
        check(optimizer, slopes.outputBias, [...network.outputBias], after.outputBias);
        expect(placed.memory.touchedCanaries()).toEqual([]);
      }
    });
  });
});
