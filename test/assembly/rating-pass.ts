import { RandomStream } from "../../src/data/random.js";
import { DESCENT_KERNELS, type RatingPasses } from "../../src/engine/descent-kernels.js";
import type { RatingsPass, Variant } from "../../src/engine/kernels.js";
import { strideOf } from "../../src/engine/matrix.js";
import type { TwinBlock, TwinSide } from "../twins/rating-pass.js";
import { KernelMemory, type Placed } from "./kernel-memory.js";

/** The kernels that pass over ratings. */
export type RatingKernel = keyof RatingPasses;

/** Numbers of factors with and without a tail of four and of sixteen. */
export const FACTOR_COUNTS = [1, 2, 3, 4, 5, 8, 13, 16, 31, 32, 64, 100];

const TEST_PURPOSE = 99;

/** A stream of random numbers for a test. */
export function randomOf(seed: number): RandomStream {
  return new RandomStream(seed, TEST_PURPOSE);
}

/** A number in (−half, half), as an f32. */
const centred = (random: RandomStream, half: number): number => Math.fround((2 * random.nextUniform() - 1) * half);

/** A side whose numbers are all f32, so that kernel and twin begin with the same ones. */
export function randomSide(rows: number, factors: number, random: RandomStream): TwinSide {
  const half = 1.7 / Math.sqrt(factors); // rows of length about 1
  return {
    factors: Array.from({ length: rows }, () => Float64Array.from({ length: factors }, () => centred(random, half))),
    biases: Float64Array.from({ length: rows }, () => centred(random, 0.5)),
    lambdas: Array.from({ length: rows }, () => ({
      factors: Math.fround(0.3 * random.nextUniform()),
      bias: Math.fround(0.3 * random.nextUniform()),
    })),
  };
}

/** Rows of the given lengths, with columns drawn at random; the first column of every other row comes twice running. */
export function randomBlock(rowLengths: readonly number[], numColumns: number, random: RandomStream): TwinBlock {
  const offsets = [0];
  const columns: number[] = [];
  rowLengths.forEach((length, row) => {
    for (let place = 0; place < length; place++) {
      const repeats = place === 1 && row % 2 === 0;
      columns.push(repeats ? columns.at(-1)! : random.nextBelow(numColumns));
    }
    offsets.push(columns.length);
  });
  const values = columns.map(() => centred(random, 2));
  return { rowBegin: 0, rowEnd: rowLengths.length, offsets, columns, values };
}

/** A side in a kernel's memory. */
export interface PlacedSide {
  ptr: number;
  stride: number;
  factors: Placed<Float32Array>;
  biases: Placed<Float32Array>;
  state: Placed<Float32Array>;
}

/** @param rowState what every row's state begins with; empty for none. */
export function placeSide(memory: KernelMemory, side: TwinSide, rowState: readonly number[] = []): PlacedSide {
  const rows = side.factors.length;
  const stride = strideOf(side.factors[0]?.length ?? 0);
  const padded = new Float32Array(rows * stride);
  side.factors.forEach((row, index) => {
    padded.set(row, index * stride);
  });
  const factors = memory.float32(padded);
  const biases = memory.float32(side.biases);
  const lambdas = memory.float32(side.lambdas.flatMap((lambda) => [lambda.factors, lambda.bias]));
  const state = memory.float32(side.factors.flatMap(() => rowState));
  const statePtr = rowState.length === 0 ? 0 : state.ptr;
  const { ptr } = memory.uint32([factors.ptr, biases.ptr, lambdas.ptr, statePtr]);
  return { ptr, stride, factors, biases, state };
}

/** Row `index` of a placed side, without padding. */
export function factorsAt(side: PlacedSide, index: number, factors: number): Float32Array {
  return side.factors.view.subarray(index * side.stride, index * side.stride + factors);
}

/** A block and two sides in memory, ready to run. */
export class PlacedPass {
  readonly memory: KernelMemory;
  readonly rows: PlacedSide;
  readonly columns: PlacedSide;
  readonly #blockPtrs: readonly [offsetsPtr: number, columnsPtr: number, valuesPtr: number];

  constructor(
    variant: Variant,
    block: TwinBlock,
    rows: TwinSide,
    columns: TwinSide,
    { rowState = [], begin = 1024 }: { rowState?: readonly number[]; begin?: number } = {},
  ) {
    this.memory = new KernelMemory(variant, begin);
    const offsets = this.memory.uint32(block.offsets);
    const columnNumbers = this.memory.uint32(block.columns);
    const values = this.memory.float32(block.values);
    this.#blockPtrs = [offsets.ptr, columnNumbers.ptr, values.ptr];
    this.rows = placeSide(this.memory, rows, rowState);
    this.columns = placeSide(this.memory, columns, rowState);
  }

  /** Runs a kernel over rows [rowBegin, rowEnd); returns its loss. */
  run(kernel: RatingKernel, rowBegin: number, rowEnd: number, parameters: readonly number[]): number {
    const parametersPtr = this.memory.float32(parameters).ptr;
    return this.memory.kernelsOf(DESCENT_KERNELS)[kernel](...this.arguments(rowBegin, rowEnd, parametersPtr));
  }

  /** What a kernel is called with. */
  arguments(rowBegin: number, rowEnd: number, parametersPtr: number): Parameters<RatingsPass> {
    const { rows, columns } = this;
    return [rowBegin, rowEnd, ...this.#blockPtrs, rows.ptr, columns.ptr, rows.stride, parametersPtr];
  }
}

/** Σ(a − b)² / Σb²: the squared relative error. */
export function nmse(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let errors = 0;
  let squares = 0;
  for (let t = 0; t < expected.length; t++) {
    errors += (actual[t]! - expected[t]!) ** 2;
    squares += expected[t]! ** 2;
  }
  return errors === 0 ? 0 : errors / squares;
}

/** The greatest nmse of factors and biases of a placed side against its twin. */
export function sideError(placed: PlacedSide, twin: TwinSide): number {
  const padded = new Float64Array(placed.factors.view.length);
  twin.factors.forEach((row, index) => {
    padded.set(row, index * placed.stride);
  });
  return Math.max(nmse(placed.factors.view, padded), nmse(placed.biases.view, twin.biases));
}

/** Numbers in the padding of the rows that are not zero. */
export function padding(side: PlacedSide, factors: number): number[] {
  return [...side.factors.view].filter((value, at) => at % side.stride >= factors && value !== 0);
}

/** The central difference quotient of `objective` in each number of `at`, in f64. */
export function differences(at: Float64Array, objective: () => number): Float64Array {
  const step = 1e-5; // f64: errors of 1e-10 from the third derivative and of 1e-11 from rounding
  return at.map((value, index) => {
    at[index] = value + step;
    const above = objective();
    at[index] = value - step;
    const below = objective();
    at[index] = value;
    return (above - below) / (2 * step);
  });
}

/** −½ ∂/∂x [e² + λ_p‖p‖² + λ_q‖q‖² + λ b_u² + λ b_i²] of one rating, by central differences of the objective. */
export function numericalGradient(rows: TwinSide, columns: TwinSide, row: number, column: number, value: number) {
  const p = rows.factors[row]!;
  const q = columns.factors[column]!;
  const square = (x: Float64Array): number => x.reduce((sum, each) => sum + each * each, 0);
  const objective = (): number => {
    const bu = rows.biases[row]!;
    const bi = columns.biases[column]!;
    const error = value - bu - bi - p.reduce((sum, each, f) => sum + each * q[f]!, 0);
    const ofRow = rows.lambdas[row]!;
    const ofColumn = columns.lambdas[column]!;
    const factors = ofRow.factors * square(p) + ofColumn.factors * square(q);
    return error * error + factors + ofRow.bias * bu * bu + ofColumn.bias * bi * bi;
  };
  const half = (x: Float64Array): Float64Array => differences(x, objective).map((slope) => -slope / 2);
  return {
    rowFactors: half(p),
    rowBias: half(rows.biases.subarray(row, row + 1))[0]!,
    columnFactors: half(q),
    columnBias: half(columns.biases.subarray(column, column + 1))[0]!,
  };
}
