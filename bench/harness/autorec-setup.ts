/** What a fit of AutoRec begins with, as the model itself works it out, for contenders that are not the model. */
import type { Interactions } from "../../src/data/interactions.js";
import { RandomPurpose, RandomStream } from "../../src/data/random.js";
import { engine } from "../../src/engine/engine.js";
import { strideOf } from "../../src/engine/matrix.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import { AUTOREC_DEFAULTS, type AutoRecOptions } from "../../src/index.js";
import { autorecData } from "../../src/models/autorec-data.js";
import { outputOf } from "../../src/models/autorec-outputs.js";
import { type AutoRecSettings, settingsOf } from "../../src/models/autorec-settings.js";
import { type AutoRecData, shuffled } from "../../src/models/autorec-training.js";
import { spreadOf, survey } from "../../src/models/survey.js";
import type { AutoRecBatch, AutoRecWeights } from "../baselines/autorec.js";

export interface AutoRecSetup {
  readonly interactions: Interactions;
  readonly options: AutoRecOptions;
  readonly settings: AutoRecSettings;
  readonly data: AutoRecData;
  /** Ratings in a unit of the output. */
  readonly scale: number;
}

/** @param options with identity outputs, which is what there are baselines of */
export async function setUpAutoRec(
  interactions: Interactions,
  options: Partial<AutoRecOptions>,
): Promise<AutoRecSetup> {
  const all: AutoRecOptions = { ...AUTOREC_DEFAULTS, ...options };
  const counts = await survey(interactions, undefined);
  const { minimum: lowest, maximum: highest, size } = interactions;
  const mean = all.centering === "none" ? 0 : Math.fround(interactions.mean);
  const output = outputOf(all.outputActivation, { lowest, highest, spread: spreadOf(interactions, mean) });
  const host = engine();
  const scope = host.arena.scope();
  try {
    const context = { engine: host, variant: host.variant(all.reproducible), scope, run: { threads: all.threads } };
    const plan = { mean, output };
    const { data } = await autorecData(context, interactions, counts, all, plan, new TimeSlice());
    const settings = settingsOf(all, { numRows: data.rows.length, numEntries: size }, { outputOffset: 0, unit: 1 });
    return { interactions, options: all, settings, data, scale: output.scale };
  } finally {
    scope.release();
  }
}

/** The weights that training starts from, row by row. */
export function startWeights({ options, settings, data }: AutoRecSetup): AutoRecWeights {
  const { hidden } = options;
  const draw = (purpose: number, deviation: number) => drawRows(data.inputCounts, hidden, deviation, settings, purpose);
  return {
    hidden,
    encoder: draw(RandomPurpose.encoder, settings.encoderDeviation),
    decoder: draw(RandomPurpose.decoder, settings.decoderDeviation),
    hiddenBias: new Float32Array(hidden),
    outputBias: new Float32Array(data.inputCounts.length),
    encoderPulls: pullsOf(data.inputCounts, 0, settings.encoderDamping),
    decoderPulls: pullsOf(data.inputCounts, settings.regularization, settings.decoderDamping),
    biasPulls: pullsOf(data.inputCounts, settings.biasRegularization, settings.biasDamping),
  };
}

const pullsOf = (counts: Uint32Array, regularization: number, damping: number): Float32Array =>
  Float32Array.from(counts, (count) => regularization + damping / Math.max(1, count));

/** N(0, deviation²) for inputs with entries, f32[inputs × hidden]. */
function drawRows(
  counts: Uint32Array,
  hidden: number,
  deviation: number,
  { seed }: AutoRecSettings,
  purpose: number,
): Float32Array {
  const { arena } = engine();
  const kernels = engine().kernels(engine().variant(false));
  const stride = strideOf(hidden);
  const numInputs = counts.length;
  const rows = new Float32Array(numInputs * hidden);
  arena.scoped((scope) => {
    const ptr = scope.allocate(numInputs * stride * 4, "any");
    const seedWords = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
    kernels.fillNormalRows(0, numInputs, ptr, hidden, stride, deviation, ...seedWords, purpose);
    for (const [input, count] of counts.entries()) {
      if (count > 0) rows.set(arena.float32(ptr + input * stride * 4, hidden), input * hidden);
    }
  });
  return rows;
}

/** The batches, in the order in which the rows were put into them. */
export function batchesOf({ data, settings }: AutoRecSetup): AutoRecBatch[] {
  const { byInput, rows, numbers } = data;
  const numBatches = Math.ceil(rows.length / settings.batchSize);
  const begins = Array.from({ length: numBatches + 1 }, (_, at) => Math.floor((at * rows.length) / numBatches));
  const batchOf = new Uint32Array(byInput.numColumns);
  const slotOf = new Uint32Array(byInput.numColumns);
  for (let batch = 0; batch < numBatches; batch++) {
    for (let at = begins[batch]!; at < begins[batch + 1]!; at++) {
      batchOf[rows[at]!] = batch;
      slotOf[rows[at]!] = at - begins[batch]!;
    }
  }
  const lists = Array.from({ length: numBatches }, () => ({ inputs: [], offsets: [], slots: [], values: [] }) as Lists);
  for (let input = 0; input < byInput.numRows; input++) {
    const base = numbers.offset + numbers.columnBias[input]!;
    for (let entry = byInput.offsets[input]!; entry < byInput.offsets[input + 1]!; entry++) {
      const row = byInput.columns[entry]!;
      const list = lists[batchOf[row]!]!;
      if (list.inputs.at(-1) !== input) {
        list.inputs.push(input);
        list.offsets.push(list.slots.length);
      }
      list.slots.push(slotOf[row]!);
      list.values.push((byInput.values[entry]! - base - numbers.rowBias[row]!) / numbers.scale);
    }
  }
  return lists.map(({ inputs, offsets, slots, values }, batch) => ({
    numSlots: begins[batch + 1]! - begins[batch]!,
    inputs: Uint32Array.from(inputs),
    offsets: Uint32Array.from([...offsets, slots.length]),
    slots: Uint32Array.from(slots),
    values: Float32Array.from(values),
  }));
}

interface Lists {
  readonly inputs: number[];
  readonly offsets: number[];
  readonly slots: number[];
  readonly values: number[];
}

/** The numbers of the batches in the order of an epoch, from 1. */
export function batchOrder({ seed }: AutoRecSettings, numBatches: number, epoch: number): Uint32Array {
  const numbers = Uint32Array.from({ length: numBatches }, (_, at) => at);
  return shuffled(numbers, new RandomStream(seed, RandomPurpose.batchOrder, epoch));
}
