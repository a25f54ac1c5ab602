/** How much the kernels of rows say they work in, in bytes. */

/** Entries from which on a row is the sum of several systems. */
export const SLICE_ENTRIES = 32768;
const PANEL_ROWS = 128;
const COPIED_ROWS = 512;

/** The width of a system of equations, in floats. */
export function paddedSize(stride: number): number {
  return Math.ceil(stride / 8) * 8;
}

/** Floats of a line of a panel: the least odd multiple of 16 that is ≥ size. */
function lineFloats(size: number): number {
  let floats = 16;
  while (floats < size) floats += 32;
  return floats;
}

export function systemFloats(stride: number): number {
  const size = paddedSize(stride);
  return size * size + 3 * size + 8;
}

/** Of gramRows and accumulateSlice. */
export function panelBytes(stride: number): number {
  return PANEL_ROWS * lineFloats(paddedSize(stride)) * 4;
}

/** Of solveRows. */
export function solveWorkspaceBytes(stride: number, longestRow = 0): number {
  const size = paddedSize(stride);
  const systems = longestRow > SLICE_ENTRIES ? 2 : 1;
  return (Math.max(PANEL_ROWS, size + 1) * lineFloats(size) + systems * systemFloats(stride)) * 4;
}

export function explainWorkspaceBytes(stride: number, longestRow = 0): number {
  return solveWorkspaceBytes(stride, longestRow) + (2 * stride + 4) * 4;
}

export function conjugateGradientWorkspaceBytes(stride: number): number {
  return (COPIED_ROWS * lineFloats(paddedSize(stride)) + 3 * stride) * 4;
}

export function subspaceWorkspaceBytes(stride: number, blockFactors: number, longestRow: number): number {
  const size = paddedSize(stride);
  const block = Math.min(blockFactors, size);
  const panels = COPIED_ROWS * lineFloats(size) + PANEL_ROWS * lineFloats(block);
  return (panels + block * block + block + longestRow) * 4;
}
