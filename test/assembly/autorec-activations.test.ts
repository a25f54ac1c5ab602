/** The activations, as the codes and the outputs of a network are made by them. */
import { describe, expect, test } from "vitest";
import type { Variant } from "../../src/engine/kernels.js";
import { ACTIVATION, SLOPE, TWIN_ACTIVATIONS, type TwinActivation, type TwinNetwork } from "../twins/autorec.js";
import { KernelTraining, SETTINGS } from "./autorec-cases.js";
import { VARIANTS } from "./kernel-memory.js";

const LARGEST = 3.4028234663852886e38;
const SMALLEST = 1.401298464324817e-45;

/** From −20 to 20 in steps of 1/1024, and around 0 and both ends of f32 in steps of their own; rising. */
const POINTS = Float32Array.from(
  [
    ...Array.from({ length: 40 * 1024 + 1 }, (_, at) => at / 1024 - 20),
    ...Array.from({ length: 127 }, (_, at) => 2 ** (at + 1)).flatMap((x) => [x, -x, 1.5 * x, -1.5 * x]),
    ...Array.from({ length: 140 }, (_, at) => 2 ** (-at - 10)).flatMap((x) => [x, -x]),
    ...[87, 87.5, 88, 88.8, 103, 104, 43.5, 44].flatMap((x) => [x, -x]),
    ...[LARGEST, SMALLEST, Infinity].flatMap((x) => [x, -x]),
  ].sort((a, b) => a - b),
);

const INPUTLESS = { inputs: [[undefined]], targets: [[undefined]], numbers: [0] };

/** g of numbers: the codes of a row without entries, with them as μ. */
function codesOf(variant: Variant, activation: TwinActivation, numbers: Float32Array) {
  const zeros = (): Float64Array => new Float64Array(numbers.length);
  const network: TwinNetwork = {
    hidden: numbers.length,
    activation,
    outputActivation: "identity",
    outputOffset: 0,
    encoder: [zeros()],
    decoder: [zeros()],
    hiddenBias: Float64Array.from(numbers),
    outputBias: new Float64Array(1),
    encoderPulls: [0],
    decoderPulls: [0],
    biasPulls: [0],
  };
  const training = new KernelTraining(variant, network, SETTINGS.sgd, { batches: [INPUTLESS] });
  training.encode(0);
  expect(training.placed.memory.touchedCanaries()).toEqual([]);
  const [codes, slopes] = (["codes", "codeSlopes"] as const).map((name) => training.placed.codes(name, 1)[0]!);
  return { codes: codes!, slopes: slopes! };
}

describe.each(VARIANTS)("%s", (variant) => {
  test.each(["sigmoid", "tanh"] as const)("%s is within 1.5e-7, and never falls by more than a rounding", (name) => {
    const { codes, slopes } = codesOf(variant, name, POINTS);
    let [error, slopeError, fall] = [0, 0, 0];
    POINTS.forEach((x, at) => {
      error = Math.max(error, Math.abs(codes[at]! - ACTIVATION[name](x)));
      slopeError = Math.max(slopeError, Math.abs(slopes[at]! - SLOPE[name](ACTIVATION[name](x))));
      if (at > 0) fall = Math.max(fall, codes[at - 1]! - codes[at]!);
    });
    expect(codes.every(Number.isFinite)).toBe(true); // no maximum tells of NaN
    expect(slopes.every(Number.isFinite)).toBe(true);
    expect(error).toBeLessThan(1.5e-7);
    expect(slopeError).toBeLessThan(3.5e-7); // of y(1 − y) and 1 − y²: twice the error of y, and a rounding
    expect(fall).toBeLessThan(6e-8);
  });

  test("sigmoid and tanh are what they are by symmetry, and keep their ranges", () => {
    const [sigmoid, tanh] = (["sigmoid", "tanh"] as const).map((name) => codesOf(variant, name, POINTS).codes);
    POINTS.forEach((x, at) => {
      if (x < 0) return;
      const mirrored = POINTS.length - 1 - at;
      expect(POINTS[mirrored]).toBe(x === 0 ? POINTS[mirrored] : -x);
      if (x > 0) expect(tanh![mirrored]).toBe(-tanh![at]!);
      expect(Math.abs(sigmoid![mirrored]! + sigmoid![at]! - 1)).toBeLessThan(1.2e-7);
    });
    expect(Math.max(...sigmoid!)).toBe(1);
    expect(Math.min(...sigmoid!)).toBeGreaterThan(0);
    expect([Math.min(...tanh!), Math.max(...tanh!)]).toEqual([-1, 1]);
    expect([...codesOf(variant, "tanh", Float32Array.of(0, -0)).codes].map(Math.abs)).toEqual([0, 0]);
    expect([...codesOf(variant, "sigmoid", Float32Array.of(0, -0)).codes]).toEqual([0.5, 0.5]);
  });

  test("identity and relu are exact", () => {
    const numbers = [-Infinity, -LARGEST, -1.5, -SMALLEST, -0, 0, SMALLEST, 1.5, LARGEST, Infinity];
    const identity = codesOf(variant, "identity", Float32Array.from(numbers));
    expect([...identity.codes]).toEqual(numbers);
    expect([...identity.slopes]).toEqual(numbers.map(() => 1));
    const relu = codesOf(variant, "relu", Float32Array.from(numbers));
    expect([...relu.codes]).toEqual([0, 0, 0, 0, 0, 0, SMALLEST, 1.5, LARGEST, Infinity]);
    expect([...relu.slopes]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  });

  test.each(TWIN_ACTIVATIONS)("outputs by %s: δ = y f' where 0 was wanted, and Σ y²", (outputActivation) => {
    const numbers = POINTS.filter((x, at) => Math.abs(x) <= 1e15 && at % 37 === 0);
    const network: TwinNetwork = {
      hidden: 1,
      activation: "identity",
      outputActivation,
      outputOffset: 0,
      encoder: [Float64Array.of(1)],
      decoder: [Float64Array.of(1)],
      hiddenBias: new Float64Array(1),
      outputBias: new Float64Array(1),
      encoderPulls: [0],
      decoderPulls: [0],
      biasPulls: [0],
    };
    const inputs = Array.from(numbers, (x) => [x]);
    const batch = { inputs, targets: inputs.map(() => [0]), numbers: inputs.map((_, slot) => slot) };
    const training = new KernelTraining(variant, network, SETTINGS.sgd, { batches: [batch] });
    training.encode(0);
    const loss = training.decode(0);
    const outputs = Float64Array.from(numbers, ACTIVATION[outputActivation]);
    const squares = outputs.reduce((sum, y) => sum + y * y, 0);
    expect(Math.abs(loss / squares - 1)).toBeLessThan(1e-6);
    training.batches[0]!.deltas.view.forEach((delta, at) => {
      const y = outputs[at]!;
      expect(Math.abs(delta - y * SLOPE[outputActivation](y))).toBeLessThan(4e-7 * Math.max(1, Math.abs(y)));
    });
    expect(training.placed.memory.touchedCanaries()).toEqual([]);
  });
});
