import { describe, expect, test } from "vitest";
import type { TwinBlock, TwinSide } from "../twins/rating-pass.js";
import { dot } from "../twins/rating-pass.js";
import { extended, residualOf, ridgeEquations, solveEquations, type TwinRidge } from "../twins/ridge-row.js";
import { VARIANTS } from "./kernel-memory.js";
import { nmse, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, PlacedSolve, RIDGE } from "./row-solves.js";

const COLUMNS = 97;
const LENGTHS = [3, 0, 1, 64, 17, 200];

const RIDGES: [name: string, ridge: TwinRidge][] = [
  ["with a bias", RIDGE],
  ["without", { ...RIDGE, biasPerEntry: -1 }],
];

function setUp(factors: number): { columns: TwinSide; block: TwinBlock } {
  const random = randomOf(factors + 6000);
  return { columns: randomSide(COLUMNS, factors, random), block: randomBlock(LENGTHS, COLUMNS, random) };
}

describe.each(VARIANTS)("explainEntries, %s", (variant) => {
  describe.each(RIDGES)("%s", (_, ridge) => {
    test.each([0, 1, 2, 3, 5, 8, 13, 64, 100])(
      "weights as in f64, and their sum is the score, %i factors",
      (factors) => {
        const { columns, block } = setUp(factors);
        const solve = new PlacedSolve(variant, block, columns, ridge);
        expect(solve.solve(0, LENGTHS.length)).toBe(0);
        for (const [row, length] of LENGTHS.entries()) {
          const [begin, end] = [block.offsets[row]!, block.offsets[row + 1]!];
          const entries = entriesOf(block, row);
          const equations = ridgeEquations(columns, entries, ridge);
          const { factors: p, bias } = solve.solved(row);
          for (const column of [0, 41, length > 0 ? entries.columns[0]! : 96]) {
            const { status, weights } = solve.explain(begin, end, column);
            expect(status).toBe(0);
            const right = extended(columns, column, ridge);
            const solution = solveEquations({ ...equations, right });
            const twins = Array.from(entries.columns, (each) => dot(solution, extended(columns, each, ridge)));
            expect(nmse(weights.subarray(begin), twins)).toBeLessThan(1e-10);
            let explained = 0;
            let terms = 0;
            for (let t = 0; t < length; t++) {
              const term = weights[begin + t]! * residualOf(columns, entries.columns[t]!, entries.values[t]!, ridge);
              explained += term;
              terms += Math.abs(term);
            }
            const score = dot(p, columns.factors[column]!) + bias;
            // both know each term to some 1e-6 of it
            expect(Math.abs(explained - score)).toBeLessThanOrEqual(1e-5 * terms);
          }
        }
        expect(solve.memory.touchedCanaries()).toEqual([]);
      },
    );
  });

  test("writes the weights of its entries only", () => {
    const { columns, block } = setUp(13);
    const solve = new PlacedSolve(variant, block, columns, RIDGE);
    const [begin, end] = [block.offsets[3]!, block.offsets[4]!];
    expect(begin).toBe(4);
    const { weights } = solve.explain(begin, end, 7);
    expect([...weights.subarray(0, begin)]).toEqual(new Array<number>(begin).fill(Number.NaN));
    expect(weights.subarray(begin).every(Number.isFinite)).toBe(true);
  });

  test("1 for equations that are singular, and no weights", () => {
    const { columns, block } = setUp(13);
    const free = { perEntry: 0, damping: 0, biasPerEntry: 0, biasDamping: 0, offset: 0 };
    const solve = new PlacedSolve(variant, block, columns, free);
    const { status, weights } = solve.explain(0, 3, 7);
    expect(status).toBe(1);
    expect([...weights]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(solve.explain(0, 0, 7).status).toBe(1);
    expect(solve.memory.touchedCanaries()).toEqual([]);
  });
});
