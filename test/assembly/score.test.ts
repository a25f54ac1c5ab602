import { describe, expect, test } from "vitest";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { scoreTwin, strictScoreTwin } from "../twins/score.js";
import { VARIANTS } from "./kernel-memory.js";
import { randomSides, ScoreTables } from "./score-tables.js";

const FACTOR_COUNTS = [0, 1, 2, 3, 4, 5, 8, 13, 16, 31, 32, 64, 100];
/** About the eight and the four at once. */
const COLUMN_COUNTS = [0, 1, 7, 8, 9, 15, 16, 17, 29];
const ROWS = 7;
const COLUMNS = 29;

/** Every pair, unknown ones too, so that groups of four are known, unknown and mixed. */
function allPairs(): [row: number, column: number][] {
  const rows = [...Array(ROWS).keys(), UNKNOWN_INDEX];
  const columns = [UNKNOWN_INDEX, ...Array(COLUMNS).keys()];
  return rows.flatMap((row) => columns.map((column): [number, number] => [row, column]));
}

describe.each(VARIANTS)("scores, %s", (variant) => {
  test.each(FACTOR_COUNTS)("scorePairs as the f64 twin, %i factors", (factors) => {
    const sides = randomSides(ROWS, COLUMNS, factors);
    const tables = new ScoreTables(variant, sides);
    const pairs = allPairs();
    const scores = tables.scorePairs(pairs);
    pairs.forEach(([row, column], t) => {
      const twin = scoreTwin(sides.rows, sides.columns, row, column, sides.offset);
      // sums of a few numbers of about 4 round by 2.4e-7 each; the dot's terms are far smaller
      expect(Math.abs(scores[t]! - twin)).toBeLessThan(1.5e-6);
    });
    expect(tables.memory.touchedCanaries()).toEqual([]);
  });

  test.each(FACTOR_COUNTS)("scoreColumns has the bits of scorePairs, %i factors", (factors) => {
    const tables = new ScoreTables(variant, randomSides(ROWS, COLUMNS, factors));
    for (const row of [...Array(ROWS).keys(), UNKNOWN_INDEX]) {
      const pairs = Array.from({ length: COLUMNS }, (_, column): [number, number] => [row, column]);
      const expected = tables.scorePairs(pairs);
      for (const numColumns of COLUMN_COUNTS) {
        expect(tables.scoreColumns(row, numColumns)).toEqual(expected.slice(0, numColumns));
      }
    }
    expect(tables.memory.touchedCanaries()).toEqual([]);
  });

  test.each(FACTOR_COUNTS)("rows and columns may change places, %i factors", (factors) => {
    const tables = new ScoreTables(variant, randomSides(ROWS, COLUMNS, factors));
    const byRow = Array.from({ length: ROWS }, (_, row) => tables.scoreColumns(row));
    for (let column = 0; column < COLUMNS; column++) {
      expect([...tables.scoreRows(column)]).toEqual(byRow.map((scores) => scores[column]));
    }
  });

  test("an unknown one among four changes none of the others", () => {
    const tables = new ScoreTables(variant, randomSides(ROWS, COLUMNS, 13));
    const known: [number, number][] = [0, 1, 2, 3, 4, 5, 6].map((t) => [t, 3 * t]);
    const expected = [...tables.scorePairs(known)];
    for (let place = 0; place < known.length; place++) {
      for (const unknown of [
        [UNKNOWN_INDEX, 3 * place],
        [place, UNKNOWN_INDEX],
      ] as const) {
        const pairs = known.with(place, [...unknown]);
        const [alone] = tables.scorePairs([unknown]);
        expect([...tables.scorePairs(pairs)]).toEqual(expected.with(place, alone!));
      }
    }
  });

  test.each([
    [0, 0],
    [4, 4],
    [2, 3],
    [3, 7],
    [1, 18],
    [5, 29],
  ])("both write the places [%i, %i) only, with the bits they have in all", (begin, end) => {
    const tables = new ScoreTables(variant, randomSides(ROWS, COLUMNS, 5));
    const { memory } = tables;
    const expected = new Uint32Array(tables.scoreColumns(3).slice().buffer);
    const rows = memory.uint32(new Array<number>(COLUMNS).fill(3)).ptr;
    const columns = memory.uint32([...Array(COLUMNS).keys()]).ptr;
    const [ofPairs, ofColumns] = [memory.uint32(COLUMNS), memory.uint32(COLUMNS)];
    const untouched = ofPairs.view.slice();
    expect(memory.kernels.scorePairs(begin, end, rows, columns, ...tables.arguments, ofPairs.ptr)).toBe(0);
    expect(memory.kernels.scoreColumns(begin, end, 3, ...tables.arguments, ofColumns.ptr)).toBe(0);
    untouched.set(expected.subarray(begin, end), begin);
    expect(ofPairs.view).toEqual(untouched);
    expect(ofColumns.view).toEqual(untouched);
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test("without factors (stride 0) the biases are left, and no table of factors is read", () => {
    const { rows, columns, offset } = randomSides(3, 6, 4);
    const tables = new ScoreTables(variant, { rows, columns, factors: 4, offset });
    const [, , rowBiasPtr, columnBiasPtr] = tables.arguments;
    const { memory } = tables;
    const scores = memory.float32(2);
    const pairs = [memory.uint32([2, UNKNOWN_INDEX]).ptr, memory.uint32([5, UNKNOWN_INDEX]).ptr] as const;
    memory.kernels.scorePairs(0, 2, ...pairs, 0, 0, rowBiasPtr, columnBiasPtr, 0, offset, scores.ptr);
    const base = Math.fround(offset + Math.fround(rows.biases[2]! + columns.biases[5]!));
    expect([...scores.view]).toEqual([base, offset]);
  });
});

test.each(FACTOR_COUNTS)(
  "strict: a score is (offset + (b_row + b_column)) + p·q, rounded at each step, %i factors",
  (factors) => {
    const sides = randomSides(ROWS, COLUMNS, factors);
    const pairs = allPairs();
    const twins = pairs.map(([row, column]) => strictScoreTwin(sides.rows, sides.columns, row, column, sides.offset));
    expect([...new ScoreTables("strict", sides).scorePairs(pairs)]).toEqual(twins);
  },
);
