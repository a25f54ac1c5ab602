import { isDual, setDual, solveDual } from "../linalg/dual-system";
import { descendNonNegative } from "../linalg/non-negative";
import { PANEL_ROWS, paddedSize, panelLineBytes } from "../linalg/panel";
import { biasLambdaOf, gramOf, lambdaOf, shortOf, sweepsOf } from "../linalg/row-parameters";
import { addToDiagonal, buildSystem, isSound, solveSystem, systemFloats } from "../linalg/row-system";
import { biasesOf, factorsOf } from "../linalg/side";

/**
 * Rows [rowBegin, rowEnd) of a chunk, each solved exactly with the columns fixed: by Cholesky, ratings after Zhou et al.
 * 2008, with a bias, those of fewer ratings than factors from the other side (linalg/dual-system.ts), confidences after
 * Hu, Koren, Volinsky 2008; or by coordinate descent, for factors that may not be
 * negative. A row without entries becomes 0, one that is short, as the parameters have it, stays as it is.
 *
 * numbersPtr u32[rows]: where row t is written, or 0 for t · offsetsPtr u32[rows + 1], columnsPtr u32[], valuesPtr f32[]:
 * the chunk in CSR, columns in any order · fixedPtr, solvedPtr: linalg/side.ts, only factors and biases used · stride in
 * floats · parametersPtr: linalg/row-parameters.ts · workspacePtr: max(128, size + 1) line + size² + 3 size + 8 floats,
 * size the stride rounded up to a multiple of 8, line the least odd multiple of 16 that is ≥ size; once more
 * size² + 3 size + 8 if a row has more than 32,768 entries.
 *
 * A row with a pivot that is not positive, or with factors beyond 10^15, is solved again with a jitter on its diagonal.
 * Returns minus the number of such rows, or 1 + the row that could not be solved so either: the rows behind it are then
 * not solved.
 */
export function solveRows(
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
  workspacePtr: usize,
): f64 {
  const size = paddedSize(stride);
  const system = workspacePtr + <usize>max(<i32>PANEL_ROWS, size + 1) * panelLineBytes(size);
  const spare = system + ((<usize>systemFloats(size)) << 2);
  const areRatings = gramOf(parametersPtr) === 0 && sweepsOf(parametersPtr) === 0;
  const short = shortOf(parametersPtr);
  let jittered = 0;
  for (let row = rowBegin; row < rowEnd; row++) {
    const begin = load<u32>(offsetsPtr + ((<usize>row) << 2));
    const end = load<u32>(offsetsPtr + ((<usize>row) << 2), 4);
    if (end - begin < short) continue;
    const number = numbersPtr ? load<u32>(numbersPtr + ((<usize>row) << 2)) : row;
    const factors = factorsOf(solvedPtr) + ((<usize>number * <usize>stride) << 2);
    const bias = biasesOf(solvedPtr) + ((<usize>number) << 2);
    if (begin === end) {
      memory.fill(factors, 0, (<usize>stride) << 2);
      store<f32>(bias, 0);
      continue;
    }
    const lambda = lambdaOf(parametersPtr, row, end - begin);
    const biasLambda = biasLambdaOf(parametersPtr, end - begin);
    if (areRatings && isDual(end - begin, size, lambda, biasLambda)) {
      setDual(
        begin,
        end,
        columnsPtr,
        valuesPtr,
        fixedPtr,
        stride,
        parametersPtr,
        lambda,
        biasLambda,
        system,
        workspacePtr,
      );
      const isSolved = solveDual(end - begin, stride, lambda, biasLambda, system, workspacePtr, factors, bias);
      if (isSolved && isSound(factors, load<f32>(bias), (<usize>stride) << 2)) continue;
    }
    for (let attempt = 0; ; attempt++) {
      buildSystem(begin, end, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, system, spare, workspacePtr);
      if (finishRow(system, row, end - begin, stride, parametersPtr, attempt > 0, factors, bias)) break;
      if (attempt > 0) return <f64>row + 1;
      jittered++;
    }
  }
  return <f64>-jittered;
}

/** Solves a built system of n entries by the method that the parameters name. Returns whether it could be solved. */
function finishRow(
  system: usize,
  row: u32,
  n: u32,
  stride: i32,
  parametersPtr: usize,
  isSecondTry: bool,
  factorsPtr: usize,
  biasPtr: usize,
): bool {
  const biasLambda = biasLambdaOf(parametersPtr, n);
  const sweeps = sweepsOf(parametersPtr);
  addToDiagonal(system, paddedSize(stride), lambdaOf(parametersPtr, row, n), isSecondTry);
  if (sweeps > 0) {
    descendNonNegative(system, stride, biasLambda, sweeps, factorsPtr, biasPtr);
  } else if (!solveSystem(system, stride, biasLambda, isSecondTry, factorsPtr, biasPtr)) {
    return false;
  }
  return isSound(factorsPtr, load<f32>(biasPtr), (<usize>stride) << 2);
}

/**
 * One row from its system as mergeSlices leaves it, which stays as it is: row, of the chunk, number, where it is written,
 * n entries · systemPtr f32[size² + 3 size + 8] · the rest as in solveRows · workspacePtr: size² + 3 size + 8 floats.
 * Returns 0, −1 if it took a jitter, or 1 + the row if it could not be solved.
 */
export function solveMerged(
  row: u32,
  number: u32,
  n: u32,
  systemPtr: usize,
  solvedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  workspacePtr: usize,
): f64 {
  const bytes = (<usize>systemFloats(paddedSize(stride))) << 2;
  const factors = factorsOf(solvedPtr) + ((<usize>number * <usize>stride) << 2);
  const bias = biasesOf(solvedPtr) + ((<usize>number) << 2);
  for (let attempt = 0; attempt < 2; attempt++) {
    memory.copy(workspacePtr, systemPtr, bytes);
    if (finishRow(workspacePtr, row, n, stride, parametersPtr, attempt > 0, factors, bias)) return <f64>-attempt;
  }
  return <f64>row + 1;
}
