import { factorCholesky, solveCholesky } from "./cholesky";
import { dot } from "./dot";
import { addGram } from "./gram";
import { multiplyAdd } from "./lanes";

/**
 * The normal equations of one row of a bilinear model with bias, columns q_t with biases fixed, z_t = r_t − offset − b_t:
 *
 *   ⎡ G + λI   s      ⎤ ⎡ p ⎤   ⎡ y   ⎤      G = Σ q qᵀ   s = Σ q
 *   ⎣ sᵀ       n + λ' ⎦ ⎣ b ⎦ = ⎣ Σ z ⎦      y = Σ z q    n the number of terms
 *
 * A system is f32[size² + 3 size + 8], size the stride rounded up to a multiple of 8: G (upper triangle), y, s, then
 * n, Σ z and six more, and a line to work in. It starts all zero, takes terms in any number of slices, and is destroyed when solved.
 */
export const PANEL_ROWS: u32 = 64;

/** The lines of a system for rows of `stride` floats. */
export function systemSize(stride: i32): i32 {
  return (stride + 7) & ~7;
}

/** Floats of a system. */
export function systemFloats(size: i32): i32 {
  return size * size + 3 * size + 8;
}

/**
 * Adds the terms [begin, end): columnsPtr u32[], valuesPtr f32[] · factorsPtr f32[× stride], biasPtr f32[] of the fixed
 * side · panelPtr f32[PANEL_ROWS × (size + 1)], overwritten. Every sum is one chain in the order of the terms.
 */
export function addTerms(
  begin: u32,
  end: u32,
  columnsPtr: usize,
  valuesPtr: usize,
  factorsPtr: usize,
  biasPtr: usize,
  stride: i32,
  offset: f32,
  system: usize,
  panelPtr: usize,
): void {
  const size = systemSize(stride);
  const strideBytes = (<usize>stride) << 2;
  const lineBytes = (<usize>size) << 2;
  const y = system + <usize>size * lineBytes;
  const sums = y + 2 * lineBytes; // n and Σ z
  const targets = panelPtr + PANEL_ROWS * lineBytes;
  let sum = load<f32>(sums, 4);
  for (let first = begin; first < end; first += PANEL_ROWS) {
    const rows = min(end - first, PANEL_ROWS);
    let line = panelPtr;
    for (let t: u32 = 0; t < rows; t++, line += lineBytes) {
      const at = (<usize>(first + t)) << 2;
      const column = <usize>load<u32>(columnsPtr + at);
      const z = load<f32>(valuesPtr + at) - offset - load<f32>(biasPtr + (column << 2));
      store<f32>(targets + ((<usize>t) << 2), z);
      sum += z;
      const q = factorsPtr + column * strideBytes;
      for (let o: usize = 0; o < strideBytes; o += 16) v128.store(line + o, v128.load(q + o));
      if (strideBytes < lineBytes) v128.store(line + strideBytes, f32x4.splat(0));
    }
    addSums(panelPtr, targets, rows, lineBytes, y);
    addGram(panelPtr, rows, size, system);
  }
  store<f32>(sums, load<f32>(sums) + <f32>(end - begin));
  store<f32>(sums, sum, 4);
}

/** y += Σ z q and s += Σ q over the rows of a panel, eight factors at a time in registers. */
function addSums(panel: usize, targets: usize, rows: u32, lineBytes: usize, y: usize): void {
  const s = y + lineBytes;
  for (let o: usize = 0; o < lineBytes; o += 32) {
    let y0 = v128.load(y + o);
    let y1 = v128.load(y + o, 16);
    let s0 = v128.load(s + o);
    let s1 = v128.load(s + o, 16);
    let q = panel + o;
    for (let t: u32 = 0; t < rows; t++, q += lineBytes) {
      const z = v128.load32_splat(targets + ((<usize>t) << 2));
      const q0 = v128.load(q);
      const q1 = v128.load(q, 16);
      y0 = multiplyAdd(z, q0, y0);
      y1 = multiplyAdd(z, q1, y1);
      s0 = f32x4.add(q0, s0);
      s1 = f32x4.add(q1, s1);
    }
    v128.store(y + o, y0);
    v128.store(y + o, y1, 16);
    v128.store(s + o, s0);
    v128.store(s + o, s1, 16);
  }
}

/** Puts [q, 1] in place of [y, Σ z]. */
export function setRightSide(system: usize, stride: i32, q: usize): void {
  const size = systemSize(stride);
  const y = system + ((<usize>size * <usize>size) << 2);
  memory.copy(y, q, (<usize>stride) << 2);
  store<f32>(y + ((<usize>size) << 3), 1, 4);
}

/** A pivot of less than this share of its diagonal is rounding, not information: f32 has 24 bits. */
const PIVOT_TOLERANCE: f32 = 1e-6;

/**
 * Solves a system: lambda, of the factors, biasLambda, of the bias; without a bias where that is negative.
 * factorsPtr f32[stride], biasPtr f32[1]: written. Returns whether it could be solved; else nothing is written.
 */
export function solveSystem(
  system: usize,
  stride: i32,
  lambda: f32,
  biasLambda: f32,
  factorsPtr: usize,
  biasPtr: usize,
): bool {
  const size = systemSize(stride);
  const lineBytes = (<usize>size) << 2;
  const strideBytes = (<usize>stride) << 2;
  const y = system + <usize>size * lineBytes;
  const s = y + lineBytes;
  for (let o: usize = 0; o < lineBytes; o += 4) {
    const diagonal = system + (o >> 2) * lineBytes + o;
    const value = load<f32>(diagonal) + lambda;
    // A line of padding has nothing on it: 1 keeps it out of the way. So does a factor that is zero in every term.
    store<f32>(diagonal, value === 0 ? 1 : value);
  }
  if (factorCholesky(system, size, PIVOT_TOLERANCE) !== 0) return false;
  let bias: f32 = 0;
  if (biasLambda >= 0) {
    const sums = y + 2 * lineBytes; // n and Σ z
    const sCopy = sums + 32;
    memory.copy(sCopy, s, lineBytes);
    solveCholesky(system, size, y);
    solveCholesky(system, size, s);
    const pivot = load<f32>(sums) + biasLambda - dot(sCopy, s, lineBytes);
    if (!(pivot > PIVOT_TOLERANCE * (load<f32>(sums) + biasLambda))) return false;
    bias = (load<f32>(sums, 4) - dot(sCopy, y, lineBytes)) / pivot;
    for (let o: usize = 0; o < strideBytes; o += 16) {
      v128.store(factorsPtr + o, multiplyAdd(f32x4.splat(-bias), v128.load(s + o), v128.load(y + o)));
    }
  } else {
    solveCholesky(system, size, y);
    memory.copy(factorsPtr, y, strideBytes);
  }
  store<f32>(biasPtr, bias);
  return true;
}
