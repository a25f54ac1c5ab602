/**
 * IEEE 754 half precision in u16 bits: 1 sign, 5 exponent (bias 15), 10 mantissa. By hand, as Node 20 has no
 * Float16Array.
 */

/** The largest finite half: (2 − 2^−10) · 2^15. */
export const LARGEST_FLOAT16 = 65504;

const SMALLEST_NORMAL = 2 ** -14;
const SUBNORMAL_STEPS = 2 ** 24; // halfs below 2^−14 are multiples of 2^−24
const HALF_INFINITY = 0x7c00;
const HALF_NAN = 0x7e00;
const BEYOND_FLOAT16 = 2 ** 16; // from 65520 on, rounding already carries into the exponent of infinity
const EXPONENT_SHIFT = (127 - 15) << 23; // between the two biases, in f32 bits

/** Rounds each value to the nearest half, ties to even: `bits[i]` of `values[i]`. Beyond ±65520 it is an infinity. */
export function toFloat16(values: Float32Array, bits: Uint16Array): void {
  const word = new Float32Array(1);
  const wordBits = new Uint32Array(word.buffer);
  for (let at = 0; at < values.length; at++) {
    word[0] = values[at]!;
    const sign = (wordBits[0]! >>> 16) & 0x8000;
    bits[at] = sign | halfOf(Math.abs(word[0]), wordBits[0]! & 0x7fffffff);
  }
}

/** The half of a value without its sign, which is given as a number and as f32 bits. */
function halfOf(size: number, sizeBits: number): number {
  if (size < SMALLEST_NORMAL) {
    const steps = size * SUBNORMAL_STEPS; // exact
    const whole = Math.floor(steps);
    const rest = steps - whole;
    return whole + (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0); // 1024 steps are the smallest normal
  }
  if (size < BEYOND_FLOAT16) {
    const rounding = 0xfff + ((sizeBits >>> 13) & 1); // of the 13 bits that go: half a step, ties to even
    return (sizeBits - EXPONENT_SHIFT + rounding) >>> 13; // a carry out of the mantissa is the next exponent
  }
  return Number.isNaN(size) ? HALF_NAN : HALF_INFINITY;
}

/** The values of halfs, exactly: `values[i]` of `bits[i]`. */
export function fromFloat16(bits: Uint16Array, values: Float32Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let at = 0; at < bits.length; at++) {
    const half = bits[at]!;
    const size = half & 0x7fff;
    const sign = (half & 0x8000) << 16;
    if (size >= HALF_INFINITY) words[at] = sign | 0x7f800000 | ((size & 0x3ff) << 13);
    else if (size >= 0x400) words[at] = sign | ((size << 13) + EXPONENT_SHIFT);
    else values[at] = sign === 0 ? size / SUBNORMAL_STEPS : -size / SUBNORMAL_STEPS;
  }
}
