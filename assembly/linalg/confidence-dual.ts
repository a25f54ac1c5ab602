import { factorCholesky, solveCholesky } from "./cholesky";
import { gatherTransposed, multiplyLines } from "./dual-system";
import { addGram } from "./gram";
import { paddedSize, panelLineBytes } from "./panel";
import { pullOf, weightOf } from "./row-parameters";
import { isSound, pivotTolerance } from "./row-system";

/**
 * The same row of confidences as linalg/row-system.ts has, from as many equations as it has entries instead of factors,
 * which is less work where those are fewer. Along the principal axes of G = V diag(g) Vᵀ, where x = V x', q = V q', the
 * matrix B = diag(g + λ) that all entries share is a diagonal; with D = √w, a diagonal too, and the rows q' as Q,
 *
 *   (I + D Q B⁻¹ Qᵀ D) v = D⁻¹ y     x' = B⁻¹ Qᵀ D v
 *
 * (Woodbury's identity). Q is gathered with a factor a line; B^(−½) Qᵀ D is the panel whose Gram matrix is wanted.
 */

/** What a weight counts as at least, so that one of 0 can be divided by: an entry may pull and weigh nothing. */
const LEAST_WEIGHT: f32 = 1e-30;

/**
 * Solves the n entries from `columns` and `values` on. factors: the fixed rows along the axes · vectors f32[stride × stride],
 * axisValues f32[stride]: kernels/principal-axes.ts · panel f32[stride lines] · system f32[size² + size], size n rounded up
 * to a multiple of 8 · roots f32[size] · scales f32[2 stride] · out f32[stride], written. Returns whether it could.
 */
export function solveConfidenceDual(
  columns: usize,
  values: usize,
  n: u32,
  factors: usize,
  stride: i32,
  parametersPtr: usize,
  lambda: f32,
  vectors: usize,
  axisValues: usize,
  panel: usize,
  system: usize,
  roots: usize,
  scales: usize,
  out: usize,
): bool {
  const size = paddedSize(<i32>n);
  const sizeBytes = (<usize>size) << 2;
  const strideBytes = (<usize>stride) << 2;
  const lineBytes = panelLineBytes(size);
  const right = system + <usize>size * sizeBytes;
  const along = scales + strideBytes;
  if (!setScales(axisValues, stride, lambda, scales)) return false;
  memory.fill(system, 0, (<usize>size + 1) * sizeBytes);
  memory.fill(roots, 0, sizeBytes);
  for (let o: usize = 0; o < (<usize>n) << 2; o += 4) {
    const value = load<f32>(values + o);
    const root = sqrt<f32>(max<f32>(weightOf(value), LEAST_WEIGHT));
    store<f32>(roots + o, root);
    store<f32>(right + o, pullOf(parametersPtr, value) / root);
  }
  gatherTransposed(columns, n, factors, stride, size, panel, lineBytes);
  scalePanel(panel, lineBytes, sizeBytes, stride, roots, scales);
  addGram(panel, lineBytes, <u32>stride, size, system);
  for (let d: usize = 0; d < <usize>size; d++) {
    const diagonal = system + d * (sizeBytes + 4);
    store<f32>(diagonal, load<f32>(diagonal) + 1);
  }
  if (factorCholesky(system, size, pivotTolerance(size)) !== 0) return false;
  solveCholesky(system, size, right);
  multiplyLines(panel, lineBytes, right, sizeBytes, stride, along);
  for (let o: usize = 0; o < strideBytes; o += 16) {
    v128.store(along + o, f32x4.mul(v128.load(along + o), v128.load(scales + o)));
  }
  multiplyLines(vectors, strideBytes, along, strideBytes, stride, out);
  return isSound(out, 0, strideBytes);
}

/** scales ← (g + λ)^(−½). Returns whether every g + λ is more than rounding. */
function setScales(axisValues: usize, stride: i32, lambda: f32, scales: usize): bool {
  const lambdas = f32x4.splat(lambda);
  let least = f32x4.splat(Infinity);
  let most = f32x4.splat(0);
  for (let o: usize = 0; o < (<usize>stride) << 2; o += 16) {
    const sums = f32x4.add(v128.load(axisValues + o), lambdas);
    least = f32x4.min(least, sums);
    most = f32x4.max(most, sums);
    v128.store(scales + o, f32x4.div(f32x4.splat(1), f32x4.sqrt(sums)));
  }
  const limits = f32x4.mul(f32x4.splat(pivotTolerance(stride)), most);
  const limit = max(
    max(f32x4.extract_lane(limits, 0), f32x4.extract_lane(limits, 1)),
    max(f32x4.extract_lane(limits, 2), f32x4.extract_lane(limits, 3)),
  );
  return i32x4.all_true(f32x4.gt(least, f32x4.splat(limit)));
}

/** Multiplies each line by its scale, and each entry on it by its root. */
function scalePanel(panel: usize, lineBytes: usize, bytes: usize, stride: i32, roots: usize, scales: usize): void {
  for (let f: usize = 0; f < <usize>stride; f++) {
    const line = panel + f * lineBytes;
    const scale = v128.load32_splat(scales + (f << 2));
    for (let o: usize = 0; o < bytes; o += 16) {
      v128.store(line + o, f32x4.mul(v128.load(line + o), f32x4.mul(scale, v128.load(roots + o))));
    }
  }
}
