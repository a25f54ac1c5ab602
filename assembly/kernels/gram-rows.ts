import { addGram } from "../linalg/gram";
import { copyToLine, PANEL_ROWS, paddedSize, panelLineBytes } from "../linalg/panel";

/**
 * The Gram matrix Σ q qᵀ of rows [rowBegin, rowEnd): gramPtr f32[size × size], its upper triangle by blocks of 8 written,
 * the rest 0 · factorsPtr f32[× stride] · stride in floats, size the next multiple of 8 · workspacePtr: 128 line floats,
 * as in solveRows. Returns 0.
 */
export function gramRows(
  rowBegin: u32,
  rowEnd: u32,
  gramPtr: usize,
  factorsPtr: usize,
  stride: i32,
  workspacePtr: usize,
): f64 {
  const size = paddedSize(stride);
  const lineBytes = panelLineBytes(size);
  const strideBytes = (<usize>stride) << 2;
  memory.fill(gramPtr, 0, (<usize>size * <usize>size) << 2);
  for (let first = rowBegin; first < rowEnd; first += PANEL_ROWS) {
    const rows = min(rowEnd - first, PANEL_ROWS);
    let line = workspacePtr;
    for (let t: u32 = 0; t < rows; t++, line += lineBytes) {
      copyToLine(line, factorsPtr + <usize>(first + t) * strideBytes, stride, size);
    }
    addGram(workspacePtr, lineBytes, rows, size, gramPtr);
  }
  return 0;
}

/**
 * The Gram matrix of all rows from those of its chunks: entries [begin, end) of gramPtr f32[floats] become `scale` times
 * the sum of partialsPtr f32[numPartials × floats], added in f64 in their order. Returns 0.
 */
export function mergeGrams(
  begin: u32,
  end: u32,
  gramPtr: usize,
  partialsPtr: usize,
  numPartials: u32,
  floats: u32,
  scale: f32,
): f64 {
  for (let at = begin; at < end; at++) {
    let sum: f64 = 0;
    let partial = partialsPtr + ((<usize>at) << 2);
    for (let part: u32 = 0; part < numPartials; part++, partial += (<usize>floats) << 2) sum += <f64>load<f32>(partial);
    store<f32>(gramPtr + ((<usize>at) << 2), <f32>(<f64>scale * sum));
  }
  return 0;
}
