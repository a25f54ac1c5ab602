import { describe, expect, test } from "vitest";
import { ALTERNATING_KERNELS, type AlternatingKernels } from "../../src/engine/alternating-kernels.js";
import type { Variant } from "../../src/engine/kernels.js";
import { confidenceLoss, lambdaOf, type TwinConfidence } from "../twins/confidence-row.js";
import { dot, type TwinBlock, type TwinSide } from "../twins/rating-pass.js";
import { ridgeObjective, type TwinRidge } from "../twins/ridge-row.js";
import { confidenceCase } from "./confidence-rows.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { placeSide, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, placeParameters, RIDGE } from "./row-solves.js";

const FACTOR_COUNTS = [0, 1, 2, 3, 4, 5, 8, 13, 16, 31, 64, 100];
const LENGTHS = [3, 0, 1, 129, 17, 0, 1000];

/** A block with both of its sides in a kernel's memory, to be asked what it loses. */
class PlacedLoss {
  readonly memory: KernelMemory;
  readonly #offsetsPtr: number;
  readonly #args: readonly [columnsPtr: number, valuesPtr: number];
  readonly #rows: { ptr: number; stride: number };
  readonly #columnsPtr: number;
  readonly #parametersPtr: number;

  constructor(
    variant: Variant,
    block: TwinBlock,
    rows: TwinSide,
    columns: TwinSide,
    model: TwinRidge | TwinConfidence,
  ) {
    this.memory = new KernelMemory(variant);
    const { memory } = this;
    this.#offsetsPtr = memory.uint32(block.offsets).ptr;
    this.#args = [memory.uint32(block.columns).ptr, memory.float32(block.values).ptr];
    this.#rows = placeSide(memory, rows);
    this.#columnsPtr = placeSide(memory, columns).ptr;
    this.#parametersPtr = placeParameters(memory, model);
  }

  get #kernels(): AlternatingKernels {
    return this.memory.kernelsOf(ALTERNATING_KERNELS);
  }

  loss(rowBegin: number, rowEnd: number): number {
    const { ptr, stride } = this.#rows;
    const sides = [ptr, this.#columnsPtr, stride, this.#parametersPtr] as const;
    return this.#kernels.lossRows(rowBegin, rowEnd, this.#offsetsPtr, ...this.#args, ...sides);
  }

  penalty(rowBegin: number, rowEnd: number): number {
    const { ptr, stride } = this.#rows;
    return this.#kernels.penaltyRows(rowBegin, rowEnd, this.#offsetsPtr, ptr, stride, this.#parametersPtr);
  }
}

/** Both sums, of every row on its own and of ranges of rows, against what the twin has for each row. */
function expectSums(placed: PlacedLoss, losses: readonly number[], penalties: readonly number[]): void {
  for (const [actual, expected] of [
    [(begin: number, end: number) => placed.loss(begin, end), losses],
    [(begin: number, end: number) => placed.penalty(begin, end), penalties],
  ] as const) {
    const sumOf = (begin: number, end: number): number => expected.slice(begin, end).reduce((sum, x) => sum + x, 0);
    // A score rounds by some 1e-7, and only products are f32: sums of a few of them may cancel out a little.
    const bound = (begin: number, end: number): number => {
      return 3e-6 * expected.slice(begin, end).reduce((sum, x) => sum + Math.abs(x), 0);
    };
    const ranges = expected.map((_, row): [number, number] => [row, row + 1]);
    for (const [begin, end] of [...ranges, [0, 7], [2, 5], [4, 4], [5, 7]] as const) {
      expect(Math.abs(actual(begin, end) - sumOf(begin, end))).toBeLessThanOrEqual(bound(begin, end));
    }
    expect(actual(1, 1)).toBe(0);
  }
  expect(placed.memory.touchedCanaries()).toEqual([]);
}

describe.each(VARIANTS)("lossRows and penaltyRows, %s", (variant) => {
  describe.each([
    ["with a bias", RIDGE],
    ["without", { ...RIDGE, biasPerEntry: -1 }],
  ] as [string, TwinRidge][])("ratings %s", (_, ridge) => {
    test.each(FACTOR_COUNTS)("as the twin, %i factors", (factors) => {
      const random = randomOf(factors + 9600);
      const columns = randomSide(97, factors, random);
      const rows = randomSide(LENGTHS.length, factors, random);
      const block = randomBlock(LENGTHS, 97, random);
      if (ridge.biasPerEntry < 0) rows.biases.fill(0);
      const placed = new PlacedLoss(variant, block, rows, columns, ridge);
      const objectiveOf = (row: number, model: TwinRidge): number => {
        const bias = ridge.biasPerEntry < 0 ? [] : [rows.biases[row]!];
        return ridgeObjective(columns, entriesOf(block, row), model, [...rows.factors[row]!, ...bias]);
      };
      const free = { perEntry: 0, damping: 0, biasPerEntry: Math.min(0, ridge.biasPerEntry), biasDamping: 0 };
      const losses = LENGTHS.map((_, row) => objectiveOf(row, { ...ridge, ...free }));
      expectSums(
        placed,
        losses,
        losses.map((loss, row) => objectiveOf(row, ridge) - loss),
      );
    });
  });

  describe.each([false, true])("confidences, λ row by row: %s", (isByRow) => {
    test.each(FACTOR_COUNTS)("as the twin, %i factors", (factors) => {
      const { columns, block, confidence } = confidenceCase({ factors, lengths: LENGTHS, beta: 0.75 });
      if (isByRow) confidence.lambdas = Float32Array.from(LENGTHS, (_, row) => 0.5 + row);
      const rows = randomSide(LENGTHS.length, factors, randomOf(factors + 9700)); // its biases count for nothing
      const placed = new PlacedLoss(variant, block, rows, columns, confidence);
      expectSums(
        placed,
        LENGTHS.map((_, row) => confidenceLoss(columns, entriesOf(block, row), confidence.beta, rows.factors[row]!)),
        LENGTHS.map((n, row) => lambdaOf(confidence, row, n) * dot(rows.factors[row]!, rows.factors[row]!)),
      );
    });
  });

  test("one entry by hand: w = 2, β = 1, p·q = 3: 2 · 9 − 2 · 3 · 3 + 3, disliked 2 · 9", () => {
    const side = (factor: number): TwinSide => {
      return { factors: [Float64Array.of(factor)], biases: Float64Array.of(100), lambdas: [] };
    };
    const confidence = { gram: [Float64Array.of(1)], perEntry: 0.5, damping: 4, beta: 1 };
    for (const [value, expected] of [
      [2, 3],
      [-2, 18],
      [0, 1 - 6],
      [-0, 0],
    ] as const) {
      const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 1], columns: [0], values: [value] };
      const placed = new PlacedLoss(variant, block, side(1.5), side(2), confidence);
      expect(placed.loss(0, 1)).toBe(expected);
      expect(placed.penalty(0, 1)).toBe(4.5 * 2.25);
    }
  });
});
