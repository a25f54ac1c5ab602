import type { Variant } from "../../src/engine/kernels.js";
import { strideOf } from "../../src/engine/matrix.js";
import type { TwinSide } from "../twins/rating-pass.js";
import { KernelMemory } from "./kernel-memory.js";
import { type PlacedSide, placeSide, randomOf, randomSide } from "./rating-pass.js";

/** Two sides, and what a score of nothing is. */
export interface ScoreSides {
  rows: TwinSide;
  columns: TwinSide;
  factors: number;
  offset: number;
}

/** What every kernel over pairs takes behind its rows and columns. */
export type ScoreArguments = readonly [
  rowFactorsPtr: number,
  columnFactorsPtr: number,
  rowBiasPtr: number,
  columnBiasPtr: number,
  stride: number,
  offset: number,
];

/** Random sides, the same for the same arguments. */
export function randomSides(numRows: number, numColumns: number, factors: number): ScoreSides {
  const random = randomOf(factors + 3000);
  const rows = randomSide(numRows, factors, random);
  const columns = randomSide(numColumns, factors, random);
  return { rows, columns, factors, offset: Math.fround(3.6) };
}

/** Sides of small whole numbers: every score is exact, and many are equal. */
export function tiedSides(numRows: number, numColumns: number, factors: number): ScoreSides {
  const random = randomOf(factors + 4000);
  const side = (rows: number): TwinSide => ({
    factors: Array.from({ length: rows }, () => Float64Array.from({ length: factors }, () => random.nextBelow(3) - 1)),
    biases: Float64Array.from({ length: rows }, () => random.nextBelow(3)),
    lambdas: [],
  });
  return { rows: side(numRows), columns: side(numColumns), factors, offset: 1 };
}

/** Two sides in a kernel's memory, as every kernel over pairs takes them. */
export class ScoreTables {
  readonly memory: KernelMemory;
  readonly sides: ScoreSides;
  readonly stride: number;
  readonly rows: PlacedSide;
  readonly columns: PlacedSide;

  constructor(variant: Variant, sides: ScoreSides, begin = 1024) {
    this.memory = new KernelMemory(variant, begin);
    this.sides = sides;
    this.stride = strideOf(sides.factors);
    this.rows = placeSide(this.memory, sides.rows);
    this.columns = placeSide(this.memory, sides.columns);
  }

  /** The scores of pairs. */
  scorePairs(pairs: readonly (readonly [row: number, column: number])[]): Float32Array {
    const { memory } = this;
    const rowsPtr = memory.uint32(pairs.map(([row]) => row)).ptr;
    const columnsPtr = memory.uint32(pairs.map(([, column]) => column)).ptr;
    const { ptr, view } = memory.float32(pairs.length);
    memory.kernels.scorePairs(0, pairs.length, rowsPtr, columnsPtr, ...this.arguments, ptr);
    return view;
  }

  /** The scores of one row with so many columns. */
  scoreColumns(row: number, numColumns = this.sides.columns.factors.length): Float32Array {
    const { ptr, view } = this.memory.float32(numColumns);
    this.memory.kernels.scoreColumns(0, numColumns, row, ...this.arguments, ptr);
    return view;
  }

  /** The scores of one column with every row: the sides have changed places. */
  scoreRows(column: number): Float32Array {
    const numRows = this.sides.rows.factors.length;
    const { ptr, view } = this.memory.float32(numRows);
    this.memory.kernels.scoreColumns(0, numRows, column, ...this.#tablesOf(this.columns, this.rows), ptr);
    return view;
  }

  /** What stands between a kernel's rows and columns and where it writes. */
  get arguments(): ScoreArguments {
    return this.#tablesOf(this.rows, this.columns);
  }

  #tablesOf(rows: PlacedSide, columns: PlacedSide): ScoreArguments {
    const { offset } = this.sides;
    return [rows.factors.ptr, columns.factors.ptr, rows.biases.ptr, columns.biases.ptr, this.stride, offset];
  }
}
