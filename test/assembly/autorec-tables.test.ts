/** placeCodes and placeDecoder: a state of training in the tables that are asked. */
import { describe, expect, test } from "vitest";
import type { Variant } from "../../src/engine/kernels.js";
import { strideOf } from "../../src/engine/matrix.js";
import { decodeTwin, encodeTwin } from "../twins/autorec.js";
import { BATCHES, HIDDEN_COUNTS, KernelTraining, NUM_INPUTS, randomNetwork, SETTINGS } from "./autorec-cases.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse } from "./rating-pass.js";

const SCALE = 1.375;
/** What stands in a table before. */
const BEFORE = 12345;
const BATCH = { ...BATCHES[0]!, numbers: BATCHES[0]!.inputs.map((_, slot) => (5 * slot + 3) % 17) };
const SLOTS = BATCH.inputs.length;

/** A network with the codes of a batch, a code z₀, and tables for both sides with a row to spare. */
function setUp(variant: Variant, hidden: number) {
  const network = randomNetwork({ hidden, activation: "tanh" });
  const training = new KernelTraining(variant, network, SETTINGS.sgd, { batches: [BATCH] });
  training.encode(0);
  const { placed, batches } = training;
  const { memory, kernels, ptr, tiles } = placed;
  const stride = strideOf(hidden);
  const code = encodeTwin(network, []);
  const empty = memory.float32(Float32Array.from({ length: tiles * 32 }, (_, unit) => code[unit] ?? 0));
  const table = (rows: number) => memory.float32(new Float32Array(rows * stride).fill(BEFORE));
  const [codes, decoder] = [table(SLOTS + 1), table(NUM_INPUTS + 1)];
  const biases = memory.float32(new Float32Array(NUM_INPUTS + 1).fill(BEFORE));
  const base = memory.float32(Float32Array.from({ length: NUM_INPUTS }, (_, row) => row / 4 - 1));
  const placeCodes = (begin: number, end: number): number =>
    kernels.placeCodes(begin, end, ptr, batches[0]!.ptr, empty.ptr, codes.ptr, stride);
  const placeDecoder = (begin: number, end: number): number =>
    kernels.placeDecoder(begin, end, ptr, empty.ptr, decoder.ptr, stride, biases.ptr, base.ptr, SCALE);
  const row = (view: Float32Array, at: number): Float32Array => view.subarray(at * stride, (at + 1) * stride);
  return { network, memory, codes, decoder, biases, base, placeCodes, placeDecoder, row };
}

describe.each(VARIANTS)("%s", (variant) => {
  test.each(HIDDEN_COUNTS)("the codes of %i hidden units, less that of nothing, by their rows' numbers", (hidden) => {
    const { network, memory, codes, placeCodes, row } = setUp(variant, hidden);
    expect(placeCodes(0, SLOTS)).toBe(0);
    const empty = encodeTwin(network, []);
    BATCH.numbers.forEach((number, slot) => {
      const expected = encodeTwin(network, BATCH.inputs[slot]!).map((z, unit) => z - empty[unit]!);
      const placed = row(codes.view, number);
      expect(nmse(placed.subarray(0, hidden), expected)).toBeLessThan(1e-10);
      expect([...placed.subarray(hidden)].filter((value) => value !== 0)).toEqual([]);
    });
    expect([...row(codes.view, SLOTS)].filter((value) => value !== BEFORE)).toEqual([]);
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test.each(HIDDEN_COUNTS)(
    "the decoder of %i hidden units, that a table's score is the output by the scale",
    (hidden) => {
      const { network, memory, codes, decoder, biases, base, placeCodes, placeDecoder, row } = setUp(variant, hidden);
      placeCodes(0, SLOTS);
      expect(placeDecoder(0, NUM_INPUTS)).toBe(0);
      for (let input = 0; input < NUM_INPUTS; input++) {
        const expected = network.decoder[input]!.map((weight) => SCALE * weight);
        expect(nmse(row(decoder.view, input).subarray(0, hidden), expected)).toBeLessThan(1e-13);
        expect([...row(decoder.view, input).subarray(hidden)].filter((value) => value !== 0)).toEqual([]);
      }
      BATCH.numbers.forEach((number, slot) => {
        const outputs = decodeTwin(network, encodeTwin(network, BATCH.inputs[slot]!));
        outputs.forEach((output, input) => {
          const weights = row(decoder.view, input);
          const pull = row(codes.view, number).reduce((sum, z, unit) => sum + z * weights[unit]!, biases.view[input]!);
          expect(pull).toBeCloseTo(base.view[input]! + SCALE * (output - network.outputOffset), 5);
        });
      });
      expect(biases.view[NUM_INPUTS]).toBe(BEFORE);
      expect([...row(decoder.view, NUM_INPUTS)].filter((value) => value !== BEFORE)).toEqual([]);
      expect(memory.touchedCanaries()).toEqual([]);
    },
  );

  test("in any ranges", () => {
    const [whole, parts] = [setUp(variant, 33), setUp(variant, 33)];
    whole.placeCodes(0, SLOTS);
    whole.placeDecoder(0, NUM_INPUTS);
    for (const [begin, end] of [
      [9, SLOTS],
      [0, 1],
      [4, 4],
      [1, 9],
    ] as const) {
      parts.placeCodes(begin, end);
      parts.placeDecoder(Math.min(begin, NUM_INPUTS), Math.min(end, NUM_INPUTS));
    }
    for (const name of ["codes", "decoder", "biases"] as const) expect(parts[name].view).toEqual(whole[name].view);
  });

  test("only the rows of a range", () => {
    const { codes, decoder, biases, placeCodes, placeDecoder, row } = setUp(variant, 33);
    placeCodes(4, 7);
    placeDecoder(4, 7);
    const changed = (view: Float32Array): number[] =>
      [...new Array(SLOTS).keys()].filter((at) => row(view, at).some((value) => value !== BEFORE));
    expect(changed(codes.view)).toEqual(BATCH.numbers.slice(4, 7).toSorted((a, b) => a - b));
    expect(changed(decoder.view)).toEqual([4, 5, 6]);
    expect([...biases.view.keys()].filter((at) => biases.view[at] !== BEFORE)).toEqual([4, 5, 6]);
  });
});
