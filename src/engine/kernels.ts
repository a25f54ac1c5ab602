/**
 * The core family of kernels as TypeScript sees it: typed exports of one compiled variant over one memory. Pointers are
 * byte addresses in that memory; shapes and units stand above each kernel in assembly/kernels.
 */
import type { KernelFamily } from "./kernel-family.js";
import { WASM_PIECES } from "./wasm-core.generated.js";

/** `strict` rounds as IEEE 754 says and gives equal bits on every engine; `relaxed` lets the engine fuse multiply and add. */
export type Variant = "strict" | "relaxed";

/** A kernel over rows of ratings, the columns' side beside. */
export type RatingsPass = (
  rowBegin: number,
  rowEnd: number,
  offsetsPtr: number,
  columnsPtr: number,
  valuesPtr: number,
  rowSidePtr: number,
  columnSidePtr: number,
  stride: number,
  parametersPtr: number,
) => number;

/** A kernel that solves rows, the other side fixed. */
export type RowsPass = (
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
  workspacePtr: number,
) => number;

export type Kernels = {
  fillNormalRows(
    rowBegin: number,
    rowEnd: number,
    matrixPtr: number,
    columns: number,
    stride: number,
    deviation: number,
    seedLow: number,
    seedHigh: number,
    purpose: number,
  ): number;
  countBeyond(begin: number, end: number, valuesPtr: number, limit: number): number;
  scaleValues(begin: number, end: number, valuesPtr: number, factor: number): number;
  scorePairs(
    begin: number,
    end: number,
    rowsPtr: number,
    columnsPtr: number,
    rowFactorsPtr: number,
    columnFactorsPtr: number,
    rowBiasPtr: number,
    columnBiasPtr: number,
    stride: number,
    offset: number,
    scoresPtr: number,
  ): number;
  scoreColumns(
    begin: number,
    end: number,
    row: number,
    rowFactorsPtr: number,
    columnFactorsPtr: number,
    rowBiasPtr: number,
    columnBiasPtr: number,
    stride: number,
    offset: number,
    scoresPtr: number,
  ): number;
  squaredErrorPairs(
    begin: number,
    end: number,
    rowsPtr: number,
    columnsPtr: number,
    valuesPtr: number,
    rowFactorsPtr: number,
    columnFactorsPtr: number,
    rowBiasPtr: number,
    columnBiasPtr: number,
    stride: number,
    rangePtr: number,
  ): number;
  selectTop(
    size: number,
    count: number,
    floor: number,
    scoresPtr: number,
    indicesPtr: number,
    topScoresPtr: number,
  ): number;
  packPanels(
    begin: number,
    end: number,
    columnsPtr: number,
    numColumns: number,
    factorsPtr: number,
    biasPtr: number,
    stride: number,
    panelsPtr: number,
    panelBiasPtr: number,
    boundsPtr: number,
  ): number;
  topColumns(
    rowBegin: number,
    rowEnd: number,
    rowsPtr: number,
    columnsPtr: number,
    seenPtr: number,
    stride: number,
    offset: number,
    floor: number,
    resultsPtr: number,
    workspacePtr: number,
  ): number;
  similarityRows(
    begin: number,
    end: number,
    metric: number,
    fromPtr: number,
    stride: number,
    toPtr: number,
    biasPtr: number,
  ): number;
  solveRows: RowsPass;
  accumulateSlice(
    begin: number,
    end: number,
    systemPtr: number,
    columnsPtr: number,
    valuesPtr: number,
    fixedPtr: number,
    stride: number,
    parametersPtr: number,
    workspacePtr: number,
  ): number;
  mergeSlices(systemPtr: number, numSlices: number, stride: number, parametersPtr: number): number;
  solveMerged(
    row: number,
    number: number,
    n: number,
    systemPtr: number,
    solvedPtr: number,
    stride: number,
    parametersPtr: number,
    workspacePtr: number,
  ): number;
  gramRows(
    rowBegin: number,
    rowEnd: number,
    gramPtr: number,
    factorsPtr: number,
    stride: number,
    workspacePtr: number,
  ): number;
  mergeGrams(
    begin: number,
    end: number,
    gramPtr: number,
    partialsPtr: number,
    numPartials: number,
    floats: number,
    scale: number,
  ): number;
  explainEntries(
    begin: number,
    end: number,
    columnsPtr: number,
    valuesPtr: number,
    column: number,
    fixedPtr: number,
    stride: number,
    parametersPtr: number,
    weightsPtr: number,
    workspacePtr: number,
  ): number;
};

export type KernelName = keyof Kernels;

/** What every model is asked and grown with: the family wherever none is named. */
export const CORE_KERNELS: KernelFamily<Kernels> = { name: "core", sample: "scorePairs", text: WASM_PIECES };

/** The row or column number that stands for one the model has never met (`assembly/linalg/bilinear.ts`). */
export const UNKNOWN_INDEX = 0xffffffff;
