/** The AutoRec family of kernels; shapes and units stand above each kernel in assembly/kernels. */
import type { KernelFamily } from "./kernel-family.js";

type TilesCopy = (
  rowBegin: number,
  rowEnd: number,
  rowsPtr: number,
  stride: number,
  tilesPtr: number,
  tileBytes: number,
) => number;

export type AutorecKernels = {
  encodeTiles(tileBegin: number, tileEnd: number, networkPtr: number, batchPtr: number): number;
  decodeRows(begin: number, end: number, networkPtr: number, batchPtr: number, workspacePtr: number): number;
  learnTiles(tileBegin: number, tileEnd: number, networkPtr: number, batchPtr: number, nextBatchPtr: number): number;
  placeCodes(
    slotBegin: number,
    slotEnd: number,
    networkPtr: number,
    batchPtr: number,
    emptyPtr: number,
    factorsPtr: number,
    stride: number,
  ): number;
  placeDecoder(
    rowBegin: number,
    rowEnd: number,
    networkPtr: number,
    emptyPtr: number,
    factorsPtr: number,
    stride: number,
    biasPtr: number,
    basePtr: number,
    scale: number,
  ): number;
  packTiles: TilesCopy;
  unpackTiles: TilesCopy;
};

export const AUTOREC_KERNELS: KernelFamily<AutorecKernels> = {
  name: "autorec",
  sample: "packTiles",
  text: async () => (await import("./wasm-autorec.generated.js")).WASM_PIECES,
};
