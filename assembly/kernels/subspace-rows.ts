import { factorCholesky, solveCholesky } from "../linalg/cholesky";
import { dot } from "../linalg/dot";
import { addGram } from "../linalg/gram";
import { multiplyAdd } from "../linalg/lanes";
import { PANEL_ROWS, paddedSize, panelLineBytes } from "../linalg/panel";
import { blockOf, gramOf, lambdaOf, pullOf, weightOf } from "../linalg/row-parameters";
import { copyRows, rowOf } from "../linalg/row-source";
import { addToDiagonal, isSound, pivotTolerance } from "../linalg/row-system";
import { factorsOf } from "../linalg/side";

/**
 * Rows [rowBegin, rowEnd) of a chunk of confidences, each brought nearer to the solution of its equations by one exact
 * step in each block of its factors, in order, the others fixed (iALS++, Rendle et al. 2021, algorithm 2). Arguments as in
 * solveRows, solvedPtr read and written · workspacePtr: 128 blockLine + block² + block + copied stride + n floats, n
 * the entries of the longest row, copied as in conjugateGradientRows, block the least of the parameter and of size, blockLine
 * as line, for block. Returns as solveRows.
 */
export function subspaceRows(
  rowBegin: u32,
  rowEnd: u32,
  numbersPtr: usize,
  offsetsPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  solvedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  workspacePtr: usize,
): f64 {
  const size = paddedSize(stride);
  const strideBytes = (<usize>stride) << 2;
  const block = min(blockOf(parametersPtr), size);
  const fixed = factorsOf(fixedPtr);
  const blockPanel = workspacePtr;
  const matrix = blockPanel + <usize>PANEL_ROWS * panelLineBytes(block);
  const right = matrix + ((<usize>block * <usize>block) << 2);
  const room = right + ((<usize>block) << 2);
  let jittered = 0;
  for (let row = rowBegin; row < rowEnd; row++) {
    const begin = load<u32>(offsetsPtr + ((<usize>row) << 2));
    const n = load<u32>(offsetsPtr + ((<usize>row) << 2), 4) - begin;
    const number = numbersPtr ? load<u32>(numbersPtr + ((<usize>row) << 2)) : row;
    const x = factorsOf(solvedPtr) + <usize>number * strideBytes;
    if (n === 0) {
      memory.fill(x, 0, strideBytes);
      continue;
    }
    const columns = columnsPtr + ((<usize>begin) << 2);
    const values = valuesPtr + ((<usize>begin) << 2);
    const copies = copyRows(columns, n, fixed, stride, room) ? room : 0;
    const scores = room + (copies ? <usize>n * strideBytes : 0);
    const lambda = lambdaOf(parametersPtr, row, n);
    for (let t: u32 = 0; t < n; t++) {
      const q = rowOf(columns, t, fixed, strideBytes, copies);
      store<f32>(scores + ((<usize>t) << 2), dot(q, x, strideBytes));
    }
    let wasJittered = false;
    for (let first = 0; first < size; first += block) {
      const width = min(block, size - first); // a multiple of 8; factors from stride on are padding
      for (let attempt = 0; ; attempt++) {
        buildBlock(
          first,
          width,
          columns,
          values,
          n,
          fixed,
          stride,
          copies,
          x,
          parametersPtr,
          scores,
          blockPanel,
          matrix,
          right,
        );
        subtractRidge(first, width, stride, lambda, x, right);
        addToDiagonal(matrix, width, lambda, attempt > 0);
        if (factorCholesky(matrix, width, pivotTolerance(width)) === 0) break;
        if (attempt > 0) return <f64>row + 1;
        wasJittered = true;
      }
      solveCholesky(matrix, width, right);
      takeStep(first, width, columns, n, fixed, stride, copies, x, scores, right);
    }
    if (wasJittered) jittered++;
    if (!isSound(x, 0, strideBytes)) return <f64>row + 1;
  }
  return <f64>-jittered;
}

/**
 * The equations of a step in factors [first, first + width): matrix ← G_block + Σ w q qᵀ, and right ← Σ (y − w score) q − G x,
 * minus half the gradient but for λ.
 */
function buildBlock(
  first: i32,
  width: i32,
  columns: usize,
  values: usize,
  n: u32,
  fixed: usize,
  stride: i32,
  copies: usize,
  x: usize,
  parametersPtr: usize,
  scores: usize,
  blockPanel: usize,
  matrix: usize,
  right: usize,
): void {
  const size = paddedSize(stride);
  const strideBytes = (<usize>stride) << 2;
  const gramLineBytes = (<usize>size) << 2;
  const blockLineBytes = panelLineBytes(width);
  const firstBytes = (<usize>first) << 2;
  const widthBytes = (<usize>width) << 2;
  const usedBytes = min(strideBytes - firstBytes, widthBytes);
  const gram = gramOf(parametersPtr) + <usize>first * gramLineBytes;
  for (let f = 0; f < width; f++) {
    const line = gram + <usize>f * gramLineBytes;
    memory.copy(matrix + <usize>f * widthBytes, line + firstBytes, widthBytes);
    store<f32>(right + ((<usize>f) << 2), -dot(line, x, strideBytes));
  }
  for (let done: u32 = 0; done < n; done += PANEL_ROWS) {
    const rows = min(n - done, PANEL_ROWS);
    let line = blockPanel;
    for (let t = done; t < done + rows; t++, line += blockLineBytes) {
      const q = rowOf(columns, t, fixed, strideBytes, copies) + firstBytes;
      const value = load<f32>(values + ((<usize>t) << 2));
      const weight = weightOf(value);
      const root = f32x4.splat(sqrt<f32>(weight));
      const error = f32x4.splat(pullOf(parametersPtr, value) - weight * load<f32>(scores + ((<usize>t) << 2)));
      for (let o: usize = 0; o < usedBytes; o += 16) {
        const lanes = v128.load(q + o);
        v128.store(line + o, f32x4.mul(root, lanes));
        v128.store(right + o, multiplyAdd(error, lanes, v128.load(right + o)));
      }
      if (usedBytes !== widthBytes) v128.store(line + usedBytes, f32x4.splat(0));
    }
    addGram(blockPanel, blockLineBytes, rows, width, matrix);
  }
}

/** right −= λ x */
function subtractRidge(first: i32, width: i32, stride: i32, lambda: f32, x: usize, right: usize): void {
  const end = min(width, stride - first);
  for (let f = 0; f < end; f++) {
    const at = right + ((<usize>f) << 2);
    store<f32>(at, load<f32>(at) - lambda * load<f32>(x + ((<usize>(first + f)) << 2)));
  }
}

/** x += step, and the scores with it. */
function takeStep(
  first: i32,
  width: i32,
  columns: usize,
  n: u32,
  fixed: usize,
  stride: i32,
  copies: usize,
  x: usize,
  scores: usize,
  step: usize,
): void {
  const strideBytes = (<usize>stride) << 2;
  const firstBytes = (<usize>first) << 2;
  const usedBytes = (<usize>min(width, stride - first)) << 2;
  const target = x + firstBytes;
  for (let o: usize = 0; o < usedBytes; o += 16) {
    v128.store(target + o, f32x4.add(v128.load(target + o), v128.load(step + o)));
  }
  for (let t: u32 = 0; t < n; t++) {
    const q = rowOf(columns, t, fixed, strideBytes, copies) + firstBytes;
    const at = scores + ((<usize>t) << 2);
    store<f32>(at, load<f32>(at) + dot(q, step, usedBytes));
  }
}
