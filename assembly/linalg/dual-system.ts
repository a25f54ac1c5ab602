import { factorCholesky, solveCholesky } from "./cholesky";
import { dot } from "./dot";
import { addGram } from "./gram";
import { multiplyAdd, sumLanesOfFour } from "./lanes";
import { paddedSize, panelLineBytes } from "./panel";
import { offsetOf } from "./row-parameters";
import { pivotTolerance } from "./row-system";
import { biasesOf, factorsOf } from "./side";

/**
 * The same row of ratings as linalg/row-system.ts has, from as many equations as it has entries instead of factors, which
 * is less work where those are fewer. With e the errors that are left, λ p = Qᵀe and λ' b = Σ e, so that for c = e / λ
 *
 *   (Q Qᵀ + λ I + ρ 1 1ᵀ) c = z     p = Qᵀ c     b = ρ Σ c     ρ = λ/λ', 0 without a bias
 *
 * Q is gathered with a factor a line, ρ as one more, √ρ for every entry: the matrix is the Gram matrix of that panel.
 */

/** ρ at most: more would drown the products of the rows in f32. */
const LARGEST_SHARE: f32 = 64;

/** Whether a row of n entries is solved so: the equations must be fewer, λ above 0, and λ' not much less. */
export function isDual(n: u32, size: i32, lambda: f32, biasLambda: f32): bool {
  return <i32>n <= size - 8 && lambda > 0 && (biasLambda < 0 || lambda <= LARGEST_SHARE * biasLambda);
}

/** ρ = λ/λ' */
function biasShare(lambda: f32, biasLambda: f32): f32 {
  return biasLambda > 0 ? lambda / biasLambda : 0;
}

/**
 * The equations of the entries [begin, end), at most size − 8 of them. Arguments as of linalg/row-system.ts · system
 * f32[size² + 3 size + 8], panel f32[(size + 1) lines], written.
 */
export function setDual(
  begin: u32,
  end: u32,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  lambda: f32,
  biasLambda: f32,
  system: usize,
  panel: usize,
): void {
  const n = end - begin;
  const size = paddedSize(<i32>n);
  const sizeBytes = (<usize>size) << 2;
  const lineBytes = panelLineBytes(size);
  const right = system + <usize>size * sizeBytes;
  const columns = columnsPtr + ((<usize>begin) << 2);
  const values = valuesPtr + ((<usize>begin) << 2);
  const one = sqrt<f32>(biasShare(lambda, biasLambda));
  const ones = panel + <usize>stride * lineBytes;
  const biases = biasesOf(fixedPtr);
  const offset = offsetOf(parametersPtr);
  memory.fill(system, 0, (<usize>size + 1) * sizeBytes);
  memory.fill(ones, 0, sizeBytes);
  for (let t: u32 = 0; t < n; t++) {
    const at = (<usize>t) << 2;
    const bias = load<f32>(biases + ((<usize>load<u32>(columns + at)) << 2));
    store<f32>(right + at, load<f32>(values + at) - offset - bias);
    store<f32>(ones + at, one);
  }
  gatherTransposed(columns, n, factorsOf(fixedPtr), stride, size, panel, lineBytes);
  addGram(panel, lineBytes, <u32>stride + (one > 0 ? 1 : 0), size, system);
  for (let d: usize = 0; d < <usize>size; d++) {
    const diagonal = system + d * (sizeBytes + 4);
    store<f32>(diagonal, load<f32>(diagonal) + lambda);
  }
}

/**
 * Solves what setDual has set for n entries. factorsPtr f32[stride], biasPtr f32[1]: written. Returns whether every pivot
 * was more than rounding; else nothing is written.
 */
export function solveDual(
  n: u32,
  stride: i32,
  lambda: f32,
  biasLambda: f32,
  system: usize,
  panel: usize,
  factorsPtr: usize,
  biasPtr: usize,
): bool {
  const size = paddedSize(<i32>n);
  const sizeBytes = (<usize>size) << 2;
  const lineBytes = panelLineBytes(size);
  const right = system + <usize>size * sizeBytes;
  const ones = panel + <usize>stride * lineBytes;
  if (factorCholesky(system, size, pivotTolerance(size)) !== 0) return false;
  solveCholesky(system, size, right);
  multiplyLines(panel, lineBytes, right, sizeBytes, stride, factorsPtr);
  store<f32>(biasPtr, sqrt<f32>(biasShare(lambda, biasLambda)) * dot(ones, right, sizeBytes));
  return true;
}

/** Line f of the panel: factor f of the n entries, then zeros up to `size`. Four by four at a time. */
export function gatherTransposed(
  columns: usize,
  n: u32,
  factors: usize,
  stride: i32,
  size: i32,
  panel: usize,
  lineBytes: usize,
): void {
  const strideBytes = (<usize>stride) << 2;
  const line1 = lineBytes;
  const line2 = lineBytes << 1;
  const line3 = line2 + lineBytes;
  for (let t: u32 = 0; t < <u32>size; t += 4) {
    const q0 = entryRow(columns, t, n, factors, strideBytes);
    const q1 = entryRow(columns, t + 1, n, factors, strideBytes);
    const q2 = entryRow(columns, t + 2, n, factors, strideBytes);
    const q3 = entryRow(columns, t + 3, n, factors, strideBytes);
    let line = panel + ((<usize>t) << 2);
    for (let o: usize = 0; o < strideBytes; o += 16, line += lineBytes << 2) {
      const a = q0 ? v128.load(q0 + o) : f32x4.splat(0);
      const b = q1 ? v128.load(q1 + o) : f32x4.splat(0);
      const c = q2 ? v128.load(q2 + o) : f32x4.splat(0);
      const d = q3 ? v128.load(q3 + o) : f32x4.splat(0);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(line, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
      v128.store(line + line1, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
      v128.store(line + line2, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
      v128.store(line + line3, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
    }
  }
}

/** Where the factors of entry t lie, 0 behind the last. */
function entryRow(columns: usize, t: u32, n: u32, factors: usize, strideBytes: usize): usize {
  return t < n ? factors + <usize>load<u32>(columns + ((<usize>t) << 2)) * strideBytes : 0;
}

/** out[f] ← line f · x, four lines at a time; `bytes` of each. */
export function multiplyLines(panel: usize, lineBytes: usize, x: usize, bytes: usize, stride: i32, out: usize): void {
  let line = panel;
  for (let f = 0; f < stride; f += 4, line += lineBytes << 2) {
    const line2 = line + (lineBytes << 1);
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    for (let o: usize = 0; o < bytes; o += 16) {
      const lanes = v128.load(x + o);
      sum0 = multiplyAdd(v128.load(line + o), lanes, sum0);
      sum1 = multiplyAdd(v128.load(line + lineBytes + o), lanes, sum1);
      sum2 = multiplyAdd(v128.load(line2 + o), lanes, sum2);
      sum3 = multiplyAdd(v128.load(line2 + lineBytes + o), lanes, sum3);
    }
    v128.store(out + ((<usize>f) << 2), sumLanesOfFour(sum0, sum1, sum2, sum3));
  }
}
