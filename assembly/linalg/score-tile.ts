import { multiplyAdd } from "./lanes";

/** Columns that stand side by side in a panel. */
export const PANEL_COLUMNS: u32 = 8;

/**
 * Rows that stand side by side in a pack. Six by eight sums fill the registers where multiply and add are one
 * instruction; where they are two, the product needs a register as well, and with six rows sums go to memory and back.
 */
export const PACK_ROWS: u32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/**
 * The bilinear scores (linalg/bilinear.ts, the same bits) of a pack of rows with a panel of columns, if any is above its
 * row's threshold. pack f32[depth × PACK_ROWS], panel f32[depth × 8]: factor by factor · rowBiases f32[PACK_ROWS]: b_row ·
 * columnBiases f32[8]: b_column, −∞ for a column that is none · thresholds f32[PACK_ROWS] · scores
 * f32[PACK_ROWS × 8], written if the result is not 0: a bit for each row that has one above.
 */
export function scoreTile(
  pack: usize,
  panel: usize,
  depth: usize,
  offset: f32,
  rowBiases: usize,
  columnBiases: usize,
  thresholds: usize,
  scores: usize,
): u32 {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  for (const end = panel + (depth << 5); panel !== end; panel += 32, pack += PACK_ROWS * 4) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    let a = v128.load32_splat(pack);
    c00 = multiplyAdd(a, b0, c00);
    c01 = multiplyAdd(a, b1, c01);
    a = v128.load32_splat(pack, 4);
    c10 = multiplyAdd(a, b0, c10);
    c11 = multiplyAdd(a, b1, c11);
    a = v128.load32_splat(pack, 8);
    c20 = multiplyAdd(a, b0, c20);
    c21 = multiplyAdd(a, b1, c21);
    a = v128.load32_splat(pack, 12);
    c30 = multiplyAdd(a, b0, c30);
    c31 = multiplyAdd(a, b1, c31);
    a = v128.load32_splat(pack, 16);
    c40 = multiplyAdd(a, b0, c40);
    c41 = multiplyAdd(a, b1, c41);
    if (PACK_ROWS > 5) {
      a = v128.load32_splat(pack, 20);
      c50 = multiplyAdd(a, b0, c50);
      c51 = multiplyAdd(a, b1, c51);
    }
  }
  const d0 = v128.load(columnBiases);
  const d1 = v128.load(columnBiases, 16);
  const offsets = f32x4.splat(offset);
  let bias = v128.load32_splat(rowBiases);
  c00 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d0)), c00);
  c01 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d1)), c01);
  bias = v128.load32_splat(rowBiases, 4);
  c10 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d0)), c10);
  c11 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d1)), c11);
  bias = v128.load32_splat(rowBiases, 8);
  c20 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d0)), c20);
  c21 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d1)), c21);
  bias = v128.load32_splat(rowBiases, 12);
  c30 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d0)), c30);
  c31 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d1)), c31);
  bias = v128.load32_splat(rowBiases, 16);
  c40 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d0)), c40);
  c41 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d1)), c41);
  const t0 = v128.load32_splat(thresholds);
  const t1 = v128.load32_splat(thresholds, 4);
  const t2 = v128.load32_splat(thresholds, 8);
  const t3 = v128.load32_splat(thresholds, 12);
  const t4 = v128.load32_splat(thresholds, 16);
  const above0 = v128.or(f32x4.gt(c00, t0), f32x4.gt(c01, t0));
  const above1 = v128.or(f32x4.gt(c10, t1), f32x4.gt(c11, t1));
  const above2 = v128.or(f32x4.gt(c20, t2), f32x4.gt(c21, t2));
  const above3 = v128.or(f32x4.gt(c30, t3), f32x4.gt(c31, t3));
  const above4 = v128.or(f32x4.gt(c40, t4), f32x4.gt(c41, t4));
  let above = v128.or(v128.or(v128.or(above0, above1), v128.or(above2, above3)), above4);
  let above5 = f32x4.splat(0);
  if (PACK_ROWS > 5) {
    bias = v128.load32_splat(rowBiases, 20);
    c50 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d0)), c50);
    c51 = f32x4.add(f32x4.add(offsets, f32x4.add(bias, d1)), c51);
    const t5 = v128.load32_splat(thresholds, 20);
    above5 = v128.or(f32x4.gt(c50, t5), f32x4.gt(c51, t5));
    above = v128.or(above, above5);
  }
  if (!v128.any_true(above)) return 0;
  v128.store(scores, c00);
  v128.store(scores, c01, 16);
  v128.store(scores, c10, 32);
  v128.store(scores, c11, 48);
  v128.store(scores, c20, 64);
  v128.store(scores, c21, 80);
  v128.store(scores, c30, 96);
  v128.store(scores, c31, 112);
  v128.store(scores, c40, 128);
  v128.store(scores, c41, 144);
  if (PACK_ROWS > 5) {
    v128.store(scores, c50, 160);
    v128.store(scores, c51, 176);
  }
  return (
    <u32>v128.any_true(above0) |
    ((<u32>v128.any_true(above1)) << 1) |
    ((<u32>v128.any_true(above2)) << 2) |
    ((<u32>v128.any_true(above3)) << 3) |
    ((<u32>v128.any_true(above4)) << 4) |
    ((<u32>v128.any_true(above5)) << 5)
  );
}
