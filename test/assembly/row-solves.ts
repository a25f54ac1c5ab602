import { ALTERNATING_KERNELS, type AlternatingKernels } from "../../src/engine/alternating-kernels.js";
import type { Kernels, Variant } from "../../src/engine/kernels.js";
import { strideOf } from "../../src/engine/matrix.js";
import type { TwinConfidence } from "../twins/confidence-row.js";
import type { TwinBlock, TwinSide } from "../twins/rating-pass.js";
import type { TwinEntries, TwinRidge } from "../twins/ridge-row.js";
import { KernelMemory, type Placed } from "./kernel-memory.js";
import { type PlacedSide, placeSide } from "./rating-pass.js";
import {
  conjugateGradientWorkspaceBytes,
  explainWorkspaceBytes,
  paddedSize,
  panelBytes,
  principalAxesWorkspaceBytes,
  SLICE_ENTRIES,
  shortRowsWorkspaceBytes,
  solveWorkspaceBytes,
  subspaceWorkspaceBytes,
  systemFloats,
} from "./row-workspaces.js";

export { solveWorkspaceBytes };

/** A pull to zero that is neither weak nor strong, every part of it there. */
export const RIDGE: TwinRidge = {
  perEntry: 0.0625,
  damping: 0.375,
  biasPerEntry: 0.03125,
  biasDamping: 0.5,
  offset: 1.5,
};

/** Entries of one row of a block. */
export function entriesOf({ offsets, columns, values }: TwinBlock, row: number): TwinEntries {
  const [begin, end] = [offsets[row]!, offsets[row + 1]!];
  const cut = (all: ArrayLike<number>): number[] => Array.prototype.slice.call(all, begin, end);
  return { columns: cut(columns), values: cut(values) };
}

/** What a solve is given beside its equations. */
export interface SolveOptions {
  /** The address from which on all of it lies. */
  begin?: number;
  numRows?: number;
  /** What the rows and their biases are at first; else they are canaries. */
  start?: readonly ArrayLike<number>[];
  startBiases?: ArrayLike<number>;
  sweeps?: number;
  steps?: number;
  blockFactors?: number;
  /** Rows of fewer entries are left to shortRows. */
  shortBound?: number;
}

/** linalg/row-parameters.ts, in a kernel's memory. */
export function placeParameters(
  memory: KernelMemory,
  model: TwinRidge | TwinConfidence,
  { sweeps = 0, steps = 0, blockFactors = 0, shortBound = 0 }: SolveOptions = {},
): number {
  const { ptr, view } = memory.uint32(12);
  const floats = new Float32Array(view.buffer, ptr, 12);
  const { perEntry, damping } = model;
  if ("gram" in model) {
    floats.set([perEntry, damping, -1, 0, 0]);
    const lambdasPtr = model.lambdas ? memory.float32(model.lambdas).ptr : 0;
    view.set([placeGram(memory, model.gram), lambdasPtr], 5);
    floats[7] = model.beta;
  } else {
    floats.set([perEntry, damping, model.biasPerEntry, model.biasDamping, model.offset]);
    view.set([0, 0, 0], 5);
  }
  view.set([sweeps, steps, blockFactors, shortBound], 8);
  return ptr;
}

/** G, padded with zeros: f32[size × size]. */
function placeGram(memory: KernelMemory, gram: readonly Float64Array[]): number {
  const size = paddedSize(strideOf(gram.length));
  const padded = new Float32Array(size * size);
  gram.forEach((line, i) => {
    padded.set(line, i * size);
  });
  return memory.float32(padded).ptr;
}

export type RowKernel = "solveRows" | "conjugateGradientRows" | "subspaceRows";

/** A block of rows to be solved, in a kernel's memory. */
export class PlacedSolve {
  readonly memory: KernelMemory;
  readonly stride: number;
  readonly factors: number;
  readonly fixed: PlacedSide;
  /** The solved factors, f32[rows × stride]. */
  readonly solvedFactors: Placed<Float32Array>;
  readonly solvedBiases: Placed<Float32Array>;
  readonly parametersPtr: number;
  readonly #offsets: ArrayLike<number>;
  readonly #blockFactors: number;
  readonly #block: readonly [offsetsPtr: number, columnsPtr: number, valuesPtr: number];
  readonly #solvedPtr: number;
  readonly #workspacePtrs = new Map<string, number>();

  constructor(
    variant: Variant,
    block: TwinBlock,
    columns: TwinSide,
    model: TwinRidge | TwinConfidence,
    options: SolveOptions = {},
  ) {
    const { begin = 1024, numRows = block.offsets.length - 1, start = [], startBiases = [] } = options;
    this.memory = new KernelMemory(variant, begin);
    const { memory } = this;
    this.factors = columns.factors[0]!.length;
    this.stride = strideOf(this.factors);
    const values = memory.float32(block.values);
    this.#block = [memory.uint32(block.offsets).ptr, memory.uint32(block.columns).ptr, values.ptr];
    this.#offsets = block.offsets;
    this.#blockFactors = options.blockFactors ?? 0;
    this.fixed = placeSide(memory, columns);
    this.solvedFactors = memory.float32(numRows * this.stride);
    this.solvedBiases = memory.float32(numRows);
    start.forEach((row, index) => {
      this.solvedFactors.view.fill(0, index * this.stride, (index + 1) * this.stride).set(row, index * this.stride);
    });
    this.solvedBiases.view.set(startBiases);
    this.#solvedPtr = memory.uint32([this.solvedFactors.ptr, this.solvedBiases.ptr, 0, 0]).ptr;
    this.parametersPtr = placeParameters(memory, model, options);
  }

  /** Solves rows [rowBegin, rowEnd) exactly. @param numbers where each row of the block is written */
  solve(
    rowBegin: number,
    rowEnd: number,
    numbers?: readonly number[],
    places: { fixedPtr?: number; workspacePtr?: number } = {},
  ): number {
    return this.run("solveRows", rowBegin, rowEnd, numbers, places);
  }

  /** Solves the short rows of [rowBegin, rowEnd), along the principal axes of G. @returns that of shortRows */
  solveShort(rowBegin: number, rowEnd: number, numbers?: readonly number[]): number {
    const { turnedPtr, vectorsPtr, valuesPtr } = this.#placeAxes();
    return this.memory
      .kernelsOf(ALTERNATING_KERNELS)
      .shortRows(
        rowBegin,
        rowEnd,
        numbers ? this.memory.uint32(numbers).ptr : 0,
        ...this.#block,
        turnedPtr,
        this.#solvedPtr,
        this.stride,
        this.parametersPtr,
        vectorsPtr,
        valuesPtr,
        this.#workspace("shortRows", shortRowsWorkspaceBytes(this.stride)),
      );
  }

  /** The axes of G, and a descriptor of the fixed rows along them. */
  #placeAxes(): { turnedPtr: number; vectorsPtr: number; valuesPtr: number } {
    const { memory, stride, fixed } = this;
    const kernels = memory.kernelsOf(ALTERNATING_KERNELS);
    const gramPtr = new Uint32Array(memory.memory.buffer, this.parametersPtr, 12)[5]!;
    const vectorsPtr = memory.float32(stride * stride).ptr;
    const valuesPtr = memory.float32(stride).ptr;
    const workspacePtr = this.#workspace("principalAxes", principalAxesWorkspaceBytes(stride));
    expect0(kernels.principalAxes(0, 1, gramPtr, stride, vectorsPtr, valuesPtr, workspacePtr));
    const turned = memory.float32(fixed.factors.view.length);
    expect0(kernels.rotateRows(0, turned.view.length / stride, fixed.factors.ptr, stride, vectorsPtr, turned.ptr));
    return { turnedPtr: memory.uint32([turned.ptr, fixed.biases.ptr, 0, 0]).ptr, vectorsPtr, valuesPtr };
  }

  /** Runs one of the kernels over rows [rowBegin, rowEnd). */
  run(
    kernel: RowKernel,
    rowBegin: number,
    rowEnd: number,
    numbers?: readonly number[],
    { fixedPtr = this.fixed.ptr, workspacePtr = this.#workspace(kernel, this.workspaceBytes(kernel)) } = {},
  ): number {
    const kernels = { ...this.memory.kernels, ...this.memory.kernelsOf(ALTERNATING_KERNELS) };
    return kernels[kernel](
      rowBegin,
      rowEnd,
      numbers ? this.memory.uint32(numbers).ptr : 0,
      ...this.#block,
      fixedPtr,
      this.#solvedPtr,
      this.stride,
      this.parametersPtr,
      workspacePtr,
    );
  }

  /** What a kernel says it works in. */
  workspaceBytes(kernel: RowKernel): number {
    const longest = this.#longestRow();
    if (kernel === "conjugateGradientRows") return conjugateGradientWorkspaceBytes(this.stride, longest);
    if (kernel === "subspaceRows") return subspaceWorkspaceBytes(this.stride, this.#blockFactors, longest);
    return solveWorkspaceBytes(this.stride, longest);
  }

  /** Solves a row from the systems of its slices; its parameters are those of row `row`. @returns that of solveMerged */
  solveSliced(row: number, number = row): number {
    const { kernels } = this.memory;
    const [begin, end] = [this.#offsets[row]!, this.#offsets[row + 1]!];
    const floats = systemFloats(this.stride);
    const numSlices = Math.ceil((end - begin) / SLICE_ENTRIES);
    const systems = this.memory.float32(numSlices * floats);
    for (let slice = 0; slice < numSlices; slice++)
      this.#accumulate(begin, end, slice, systems.ptr + slice * floats * 4);
    expect0(kernels.mergeSlices(systems.ptr, numSlices, this.stride, this.parametersPtr));
    const merged = systems.view.slice(0, floats);
    const workspacePtr = this.#workspace("solveMerged", floats * 4);
    const [n, stride, parametersPtr] = [end - begin, this.stride, this.parametersPtr];
    const status = kernels.solveMerged(
      row,
      number,
      n,
      systems.ptr,
      this.#solvedPtr,
      stride,
      parametersPtr,
      workspacePtr,
    );
    if (systems.view.subarray(0, floats).some((value, at) => !Object.is(value, merged[at]))) {
      throw new Error("solveMerged wrote to the system that it is given");
    }
    return status;
  }

  #accumulate(begin: number, end: number, slice: number, systemPtr: number): void {
    const [, columnsPtr, valuesPtr] = this.#block;
    const first = begin + slice * SLICE_ENTRIES;
    const last = Math.min(first + SLICE_ENTRIES, end);
    const workspacePtr = this.#workspace("accumulateSlice", panelBytes(this.stride));
    const { fixed, stride, parametersPtr } = this;
    const args = [systemPtr, columnsPtr, valuesPtr, fixed.ptr, stride, parametersPtr, workspacePtr] as const;
    expect0(this.memory.kernels.accumulateSlice(first, last, ...args));
  }

  /** The weights of entries [begin, end) in the score of a column, f32[end]. */
  explain(begin: number, end: number, column: number): { status: number; weights: Float32Array } {
    const [, columnsPtr, valuesPtr] = this.#block;
    const weights = this.memory.float32(end);
    const system = [column, this.fixed.ptr, this.stride, this.parametersPtr] as const;
    const workspacePtr = this.#workspace("explainEntries", explainWorkspaceBytes(this.stride, end - begin));
    const { kernels } = this.memory;
    const status = kernels.explainEntries(begin, end, columnsPtr, valuesPtr, ...system, weights.ptr, workspacePtr);
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

  #longestRow(): number {
    let longest = 0;
    for (let row = 1; row < this.#offsets.length; row++) {
      longest = Math.max(longest, this.#offsets[row]! - this.#offsets[row - 1]!);
    }
    return longest;
  }

  /** Room for a kernel to work in, as much as it says and full of canaries at first, the same each time. */
  #workspace(kernel: keyof Kernels | keyof AlternatingKernels, bytes: number): number {
    const name = `${kernel} ${bytes}`;
    const ptr = this.#workspacePtrs.get(name) ?? this.memory.float32(bytes / 4).ptr;
    this.#workspacePtrs.set(name, ptr);
    return ptr;
  }
}

function expect0(status: number): void {
  if (status !== 0) throw new Error(`a kernel that returns 0 returned ${status}`);
}
