/** The alternating family of kernels; shapes and units stand above each kernel in assembly/kernels. */
import type { KernelFamily } from "./kernel-family.js";
import type { RatingsPass, RowsPass } from "./kernels.js";

export type AlternatingKernels = {
  conjugateGradientRows: RowsPass;
  subspaceRows: RowsPass;
  lossRows: RatingsPass;
  penaltyRows(
    rowBegin: number,
    rowEnd: number,
    offsetsPtr: number,
    sidePtr: number,
    stride: number,
    parametersPtr: number,
  ): number;
  gradientRows(...args: [...Parameters<RatingsPass>, gradientPtr: number]): number;
  principalAxes(
    begin: number,
    end: number,
    gramPtr: number,
    stride: number,
    vectorsPtr: number,
    valuesPtr: number,
    workspacePtr: number,
  ): number;
  rotateRows(
    rowBegin: number,
    rowEnd: number,
    fromPtr: number,
    stride: number,
    vectorsPtr: number,
    toPtr: number,
  ): number;
  shortRows(
    rowBegin: number,
    rowEnd: number,
    numbersPtr: number,
    offsetsPtr: number,
    columnsPtr: number,
    valuesPtr: number,
    fixedPtr: number,
    solvedPtr: number,
    stride: number,
    parametersPtr: number,
    vectorsPtr: number,
    axisValuesPtr: number,
    workspacePtr: number,
  ): number;
  addScaled(begin: number, end: number, intoPtr: number, fromPtr: number, factor: number): number;
};

export const ALTERNATING_KERNELS: KernelFamily<AlternatingKernels> = {
  name: "alternating",
  sample: "lossRows",
  text: async () => (await import("./wasm-alternating.generated.js")).WASM_PIECES,
};
