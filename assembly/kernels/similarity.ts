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
  let row = begin;
  for (; row + 4 <= end; row += 4) {
    const a = fromPtr + <usize>row * strideBytes;
    const b = a + strideBytes;
    const c = b + strideBytes;
    const d = c + strideBytes;
    const squares = fourDots(a, b, c, d, a, b, c, d, strideBytes);
    prepareRow(row, metric, f32x4.extract_lane(squares, 0), a, strideBytes, toPtr, biasPtr);
    prepareRow(row + 1, metric, f32x4.extract_lane(squares, 1), b, strideBytes, toPtr, biasPtr);
    prepareRow(row + 2, metric, f32x4.extract_lane(squares, 2), c, strideBytes, toPtr, biasPtr);
    prepareRow(row + 3, metric, f32x4.extract_lane(squares, 3), d, strideBytes, toPtr, biasPtr);
  }
  for (; row < end; row++) {
    const a = fromPtr + <usize>row * strideBytes;
    const squares = f32x4.extract_lane(fourDots(a, a, a, a, a, a, a, a, strideBytes), 0);
    prepareRow(row, metric, squares, a, strideBytes, toPtr, biasPtr);
  }
  return 0;
}

/** One row, of which ‖a‖² is known. */
function prepareRow(
  row: u32,
  metric: i32,
  squares: f32,
  from: usize,
  strideBytes: usize,
  toPtr: usize,
  biasPtr: usize,
): void {
  const bias: f32 = squares > 0 ? (metric === EUCLIDEAN ? -0.5 * squares : 0) : f32.NEGATIVE_INFINITY;
  store<f32>(biasPtr + ((<usize>row) << 2), bias);
  if (metric !== COSINE) return;
  const inverse = f32x4.splat(squares > 0 ? 1 / sqrt<f32>(squares) : 0);
  const to = toPtr + <usize>row * strideBytes;
  for (let o: usize = 0; o < strideBytes; o += 16) v128.store(to + o, f32x4.mul(v128.load(from + o), inverse));
}
