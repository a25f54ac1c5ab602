import { fourDots } from "../linalg/ordered-dot";

/** How alike two rows a and b are: a·b, the cosine of their angle, or minus half their squared distance. */
const COSINE: i32 = 1;
const EUCLIDEAN: i32 = 2;

/**
 * Makes similarity a bilinear score, bias_a + bias_b + a'·b', of rows [begin, end). metric 0 (dot): a' = a, bias 0 ·
 * 1 (cosine): a' = a/‖a‖, bias 0 · 2 (Euclidean): a' = a, bias −‖a‖²/2, so that the score is −‖a − b‖²/2. A row that is
 * zero has the bias −∞: it is like nothing. fromPtr f32[× stride] · toPtr f32[× stride], a' written if it is not a ·
 * biasPtr f32[], written. Returns 0.
 */
export function similarityRows(
  begin: u32,
  end: u32,
  metric: i32,
  fromPtr: usize,
  stride: i32,
  toPtr: usize,
  biasPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  for (let row = begin; row < end; row++) {
    const from = fromPtr + <usize>row * strideBytes;
    const squares = f32x4.extract_lane(fourDots(from, from, from, from, from, from, from, from, strideBytes), 0);
    const bias: f32 = squares > 0 ? (metric === EUCLIDEAN ? -0.5 * squares : 0) : f32.NEGATIVE_INFINITY;
    store<f32>(biasPtr + ((<usize>row) << 2), bias);
    if (metric !== COSINE) continue;
    const inverse = f32x4.splat(squares > 0 ? 1 / sqrt<f32>(squares) : 0);
    const to = toPtr + <usize>row * strideBytes;
    for (let o: usize = 0; o < strideBytes; o += 16) v128.store(to + o, f32x4.mul(v128.load(from + o), inverse));
  }
  return 0;
}
