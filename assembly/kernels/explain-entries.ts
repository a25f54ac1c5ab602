import { dot } from "../linalg/dot";
import { descendNonNegative } from "../linalg/non-negative";
import { PANEL_ROWS, paddedSize, panelLineBytes } from "../linalg/panel";
import { biasLambdaOf, lambdaOf, sweepsOf } from "../linalg/row-parameters";
import {
  addToDiagonal,
  buildSystem,
  leaveOutFactor,
  setRightSide,
  solveSystem,
  systemFloats,
} from "../linalg/row-system";
import { factorsOf } from "../linalg/side";

/**
 * How the score of one column follows from a row's entries: the score is linear in what the row is solved from, and entry
 * t has the weight [q_t, 1]·A⁻¹[q, 1], A the row's matrix, or q_t·A⁻¹q where rows have no bias (Hu, Koren, Volinsky 2008,
 * section 5). Where factors may not be negative, those that are zero are left out of A. Entries [begin, end) of one row,
 * its λ the first where each row has its own · column: the one that is explained · fixedPtr, stride, parametersPtr as in
 * solveRows · weightsPtr f32[end], written · workspacePtr: 128 line + size² + 3 size + 8 + 2 stride + 4 floats, and once
 * more size² + 3 size + 8 for more than 32,768 entries. Returns 0, −1 if it took a jitter, or 1 if the equations are singular.
 */
export function explainEntries(
  begin: u32,
  end: u32,
  columnsPtr: usize,
  valuesPtr: usize,
  column: u32,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  weightsPtr: usize,
  workspacePtr: usize,
): f64 {
  const size = paddedSize(stride);
  const strideBytes = (<usize>stride) << 2;
  const bias = workspacePtr;
  const solution = bias + 16;
  const row = solution + strideBytes;
  const panel = row + strideBytes;
  const system = panel + <usize>PANEL_ROWS * panelLineBytes(size);
  const spare = system + ((<usize>systemFloats(size)) << 2);
  const factors = factorsOf(fixedPtr);
  const n = end - begin;
  const lambda = lambdaOf(parametersPtr, 0, n);
  const biasLambda = biasLambdaOf(parametersPtr, n);
  const sweeps = sweepsOf(parametersPtr);
  for (let attempt = 0; attempt < 2; attempt++) {
    buildSystem(begin, end, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, system, spare, panel);
    addToDiagonal(system, size, lambda, attempt > 0);
    if (sweeps > 0) {
      memory.fill(row, 0, strideBytes);
      store<f32>(bias, 0);
      descendNonNegative(system, stride, biasLambda, sweeps, row, bias);
      buildSystem(begin, end, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, system, spare, panel);
      addToDiagonal(system, size, lambda, attempt > 0);
    }
    setRightSide(system, stride, factors + <usize>column * strideBytes);
    if (sweeps > 0) {
      for (let f = 0; f < stride; f++) {
        if (load<f32>(row + ((<usize>f) << 2)) === 0) leaveOutFactor(system, stride, f);
      }
    }
    if (!solveSystem(system, stride, biasLambda, attempt > 0, solution, bias)) continue;
    const constant = load<f32>(bias); // 0 where rows have none
    for (let t = begin; t < end; t++) {
      const q = factors + <usize>load<u32>(columnsPtr + ((<usize>t) << 2)) * strideBytes;
      store<f32>(weightsPtr + ((<usize>t) << 2), constant + dot(solution, q, strideBytes));
    }
    return <f64>-attempt;
  }
  return 1;
}
