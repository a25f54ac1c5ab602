/** However a step is cut into calls, and wherever it lies in memory: the same bits, and nothing else touched. */
import { describe, expect, test } from "vitest";
import type { Variant } from "../../src/engine/kernels.js";
import { TWIN_OPTIMIZERS, type TwinOptimizerName } from "../twins/autorec-steps.js";
import {
  BATCHES,
  DROPOUT,
  KernelTraining,
  ONE_BY_ONE,
  REVERSED,
  randomNetwork,
  SETTINGS,
  type Split,
  UNEVEN,
  WHOLE,
} from "./autorec-cases.js";
import { ARRAY_NAMES } from "./autorec-memory.js";
import { ABOVE_2_GIB, canReserve, FOUR_GIB, growToEnd, moveToEnd } from "./high-memory.js";
import { VARIANTS } from "./kernel-memory.js";

const LEARNED = [
  "encoder",
  "decoder",
  "encoderState",
  "decoderState",
  "hiddenBias",
  "hiddenBiasState",
  "outputBias",
  "outputBiasState",
  "powers",
] as const;

/** Seven steps by three batches: all that is learned, as bits, and what is left of the last batch. */
function bitsOf(training: KernelTraining, split: Split): Record<string, Uint32Array> {
  training.run(split, [0, 1, 2, 0, 2, 1, 0]);
  const { placed } = training;
  const words = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);
  return {
    ...Object.fromEntries(LEARNED.map((name) => [name, words(placed.array(name))])),
    codes: words(Float32Array.from(placed.codes("codes", BATCHES[0]!.inputs.length).flatMap((row) => [...row]))),
    deltas: words(training.batches[0]!.deltas.view),
    rates: words(training.batches[0]!.rates.view),
  };
}

function newTraining(variant: Variant, optimizer: TwinOptimizerName, hidden = 129, begin?: number): KernelTraining {
  const network = randomNetwork({ hidden, activation: "tanh", outputActivation: "sigmoid" });
  return new KernelTraining(variant, network, { ...SETTINGS[optimizer], dropout: DROPOUT }, { begin });
}

describe.each(VARIANTS)("%s", (variant) => {
  test.each(TWIN_OPTIMIZERS)("tiles and inputs in any ranges, in any order: %s", (optimizer) => {
    const whole = bitsOf(newTraining(variant, optimizer), WHOLE);
    for (const split of [ONE_BY_ONE, REVERSED, UNEVEN]) {
      const training = newTraining(variant, optimizer);
      expect(bitsOf(training, split)).toEqual(whole);
      expect(training.placed.memory.touchedCanaries()).toEqual([]);
    }
    expect(bitsOf(newTraining(variant, optimizer, 128), WHOLE)).not.toEqual(whole);
  });

  test.each([1, 3, 31, 32, 33])("only tiles of the range change, %i hidden units", (hidden) => {
    const training = newTraining(variant, "adam", hidden);
    training.encode(0);
    training.decode(0);
    const before = LEARNED.map((name) => training.placed.array(name).slice());
    const none: Split = { ranges: () => [[1, 1]] };
    training.learn(0, 1, none);
    training.encode(1, none);
    training.decode(0, none);
    expect(LEARNED.map((name) => training.placed.array(name).slice())).toEqual(before);
    const second: Split = { ranges: (count) => [[1, Math.max(1, count)]] };
    training.learn(0, undefined, second);
    const tileFloats = training.placed.words.tileBytes! / 4;
    for (const name of ["encoder", "decoder", "hiddenBias"] as const) {
      const after = training.placed.array(name);
      const floats = name === "hiddenBias" ? 32 : tileFloats;
      const old = before[LEARNED.indexOf(name)]!;
      expect(after.subarray(0, floats)).toEqual(old.subarray(0, floats));
      const isChanged = after.subarray(floats).some((value, at) => value !== old[floats + at]);
      expect(isChanged).toBe(hidden > 32);
    }
  });

  test.skipIf(!canReserve(ABOVE_2_GIB))("above 2 GiB", () => {
    for (const optimizer of TWIN_OPTIMIZERS) {
      const above = newTraining(variant, optimizer, 33, ABOVE_2_GIB);
      expect(above.placed.ptr).toBeGreaterThan(2 ** 31);
      expect(bitsOf(above, WHOLE)).toEqual(bitsOf(newTraining(variant, optimizer, 33), WHOLE));
      expect(above.placed.memory.touchedCanaries()).toEqual([]);
    }
  });
});

describe.skipIf(!canReserve(FOUR_GIB))("at the very end of 4 GiB, where the address behind an array is 0 again", () => {
  const lists = ["active", "offsets", "slots", "inputs", "targets", "deltas", "rates", "numbers"] as const;

  test.each(VARIANTS)("each array of the network, %s", (variant) => {
    const expected = bitsOf(newTraining(variant, "adam"), WHOLE);
    for (const name of ARRAY_NAMES) {
      const training = newTraining(variant, "adam");
      const { placed } = training;
      growToEnd(placed.memory);
      placed.moveArray(name, (ptr, bytes) => moveToEnd(placed.memory, ptr, bytes));
      expect(bitsOf(training, WHOLE), name).toEqual(expected);
      expect(placed.memory.touchedCanaries()).toEqual([]);
    }
  });

  test.each(VARIANTS)("each list of a batch, and the workspace, %s", (variant) => {
    const expected = bitsOf(newTraining(variant, "sgd"), WHOLE);
    for (const list of lists) {
      const training = newTraining(variant, "sgd");
      const { memory } = training.placed;
      growToEnd(memory);
      const batch = training.batches[0]!;
      const counts = { active: batch.active.length, offsets: batch.active.length + 1, rates: batch.active.length };
      const { [list as "active"]: count = list === "numbers" ? batch.numSlots : batch.numEntries } = counts;
      const words = new Uint32Array(memory.memory.buffer, batch.ptr, 10);
      const word = 2 + lists.indexOf(list);
      words[word] = moveToEnd(memory, words[word]!, count * 4);
      const { deltas, rates, ...learned } = bitsOf(training, WHOLE);
      expect({ ...expected, ...learned }, list).toEqual(expected);
      expect(memory.touchedCanaries()).toEqual([]);
    }
    const training = newTraining(variant, "sgd");
    growToEnd(training.placed.memory);
    training.workspacePtr = FOUR_GIB - 576;
    expect(bitsOf(training, WHOLE)).toEqual(expected);
    expect(training.placed.memory.touchedCanaries()).toEqual([]);
  });
});
