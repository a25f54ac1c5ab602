/**
 * Eigenvalues and vectors of a symmetric matrix, in f64: Householder's tridiagonal form, then QL steps with shifts (Golub
 * and Van Loan, Matrix Computations, 8.3; Bowdler, Martin, Reinsch, Wilkinson 1968). Matrices are f64[size × size], row
 * by row, size even.
 */

/** QL steps for one eigenvalue; two are usual. */
const MOST_STEPS = 64;

/**
 * A ← the Householder vectors, row k's from column k + 1 on, of the tridiagonal QᵀAQ: its diagonal, f64[size], and what
 * stands beside it, f64[size], the last 0. factors f64[size]: 2/‖v‖² of each vector, or 0 · work f64[size].
 */
export function tridiagonalize(a: usize, size: i32, diagonal: usize, beside: usize, factors: usize, work: usize): void {
  const lineBytes = (<usize>size) << 3;
  for (let k: usize = 0; k < lineBytes; k += 8) {
    const line = a + (k >> 3) * lineBytes;
    store<f64>(diagonal + k, load<f64>(line + k));
    store<f64>(factors + k, 0);
    store<f64>(beside + k, 0);
    const first = k + 8;
    if (first === lineBytes) return;
    let squares: f64 = 0;
    for (let j = first + 8; j < lineBytes; j += 8) squares += load<f64>(line + j) * load<f64>(line + j);
    const head = load<f64>(line + first);
    if (squares === 0) {
      store<f64>(beside + k, head);
      continue;
    }
    const length = Math.sqrt(head * head + squares);
    const ownHead = head + (head < 0 ? -length : length);
    const factor = 2 / (ownHead * ownHead + squares);
    store<f64>(beside + k, head < 0 ? length : -length);
    store<f64>(factors + k, factor);
    store<f64>(line + first, ownHead);
    // p = factor · A v, then w = p − ½ factor (pᵀv) v, and A ← A − v wᵀ − w vᵀ
    let product: f64 = 0;
    for (let i = first; i < lineBytes; i += 8) {
      const p = factor * dot64(a + (i >> 3) * lineBytes, line, first, lineBytes);
      store<f64>(work + i, p);
      product += p * load<f64>(line + i);
    }
    const half = 0.5 * factor * product;
    for (let i = first; i < lineBytes; i += 8) store<f64>(work + i, load<f64>(work + i) - half * load<f64>(line + i));
    for (let i = first; i < lineBytes; i += 8) {
      const other = a + (i >> 3) * lineBytes;
      const v = load<f64>(line + i);
      addRow64(other, work, -v, first, lineBytes);
      addRow64(other, line, -load<f64>(work + i), first, lineBytes);
    }
  }
}

/** Q f64[size × size] ← the product of the Householder vectors that tridiagonalize has left. work f64[size] */
export function accumulateVectors(a: usize, size: i32, factors: usize, q: usize, work: usize): void {
  const lineBytes = (<usize>size) << 3;
  memory.fill(q, 0, <usize>size * lineBytes);
  for (let o: usize = 0; o < lineBytes; o += 8) store<f64>(q + (o >> 3) * lineBytes + o, 1);
  for (let k = lineBytes; k > 0; ) {
    k -= 8;
    const factor = load<f64>(factors + k);
    if (factor === 0) continue;
    const v = a + (k >> 3) * lineBytes;
    const first = k + 8;
    memory.fill(work + first, 0, lineBytes - first);
    for (let i = first; i < lineBytes; i += 8) {
      addRow64(work, q + (i >> 3) * lineBytes, load<f64>(v + i), first, lineBytes);
    }
    for (let i = first; i < lineBytes; i += 8) {
      addRow64(q + (i >> 3) * lineBytes, work, -factor * load<f64>(v + i), first, lineBytes);
    }
  }
}

/**
 * diagonal f64[size] ← the eigenvalues of a tridiagonal matrix, in no order, its `beside` destroyed; the rows of vectors,
 * Qᵀ at first, become the eigenvectors. Returns whether it came to an end.
 */
export function diagonalizeTridiagonal(diagonal: usize, beside: usize, size: i32, vectors: usize): bool {
  const lineBytes = (<usize>size) << 3;
  for (let l: usize = 0; l < lineBytes; l += 8) {
    for (let step = 0; ; step++) {
      let m = l;
      for (; m + 8 < lineBytes; m += 8) {
        const scale = Math.abs(load<f64>(diagonal + m)) + Math.abs(load<f64>(diagonal + m, 8));
        if (Math.abs(load<f64>(beside + m)) + scale === scale) break;
      }
      if (m === l) break;
      if (step === MOST_STEPS) return false;
      stepQl(diagonal, beside, l, m, lineBytes, vectors);
    }
  }
  return true;
}

/** One QL step with Wilkinson's shift, on the lines l to m (in bytes) of the tridiagonal matrix. */
function stepQl(diagonal: usize, beside: usize, l: usize, m: usize, lineBytes: usize, vectors: usize): void {
  const half = (load<f64>(diagonal + l, 8) - load<f64>(diagonal + l)) / (2 * load<f64>(beside + l));
  const root = Math.sqrt(half * half + 1);
  const shift = load<f64>(beside + l) / (half + (half < 0 ? -root : root));
  let g = load<f64>(diagonal + m) - load<f64>(diagonal + l) + shift;
  let sine: f64 = 1;
  let cosine: f64 = 1;
  let p: f64 = 0;
  for (let i = m; i > l; ) {
    i -= 8;
    const f = sine * load<f64>(beside + i);
    const b = cosine * load<f64>(beside + i);
    const r = Math.sqrt(f * f + g * g);
    store<f64>(beside + i, r, 8);
    if (r === 0) {
      // what is left has split by itself
      store<f64>(diagonal + i, load<f64>(diagonal + i, 8) - p, 8);
      store<f64>(beside + m, 0);
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = load<f64>(diagonal + i, 8) - p;
    const t = (load<f64>(diagonal + i) - g) * sine + 2 * cosine * b;
    p = sine * t;
    store<f64>(diagonal + i, g + p, 8);
    g = cosine * t - b;
    rotate64(vectors + (i >> 3) * lineBytes, lineBytes, cosine, sine);
  }
  store<f64>(diagonal + l, load<f64>(diagonal + l) - p);
  store<f64>(beside + l, g);
  store<f64>(beside + m, 0);
}

/** (x, y) ← (cosine x − sine y, sine x + cosine y) for a line and the one behind it. */
function rotate64(line: usize, lineBytes: usize, cosine: f64, sine: f64): void {
  const c = f64x2.splat(cosine);
  const s = f64x2.splat(sine);
  const next = line + lineBytes;
  for (let o: usize = 0; o < lineBytes; o += 16) {
    const x = v128.load(line + o);
    const y = v128.load(next + o);
    v128.store(line + o, f64x2.sub(f64x2.mul(c, x), f64x2.mul(s, y)));
    v128.store(next + o, f64x2.add(f64x2.mul(s, x), f64x2.mul(c, y)));
  }
}

/** Σ x y of the bytes [begin, end) of two lines. */
function dot64(x: usize, y: usize, begin: usize, end: usize): f64 {
  let sum: f64 = 0;
  let o = begin;
  if (o & 8) {
    sum = load<f64>(x + o) * load<f64>(y + o);
    o += 8;
  }
  let sums = f64x2.splat(0);
  for (; o < end; o += 16) sums = f64x2.add(sums, f64x2.mul(v128.load(x + o), v128.load(y + o)));
  return sum + f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** into += share · row, in the bytes [begin, end). */
function addRow64(into: usize, row: usize, share: f64, begin: usize, end: usize): void {
  let o = begin;
  if (o & 8) {
    store<f64>(into + o, load<f64>(into + o) + share * load<f64>(row + o));
    o += 8;
  }
  const shares = f64x2.splat(share);
  for (; o < end; o += 16) {
    v128.store(into + o, f64x2.add(v128.load(into + o), f64x2.mul(shares, v128.load(row + o))));
  }
}
