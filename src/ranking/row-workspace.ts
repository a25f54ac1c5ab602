/** What the kernels that solve rows work in, in bytes: the formulas that stand above them in assembly/. */

/** The entries of a row above which it is the sum of slices of this many (assembly/linalg/row-system.ts). */
export const SLICE_ENTRIES = 32768;

const PANEL_ROWS = 128;

/** The width of a row's system of equations: the stride rounded up to a multiple of 8. */
export function paddedSize(stride: number): number {
  return Math.ceil(stride / 8) * 8;
}

/** Floats from one line of a panel to the next: the least odd multiple of 16 that holds `size`. */
function lineFloats(size: number): number {
  return (Math.ceil(size / 16) | 1) * 16;
}

/** Of gramRows and accumulateSlice. */
export function panelBytes(stride: number): number {
  return PANEL_ROWS * lineFloats(paddedSize(stride)) * 4;
}

/** Of a row's system, in which solveMerged works. */
export function systemBytes(stride: number): number {
  const size = paddedSize(stride);
  return (size * size + 3 * size + 8) * 4;
}

/** Of solveRows, and of explainEntries. @param longest entries of the longest row */
export function solveBytes(stride: number, longest: number): number {
  const size = paddedSize(stride);
  const panel = Math.max(PANEL_ROWS, size + 1) * lineFloats(size) * 4;
  const systems = longest > SLICE_ENTRIES ? 2 : 1;
  return panel + systems * systemBytes(stride) + (2 * stride + 4) * 4;
}

/** Rows of `stride` floats of which copies are made, in a row of so many entries (assembly/linalg/row-source.ts). */
function copiedRows(stride: number, longest: number): number {
  return Math.min(longest, Math.max(512, Math.floor(2 ** 21 / stride)));
}

/** Of conjugateGradientRows. @param longest entries of the longest row */
export function conjugateGradientBytes(stride: number, longest: number): number {
  return (3 + copiedRows(stride, longest)) * stride * 4;
}

/** Of subspaceRows. @param longest entries of the longest row */
export function subspaceBytes(stride: number, longest: number, blockSize: number): number {
  const block = Math.min(blockSize, paddedSize(stride));
  const panel = PANEL_ROWS * lineFloats(block);
  return (panel + block * block + block + copiedRows(stride, longest) * stride + longest) * 4;
}

/** Of principalAxes. */
export function principalAxesBytes(stride: number): number {
  return (2 * stride + 4) * stride * 8;
}

/** Of shortRows. */
export function shortRowsBytes(stride: number): number {
  const size = paddedSize(stride);
  return (stride * lineFloats(size) + size * size + 2 * size + 2 * stride) * 4;
}
