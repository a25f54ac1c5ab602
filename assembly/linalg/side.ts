/**
 * One side of a bilinear model in training, the rows or the columns: u32[4] of byte addresses.
 *
 *   +0   factors f32[× stride], updated
 *   +4   biases f32[], updated
 *   +8   regularisation f32[× 2]: λ of the row's factors, λ of its bias, for one rating of the row
 *   +12  the optimiser's state of each row, updated; 0 if it has none
 */
export function factorsOf(sidePtr: usize): usize {
  return load<u32>(sidePtr);
}

export function biasesOf(sidePtr: usize): usize {
  return load<u32>(sidePtr, 4);
}

export function regularizationOf(sidePtr: usize): usize {
  return load<u32>(sidePtr, 8);
}

export function stateOf(sidePtr: usize): usize {
  return load<u32>(sidePtr, 12);
}
