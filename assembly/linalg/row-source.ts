/**
 * The rows of factors that a row's entries name, for solvers that go over them several times: copied one behind the other,
 * as memory is fastest in order, or read from where they lie where they are too many for that.
 */

/** What copies of rows may take, in bytes; at least so many rows are copied, however long they are. */
const COPIED_BYTES: u32 = 1 << 23;
const LEAST_COPIED: u32 = 512;

/** Rows of `stride` floats that are copied at most. */
export function mostCopied(stride: i32): u32 {
  return max(LEAST_COPIED, COPIED_BYTES / ((<u32>stride) << 2));
}

/** Copies the rows of n entries to f32[n × stride], if they are few enough. Returns whether they are. */
export function copyRows(columns: usize, n: u32, factors: usize, stride: i32, copies: usize): bool {
  if (n > mostCopied(stride)) return false;
  const strideBytes = (<usize>stride) << 2;
  let copy = copies;
  for (let t: u32 = 0; t < n; t++, copy += strideBytes) {
    const row = factors + <usize>load<u32>(columns + ((<usize>t) << 2)) * strideBytes;
    for (let o: usize = 0; o < strideBytes; o += 16) v128.store(copy + o, v128.load(row + o));
  }
  return true;
}

/** The factors of entry t, copied or, where copies is 0, not. */
export function rowOf(columns: usize, t: u32, factors: usize, strideBytes: usize, copies: usize): usize {
  if (copies) return copies + <usize>t * strideBytes;
  return factors + <usize>load<u32>(columns + ((<usize>t) << 2)) * strideBytes;
}
