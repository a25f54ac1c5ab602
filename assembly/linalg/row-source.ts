/**
 * The rows of factors that a row's entries name, for solvers that go over them several times: copied side by side where
 * they are few, read from where they lie where they are many.
 */
import { copyToLine, panelLineBytes } from "./panel";

/** Rows that are copied at most: for these it pays, and they stay in the second level of the cache. */
export const COPIED_ROWS: u32 = 512;

/** Copies the rows of n entries to a panel f32[COPIED_ROWS lines], if they are few enough. Returns whether they are. */
export function copyRows(columns: usize, n: u32, factors: usize, stride: i32, size: i32, panel: usize): bool {
  if (n > COPIED_ROWS) return false;
  const lineBytes = panelLineBytes(size);
  for (let t: u32 = 0; t < n; t++) {
    const column = <usize>load<u32>(columns + ((<usize>t) << 2));
    copyToLine(panel + <usize>t * lineBytes, factors + ((column * <usize>stride) << 2), stride, size);
  }
  return true;
}

/** The factors of entry t. */
export function rowOf(columns: usize, t: u32, factors: usize, stride: i32, panel: usize, lineBytes: usize): usize {
  if (panel) return panel + <usize>t * lineBytes;
  return factors + ((<usize>load<u32>(columns + ((<usize>t) << 2)) * <usize>stride) << 2);
}
