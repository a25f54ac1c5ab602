/** How much the kernels of rows say they work in, in bytes. */

/** Entries from which on a row is the sum of several systems. */
export const SLICE_ENTRIES = 32768;
const PANEL_ROWS = 128;

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

/** Entries of a row whose rows of factors are copied at most. */
export function mostCopied(stride: number): number {
  return Math.max(512, Math.floor(2 ** 21 / stride));
}

export function conjugateGradientWorkspaceBytes(stride: number, longestRow: number): number {
  return (3 + Math.min(longestRow, mostCopied(stride))) * stride * 4;
}

export function subspaceWorkspaceBytes(stride: number, blockFactors: number, longestRow: number): number {
  const block = Math.min(blockFactors, paddedSize(stride));
  const panel = PANEL_ROWS * lineFloats(block);
  const copies = Math.min(longestRow, mostCopied(stride)) * stride;
  return (panel + block * block + block + copies + longestRow) * 4;
}

export function principalAxesWorkspaceBytes(stride: number): number {
  return (2 * stride * stride + 4 * stride) * 8;
}

export function shortRowsWorkspaceBytes(stride: number): number {
  const size = paddedSize(stride);
  return (stride * lineFloats(size) + size * size + 2 * size + 2 * stride) * 4;
}
