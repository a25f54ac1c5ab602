/**
 * The rows that entries name, copied to the lines of a panel, and the right sides of their equations summed on the way:
 * four rows at a time, so that their cache misses overlap and a sum is loaded and stored once for all of them. Every sum is
 * one chain in the order of the entries.
 */
import { multiplyAdd } from "./lanes";
import { paddedSize } from "./panel";
import { pullOf, pullsOf, weightOf } from "./row-parameters";
import { biasesOf, factorsOf } from "./side";

/** The factors of the column of entry t. */
function rowAt(columns: usize, t: usize, factors: usize, strideBytes: usize): usize {
  return factors + <usize>load<u32>(columns + (t << 2)) * strideBytes;
}

/** z = r − offset − b_column of entry t. */
function residualAt(columns: usize, values: usize, t: usize, biases: usize, offset: f32): f32 {
  return load<f32>(values + (t << 2)) - offset - load<f32>(biases + ((<usize>load<u32>(columns + (t << 2))) << 2));
}

/** line ← q, y += z q, s += q, s the line behind y, over n ratings. Returns sum + Σ z. */
export function takeRatings(
  columns: usize,
  values: usize,
  n: u32,
  fixedPtr: usize,
  stride: i32,
  offset: f32,
  sum: f32,
  panel: usize,
  lineBytes: usize,
  y: usize,
): f32 {
  const strideBytes = (<usize>stride) << 2;
  const s = y + ((<usize>paddedSize(stride)) << 2);
  const factors = factorsOf(fixedPtr);
  const biases = biasesOf(fixedPtr);
  let line = panel;
  let t: usize = 0;
  for (; t + 4 <= <usize>n; t += 4, line += lineBytes << 2) {
    const z0 = residualAt(columns, values, t, biases, offset);
    const z1 = residualAt(columns, values, t + 1, biases, offset);
    const z2 = residualAt(columns, values, t + 2, biases, offset);
    const z3 = residualAt(columns, values, t + 3, biases, offset);
    const q0 = rowAt(columns, t, factors, strideBytes);
    const q1 = rowAt(columns, t + 1, factors, strideBytes);
    const q2 = rowAt(columns, t + 2, factors, strideBytes);
    const q3 = rowAt(columns, t + 3, factors, strideBytes);
    sum = sum + z0 + z1 + z2 + z3;
    const line1 = line + lineBytes;
    const line2 = line1 + lineBytes;
    const line3 = line2 + lineBytes;
    for (let o: usize = 0; o < strideBytes; o += 16) {
      const a = v128.load(q0 + o);
      const b = v128.load(q1 + o);
      const c = v128.load(q2 + o);
      const d = v128.load(q3 + o);
      v128.store(line + o, a);
      v128.store(line1 + o, b);
      v128.store(line2 + o, c);
      v128.store(line3 + o, d);
      let right = multiplyAdd(f32x4.splat(z0), a, v128.load(y + o));
      right = multiplyAdd(f32x4.splat(z1), b, right);
      right = multiplyAdd(f32x4.splat(z2), c, right);
      v128.store(y + o, multiplyAdd(f32x4.splat(z3), d, right));
      v128.store(s + o, f32x4.add(d, f32x4.add(c, f32x4.add(b, f32x4.add(a, v128.load(s + o))))));
    }
  }
  for (; t < <usize>n; t++, line += lineBytes) {
    const z = residualAt(columns, values, t, biases, offset);
    const q = rowAt(columns, t, factors, strideBytes);
    sum += z;
    for (let o: usize = 0; o < strideBytes; o += 16) {
      const row = v128.load(q + o);
      v128.store(line + o, row);
      v128.store(y + o, multiplyAdd(f32x4.splat(z), row, v128.load(y + o)));
      v128.store(s + o, f32x4.add(row, v128.load(s + o)));
    }
  }
  return sum;
}

/** line ← √w q, y += pull q, over n entries with the weights w. */
export function takeConfidences(
  columns: usize,
  values: usize,
  n: u32,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  panel: usize,
  lineBytes: usize,
  y: usize,
): void {
  const strideBytes = (<usize>stride) << 2;
  const factors = factorsOf(fixedPtr);
  let line = panel;
  let t: usize = 0;
  for (; t + 4 <= <usize>n; t += 4, line += lineBytes << 2) {
    const at = values + (t << 2);
    const roots = f32x4.sqrt(f32x4.abs(v128.load(at)));
    const pulls = pullsOf(parametersPtr, v128.load(at));
    const root0 = v128.shuffle<f32>(roots, roots, 0, 0, 0, 0);
    const root1 = v128.shuffle<f32>(roots, roots, 1, 1, 1, 1);
    const root2 = v128.shuffle<f32>(roots, roots, 2, 2, 2, 2);
    const root3 = v128.shuffle<f32>(roots, roots, 3, 3, 3, 3);
    const pull0 = v128.shuffle<f32>(pulls, pulls, 0, 0, 0, 0);
    const pull1 = v128.shuffle<f32>(pulls, pulls, 1, 1, 1, 1);
    const pull2 = v128.shuffle<f32>(pulls, pulls, 2, 2, 2, 2);
    const pull3 = v128.shuffle<f32>(pulls, pulls, 3, 3, 3, 3);
    const q0 = rowAt(columns, t, factors, strideBytes);
    const q1 = rowAt(columns, t + 1, factors, strideBytes);
    const q2 = rowAt(columns, t + 2, factors, strideBytes);
    const q3 = rowAt(columns, t + 3, factors, strideBytes);
    const line1 = line + lineBytes;
    const line2 = line1 + lineBytes;
    const line3 = line2 + lineBytes;
    for (let o: usize = 0; o < strideBytes; o += 16) {
      const a = v128.load(q0 + o);
      const b = v128.load(q1 + o);
      const c = v128.load(q2 + o);
      const d = v128.load(q3 + o);
      v128.store(line + o, f32x4.mul(root0, a));
      v128.store(line1 + o, f32x4.mul(root1, b));
      v128.store(line2 + o, f32x4.mul(root2, c));
      v128.store(line3 + o, f32x4.mul(root3, d));
      let right = multiplyAdd(pull0, a, v128.load(y + o));
      right = multiplyAdd(pull1, b, right);
      right = multiplyAdd(pull2, c, right);
      v128.store(y + o, multiplyAdd(pull3, d, right));
    }
  }
  for (; t < <usize>n; t++, line += lineBytes) {
    const value = load<f32>(values + (t << 2));
    const root = sqrt<f32>(weightOf(value));
    const pull = pullOf(parametersPtr, value);
    const q = rowAt(columns, t, factors, strideBytes);
    for (let o: usize = 0; o < strideBytes; o += 16) {
      const row = v128.load(q + o);
      v128.store(line + o, f32x4.mul(f32x4.splat(root), row));
      v128.store(y + o, multiplyAdd(f32x4.splat(pull), row, v128.load(y + o)));
    }
  }
}
