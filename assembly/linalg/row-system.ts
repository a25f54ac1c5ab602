import { factorCholesky, solveCholesky } from "./cholesky";
import { dot } from "./dot";
import { takeConfidences, takeRatings } from "./gather";
import { addGram } from "./gram";
import { multiplyAdd } from "./lanes";
import { PANEL_ROWS, paddedSize, panelLineBytes } from "./panel";
import { gramOf, offsetOf } from "./row-parameters";

/**
 * The normal equations of one row of a bilinear model, columns fixed; linalg/row-parameters.ts has what they are of:
 *
 *   ⎡ A + λI   s      ⎤ ⎡ p ⎤   ⎡ y   ⎤      A = G + Σ w q qᵀ   s = Σ q          z = r − offset − b_column, w = 1 for
 *   ⎣ sᵀ       n + λ' ⎦ ⎣ b ⎦ = ⎣ Σ z ⎦      y = Σ z q          n the entries    ratings; no bias for confidences
 *
 * A system is f32[size² + 3 size + 8], size the stride rounded up to a multiple of 8: A (upper triangle), y, s, then n,
 * Σ z and six more, and a line to work in. It starts all zero, takes entries in any number of slices, and is destroyed
 * when solved.
 */
export function systemFloats(size: i32): i32 {
  return size * size + 3 * size + 8;
}

/** A row of more entries is the sum of systems of this many each, so that the work on it can be shared out. */
export const SLICE_ENTRIES: u32 = 32768;

export function rightSideOf(system: usize, size: i32): usize {
  return system + ((<usize>size * <usize>size) << 2);
}

/** [n, Σ z] */
export function totalsOf(system: usize, size: i32): usize {
  return rightSideOf(system, size) + ((<usize>size) << 3);
}

/**
 * The system of the entries [begin, end), G with it: as many as there may be. spare: another system to work in, used if
 * they are more than one slice · panel f32[PANEL_ROWS lines].
 */
export function buildSystem(
  begin: u32,
  end: u32,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  system: usize,
  spare: usize,
  panel: usize,
): void {
  const size = paddedSize(stride);
  const gram = gramOf(parametersPtr);
  const isLong = end - begin > SLICE_ENTRIES;
  if (gram && !isLong) {
    copyTriangle(system, gram, size);
    clearRightSides(system, size);
  } else {
    clearSystem(system, size);
  }
  let first = begin;
  const last = isLong ? begin + SLICE_ENTRIES : end;
  addEntries(first, last, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, system, panel);
  if (!isLong) return;
  for (first = last; first < end; first += min(SLICE_ENTRIES, end - first)) {
    const next = first + min(SLICE_ENTRIES, end - first);
    clearSystem(spare, size);
    addEntries(first, next, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, spare, panel);
    addFloats(system, spare, systemFloats(size));
  }
  if (gram) addFloats(system, gram, size * size);
}

/** Zeros in all that is ever read: the upper triangle, by blocks of 8, and what stands behind the matrix. */
export function clearSystem(system: usize, size: i32): void {
  const lineBytes = (<usize>size) << 2;
  for (let i: usize = 0; i < <usize>size; i++) {
    const line = system + i * lineBytes;
    for (let o = (i & ~7) << 2; o < lineBytes; o += 16) v128.store(line + o, f32x4.splat(0));
  }
  clearRightSides(system, size);
}

function clearRightSides(system: usize, size: i32): void {
  const end = ((<usize>size * 3) << 2) + 32;
  const y = rightSideOf(system, size);
  for (let o: usize = 0; o < end; o += 16) v128.store(y + o, f32x4.splat(0));
}

/** The upper triangle of a matrix, by blocks of 8. */
function copyTriangle(to: usize, from: usize, size: i32): void {
  const lineBytes = (<usize>size) << 2;
  for (let i: usize = 0; i < <usize>size; i++) {
    const line = i * lineBytes;
    for (let o = line + ((i & ~7) << 2); o < line + lineBytes; o += 16) v128.store(to + o, v128.load(from + o));
  }
}

/** into[t] += from[t], `floats` of them, a multiple of 8. */
export function addFloats(into: usize, from: usize, floats: i32): void {
  const bytes = (<usize>floats) << 2;
  for (let o: usize = 0; o < bytes; o += 16) {
    v128.store(into + o, f32x4.add(v128.load(into + o), v128.load(from + o)));
  }
}

/**
 * Adds the entries [begin, end) to a system: columnsPtr u32[], valuesPtr f32[] · fixedPtr: linalg/side.ts, its factors
 * and, for ratings, its biases · panel f32[PANEL_ROWS lines], overwritten. Every sum is one chain in the order of the entries.
 */
export function addEntries(
  begin: u32,
  end: u32,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  system: usize,
  panel: usize,
): void {
  const size = paddedSize(stride);
  const lineBytes = panelLineBytes(size);
  const strideBytes = (<usize>stride) << 2;
  const areRatings = gramOf(parametersPtr) === 0;
  const offset = offsetOf(parametersPtr);
  const y = rightSideOf(system, size);
  const totals = totalsOf(system, size);
  let sum = load<f32>(totals, 4);
  for (let first = begin; first < end; first += PANEL_ROWS) {
    const rows = min(end - first, PANEL_ROWS);
    const columns = columnsPtr + ((<usize>first) << 2);
    const values = valuesPtr + ((<usize>first) << 2);
    if (areRatings) sum = takeRatings(columns, values, rows, fixedPtr, stride, offset, sum, panel, lineBytes, y);
    else takeConfidences(columns, values, rows, fixedPtr, stride, parametersPtr, panel, lineBytes, y);
    if (stride !== size) {
      for (let t: u32 = 0; t < rows; t++) v128.store(panel + <usize>t * lineBytes + strideBytes, f32x4.splat(0));
    }
    addGram(panel, lineBytes, rows, size, system);
  }
  store<f32>(totals, load<f32>(totals) + <f32>(end - begin));
  store<f32>(totals, sum, 4);
}

/** Puts [q, 1] in place of [y, Σ z]. */
export function setRightSide(system: usize, stride: i32, q: usize): void {
  const size = paddedSize(stride);
  const y = rightSideOf(system, size);
  memory.copy(y, q, (<usize>stride) << 2);
  store<f32>(totalsOf(system, size), 1, 4);
}

/** Makes factor f zero in the solution: its line and column nothing but a 1 on the diagonal, its right sides 0. */
export function leaveOutFactor(system: usize, stride: i32, f: i32): void {
  const size = paddedSize(stride);
  const lineBytes = (<usize>size) << 2;
  const o = (<usize>f) << 2;
  const line = system + <usize>f * lineBytes;
  for (let other: usize = 0; other < o; other += 4) store<f32>(system + (other >> 2) * lineBytes + o, 0);
  memory.fill(line + o, 0, lineBytes - o);
  store<f32>(line + o, 1);
  const y = rightSideOf(system, size);
  store<f32>(y + o, 0);
  store<f32>(y + lineBytes + o, 0);
}

/** 2^−23: what f32 can tell 1 from. */
const EPSILON: f32 = 1.1920928955078125e-7;

/** A pivot of less than this share of its diagonal is rounding, not information. */
export function pivotTolerance(size: i32): f32 {
  return EPSILON * <f32>size;
}

/** How much more than the smallest pivot that is taken for information is added where one was not. */
const JITTER: f32 = 16;

/** Adds λ to the diagonal, and for a second try, where the first found a pivot that was not positive, a jitter. */
export function addToDiagonal(system: usize, size: i32, lambda: f32, isSecondTry: bool): void {
  const step = (<usize>size + 1) << 2;
  const end = system + <usize>size * step;
  let jitter: f32 = 0;
  if (isSecondTry) {
    for (let d = system; d !== end; d += step) jitter = max(jitter, load<f32>(d));
    jitter *= JITTER * pivotTolerance(size);
  }
  for (let d = system; d !== end; d += step) {
    const value = load<f32>(d) + lambda + jitter;
    // A line of padding has nothing on it: 1 keeps it out of the way. So does a factor that is zero in every entry.
    store<f32>(d, value === 0 ? 1 : value);
  }
}

/**
 * Solves a system, λ on its diagonal: biasLambda, of the bias; without a bias where that is negative. factorsPtr
 * f32[stride], biasPtr f32[1]: written. Returns whether every pivot was more than rounding; else nothing is written.
 */
export function solveSystem(
  system: usize,
  stride: i32,
  biasLambda: f32,
  isSecondTry: bool,
  factorsPtr: usize,
  biasPtr: usize,
): bool {
  const size = paddedSize(stride);
  const lineBytes = (<usize>size) << 2;
  const strideBytes = (<usize>stride) << 2;
  const y = rightSideOf(system, size);
  const tolerance = pivotTolerance(size);
  if (factorCholesky(system, size, tolerance) !== 0) return false;
  let bias: f32 = 0;
  if (biasLambda >= 0) {
    const s = y + lineBytes;
    const totals = totalsOf(system, size);
    const sCopy = totals + 32;
    memory.copy(sCopy, s, lineBytes);
    solveCholesky(system, size, y);
    solveCholesky(system, size, s);
    const whole = load<f32>(totals) + biasLambda;
    const pivot = whole - dot(sCopy, s, lineBytes) + (isSecondTry ? JITTER * tolerance * whole : 0);
    if (!(pivot > tolerance * whole)) return false;
    bias = (load<f32>(totals, 4) - dot(sCopy, y, lineBytes)) / pivot;
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

/** ‖p‖² + b² above which a row is beyond what models are made of (±10^15): its sums of products may leave f32. */
const LARGEST_SQUARES: f32 = 1e30;

/** Whether a solved row is of numbers, and not too large to go on with. */
export function isSound(factors: usize, bias: f32, strideBytes: usize): bool {
  return dot(factors, factors, strideBytes) + bias * bias <= LARGEST_SQUARES;
}
