import { paddedSize } from "../linalg/panel";
import { gramOf } from "../linalg/row-parameters";
import { addEntries, addFloats, clearSystem, systemFloats } from "../linalg/row-system";

/**
 * The system (linalg/row-system.ts) of the entries [begin, end), a slice of a row: systemPtr f32[size² + 3 size + 8],
 * written; the rest as in solveRows · workspacePtr: 128 line floats. Returns 0.
 */
export function accumulateSlice(
  begin: u32,
  end: u32,
  systemPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  fixedPtr: usize,
  stride: i32,
  parametersPtr: usize,
  workspacePtr: usize,
): f64 {
  clearSystem(systemPtr, paddedSize(stride));
  addEntries(begin, end, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, systemPtr, workspacePtr);
  return 0;
}

/**
 * The system of a row from those of its slices, one behind the other and added in their order, and from the Gram matrix
 * that the parameters name: systemPtr, the first of them, written. Returns 0.
 */
export function mergeSlices(systemPtr: usize, numSlices: u32, stride: i32, parametersPtr: usize): f64 {
  const size = paddedSize(stride);
  const floats = systemFloats(size);
  const bytes = (<usize>floats) << 2;
  for (let slice: u32 = 1; slice < numSlices; slice++) addFloats(systemPtr, systemPtr + <usize>slice * bytes, floats);
  const gram = gramOf(parametersPtr);
  if (gram) addFloats(systemPtr, gram, size * size);
  return 0;
}
