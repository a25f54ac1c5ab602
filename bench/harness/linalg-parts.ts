/** The inner kernels of solveRows, for benches alone (bench/parts/row-solve.ts). */
import type { Variant } from "../../src/engine/kernels.js";
import { openModule } from "./parts.js";

/** Pointers are byte addresses; what is behind them is told above each function in assembly/linalg and bench/parts. */
export interface LinalgParts {
  addGram(panelPtr: number, lineBytes: number, numRows: number, size: number, gramPtr: number): void;
  factorCholesky(matrixPtr: number, size: number, tolerance: number): number;
  solveCholesky(matrixPtr: number, size: number, vectorPtr: number): void;
  rowsUpTo(
    begin: number,
    end: number,
    rowsPtr: number,
    offsetsPtr: number,
    columnsPtr: number,
    valuesPtr: number,
    fixedPtr: number,
    stride: number,
    parametersPtr: number,
    depth: number,
    workspacePtr: number,
  ): number;
}

/** The parts over a memory of their own or the engine's; undefined where the engine does not run the variant. */
export function openParts(variant: Variant, memory: WebAssembly.Memory): Promise<LinalgParts | undefined> {
  return openModule<LinalgParts>("row-solve", variant, memory);
}
