/** Who can take Gram matrices and solve positive definite systems, all with one shape of call, each over its own copies. */
import type { Variant } from "../../src/engine/kernels.js";
import { addGram, factorCholesky, PANEL_ROWS, solveCholesky } from "../baselines/linalg.js";
import { openParts } from "./linalg-parts.js";
import { describeMachine } from "./machine.js";
import { Prototype } from "./prototype.js";

/** What the work is on: a positive definite matrix f32[size × size], a vector, and the rows that Gram matrices are of. */
export interface LinalgProblem {
  size: number;
  /** f32[PANEL_ROWS × size] */
  panel: Float32Array;
  matrix: Float32Array;
  right: Float32Array;
}

export interface LinalgContender {
  name: string;
  /** Which peak it is to be measured against; none for plain JavaScript. */
  variant?: Variant;
  /** Of the diagonal, blocks of so many are computed whole. */
  blockSize: number;
  /** gram += Σ q qᵀ over the first rows of the panel. */
  addGram(rows: number): void;
  gram: Float32Array | Float64Array;
  /** work ← matrix */
  copyMatrix(): void;
  /** work ← its Cholesky factor */
  factor(): boolean;
  /** Whether a factor has 1/u on its diagonal. */
  invertsDiagonal: boolean;
  work: Float32Array | Float64Array;
  /** vector ← right */
  copyRight(): void;
  /** vector ← (UᵀU)⁻¹ vector, work being factored. */
  solve(): void;
  vector: Float32Array | Float64Array;
}

function javascript({ size, panel, matrix, right }: LinalgProblem): LinalgContender {
  const [rows, whole, b] = [Float64Array.from(panel), Float64Array.from(matrix), Float64Array.from(right)];
  const [gram, work, vector] = [new Float64Array(size * size), new Float64Array(size * size), new Float64Array(size)];
  return {
    name: "js",
    blockSize: 4,
    addGram: (numRows) => addGram(rows, numRows, size, gram),
    gram,
    copyMatrix: () => work.set(whole),
    factor: () => factorCholesky(work, size),
    invertsDiagonal: false,
    work,
    copyRight: () => vector.set(b),
    solve: () => solveCholesky(work, size, vector),
    vector,
  };
}

async function prototype({ size, panel, matrix, right }: LinalgProblem): Promise<LinalgContender | undefined> {
  const opened = await Prototype.open(4 * (panel.length + 3 * matrix.length + 2 * size) + 4096);
  if (!opened) return undefined;
  const [rows, whole, b] = [opened.put(panel), opened.put(matrix), opened.put(right)];
  const [gram, work] = [opened.put(new Float32Array(size * size)), opened.put(new Float32Array(size * size))];
  const vector = opened.put(new Float32Array(size));
  const { syrk, chol, solve } = opened.kernels;
  return {
    name: "prototype",
    variant: describeMachine().wasmVariant,
    blockSize: 8,
    addGram: (numRows) => void syrk!(rows.ptr, numRows, size, gram.ptr),
    gram: gram.view,
    copyMatrix: () => work.view.set(whole.view),
    factor: () => chol!(work.ptr, size) === 0,
    invertsDiagonal: false,
    work: work.view,
    copyRight: () => vector.view.set(b.view),
    solve: () => void solve!(work.ptr, size, vector.ptr),
    vector: vector.view,
  };
}

/** As assembly/linalg/panel.ts: lines an odd number of cache lines apart. */
function panelLineBytes(size: number): number {
  return (((size + 15) >> 4) | 1) << 6;
}

const PIVOT_TOLERANCE = 2 ** -23;

async function library(problem: LinalgProblem, variant: Variant): Promise<LinalgContender | undefined> {
  const { size, panel, matrix, right } = problem;
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
  const parts = await openParts(variant, memory);
  if (!parts) return undefined;
  let top = 1024;
  const place = (length: number): { ptr: number; view: Float32Array } => {
    const placed = { ptr: top, view: new Float32Array(memory.buffer, top, length) };
    top += (4 * length + 63) & ~63;
    return placed;
  };
  const lineBytes = panelLineBytes(size);
  const lines = place((PANEL_ROWS * lineBytes) / 4);
  for (let row = 0; row < PANEL_ROWS; row++) {
    lines.view.set(panel.subarray(row * size, (row + 1) * size), (row * lineBytes) / 4);
  }
  const [whole, gram, work] = [place(size * size), place(size * size), place(size * size)];
  const vector = place(size);
  whole.view.set(matrix);
  return {
    name: `lowrank ${variant}`,
    variant,
    blockSize: 8,
    addGram: (numRows) => parts.addGram(lines.ptr, lineBytes, numRows, size, gram.ptr),
    gram: gram.view,
    copyMatrix: () => work.view.set(whole.view),
    factor: () => parts.factorCholesky(work.ptr, size, PIVOT_TOLERANCE * size) === 0,
    invertsDiagonal: true,
    work: work.view,
    copyRight: () => vector.view.set(right),
    solve: () => parts.solveCholesky(work.ptr, size, vector.ptr),
    vector: vector.view,
  };
}

/** All that run here, plain JavaScript first. */
export async function openContenders(problem: LinalgProblem): Promise<LinalgContender[]> {
  const opened = [
    javascript(problem),
    await prototype(problem),
    await library(problem, "strict"),
    await library(problem, "relaxed"),
  ];
  return opened.filter((contender) => contender !== undefined);
}
