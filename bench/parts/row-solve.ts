/**
 * What solveRows is made of, for benches alone: its inner kernels, and rows taken only so far. AssemblyScript, compiled by
 * bench/harness/parts.ts.
 */
import { factorCholesky } from "../../assembly/linalg/cholesky";
import { gatherTransposed, isDual, setDual, solveDual } from "../../assembly/linalg/dual-system";
import { takeConfidences, takeRatings } from "../../assembly/linalg/gather";
import { PANEL_ROWS, paddedSize, panelLineBytes } from "../../assembly/linalg/panel";
import { biasLambdaOf, gramOf, lambdaOf, offsetOf } from "../../assembly/linalg/row-parameters";
import {
  addToDiagonal,
  buildSystem,
  clearSystem,
  pivotTolerance,
  rightSideOf,
  solveSystem,
  systemFloats,
} from "../../assembly/linalg/row-system";
import { factorsOf } from "../../assembly/linalg/side";

export { factorCholesky, solveCholesky } from "../../assembly/linalg/cholesky";
export { addGram } from "../../assembly/linalg/gram";

/** How far a row is taken: each with all that is before it. */
const GATHER = 0;
const GRAM = 1;
const FACTOR = 2;

/**
 * The rows rowsPtr[begin, end) of solveRows, taken as far as `depth` says: 0 gather, 1 Gram, 2 factor, 3 solve; what
 * would be written goes to the workspace. rowsPtr u32[] · the rest as in solveRows · workspacePtr:
 * max(128, size + 1) line + 2 (size² + 3 size + 8) + stride + 4 floats. Returns the number of rows that could not be solved.
 */
export function rowsUpTo(
  begin: u32,
  end: u32,
  rowsPtr: usize,
  offsetsPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  depth: i32,
  workspacePtr: usize,
): f64 {
  const size = paddedSize(stride);
  const system = workspacePtr + <usize>max(<i32>PANEL_ROWS, size + 1) * panelLineBytes(size);
  const spare = system + ((<usize>systemFloats(size)) << 2);
  const solution = spare + ((<usize>systemFloats(size)) << 2);
  const bias = solution + ((<usize>stride) << 2);
  let failures = 0;
  for (let at = begin; at < end; at++) {
    const row = load<u32>(rowsPtr + ((<usize>at) << 2));
    const first = load<u32>(offsetsPtr + ((<usize>row) << 2));
    const last = load<u32>(offsetsPtr + ((<usize>row) << 2), 4);
    const n = last - first;
    const biasLambda = biasLambdaOf(parametersPtr, n);
    if (gramOf(parametersPtr) === 0 && isDual(n, size, lambdaOf(parametersPtr, row, n), biasLambda)) {
      if (
        !dualUpTo(
          first,
          last,
          columnsPtr,
          valuesPtr,
          fixedPtr,
          stride,
          parametersPtr,
          depth,
          system,
          workspacePtr,
          solution,
          bias,
        )
      ) {
        failures++;
      }
      continue;
    }
    if (depth === GATHER) {
      gather(first, last, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, system, workspacePtr);
      continue;
    }
    buildSystem(first, last, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, system, spare, workspacePtr);
    if (depth === GRAM) continue;
    addToDiagonal(system, size, lambdaOf(parametersPtr, row, n), false);
    if (depth === FACTOR) {
      if (factorCholesky(system, size, pivotTolerance(size)) !== 0) failures++;
    } else if (!solveSystem(system, stride, biasLambda, false, solution, bias)) {
      failures++;
    }
  }
  return failures;
}

/** A row of ratings that solveRows takes from the other side, as far as `depth` says. Returns whether it could be solved. */
function dualUpTo(
  begin: u32,
  end: u32,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  depth: i32,
  system: usize,
  panel: usize,
  solution: usize,
  bias: usize,
): bool {
  const n = end - begin;
  const size = paddedSize(<i32>n);
  const lambda = lambdaOf(parametersPtr, 0, n);
  const biasLambda = biasLambdaOf(parametersPtr, n);
  if (depth === GATHER) {
    const columns = columnsPtr + ((<usize>begin) << 2);
    gatherTransposed(columns, n, factorsOf(fixedPtr), stride, size, panel, panelLineBytes(size));
    return true;
  }
  setDual(begin, end, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, lambda, biasLambda, system, panel);
  if (depth === GRAM) return true;
  if (depth === FACTOR) return factorCholesky(system, size, pivotTolerance(size)) === 0;
  return solveDual(n, stride, lambda, biasLambda, system, panel, solution, bias);
}

/** buildSystem without its products: a system of G or of zeros, every row copied to the panel, the right sides summed. */
function gather(
  begin: u32,
  end: u32,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  system: usize,
  panel: usize,
): void {
  const size = paddedSize(stride);
  const lineBytes = panelLineBytes(size);
  const offset = offsetOf(parametersPtr);
  const y = rightSideOf(system, size);
  clearSystem(system, size);
  for (let first = begin; first < end; first += PANEL_ROWS) {
    const rows = min(end - first, PANEL_ROWS);
    const columns = columnsPtr + ((<usize>first) << 2);
    const values = valuesPtr + ((<usize>first) << 2);
    if (gramOf(parametersPtr)) {
      takeConfidences(columns, values, rows, fixedPtr, stride, parametersPtr, panel, lineBytes, y);
    } else {
      takeRatings(columns, values, rows, fixedPtr, stride, offset, 0, panel, lineBytes, y);
    }
  }
}
