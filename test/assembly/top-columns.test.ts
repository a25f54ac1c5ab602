import { describe, expect, test } from "vitest";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { VARIANTS } from "./kernel-memory.js";
import { randomOf } from "./rating-pass.js";
import { randomSides, tiedSides } from "./score-tables.js";
import { mixedList, type TopQuery, TopTables } from "./top-lists.js";

const FACTOR_COUNTS = [0, 1, 3, 4, 8, 13, 64, 100];
/** About the panel of eight and the mask's word of 32. */
const COLUMN_COUNTS = [0, 1, 7, 8, 9, 64, 65, 129];
/** About packs of five and six, and blocks of 36 to 96. */
const ROW_COUNTS = [0, 1, 4, 5, 6, 7, 11, 12, 13, 59, 60, 61, 97];
const ROWS = 31;

const range = (length: number): number[] => [...Array(length).keys()];

/** For each row of a list: nothing, all, a single one, a few unsorted and twice, or every other column. */
function mixedSeen(numLists: number, numColumns: number): number[][] {
  const random = randomOf(numLists * 1000 + numColumns);
  const draw = (length: number): number[] =>
    numColumns === 0 ? [] : Array.from({ length }, () => random.nextBelow(numColumns));
  return range(numLists).map((place) => {
    if (place % 5 === 0) return [];
    if (place % 5 === 1) return range(numColumns).reverse();
    if (place % 5 === 2) return draw(1);
    if (place % 5 === 3) return draw(7).flatMap((column) => [column, column]);
    return range(numColumns).filter((column) => (column + place) % 2);
  });
}

/** Every third column or so, rising. */
const someCandidates = (numColumns: number): number[] => range(numColumns).filter((column) => (column * 7) % 3 === 1);

describe.each(VARIANTS)("topColumns, %s", (variant) => {
  const expectSame = (tables: TopTables, query: TopQuery): void => {
    expect(tables.topColumns(query)).toEqual(tables.selectedLists(query));
  };

  describe.each(FACTOR_COUNTS)("%i factors", (factors) => {
    test.each(COLUMN_COUNTS)("as scoreColumns and selectTop, %i columns", (numColumns) => {
      const tables = new TopTables(variant, randomSides(ROWS, numColumns, factors));
      for (const numRows of ROW_COUNTS) {
        const list = mixedList(numRows, ROWS);
        const seen = mixedSeen(numRows, numColumns);
        const candidates = someCandidates(numColumns);
        for (const count of [1, 2, 10, numColumns + 3]) {
          expectSame(tables, { list, count });
          expectSame(tables, { list, count, seen, candidates });
        }
        expectSame(tables, { list, count: 3, seen, rowsPerCall: 7 });
        expectSame(tables, { list, count: 3, candidates, floor: 3.7 });
      }
      expect(tables.memory.touchedCanaries()).toEqual([]);
    });

    test("ties go by index", () => {
      const tables = new TopTables(variant, tiedSides(ROWS, 129, factors));
      const list = mixedList(61, ROWS);
      for (const count of [1, 2, 10, 132]) {
        expectSame(tables, { list, count });
        expectSame(tables, { list, count, seen: mixedSeen(61, 129), candidates: someCandidates(129) });
        expectSame(tables, { list, count, floor: 3 }); // a score of 3 is not above it
      }
    });
  });

  describe.each(FACTOR_COUNTS)("%i factors, columns in any order", (factors) => {
    const shuffledColumns = (numColumns: number) =>
      range(numColumns).sort((a, b) => ((a * 37) % 101) - ((b * 37) % 101));

    test.each([randomSides, tiedSides])("as in rising order, %o", (makeSides) => {
      const tables = new TopTables(variant, makeSides(ROWS, 129, factors));
      const list = mixedList(61, ROWS);
      const seen = mixedSeen(61, 129);
      for (const candidates of [shuffledColumns(129), range(129).reverse(), shuffledColumns(64)]) {
        for (const count of [1, 2, 10, 132]) {
          expectSame(tables, { list, count, candidates });
          expectSame(tables, { list, count, candidates, seen, floor: 2.5 });
        }
      }
    });

    test("as without bounds where lengths and biases lie far apart", () => {
      const sides = randomSides(ROWS, 129, factors);
      const scale = (rows: Float64Array[], by: (at: number) => number) =>
        rows.forEach((row, at) => void row.set(row.map((factor) => factor * by(at))));
      scale(sides.columns.factors, (column) => 2 ** -(column % 40));
      scale(sides.rows.factors, (row) => 10 ** ((row % 7) - 3));
      const tables = new TopTables(variant, sides);
      const list = mixedList(61, ROWS);
      const byLength = range(129).sort((a, b) => (a % 40) - (b % 40));
      for (const candidates of [undefined, byLength, byLength.toReversed()]) {
        for (const count of [1, 5]) expectSame(tables, { list, count, candidates, seen: mixedSeen(61, 129) });
      }
    });
  });

  test("a panel whose bounds no row can reach is not looked at", () => {
    const tables = new TopTables(variant, randomSides(5, 24, 13));
    const columnsPtr = tables.pack(undefined);
    const { buffer } = tables.memory.memory;
    const boundsPtr = new Uint32Array(buffer, columnsPtr, 6)[5]!;
    new Float32Array(buffer, boundsPtr, 6).set([0, -Infinity], 2); // the second of three panels
    const { indices } = tables.topColumns({ list: range(5), count: 24 }, columnsPtr);
    const outside = range(24).filter((column) => column < 8 || column >= 16);
    for (const list of indices) expect(list.toSorted((a, b) => a - b)).toEqual(outside);
  });

  test("the floor itself does not count, the next number does", () => {
    const tables = new TopTables(variant, randomSides(5, 65, 13));
    const list = range(5);
    const scores = list.flatMap((row) => [...tables.scoreColumns(row)]).sort((a, b) => a - b);
    for (const at of [0, 1, 100, 300, scores.length - 2, scores.length - 1]) {
      const lists = tables.topColumns({ list, count: 65, floor: scores[at]! });
      expect(lists.scores.flat().sort((a, b) => a - b)).toEqual(scores.filter((score) => score > scores[at]!));
      expectSame(tables, { list, count: 10, floor: scores[at]! });
    }
    expect(tables.topColumns({ list, count: 3, floor: Infinity }).indices).toEqual([[], [], [], [], []]);
  });

  test("rows all unknown are ranked by the columns' biases", () => {
    const sides = randomSides(1, 65, 13);
    const tables = new TopTables(variant, sides);
    const { indices } = tables.topColumns({ list: new Array<number>(7).fill(UNKNOWN_INDEX), count: 4 });
    const { biases } = sides.columns;
    const expected = range(65).sort((a, b) => biases[b]! - biases[a]!);
    expect(indices).toEqual(new Array<number[]>(7).fill(expected.slice(0, 4)));
  });

  test("columns of bias −∞ and of NaN never come", () => {
    const sides = randomSides(5, 33, 8);
    sides.columns.biases.fill(-Infinity, 3, 20).fill(Number.NaN, 20, 30);
    const tables = new TopTables(variant, sides);
    const { indices } = tables.topColumns({ list: range(5), count: 33 });
    for (const list of indices) expect(list.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 30, 31, 32]);
    expectSame(tables, { list: range(5), count: 4 });
  });

  test.each([1, 2, 5, 6, 7, 29, 30, 60, 96])("the same bits, %i rows a call", (rowsPerCall) => {
    for (const factors of [3, 64, 100]) {
      const tables = new TopTables(variant, randomSides(ROWS, 129, factors));
      const list = mixedList(97, ROWS);
      const query = { list, count: 10, seen: mixedSeen(97, 129) };
      expect(tables.topColumns({ ...query, rowsPerCall })).toEqual(tables.topColumns(query));
      expect(tables.memory.touchedCanaries()).toEqual([]);
    }
  });

  test("rows outside its range are left alone", () => {
    const tables = new TopTables(variant, randomSides(ROWS, 33, 13));
    const { memory, rows, stride, sides } = tables;
    const list = memory.uint32(range(12));
    const rowsPtr = memory.uint32([list.ptr, rows.factors.ptr, rows.biases.ptr]).ptr;
    const [indices, scores, counts] = [memory.uint32(24), memory.uint32(24), memory.uint32(12)];
    const untouched = [indices, scores, counts].map(({ view }) => view.slice());
    const resultsPtr = memory.uint32([2, indices.ptr, scores.ptr, counts.ptr]).ptr;
    const workspace = memory.float32(8192).ptr;
    memory.kernels.topColumns(
      3,
      9,
      rowsPtr,
      tables.pack(undefined),
      0,
      stride,
      sides.offset,
      -4,
      resultsPtr,
      workspace,
    );
    const expected = tables.selectedLists({ list: range(12), count: 2, floor: -4 });
    expect([...indices.view.subarray(6, 18)]).toEqual(expected.indices.slice(3, 9).flat());
    expect([...counts.view.subarray(3, 9)]).toEqual([2, 2, 2, 2, 2, 2]);
    for (const [at, { view }] of [indices, scores, counts].entries()) {
      const perRow = view.length / 12;
      expect(view.subarray(0, 3 * perRow)).toEqual(untouched[at]!.subarray(0, 3 * perRow));
      expect(view.subarray(9 * perRow)).toEqual(untouched[at]!.subarray(9 * perRow));
    }
  });
});

describe.each(VARIANTS)("packPanels, %s", (variant) => {
  test.each([
    [0, 1],
    [1, 1],
    [7, 3],
    [8, 4],
    [9, 13],
    [65, 5],
  ])("%i columns of %i factors, factor by factor, 0 and −∞ behind them", (numColumns, factors) => {
    for (const candidates of [undefined, someCandidates(numColumns)]) {
      const sides = randomSides(1, numColumns, factors);
      const tables = new TopTables(variant, sides);
      const numbers = candidates ?? range(numColumns);
      const [numPanels, panelsPtr, biasPtr] = new Uint32Array(tables.memory.memory.buffer, tables.pack(candidates), 3);
      expect(numPanels).toBe(Math.ceil(numbers.length / 8));
      const panels = new Float32Array(tables.memory.memory.buffer, panelsPtr!, numPanels! * 8 * tables.stride);
      const biases = new Float32Array(tables.memory.memory.buffer, biasPtr!, numPanels! * 8);
      expect([...biases]).toEqual(
        range(numPanels! * 8).map((place) => sides.columns.biases[numbers[place] ?? -1] ?? -Infinity),
      );
      panels.forEach((value, at) => {
        const [lane, factor, panel] = [at % 8, (at >> 3) % tables.stride, Math.floor(at / 8 / tables.stride)];
        const column = numbers[panel * 8 + lane];
        expect(value).toBe(column === undefined ? 0 : (sides.columns.factors[column]![factor] ?? 0));
      });
      expect(tables.memory.touchedCanaries()).toEqual([]);
    }
  });

  test("the same panels in as many calls as there are", () => {
    const tables = new TopTables(variant, randomSides(1, 129, 13));
    const floatsOf = (ptr: number): Float32Array => {
      const [numPanels, panelsPtr] = new Uint32Array(tables.memory.memory.buffer, ptr, 2);
      return new Float32Array(tables.memory.memory.buffer, panelsPtr!, numPanels! * 8 * tables.stride);
    };
    const whole = floatsOf(tables.pack(undefined));
    expect(whole.length).toBe(17 * 8 * 16);
    for (const panelsPerCall of [1, 5]) expect(floatsOf(tables.pack(undefined, panelsPerCall))).toEqual(whole);
  });
});
