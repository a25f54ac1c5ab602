/** What the kernels that solve rows work in, in bytes: the formulas that stand above them in assembly/. */

/** The entries of a row above which it is the sum of slices of this many (assembly/linalg/row-system.ts). */
export const SLICE_ENTRIES = 32768;

const PANEL_ROWS = 128;
const COPIED_ROWS = 512;

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

/** Of conjugateGradientRows. */
export function conjugateGradientBytes(stride: number): number {
  return (COPIED_ROWS * lineFloats(paddedSize(stride)) + 3 * stride) * 4;
}

/** Of subspaceRows. */
export function subspaceBytes(stride: number, longest: number, blockSize: number): number {
  const size = paddedSize(stride);
  const block = Math.min(blockSize, size);
  const lines = COPIED_ROWS * lineFloats(size) + PANEL_ROWS * lineFloats(block);
  return (lines + block * block + block + longest) * 4;
}
