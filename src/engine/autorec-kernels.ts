/** The AutoRec family of kernels; shapes and units stand above each kernel in assembly/kernels. */
import type { KernelFamily } from "./kernel-family.js";
import { WASM_PIECES } from "./wasm-autorec.generated.js";

type TilesCopy = (
  rowBegin: number,
  rowEnd: number,
  rowsPtr: number,
  stride: number,
  numRows: number,
  tilesPtr: number,
  tileBytes: number,
) => number;

export type AutorecKernels = {
  packTiles: TilesCopy;
  unpackTiles: TilesCopy;
};

export const AUTOREC_KERNELS: KernelFamily<AutorecKernels> = {
  name: "autorec",
  sample: "packTiles",
  pieces: WASM_PIECES,
};
