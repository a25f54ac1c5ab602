import { dot } from "../linalg/dot";
import { addTerms, setRightSide, solveSystem, systemFloats, systemSize } from "../linalg/row-system";
import { biasesOf, factorsOf } from "../linalg/side";

/**
 * Rows [rowBegin, rowEnd) of a chunk, each solved exactly with the columns fixed (Zhou et al. 2008, with a bias):
 *
 *   min over p, b of Σ (r − offset − b_column − b − p·q)² + (λ n + δ) ‖p‖² + (λ' n + δ') b²
 *
 * A row without entries becomes 0. numbersPtr u32[rows]: where row t is written, or 0 for t · offsetsPtr u32[rows + 1],
 * columnsPtr u32[], valuesPtr f32[]: the chunk in CSR, columns in any order · fixedPtr, solvedPtr: linalg/side.ts, only
 * factors and biases used · stride in floats · parametersPtr f32[5]: λ, δ, λ', δ' and the offset; λ' < 0: no bias ·
 * workspacePtr: (size² + 67 size + 80)·4 bytes, size the stride rounded up to a multiple of 8.
 * Returns 0, or 1 + the row whose equations are singular: the rows behind it are then not solved.
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
  const size = systemSize(stride);
  const systemBytes = (<usize>systemFloats(size)) << 2;
  const panel = workspacePtr + systemBytes;
  const offset = load<f32>(parametersPtr, 16);
  for (let row = rowBegin; row < rowEnd; row++) {
    const begin = load<u32>(offsetsPtr + ((<usize>row) << 2));
    const end = load<u32>(offsetsPtr + ((<usize>row) << 2), 4);
    const number = numbersPtr ? load<u32>(numbersPtr + ((<usize>row) << 2)) : row;
    const factors = factorsOf(solvedPtr) + ((<usize>number * <usize>stride) << 2);
    const bias = biasesOf(solvedPtr) + ((<usize>number) << 2);
    if (begin === end) {
      memory.fill(factors, 0, (<usize>stride) << 2);
      store<f32>(bias, 0);
      continue;
    }
    memory.fill(workspacePtr, 0, systemBytes);
    addTerms(
      begin,
      end,
      columnsPtr,
      valuesPtr,
      factorsOf(fixedPtr),
      biasesOf(fixedPtr),
      stride,
      offset,
      workspacePtr,
      panel,
    );
    const lambda = lambdaOf(parametersPtr, end - begin);
    const biasLambda = biasLambdaOf(parametersPtr, end - begin);
    if (!solveSystem(workspacePtr, stride, lambda, biasLambda, factors, bias)) return <f64>row + 1;
  }
  return 0;
}

function lambdaOf(parametersPtr: usize, count: u32): f32 {
  return load<f32>(parametersPtr) * <f32>count + load<f32>(parametersPtr, 4);
}

function biasLambdaOf(parametersPtr: usize, count: u32): f32 {
  const perEntry = load<f32>(parametersPtr, 8);
  return perEntry < 0 ? -1 : perEntry * <f32>count + load<f32>(parametersPtr, 12);
}

/**
 * How the score of one column follows from a row's entries: the score is linear in the values that the row is solved
 * from, and entry t has the weight [q_t, 1]·A⁻¹[q, 1], A the row's matrix (Hu, Koren, Volinsky 2008, section 5, with a
 * bias). Entries [begin, end) as in solveRows · column: the one that is explained · fixedPtr, stride, parametersPtr,
 * workspacePtr as in solveRows · weightsPtr f32[end], written. Returns 0, or 1 if the equations are singular.
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
  const size = systemSize(stride);
  const strideBytes = (<usize>stride) << 2;
  const systemBytes = (<usize>systemFloats(size)) << 2;
  const panel = workspacePtr + systemBytes;
  const factors = factorsOf(fixedPtr);
  const offset = load<f32>(parametersPtr, 16);
  memory.fill(workspacePtr, 0, systemBytes);
  addTerms(begin, end, columnsPtr, valuesPtr, factors, biasesOf(fixedPtr), stride, offset, workspacePtr, panel);
  setRightSide(workspacePtr, stride, factors + <usize>column * strideBytes);
  const lambda = lambdaOf(parametersPtr, end - begin);
  const biasLambda = biasLambdaOf(parametersPtr, end - begin);
  const solution = panel + 16; // the panel has done its work
  if (!solveSystem(workspacePtr, stride, lambda, biasLambda, solution, panel)) return 1;
  const bias = load<f32>(panel);
  for (let t = begin; t < end; t++) {
    const q = factors + <usize>load<u32>(columnsPtr + ((<usize>t) << 2)) * strideBytes;
    store<f32>(weightsPtr + ((<usize>t) << 2), bias + dot(solution, q, strideBytes));
  }
  return 0;
}
