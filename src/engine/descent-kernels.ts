/** The descent family of kernels; shapes and units stand above each kernel in assembly/kernels. */
import type { KernelFamily } from "./kernel-family.js";
import type { RatingsPass } from "./kernels.js";

export type RatingPasses = {
  sgdRows: RatingsPass;
  adagradRows: RatingsPass;
  adamRows: RatingsPass;
};

export type DescentKernels = RatingPasses & {
  cutBand(
    rowBegin: number,
    rowEnd: number,
    blockOffsetsPtr: number,
    rowOffsetsPtr: number,
    columnsPtr: number,
    valuesPtr: number,
    panelOfPtr: number,
    numPanels: number,
    offset: number,
    scale: number,
    seedLow: number,
    seedHigh: number,
    purpose: number,
    workspacePtr: number,
  ): number;
};

export const DESCENT_KERNELS: KernelFamily<DescentKernels> = {
  name: "descent",
  sample: "sgdRows",
  text: async () => (await import("./wasm-descent.generated.js")).WASM_PIECES,
};
