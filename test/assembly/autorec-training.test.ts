/** encodeTiles, decodeRows and learnTiles against the dense f64 twin. */
import { describe, expect, test } from "vitest";
import { encodeTwin, keptUnits, SLOPE, TWIN_ACTIVATIONS, type TwinNetwork } from "../twins/autorec.js";
import { TWIN_OPTIMIZERS, type TwinOptimizerName, type TwinTraining } from "../twins/autorec-steps.js";
import {
  BATCHES,
  DROPOUT,
  HIDDEN_COUNTS,
  KernelTraining,
  NUM_INPUTS,
  randomNetwork,
  SETTINGS,
  twinRun,
  UNHEARD,
} from "./autorec-cases.js";
import type { KernelSettings, PlacedNetwork } from "./autorec-memory.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse } from "./rating-pass.js";

/**
 * Of weights, and of what an optimiser keeps. Measured: 1.2e-12, 1.2e-13 and 6e-15; 1e-10, 2.3e-13 and 7e-14. Adam's
 * correction √(1 − β₂ᵗ) is known to 3e-5 at first (adam.test.ts), and 1 − β₂ in f32 to 3e-5 too.
 */
const BOUNDS: Readonly<Record<TwinOptimizerName, readonly [weights: number, moments: number]>> = {
  adam: [4e-12, 3e-10],
  sgd: [1e-12, 2e-12],
  rprop: [1e-13, 1e-12],
};

const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap((row) => [...row]);

/** The greatest error of all that is learned, and of what the optimiser keeps of it. */
function errorsOf(placed: PlacedNetwork, { network, states }: TwinTraining, optimizer: TwinOptimizerName) {
  const { hidden } = network;
  const weights = {
    encoder: nmse(flat(placed.matrix("encoder")), flat(network.encoder)),
    decoder: nmse(flat(placed.matrix("decoder")), flat(network.decoder)),
    hiddenBias: nmse(placed.array("hiddenBias").subarray(0, hidden), network.hiddenBias),
    outputBias: nmse(placed.array("outputBias"), network.outputBias),
  };
  const kept = (["first", "second"] as const).slice(0, optimizer === "sgd" ? 1 : 2);
  const moments = kept.flatMap((name, at) => {
    const tileFloats = placed.array("hiddenBias").length;
    const hiddenState = placed.array("hiddenBiasState").subarray(at * tileFloats, at * tileFloats + hidden);
    const outputState = placed.array("outputBiasState").filter((_, word) => word % 2 === at);
    return [
      nmse(flat(placed.matrix("encoderState", at)), flat(states.encoder.map((state) => state[name]))),
      nmse(flat(placed.matrix("decoderState", at)), flat(states.decoder.map((state) => state[name]))),
      nmse(hiddenState, states.hiddenBias[name]),
      nmse(outputState, flat(states.outputBias.map((state) => state[name]))),
    ];
  });
  return { ...weights, moments: Math.max(...moments) };
}

/** Kernels and twin over the same batches. */
function compare(kernel: KernelTraining, make: () => TwinNetwork, settings: KernelSettings): void {
  const losses = kernel.run();
  const twin = twinRun(make(), settings);
  const { optimizer } = settings;
  const { moments, ...weights } = errorsOf(kernel.placed, twin.training, optimizer);
  for (const [name, error] of Object.entries(weights)) expect(error, name).toBeLessThan(BOUNDS[optimizer][0]);
  expect(moments).toBeLessThan(BOUNDS[optimizer][1]);
  losses.forEach((loss, step) => {
    expect(Math.abs(loss / twin.losses[step]! - 1)).toBeLessThan(1e-5);
  });
  expect(
    kernel.placed.padding(BATCHES[0]!.inputs.length).filter((value) => value !== 0 && value !== settings.firstStep),
  ).toEqual([]);
  expect(kernel.placed.memory.touchedCanaries()).toEqual([]);
}

describe.each(VARIANTS)("steps as the twin's, %s", (variant) => {
  const activations = TWIN_ACTIVATIONS.flatMap((activation) =>
    TWIN_ACTIVATIONS.map((outputActivation) => ({ activation, outputActivation })),
  );

  describe.each(TWIN_OPTIMIZERS)("%s", (optimizer) => {
    const settings = SETTINGS[optimizer];

    test.each(activations)("$activation, then $outputActivation", (shape) => {
      const make = (): TwinNetwork => randomNetwork({ hidden: 33, ...shape });
      compare(new KernelTraining(variant, make(), settings), make, settings);
    });

    test.each(HIDDEN_COUNTS)("%i hidden units", (hidden) => {
      const make = (): TwinNetwork => randomNetwork({ hidden, activation: "tanh", outputActivation: "sigmoid" });
      compare(new KernelTraining(variant, make(), settings), make, settings);
    });

    test.each(HIDDEN_COUNTS)("%i hidden units, some of them left out", (hidden) => {
      const own = { ...settings, dropout: DROPOUT };
      const make = (): TwinNetwork => randomNetwork({ hidden, activation: "sigmoid" });
      compare(new KernelTraining(variant, make(), own), make, own);
    });

    test("what no batch has an entry of keeps its bits", () => {
      const network = randomNetwork({ hidden: 33 });
      const kernel = new KernelTraining(variant, network, settings);
      const { placed } = kernel;
      const rowsOf = () => ({
        encoder: UNHEARD.map((input) => placed.matrix("encoder")[input]),
        decoder: UNHEARD.map((input) => placed.matrix("decoder")[input]),
        states: UNHEARD.map((input) => [placed.matrix("encoderState")[input], placed.matrix("decoderState")[input]]),
        outputBias: UNHEARD.map((input) => placed.array("outputBias")[input]),
        outputState: UNHEARD.flatMap((input) => [
          ...placed.array("outputBiasState").subarray(2 * input, 2 * input + 2),
        ]),
        powers: UNHEARD.flatMap((input) => [...placed.array("powers").subarray(2 * input, 2 * input + 2)]),
      });
      const before = rowsOf();
      kernel.run();
      expect(rowsOf()).toEqual(before);
      for (let input = 0; input < NUM_INPUTS; input++) {
        const isSame = placed
          .matrix("encoder")
          [input]!.every((weight, unit) => weight === network.encoder[input]![unit]);
        expect(isSame).toBe(UNHEARD.includes(input));
      }
    });
  });
});

describe.each(VARIANTS)("codes as the twin's, %s", (variant) => {
  const slots = BATCHES[0]!.inputs.length;

  test.each(HIDDEN_COUNTS)("%i hidden units: codes and slopes", (hidden) => {
    for (const dropout of [undefined, DROPOUT]) {
      const network = randomNetwork({ hidden, activation: "tanh" });
      const kernel = new KernelTraining(variant, network, { ...SETTINGS.sgd, dropout });
      kernel.encode(0);
      const { placed } = kernel;
      const kept = BATCHES[0]!.numbers.map((row) => keptUnits(row, hidden, dropout));
      const codes = BATCHES[0]!.inputs.map((row) => encodeTwin(network, row));
      const dropped = codes.map((code, slot) => code.map((z, unit) => z * kept[slot]![unit]!));
      const slopes = codes.map((code, slot) => code.map((z, unit) => SLOPE.tanh(z) * kept[slot]![unit]!));
      expect(nmse(flat(placed.codes("codes", slots)), flat(dropped))).toBeLessThan(1e-12);
      expect(nmse(flat(placed.codes("codeSlopes", slots)), flat(slopes))).toBeLessThan(1e-12);
      const zeros = (rows: readonly Float64Array[]): number => flat(rows).filter((value) => value === 0).length;
      expect(zeros(placed.codes("codes", slots))).toBe(zeros(dropped));
      expect(placed.memory.touchedCanaries()).toEqual([]);
    }
  });

  test.each(TWIN_ACTIVATIONS)("a batch without entries: g(μ), %s", (activation) => {
    const network = randomNetwork({ hidden: 33, activation });
    const empty = { inputs: [new Array(NUM_INPUTS).fill(undefined)], targets: [[]], numbers: [3] };
    const kernel = new KernelTraining(variant, network, SETTINGS.sgd, { batches: [empty] });
    kernel.encode(0);
    const [code] = kernel.placed.codes("codes", 1);
    expect(nmse(code!, encodeTwin(network, []))).toBeLessThan(1e-13);
    expect(kernel.decode(0)).toBe(0);
    expect(kernel.placed.memory.touchedCanaries()).toEqual([]);
  });

  test("a share of units is left out, other ones in each row and epoch", () => {
    const network = randomNetwork({ hidden: 129, activation: "tanh" });
    const zerosOf = (epoch: number): number[] => {
      const settings = { ...SETTINGS.sgd, dropout: { ...DROPOUT, epoch } };
      const kernel = new KernelTraining(variant, network, settings);
      kernel.encode(0);
      return flat(kernel.placed.codes("codes", slots)).flatMap((value, at) => (value === 0 ? [at] : []));
    };
    const [fifth, sixth] = [new Set(zerosOf(5)), new Set(zerosOf(6))];
    const all = 129 * slots;
    for (const zeros of [fifth, sixth]) expect(Math.abs(zeros.size / all - DROPOUT.share)).toBeLessThan(0.04);
    const both = [...fifth].filter((at) => sixth.has(at)).length;
    expect(Math.abs(both / all - DROPOUT.share ** 2)).toBeLessThan(0.04);
  });
});
