/**
 * The standard normal quantile in plain f64, by another way than the kernel's: Newton's method on the distribution
 * function, which is summed by its Taylor series near the middle and by a continued fraction in the tail.
 */

const SQRT_2_PI = 2.5066282746310002;

/** The density of N(0, 1). */
const density = (x: number): number => Math.exp(-0.5 * x * x) / SQRT_2_PI;

/** 1 − Φ(x) for x ≥ 0, to about 1e-15 relative (Abramowitz, Stegun 1964, 26.2.10 and 26.2.14). */
function upperTail(x: number): number {
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; term > sum * 1e-18; n++) {
      term *= (x * x) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - density(x) * sum;
  }
  let fraction = x;
  for (let n = 300; n > 0; n--) fraction = x + n / fraction;
  return density(x) / fraction;
}

/** The x with Φ(x) = p, 0 < p < 1. */
export function normalQuantileTwin(p: number): number {
  if (p > 0.5) return -normalQuantileTwin(1 - p);
  let x = p < 0.02 ? Math.sqrt(-2 * Math.log(p)) : 1; // of the upper tail
  for (let step = 0; step < 60; step++) {
    const tail = upperTail(Math.max(0, x));
    const move = (tail - p) / density(x);
    x += Math.max(-0.5, Math.min(0.5, move));
    if (Math.abs(move) < 1e-15 * Math.max(1, x)) break;
  }
  return -x;
}
