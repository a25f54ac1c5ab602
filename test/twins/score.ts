/** The bilinear score offset + b_row + b_column + p·q in plain TypeScript: in f64, and as the strict kernels round it. */
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { dot, type TwinSide } from "./rating-pass.js";

/** What is unknown adds nothing. */
export function scoreTwin(rows: TwinSide, columns: TwinSide, row: number, column: number, offset: number): number {
  const known = row !== UNKNOWN_INDEX && column !== UNKNOWN_INDEX;
  const pull = known ? dot(rows.factors[row]!, columns.factors[column]!) : 0;
  return offset + biasOf(rows, row) + biasOf(columns, column) + pull;
}

/** To the last bit: (offset + (b_row + b_column)) + p·q, rounded to f32 after every step, the dot one chain from 0. */
export function strictScoreTwin(
  rows: TwinSide,
  columns: TwinSide,
  row: number,
  column: number,
  offset: number,
): number {
  const { fround } = Math;
  const base = fround(offset + fround(biasOf(rows, row) + biasOf(columns, column)));
  if (row === UNKNOWN_INDEX || column === UNKNOWN_INDEX) return base;
  const q = columns.factors[column]!;
  let sum = 0;
  for (const [f, p] of rows.factors[row]!.entries()) sum = fround(sum + fround(p * q[f]!));
  return fround(base + sum);
}

function biasOf(side: TwinSide, index: number): number {
  return index === UNKNOWN_INDEX ? 0 : side.biases[index]!;
}
