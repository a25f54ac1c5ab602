/**
 * Powers and logarithms of the same bits everywhere: only +, −, ×, ÷ and square roots, which IEEE 754 rounds the same way
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
