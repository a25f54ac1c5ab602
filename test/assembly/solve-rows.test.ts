import { describe, expect, test } from "vitest";
import type { TwinBlock, TwinSide } from "../twins/rating-pass.js";
import { relativeResidual, ridgeEquations, solveEquations, type TwinRidge } from "../twins/ridge-row.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, PlacedSolve, RIDGE } from "./row-solves.js";
import { paddedSize } from "./row-workspaces.js";

const FACTOR_COUNTS = [0, 1, 2, 3, 5, 8, 13, 64, 100, 256];
const COLUMNS = 211;

const RIDGES: [name: string, ridge: TwinRidge][] = [
  ["with a bias", RIDGE],
  ["without", { ...RIDGE, biasPerEntry: -1 }],
];

function setUp(factors: number, rowLengths: readonly number[]): { columns: TwinSide; block: TwinBlock } {
  const random = randomOf(factors + 5000);
  return { columns: randomSide(COLUMNS, factors, random), block: randomBlock(rowLengths, COLUMNS, random) };
}

/** Row lengths without entries, about the factors, about those solved from the entries, about the panel of 128 and long. */
const lengthsOf = (factors: number): number[] => {
  const size = paddedSize(factors);
  const short = [1, 2, 7, 8, 9, size - 9, size - 8, size - 7, factors - 1, factors, factors + 1];
  return [...new Set([0, ...short.filter((length) => length > 0), 127, 128, 129, 3000])];
};

describe.each(VARIANTS)("solveRows, %s", (variant) => {
  describe.each(RIDGES)("%s", (_, ridge) => {
    test.each(FACTOR_COUNTS)("as Gaussian elimination in f64, %i factors", (factors) => {
      const lengths = lengthsOf(factors);
      const { columns, block } = setUp(factors, lengths);
      const solve = new PlacedSolve(variant, block, columns, ridge);
      expect(solve.solve(0, lengths.length)).toBe(0);
      for (const [row, length] of lengths.entries()) {
        const { factors: p, bias, padding } = solve.solved(row);
        expect(padding.every((value) => value === 0)).toBe(true);
        if (length === 0 || ridge.biasPerEntry < 0) expect(bias).toBe(0);
        if (length === 0) expect([...p]).toEqual(new Array<number>(factors).fill(0));
        if (length === 0) continue;
        const equations = ridgeEquations(columns, entriesOf(block, row), ridge);
        const x = ridge.biasPerEntry < 0 ? p : Float32Array.of(...p, bias);
        // Sums of n products know G and y to √n 6e-8 of their length, 3e-6 at n = 3000.
        expect(relativeResidual(equations, x)).toBeLessThan(1e-5);
        // A is at most some tens times longer than λ n ≥ n/16: x is then known to 1e-5 of its length, squared.
        expect(nmse(x, solveEquations(equations))).toBeLessThan(1e-10);
      }
      expect(solve.memory.touchedCanaries()).toEqual([]);
    });
  });

  // A row of few entries has as many equations as those, one of more as many as factors: the answer is one.
  test.each([16, 20, 64, 100])("nothing leaps where entries become more than factors, %i factors", (factors) => {
    const last = paddedSize(factors) - 8;
    const { columns, block } = setUp(factors, [last, last + 1]);
    const values = Array.from(block.values);
    const offsets = [0, last, 2 * last + 1];
    // Row 1 is row 0 and one entry more that asks for what row 0 scores it with.
    const entries = { ...block, offsets, columns: Array.from(block.columns), values };
    const before = new PlacedSolve(variant, entries, columns, { ...RIDGE, perEntry: 0, biasPerEntry: 0 });
    expect(before.solve(0, 1)).toBe(0);
    const { factors: p, bias } = before.solved(0);
    for (let t = 0; t < last; t++) {
      entries.columns[last + t] = entries.columns[t]!;
      values[last + t] = values[t]!;
    }
    const column = entries.columns[2 * last]!;
    values[2 * last] = p.reduce((sum, each, f) => sum + each * columns.factors[column]![f]!, bias) + RIDGE.offset;
    values[2 * last]! += columns.biases[column]!;
    const after = new PlacedSolve(variant, entries, columns, { ...RIDGE, perEntry: 0, biasPerEntry: 0 });
    expect(after.solve(0, 2)).toBe(0);
    expect(nmse(after.solved(1).factors, p)).toBeLessThan(1e-10);
    expect(after.solved(1).bias).toBeCloseTo(bias, 5);
  });

  test.each([1, 13, 64])("the same bits however the rows are cut, %i factors", (factors) => {
    const lengths = [0, 3, 65, 1, 200, 0, 64, 7, 2, 130, 5];
    const { columns, block } = setUp(factors, lengths);
    const bitsOf = (rowsPerCall: number): Uint32Array[] => {
      const solve = new PlacedSolve(variant, block, columns, RIDGE);
      for (let row = 0; row < lengths.length; row += rowsPerCall) {
        expect(solve.solve(row, Math.min(row + rowsPerCall, lengths.length))).toBe(0);
      }
      return solve.bits();
    };
    const whole = bitsOf(lengths.length);
    for (const rowsPerCall of [1, 2, 4]) expect(bitsOf(rowsPerCall)).toEqual(whole);
  });

  test("writes where the numbers say, and nothing of other rows", () => {
    const lengths = [4, 0, 30, 9, 70];
    const { columns, block } = setUp(13, lengths);
    const inOrder = new PlacedSolve(variant, block, columns, RIDGE);
    inOrder.solve(0, 5);
    const numbers = [6, 3, 8, 0, 5];
    const solve = new PlacedSolve(variant, block, columns, RIDGE, { numRows: 10 });
    const [factors, biases] = solve.bits();
    const [solvedFactors, solvedBiases] = inOrder.bits();
    expect(solve.solve(1, 4, numbers)).toBe(0); // rows 1, 2 and 3
    for (const row of [1, 2, 3]) {
      factors!.set(solvedFactors!.subarray(row * 16, (row + 1) * 16), numbers[row]! * 16);
      biases![numbers[row]!] = solvedBiases![row]!;
    }
    expect(solve.bits()).toEqual([factors, biases]);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });

  test("a row with an entry many times over is as one with so much weight", () => {
    const { columns } = setUp(5, []);
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 300], columns: new Array<number>(300).fill(17), values: [] };
    const values = Array.from({ length: 300 }, (_, t) => 2 + (t % 3)); // 3 on average
    const solve = new PlacedSolve(variant, { ...block, values }, columns, RIDGE);
    expect(solve.solve(0, 1)).toBe(0);
    const { factors, bias } = solve.solved(0);
    // By hand: x = ω Λ⁻¹[q, 1] with ω = 300 z / (1 + 300 (‖q‖²/λ + 1/λ')), Λ the pulls of 300 entries
    const [lambda, biasLambda] = [300 * RIDGE.perEntry + RIDGE.damping, 300 * RIDGE.biasPerEntry + RIDGE.biasDamping];
    const q = columns.factors[17]!;
    const squares = q.reduce((sum, each) => sum + each * each, 0);
    const z = 3 - RIDGE.offset - columns.biases[17]!;
    const weight = (300 * z) / (1 + 300 * (squares / lambda + 1 / biasLambda));
    // 300 equal terms round the same way, by 300 · 6e-8 = 2e-5 in all, and the bias takes a difference of such sums
    const expected = q.map((each) => (weight * each) / lambda);
    expect(nmse([...factors, bias], [...expected, weight / biasLambda])).toBeLessThan(1e-8);
  });

  test("each part of the pull to zero counts where it should", () => {
    const { columns, block } = setUp(8, [30]);
    const entries = entriesOf(block, 0);
    for (const parts of [
      { perEntry: 2, damping: 0, biasPerEntry: 0, biasDamping: 0 },
      { perEntry: 0, damping: 60, biasPerEntry: 0, biasDamping: 0 },
      { perEntry: 0, damping: 1, biasPerEntry: 2, biasDamping: 0 },
      { perEntry: 0, damping: 1, biasPerEntry: 0, biasDamping: 60 },
    ]) {
      const ridge = { ...parts, offset: 1.5 };
      const solve = new PlacedSolve(variant, block, columns, ridge);
      expect(solve.solve(0, 1)).toBe(0);
      const { factors, bias } = solve.solved(0);
      expect(nmse([...factors, bias], solveEquations(ridgeEquations(columns, entries, ridge)))).toBeLessThan(1e-10);
    }
  });

  describe("a known case: A = [1 2; 1 3; 1 4], y = [4, 9, 16], no bias", () => {
    const columns: TwinSide = {
      factors: [Float64Array.of(1, 2), Float64Array.of(1, 3), Float64Array.of(1, 4)],
      biases: new Float64Array(3),
      lambdas: [],
    };
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 3], columns: [0, 1, 2], values: [4, 9, 16] };

    test.each([
      [0, [-25 / 3, 6]],
      [1.5, [-0.11555555555555556, 3.28]],
    ])("damping %f", (damping, expected) => {
      const ridge = { perEntry: 0, damping, biasPerEntry: -1, biasDamping: 0, offset: 0 };
      const solve = new PlacedSolve(variant, block, columns, ridge);
      expect(solve.solve(0, 1)).toBe(0);
      // AᵀA = [3 9; 9 29] has the condition 170: 1e-5 of the length is what f32 promises
      expect(nmse(solve.solved(0).factors, expected)).toBeLessThan(1e-10);
      expect([...solve.solved(0).padding]).toEqual([0, 0]);
    });
  });
});
