import type { Variant } from "../../src/engine/kernels.js";
import { strideOf } from "../../src/engine/matrix.js";
import type { TwinBlock, TwinSide } from "../twins/rating-pass.js";
import type { TwinEntries, TwinRidge } from "../twins/ridge-row.js";
import { KernelMemory, type Placed } from "./kernel-memory.js";
import { type PlacedSide, placeSide } from "./rating-pass.js";

/** A pull to zero that is neither weak nor strong, every part of it there. */
export const RIDGE: TwinRidge = {
  perEntry: 0.0625,
  damping: 0.375,
  biasPerEntry: 0.03125,
  biasDamping: 0.5,
  offset: 1.5,
};

/** The bytes that the kernels say they work in. */
export function solveWorkspaceBytes(stride: number): number {
  const size = Math.ceil(stride / 8) * 8;
  return (size * size + 67 * size + 80) * 4;
}

/** Entries of one row of a block. */
export function entriesOf({ offsets, columns, values }: TwinBlock, row: number): TwinEntries {
  const [begin, end] = [offsets[row]!, offsets[row + 1]!];
  const cut = (all: ArrayLike<number>): number[] => Array.prototype.slice.call(all, begin, end);
  return { columns: cut(columns), values: cut(values) };
}

/** A block of rows to be solved, in a kernel's memory, the result all canaries at first. */
export class PlacedSolve {
  readonly memory: KernelMemory;
  readonly stride: number;
  readonly factors: number;
  readonly fixed: PlacedSide;
  /** The solved factors, f32[rows × stride]. */
  readonly solvedFactors: Placed<Float32Array>;
  readonly solvedBiases: Placed<Float32Array>;
  readonly #block: readonly [offsetsPtr: number, columnsPtr: number, valuesPtr: number];
  readonly #solvedPtr: number;
  readonly #parametersPtr: number;
  readonly #workspacePtr: number;

  constructor(
    variant: Variant,
    block: TwinBlock,
    columns: TwinSide,
    ridge: TwinRidge,
    { begin = 1024, numRows = block.offsets.length - 1 }: { begin?: number; numRows?: number } = {},
  ) {
    this.memory = new KernelMemory(variant, begin);
    const { memory } = this;
    this.factors = columns.factors[0]!.length;
    this.stride = strideOf(this.factors);
    const values = memory.float32(block.values);
    this.#block = [memory.uint32(block.offsets).ptr, memory.uint32(block.columns).ptr, values.ptr];
    this.fixed = placeSide(memory, columns);
    this.solvedFactors = memory.float32(numRows * this.stride);
    this.solvedBiases = memory.float32(numRows);
    this.#solvedPtr = memory.uint32([this.solvedFactors.ptr, this.solvedBiases.ptr, 0, 0]).ptr;
    const { perEntry, damping, biasPerEntry, biasDamping, offset } = ridge;
    this.#parametersPtr = memory.float32([perEntry, damping, biasPerEntry, biasDamping, offset]).ptr;
    this.#workspacePtr = memory.float32(solveWorkspaceBytes(this.stride) / 4).ptr;
  }

  /** Solves rows [rowBegin, rowEnd). @param numbers where each row of the block is written */
  solve(
    rowBegin: number,
    rowEnd: number,
    numbers?: readonly number[],
    { fixedPtr = this.fixed.ptr, workspacePtr = this.#workspacePtr } = {},
  ): number {
    return this.memory.kernels.solveRows(
      rowBegin,
      rowEnd,
      numbers ? this.memory.uint32(numbers).ptr : 0,
      ...this.#block,
      fixedPtr,
      this.#solvedPtr,
      this.stride,
      this.#parametersPtr,
      workspacePtr,
    );
  }

  /** The weights of entries [begin, end) in the score of a column, f32[end]. */
  explain(begin: number, end: number, column: number): { status: number; weights: Float32Array } {
    const [, columnsPtr, valuesPtr] = this.#block;
    const weights = this.memory.float32(end);
    const system = [column, this.fixed.ptr, this.stride, this.#parametersPtr] as const;
    const { kernels } = this.memory;
    const status = kernels.explainEntries(
      begin,
      end,
      columnsPtr,
      valuesPtr,
      ...system,
      weights.ptr,
      this.#workspacePtr,
    );
    return { status, weights: weights.view };
  }

  /** A solved row, without padding. */
  solved(row: number): { factors: Float32Array; bias: number; padding: Float32Array } {
    const all = this.solvedFactors.view.subarray(row * this.stride, (row + 1) * this.stride);
    const bias = this.solvedBiases.view[row]!;
    return { factors: all.subarray(0, this.factors), bias, padding: all.subarray(this.factors) };
  }

  /** All that was solved, as bits. */
  bits(): Uint32Array[] {
    return [this.solvedFactors, this.solvedBiases].map(({ ptr, view }) => {
      return new Uint32Array(this.memory.memory.buffer, ptr, view.length).slice();
    });
  }
}
