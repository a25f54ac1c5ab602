/**
 * Powers, logarithms and exponentials of the same bits everywhere: only +, −, ×, ÷ and square roots, which IEEE 754 rounds the same way
 * on every engine. `Math.pow` and its like may differ in the last bit from one to the next.
 */

/**
 * base^exponent for base ≥ 0, exponent ≥ 0, 0^0 = 1: whole powers by products, binary digits by square roots.
 * @param bits binary digits of the exponent behind the point that count, at most 52
 */
export function exactPower(base: number, exponent: number, bits = 52): number {
  let power = 1;
  for (let whole = Math.floor(exponent); whole > 0; whole--) power *= base;
  let digits = Math.floor((exponent - Math.floor(exponent)) * 2 ** bits);
  let root = base;
  for (let bit = 0; bit < bits && digits > 0; bit++) {
    root = Math.sqrt(root); // base^(1/2), base^(1/4), …
    digits *= 2;
    if (digits >= 2 ** bits) {
      power *= root;
      digits -= 2 ** bits;
    }
  }
  return power;
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer); // the low word first, as on everything that runs WebAssembly

/** ln x for a normal x > 0, within 1e-15 relative: x = m·2^e with m in [√½, √2), ln m = 2 artanh((m − 1)/(m + 1)). */
export function exactLogarithm(x: number): number {
  float[0] = x;
  let exponent = (words[1]! >>> 20) - 1023;
  words[1] = (words[1]! & 0x000fffff) | 0x3ff00000;
  let mantissa = float[0]!;
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let series = 0;
  for (let n = 21; n > 0; n -= 2) series = series * square + 1 / n;
  return exponent * Math.LN2 + 2 * s * series;
}

/** ln 2 in two parts; the first ends in zeros, so that its product with an exponent is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * e^x, within 5e-16 relative, 0 or Infinity beyond what f64 can hold: x = k ln 2 + r with |r| ≤ ½ ln 2, e^x = 2^k e^r.
 * Never falls when an f32 x rises.
 */
export function exactExponential(x: number): number {
  if (x > 709.79) return Number.POSITIVE_INFINITY;
  if (x < -745.14) return 0;
  const exponent = Math.round(x / Math.LN2);
  const r = x - exponent * LN2_HIGH - exponent * LN2_LOW;
  let series = 1;
  for (let n = 13; n > 0; n--) series = 1 + (series * r) / n;
  const half = exponent >> 1; // 2^k in two steps, each a normal number where k alone is none
  return series * powerOfTwo(half) * powerOfTwo(exponent - half);
}

/** 2^exponent for a whole exponent from −1022 to 1023. */
function powerOfTwo(exponent: number): number {
  words[0] = 0;
  words[1] = (exponent + 1023) << 20;
  return float[0]!;
}
