import { dot } from "../linalg/dot";
import { multiplyAdd, sumLanesOfFour } from "../linalg/lanes";
import { paddedSize } from "../linalg/panel";
import { gramOf, lambdaOf, pullOf, pullsOf, stepsOf, weightOf } from "../linalg/row-parameters";
import { copyRows, rowOf } from "../linalg/row-source";
import { isSound } from "../linalg/row-system";
import { factorsOf } from "../linalg/side";

/**
 * Rows [rowBegin, rowEnd) of a chunk of confidences, each brought nearer to the solution of its equations by steps of the
 * conjugate gradient method (Takács, Pilászy, Tikk 2011), from the row that is there. Arguments as in solveRows, solvedPtr
 * read and written · workspacePtr: (3 + copied) stride floats, copied the entries of the longest row, at most
 * max(512, 2^21 / stride). No step raises what is to be least. Returns 0, or 1 + the row whose factors went beyond 10^15 or
 * whose residual is beyond f32.
 */
export function conjugateGradientRows(
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
  const gram = gramOf(parametersPtr);
  const steps = stepsOf(parametersPtr);
  const fixed = factorsOf(fixedPtr);
  const residual = workspacePtr;
  const direction = residual + strideBytes;
  const image = direction + strideBytes;
  const room = image + strideBytes;
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
    const lambda = lambdaOf(parametersPtr, row, n);
    // r = y − A x, by entries: what an entry should score less what it does.
    multiplyGram(gram, size, lambda, x, residual, strideBytes);
    negate(residual, strideBytes);
    addEntryImages(columns, values, n, fixed, copies, x, residual, strideBytes, parametersPtr, true);
    memory.copy(direction, residual, strideBytes);
    let squares = dot(residual, residual, strideBytes);
    for (let step: u32 = 0; step < steps && squares > f32.MIN_NORMAL_VALUE; step++) {
      multiplyGram(gram, size, lambda, direction, image, strideBytes);
      addEntryImages(columns, values, n, fixed, copies, direction, image, strideBytes, parametersPtr, false);
      const curvature = dot(direction, image, strideBytes);
      if (!(curvature > 0)) break;
      const length = squares / curvature;
      for (let o: usize = 0; o < strideBytes; o += 16) {
        v128.store(x + o, multiplyAdd(f32x4.splat(length), v128.load(direction + o), v128.load(x + o)));
        v128.store(residual + o, multiplyAdd(f32x4.splat(-length), v128.load(image + o), v128.load(residual + o)));
      }
      const before = squares;
      squares = dot(residual, residual, strideBytes);
      const share = f32x4.splat(squares / before);
      for (let o: usize = 0; o < strideBytes; o += 16) {
        v128.store(direction + o, multiplyAdd(share, v128.load(direction + o), v128.load(residual + o)));
      }
    }
    // A residual that f32 cannot hold ends the steps at once: the row would stay as it is, and pass for solved.
    if (!(squares <= f32.MAX_VALUE) || !isSound(x, 0, strideBytes)) return <f64>row + 1;
  }
  return 0;
}

function negate(vector: usize, bytes: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) v128.store(vector + o, f32x4.neg(v128.load(vector + o)));
}

/** out ← (G + λI) x, eight lines of G at a time: fewer sums would wait for each other. G has lines of zeros to make eights. */
function multiplyGram(gram: usize, size: i32, lambda: f32, x: usize, out: usize, strideBytes: usize): void {
  const lineBytes = (<usize>size) << 2;
  let line = gram;
  for (let i: usize = 0; i < strideBytes; i += 32, line += lineBytes << 3) {
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    let sum4 = f32x4.splat(0);
    let sum5 = f32x4.splat(0);
    let sum6 = f32x4.splat(0);
    let sum7 = f32x4.splat(0);
    const line2 = line + (lineBytes << 1);
    const line4 = line + (lineBytes << 2);
    const line6 = line2 + (lineBytes << 2);
    for (let o: usize = 0; o < strideBytes; o += 16) {
      const lanes = v128.load(x + o);
      sum0 = multiplyAdd(v128.load(line + o), lanes, sum0);
      sum1 = multiplyAdd(v128.load(line + lineBytes + o), lanes, sum1);
      sum2 = multiplyAdd(v128.load(line2 + o), lanes, sum2);
      sum3 = multiplyAdd(v128.load(line2 + lineBytes + o), lanes, sum3);
      sum4 = multiplyAdd(v128.load(line4 + o), lanes, sum4);
      sum5 = multiplyAdd(v128.load(line4 + lineBytes + o), lanes, sum5);
      sum6 = multiplyAdd(v128.load(line6 + o), lanes, sum6);
      sum7 = multiplyAdd(v128.load(line6 + lineBytes + o), lanes, sum7);
    }
    const lambdas = f32x4.splat(lambda);
    v128.store(out + i, multiplyAdd(lambdas, v128.load(x + i), sumLanesOfFour(sum0, sum1, sum2, sum3)));
    if (i + 16 === strideBytes) break;
    v128.store(out + i, multiplyAdd(lambdas, v128.load(x + i, 16), sumLanesOfFour(sum4, sum5, sum6, sum7)), 16);
  }
}

/** What an entry adds to an image: w (q·x) q, or for a residual (y − w (q·x)) q. */
function shareOf(value: f32, score: f32, parametersPtr: usize, isResidual: bool): f32 {
  const image = weightOf(value) * score;
  return isResidual ? pullOf(parametersPtr, value) - image : image;
}

/** shareOf of four entries. */
function sharesOf(values: v128, scores: v128, parametersPtr: usize, isResidual: bool): v128 {
  const images = f32x4.mul(f32x4.abs(values), scores);
  return isResidual ? f32x4.sub(pullsOf(parametersPtr, values), images) : images;
}

/** out += Σ share q over a row's entries, four at a time. */
function addEntryImages(
  columns: usize,
  values: usize,
  n: u32,
  fixed: usize,
  copies: usize,
  x: usize,
  out: usize,
  strideBytes: usize,
  parametersPtr: usize,
  isResidual: bool,
): void {
  let t: u32 = 0;
  for (; t + 4 <= n; t += 4) {
    const q0 = rowOf(columns, t, fixed, strideBytes, copies);
    const q1 = rowOf(columns, t + 1, fixed, strideBytes, copies);
    const q2 = rowOf(columns, t + 2, fixed, strideBytes, copies);
    const q3 = rowOf(columns, t + 3, fixed, strideBytes, copies);
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    for (let o: usize = 0; o < strideBytes; o += 16) {
      const lanes = v128.load(x + o);
      sum0 = multiplyAdd(v128.load(q0 + o), lanes, sum0);
      sum1 = multiplyAdd(v128.load(q1 + o), lanes, sum1);
      sum2 = multiplyAdd(v128.load(q2 + o), lanes, sum2);
      sum3 = multiplyAdd(v128.load(q3 + o), lanes, sum3);
    }
    const shares = sharesOf(
      v128.load(values + ((<usize>t) << 2)),
      sumLanesOfFour(sum0, sum1, sum2, sum3),
      parametersPtr,
      isResidual,
    );
    const share0 = v128.shuffle<f32>(shares, shares, 0, 0, 0, 0);
    const share1 = v128.shuffle<f32>(shares, shares, 1, 1, 1, 1);
    const share2 = v128.shuffle<f32>(shares, shares, 2, 2, 2, 2);
    const share3 = v128.shuffle<f32>(shares, shares, 3, 3, 3, 3);
    for (let o: usize = 0; o < strideBytes; o += 16) {
      let lanes = v128.load(out + o);
      lanes = multiplyAdd(share0, v128.load(q0 + o), lanes);
      lanes = multiplyAdd(share1, v128.load(q1 + o), lanes);
      lanes = multiplyAdd(share2, v128.load(q2 + o), lanes);
      lanes = multiplyAdd(share3, v128.load(q3 + o), lanes);
      v128.store(out + o, lanes);
    }
  }
  for (; t < n; t++) {
    const q = rowOf(columns, t, fixed, strideBytes, copies);
    const value = load<f32>(values + ((<usize>t) << 2));
    const share = f32x4.splat(shareOf(value, dot(q, x, strideBytes), parametersPtr, isResidual));
    for (let o: usize = 0; o < strideBytes; o += 16) {
      v128.store(out + o, multiplyAdd(share, v128.load(q + o), v128.load(out + o)));
    }
  }
}
