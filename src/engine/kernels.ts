/**
 * The kernels as TypeScript sees them: typed exports of one compiled variant over one memory. Pointers are byte
 * addresses in that memory; shapes and units stand above each kernel in assembly/kernels.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { WASM_ALPHABET, WASM_PIECES } from "./wasm.generated.js";

/** `strict` rounds as IEEE 754 says and gives equal bits on every engine; `relaxed` lets the engine fuse multiply and add. */
export type Variant = "strict" | "relaxed";

type RatingsPass = (
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

type RowsPass = (
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
  sgdRows: RatingsPass;
  adagradRows: RatingsPass;
  adamRows: RatingsPass;
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
  conjugateGradientRows: RowsPass;
  subspaceRows: RowsPass;
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
  addScaled(begin: number, end: number, intoPtr: number, fromPtr: number, factor: number): number;
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

/** The row or column number that stands for one the model has never met (`assembly/linalg/bilinear.ts`). */
export const UNKNOWN_INDEX = 0xffffffff;

/** What the exported global INTERFACE_VERSION of the kernels must be. */
const INTERFACE_VERSION = 3;

/** Bytes from the text that scripts/build-kernels.mjs writes: (byte + 3) modulo 256 by one character, or by two. */
function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  const singles = WASM_ALPHABET.length - 2;
  const values = new Uint8Array(128);
  for (let value = 0; value < WASM_ALPHABET.length; value++) values[WASM_ALPHABET.charCodeAt(value)] = value;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    let value = values[text.charCodeAt(at)]!;
    if (value >= singles) value = singles * (value - singles + 1) + values[text.charCodeAt(++at)]!;
    bytes[length++] = value - 3;
  }
  return bytes.slice(0, length);
}

/** The kernels that come with the package, as bytes. */
export function bundledKernels(variant: Variant): Uint8Array<ArrayBuffer> {
  return decodeBytes(WASM_PIECES.map(([strict, relaxed]) => (variant === "strict" ? strict : relaxed)).join(""));
}

/** Binds a compiled module to a memory. @throws {Error} if the module is not this version's kernels. */
export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const isOurs = WebAssembly.Module.imports(module).every(({ module, name }) => `${module}.${name}` === "env.memory");
  const exports = isOurs ? instantiateSync(module, { env: { memory } }).instance.exports : {};
  const version = exports["INTERFACE_VERSION"];
  if (!(version instanceof WebAssembly.Global) || version.value !== INTERFACE_VERSION) {
    throw new Error(
      "the WebAssembly module given as `wasm` is not of this version of lowrank; use the files it exports",
    );
  }
  return exports as unknown as Kernels;
}
