/**
 * Counter-based random numbers, the same as in `src/data/random.ts`: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011),
 * and the standard normal quantile (Wichura 1988, algorithm AS 241, PPND16). No state: the caller holds the counter.
 */

/** The four words of one Philox block, as two u64 written to outPtr: words 0 and 1, then 2 and 3. */
export function philox4x32(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32, outPtr: usize): void {
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>0xd2511f53 * <u64>c0;
    const product1 = <u64>0xcd9e8d57 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  store<u32>(outPtr, c0);
  store<u32>(outPtr, c1, 4);
  store<u32>(outPtr, c2, 8);
  store<u32>(outPtr, c3, 12);
}

/** The Philox blocks of four counters (c0 + 0 … 3, c1, c2, c3), one after the other: u32[16] at outPtr. */
export function philox4x32OfFour(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32, outPtr: usize): void {
  const multiplier0 = i32x4.splat(0xd2511f53);
  const multiplier1 = i32x4.splat(0xcd9e8d57);
  const increment0 = i32x4.splat(0x9e3779b9);
  const increment1 = i32x4.splat(0xbb67ae85);
  let key0 = i32x4.splat(k0);
  let key1 = i32x4.splat(k1);
  let word0 = i32x4.add(i32x4.splat(c0), i32x4(0, 1, 2, 3));
  let word1 = i32x4.splat(c1);
  let word2 = i32x4.splat(c2);
  let word3 = i32x4.splat(c3);
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(multiplier0, word0);
    const high0 = i64x2.extmul_high_i32x4_u(multiplier0, word0);
    const low1 = i64x2.extmul_low_i32x4_u(multiplier1, word2);
    const high1 = i64x2.extmul_high_i32x4_u(multiplier1, word2);
    word0 = v128.xor(v128.xor(i32x4.shuffle(low1, high1, 1, 3, 5, 7), word1), key0);
    word1 = i32x4.shuffle(low1, high1, 0, 2, 4, 6);
    word2 = v128.xor(v128.xor(i32x4.shuffle(low0, high0, 1, 3, 5, 7), word3), key1);
    word3 = i32x4.shuffle(low0, high0, 0, 2, 4, 6);
    key0 = i32x4.add(key0, increment0);
    key1 = i32x4.add(key1, increment1);
  }
  const front0 = i32x4.shuffle(word0, word1, 0, 4, 1, 5);
  const back0 = i32x4.shuffle(word2, word3, 0, 4, 1, 5);
  const front1 = i32x4.shuffle(word0, word1, 2, 6, 3, 7);
  const back1 = i32x4.shuffle(word2, word3, 2, 6, 3, 7);
  v128.store(outPtr, i64x2.shuffle(front0, back0, 0, 2));
  v128.store(outPtr, i64x2.shuffle(front0, back0, 1, 3), 16);
  v128.store(outPtr, i64x2.shuffle(front1, back1, 0, 2), 32);
  v128.store(outPtr, i64x2.shuffle(front1, back1, 1, 3), 48);
}

/** The middle of cell `word` of 2^32 equal cells of (0, 1). */
export function uniform(word: u32): f64 {
  return (<f64>word + 0.5) * (1.0 / 4294967296.0);
}

/** ln x for a normal x > 0, within 1e-15 relative: x = m·2^e with m in [√½, √2), ln m = 2 artanh((m − 1)/(m + 1)). */
function naturalLogarithm(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let exponent = <i32>(bits >> 52) - 1023;
  let mantissa = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const s2 = s * s;
  let series: f64 = 0;
  for (let n = 21; n > 0; n -= 2) series = series * s2 + 1.0 / <f64>n;
  return <f64>exponent * Math.LN2 + 2 * s * series;
}

/**
 * The x with Φ(x) = p, within 1e-15 relative (AS 241), for p and 1 − p ≥ 1.4e-11: `uniform` gives none nearer to 0 or 1,
 * so the third of the algorithm's ranges is left out.
 */
export function normalQuantile(p: f64): f64 {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * centralRatio(0.180625 - q * q);
  const r = Math.sqrt(-naturalLogarithm(q < 0 ? p : 1 - p));
  const x = middleRatio(r - 1.6);
  return q < 0 ? -x : x;
}

function centralRatio(r: f64): f64 {
  const above =
    ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r + 45921.953931549871457) *
      r +
      13731.693765509461125) *
      r +
      1971.5909503065514427) *
      r +
      133.14166789178437745) *
      r +
    3.387132872796366608;
  const below =
    ((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r + 21213.794301586595867) *
      r +
      5394.1960214247511077) *
      r +
      687.1870074920579083) *
      r +
      42.313330701600911252) *
      r +
    1;
  return above / below;
}

function middleRatio(r: f64): f64 {
  const above =
    ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r +
      1.27045825245236838258) *
      r +
      3.64784832476320460504) *
      r +
      5.7694972214606914055) *
      r +
      4.6303378461565452959) *
      r +
    1.42343711074968357734;
  const below =
    ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r +
      0.14810397642748007459) *
      r +
      0.68976733498510000455) *
      r +
      1.6763848301838038494) *
      r +
      2.05319162663775882187) *
      r +
    1;
  return above / below;
}
