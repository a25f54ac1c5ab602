import { multiplyAdd, multiplySubtract, sumLanesOfFour } from "./lanes";

/**
 * A = UᵀU in place: A f32[size × size], row by row, size a multiple of 8, its upper triangle read and U written over it,
 * 1/u on the diagonal, for a division takes longer than a product; what lies below the diagonal is undefined. Left-looking, four rows at a time (Golub and Van Loan, Matrix Computations,
 * 4.2). A pivot must be more than `tolerance` times what stood on the diagonal. Returns 0, or 1 + the row of a pivot
 * that is not.
 */
export function factorCholesky(a: usize, size: i32, tolerance: f32): i32 {
  const lineBytes = (<usize>size) << 2;
  for (let i = 0; i < size; i += 4) {
    const o = (<usize>i) << 2;
    const r0 = a + <usize>i * lineBytes;
    const r1 = r0 + lineBytes;
    const r2 = r1 + lineBytes;
    const r3 = r2 + lineBytes;
    const limit0 = tolerance * load<f32>(r0 + o);
    const limit1 = tolerance * load<f32>(r1 + o, 4);
    const limit2 = tolerance * load<f32>(r2 + o, 8);
    const limit3 = tolerance * load<f32>(r3 + o, 12);
    for (let j = (<usize>(i & ~7)) << 2; j < lineBytes; j += 32) subtractTile(a + o, a + j, i, lineBytes, r0 + j);
    const d0 = load<f32>(r0 + o);
    if (!(d0 > limit0)) return i + 1;
    const i0: f32 = 1 / sqrt<f32>(d0);
    const u01 = load<f32>(r0 + o, 4) * i0;
    const u02 = load<f32>(r0 + o, 8) * i0;
    const u03 = load<f32>(r0 + o, 12) * i0;
    const d1 = load<f32>(r1 + o, 4) - u01 * u01;
    if (!(d1 > limit1)) return i + 2;
    const i1: f32 = 1 / sqrt<f32>(d1);
    const u12 = (load<f32>(r1 + o, 8) - u01 * u02) * i1;
    const u13 = (load<f32>(r1 + o, 12) - u01 * u03) * i1;
    const d2 = load<f32>(r2 + o, 8) - u02 * u02 - u12 * u12;
    if (!(d2 > limit2)) return i + 3;
    const i2: f32 = 1 / sqrt<f32>(d2);
    const u23 = (load<f32>(r2 + o, 12) - u02 * u03 - u12 * u13) * i2;
    const d3 = load<f32>(r3 + o, 12) - u03 * u03 - u13 * u13 - u23 * u23;
    if (!(d3 > limit3)) return i + 4;
    const i3: f32 = 1 / sqrt<f32>(d3);
    for (let j = o; j < lineBytes; j += 16) {
      const v0 = f32x4.mul(v128.load(r0 + j), f32x4.splat(i0));
      const v1 = f32x4.mul(multiplySubtract(f32x4.splat(u01), v0, v128.load(r1 + j)), f32x4.splat(i1));
      let v2 = multiplySubtract(f32x4.splat(u02), v0, v128.load(r2 + j));
      v2 = f32x4.mul(multiplySubtract(f32x4.splat(u12), v1, v2), f32x4.splat(i2));
      let v3 = multiplySubtract(f32x4.splat(u03), v0, v128.load(r3 + j));
      v3 = multiplySubtract(f32x4.splat(u13), v1, v3);
      v3 = f32x4.mul(multiplySubtract(f32x4.splat(u23), v2, v3), f32x4.splat(i3));
      v128.store(r0 + j, v0);
      v128.store(r1 + j, v1);
      v128.store(r2 + j, v2);
      v128.store(r3 + j, v3);
    }
    store<f32>(r0 + o, i0);
    store<f32>(r1 + o, i1, 4);
    store<f32>(r2 + o, i2, 8);
    store<f32>(r3 + o, i3, 12);
  }
  return 0;
}

/** Four by eight entries: c −= aᵀb over the first `depth` rows. */
function subtractTile(a: usize, b: usize, depth: i32, lineBytes: usize, c: usize): void {
  const line1 = c + lineBytes;
  const line2 = line1 + lineBytes;
  const line3 = line2 + lineBytes;
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c10 = v128.load(line1);
  let c11 = v128.load(line1, 16);
  let c20 = v128.load(line2);
  let c21 = v128.load(line2, 16);
  let c30 = v128.load(line3);
  let c31 = v128.load(line3, 16);
  for (const end = a + <usize>depth * lineBytes; a !== end; a += lineBytes, b += lineBytes) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = multiplySubtract(s, b0, c00);
    c01 = multiplySubtract(s, b1, c01);
    s = v128.load32_splat(a, 4);
    c10 = multiplySubtract(s, b0, c10);
    c11 = multiplySubtract(s, b1, c11);
    s = v128.load32_splat(a, 8);
    c20 = multiplySubtract(s, b0, c20);
    c21 = multiplySubtract(s, b1, c21);
    s = v128.load32_splat(a, 12);
    c30 = multiplySubtract(s, b0, c30);
    c31 = multiplySubtract(s, b1, c31);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(line1, c10);
  v128.store(line1, c11, 16);
  v128.store(line2, c20);
  v128.store(line2, c21, 16);
  v128.store(line3, c30);
  v128.store(line3, c31, 16);
}

/** x ← U⁻ᵀ x, then U⁻¹ x: solves A x = b in place, four rows at a time. u as factorCholesky leaves it · x f32[size]. */
export function solveCholesky(u: usize, size: i32, x: usize): void {
  const lineBytes = (<usize>size) << 2;
  for (let o: usize = 0; o < lineBytes; o += 16) {
    const r0 = u + (o >> 2) * lineBytes + o;
    const r1 = r0 + lineBytes;
    const r2 = r1 + lineBytes;
    const r3 = r2 + lineBytes;
    const z0 = load<f32>(x + o) * load<f32>(r0);
    const z1 = (load<f32>(x + o, 4) - z0 * load<f32>(r0, 4)) * load<f32>(r1, 4);
    const z2 = (load<f32>(x + o, 8) - z0 * load<f32>(r0, 8) - z1 * load<f32>(r1, 8)) * load<f32>(r2, 8);
    const rest = load<f32>(x + o, 12) - z0 * load<f32>(r0, 12) - z1 * load<f32>(r1, 12) - z2 * load<f32>(r2, 12);
    const z3 = rest * load<f32>(r3, 12);
    store<f32>(x + o, z0);
    store<f32>(x + o, z1, 4);
    store<f32>(x + o, z2, 8);
    store<f32>(x + o, z3, 12);
    for (let p: usize = 16; p < lineBytes - o; p += 16) {
      const at = x + o + p;
      let lanes = multiplySubtract(f32x4.splat(z0), v128.load(r0 + p), v128.load(at));
      lanes = multiplySubtract(f32x4.splat(z1), v128.load(r1 + p), lanes);
      lanes = multiplySubtract(f32x4.splat(z2), v128.load(r2 + p), lanes);
      v128.store(at, multiplySubtract(f32x4.splat(z3), v128.load(r3 + p), lanes));
    }
  }
  for (let o = lineBytes; o > 0; ) {
    o -= 16;
    const r0 = u + (o >> 2) * lineBytes + o;
    const r1 = r0 + lineBytes;
    const r2 = r1 + lineBytes;
    const r3 = r2 + lineBytes;
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    for (let p: usize = 16; p < lineBytes - o; p += 16) {
      const lanes = v128.load(x + o + p);
      sum0 = multiplyAdd(v128.load(r0 + p), lanes, sum0);
      sum1 = multiplyAdd(v128.load(r1 + p), lanes, sum1);
      sum2 = multiplyAdd(v128.load(r2 + p), lanes, sum2);
      sum3 = multiplyAdd(v128.load(r3 + p), lanes, sum3);
    }
    const rests = f32x4.sub(v128.load(x + o), sumLanesOfFour(sum0, sum1, sum2, sum3));
    const x3 = f32x4.extract_lane(rests, 3) * load<f32>(r3, 12);
    const x2 = (f32x4.extract_lane(rests, 2) - x3 * load<f32>(r2, 12)) * load<f32>(r2, 8);
    const x1 = (f32x4.extract_lane(rests, 1) - x3 * load<f32>(r1, 12) - x2 * load<f32>(r1, 8)) * load<f32>(r1, 4);
    const last = f32x4.extract_lane(rests, 0) - x3 * load<f32>(r0, 12) - x2 * load<f32>(r0, 8) - x1 * load<f32>(r0, 4);
    store<f32>(x + o, last * load<f32>(r0));
    store<f32>(x + o, x1, 4);
    store<f32>(x + o, x2, 8);
    store<f32>(x + o, x3, 12);
  }
}
