/**
 * Activations of four units at once, by code: 0 identity, 1 logistic, 2 hyperbolic tangent, 3 rectified linear. The
 * exponential is 2ⁿ eʳ, |r| ≤ ½ ln 2, with eʳ = 1 + r + r² P(r), P of degree 4 through Chebyshev's nodes (1e-8
 * relative); its numbers come from memory, as V8 builds a constant anew at each use:
 *
 *   constantsPtr f32[9]: 87, 1/ln 2, the high and the low part of ln 2, P's coefficients from the constant one
 *
 * Logistic and tangent are within 1.5e-7 of the exact value.
 */
import { multiplyAdd, multiplySubtract } from "./lanes";

export const IDENTITY: u32 = 0;
export const LOGISTIC: u32 = 1;
export const TANGENT: u32 = 2;

/** e⁻ˣ of x ≥ 0, at most 87: beyond it the result would be subnormal. */
function decay(x: v128, constantsPtr: usize): v128 {
  const y = f32x4.neg(f32x4.pmin(x, v128.load32_splat(constantsPtr)));
  const n = f32x4.nearest(f32x4.mul(y, v128.load32_splat(constantsPtr, 4)));
  let r = multiplySubtract(n, v128.load32_splat(constantsPtr, 8), y);
  r = multiplySubtract(n, v128.load32_splat(constantsPtr, 12), r);
  let p = v128.load32_splat(constantsPtr, 32);
  p = multiplyAdd(p, r, v128.load32_splat(constantsPtr, 28));
  p = multiplyAdd(p, r, v128.load32_splat(constantsPtr, 24));
  p = multiplyAdd(p, r, v128.load32_splat(constantsPtr, 20));
  p = multiplyAdd(p, r, v128.load32_splat(constantsPtr, 16));
  const e = f32x4.add(multiplyAdd(f32x4.mul(r, r), p, r), f32x4.splat(1));
  // times 2ⁿ, n ≥ −126, by adding to the exponent
  return i32x4.add(e, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
}

/** f(x) of each lane. */
export function activate(code: u32, x: v128, constantsPtr: usize): v128 {
  if (code === IDENTITY) return x;
  const zero = f32x4.splat(0);
  if (code !== LOGISTIC && code !== TANGENT) return f32x4.pmax(zero, x); // 0 where x is not above it
  const one = f32x4.splat(1);
  const size = f32x4.abs(x);
  const isTangent = code === TANGENT;
  const e = decay(isTangent ? f32x4.add(size, size) : size, constantsPtr);
  const inverse = f32x4.div(one, f32x4.add(one, e));
  const negative = f32x4.lt(x, zero);
  if (isTangent) {
    const tangent = f32x4.mul(f32x4.sub(one, e), inverse);
    return v128.bitselect(f32x4.neg(tangent), tangent, negative);
  }
  return v128.bitselect(f32x4.mul(e, inverse), inverse, negative);
}

/** f'(x) of each lane, by y = f(x). */
export function slope(code: u32, y: v128): v128 {
  const one = f32x4.splat(1);
  if (code === IDENTITY) return one;
  if (code === LOGISTIC) return f32x4.mul(y, f32x4.sub(one, y));
  if (code === TANGENT) return f32x4.sub(one, f32x4.mul(y, y));
  return v128.and(f32x4.gt(y, f32x4.splat(0)), one);
}
