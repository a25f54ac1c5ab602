import { solveConfidenceDual } from "../linalg/confidence-dual";
import { paddedSize, panelLineBytes } from "../linalg/panel";
import { lambdaOf, shortOf } from "../linalg/row-parameters";
import { biasesOf, factorsOf } from "../linalg/side";

/**
 * Those rows of [rowBegin, rowEnd) that are short, as the parameters have it, solved from the side of their entries
 * (linalg/confidence-dual.ts); solveRows leaves them out. A row without entries becomes 0. fixedPtr: linalg/side.ts, its
 * factors along the axes (rotateRows) · vectorsPtr, axisValuesPtr: of principalAxes · the rest as in solveRows ·
 * workspacePtr: stride line + size² + 2 size + 2 stride floats, size and line as there. Returns how many could not be
 * solved so, and have nothing of worth in them.
 */
export function shortRows(
  rowBegin: u32,
  rowEnd: u32,
  numbersPtr: usize,
  offsetsPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  solvedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  vectorsPtr: usize,
  axisValuesPtr: usize,
  workspacePtr: usize,
): f64 {
  const size = <usize>paddedSize(stride);
  const strideBytes = (<usize>stride) << 2;
  const system = workspacePtr + <usize>stride * panelLineBytes(<i32>size);
  const roots = system + ((size * (size + 1)) << 2);
  const scales = roots + (size << 2);
  const short = shortOf(parametersPtr);
  let failed = 0;
  for (let row = rowBegin; row < rowEnd; row++) {
    const begin = load<u32>(offsetsPtr + ((<usize>row) << 2));
    const n = load<u32>(offsetsPtr + ((<usize>row) << 2), 4) - begin;
    if (n >= short) continue;
    const number = <usize>(numbersPtr ? load<u32>(numbersPtr + ((<usize>row) << 2)) : row);
    const factors = factorsOf(solvedPtr) + number * strideBytes;
    store<f32>(biasesOf(solvedPtr) + (number << 2), 0);
    if (n === 0) {
      memory.fill(factors, 0, strideBytes);
      continue;
    }
    const isSolved = solveConfidenceDual(
      columnsPtr + ((<usize>begin) << 2),
      valuesPtr + ((<usize>begin) << 2),
      n,
      factorsOf(fixedPtr),
      stride,
      parametersPtr,
      lambdaOf(parametersPtr, row, n),
      vectorsPtr,
      axisValuesPtr,
      workspacePtr,
      system,
      roots,
      scales,
      factors,
    );
    if (!isSolved) failed++;
  }
  return <f64>failed;
}
