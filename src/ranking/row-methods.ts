/** How rows are solved: exactly, or brought nearer to their solution from where they are. */
import { ALTERNATING_KERNELS, type AlternatingKernels } from "../engine/alternating-kernels.js";
import type { KernelFamily } from "../engine/kernel-family.js";
import { CORE_KERNELS, type Kernels } from "../engine/kernels.js";
import type { Method } from "./row-solver.js";
import { conjugateGradientBytes, solveBytes, subspaceBytes } from "./row-workspace.js";
import { placeShortRows } from "./short-rows.js";

export interface RowMethod {
  readonly kernel: string;
  /** Whose kernel it is: where only exact rows are wanted, no other family's text is. */
  readonly family: KernelFamily;
  /** What the parameter block says of it. */
  readonly settings?: Pick<Method, "steps" | "blockSize">;
  /** Makes ready for the short rows that another kernel solves, if it is worth it: only where every pair counts. */
  readonly placeShortRows?: typeof placeShortRows;
  /** Of each thread. @param longest entries of the longest row */
  workspaceBytes(stride: number, longest: number): number;
}

export const CHOLESKY: RowMethod = {
  kernel: "solveRows" satisfies keyof Kernels,
  family: CORE_KERNELS,
  workspaceBytes: solveBytes,
};

/** The same for many rows of implicit feedback, as a training has them. */
export const CONFIDENCE_CHOLESKY: RowMethod = {
  kernel: "solveRows" satisfies keyof Kernels,
  family: CORE_KERNELS,
  workspaceBytes: solveBytes,
  placeShortRows, // no spread of the above: a bundler would keep it, and the kernels with it, on every page
};

export function conjugateGradient(steps: number): RowMethod {
  return {
    kernel: "conjugateGradientRows" satisfies keyof AlternatingKernels,
    family: ALTERNATING_KERNELS,
    settings: { steps },
    workspaceBytes: conjugateGradientBytes,
  };
}

export function subspace(blockSize: number): RowMethod {
  return {
    kernel: "subspaceRows" satisfies keyof AlternatingKernels,
    family: ALTERNATING_KERNELS,
    settings: { blockSize },
    workspaceBytes: (stride, longest) => subspaceBytes(stride, longest, blockSize),
  };
}
