import { pushTop, replaceTop, sortTop } from "../linalg/top-heap";

/**
 * The `count` best of scores[0, size) above `floor`, best first, ties by index; a NaN and a score of −∞ are left out.
 * scoresPtr f32[size] · indicesPtr u32[count], topScoresPtr f32[count]: written · Returns how many there are.
 */
export function selectTop(
  size: u32,
  count: u32,
  floor: f32,
  scoresPtr: usize,
  indicesPtr: usize,
  topScoresPtr: usize,
): f64 {
  let held: u32 = 0;
  if (count === 0) return 0;
  let threshold = floor;
  let index: u32 = 0;
  while (index < size) {
    // Four at once, as long as none of them is good enough.
    for (const thresholds = f32x4.splat(threshold); index + 4 <= size; index += 4) {
      if (v128.any_true(f32x4.gt(v128.load(scoresPtr + ((<usize>index) << 2)), thresholds))) break;
    }
    for (const end = min(index + 4, size); index < end; index++) {
      const score = load<f32>(scoresPtr + ((<usize>index) << 2));
      if (!(score > threshold)) continue; // of equal scores the one met first, of lower index, stays
      if (held < count) pushTop(held++, index, score, indicesPtr, topScoresPtr);
      else replaceTop(held, index, score, indicesPtr, topScoresPtr);
      if (held === count) threshold = load<f32>(topScoresPtr);
    }
  }
  sortTop(held, indicesPtr, topScoresPtr);
  return <f64>held;
}
