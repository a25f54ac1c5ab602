/**
 * What the equations of rows are of: 12 words, f32 or u32. The other side's rows q are fixed; a row of n entries has
 *
 *   ratings        Σ (r − offset − b_column − b − p·q)² + (λ n + δ) ‖p‖² + (λ' n + δ') b²
 *   confidences    Σ [w (p·q)² − 2 y (p·q)] + pᵀ G p + λ_row ‖p‖²     w = |v|, y = w + β, or 0 where v has a minus sign
 *
 * to be least.
 *
 *   +0   f32 λ        +8   f32 λ', negative: rows have no bias
 *   +4   f32 δ        +12  f32 δ'         +16  f32 offset
 *   +20  u32 G: f32[size × size], symmetric, size the stride rounded up to a multiple of 8; 0: values are ratings
 *   +24  u32 f32[rows] λ_row, by the row of the chunk; 0: λ n + δ
 *   +28  f32 β
 *   +32  u32 sweeps of coordinate descent over factors that may not be negative; 0: they may
 *   +36  u32 steps of the conjugate gradient method
 *   +40  u32 factors of a block, a multiple of 8, of the subspace method
 *   +44  u32 entries of which a row has fewer where it is short: solved by shortRows, not by solveRows
 */
export function offsetOf(parameters: usize): f32 {
  return load<f32>(parameters, 16);
}

export function gramOf(parameters: usize): usize {
  return load<u32>(parameters, 20);
}

/** The λ of a row of n entries. */
export function lambdaOf(parameters: usize, row: u32, n: u32): f32 {
  const lambdas = <usize>load<u32>(parameters, 24);
  if (lambdas) return load<f32>(lambdas + ((<usize>row) << 2));
  return load<f32>(parameters) * <f32>n + load<f32>(parameters, 4);
}

/** The λ of the bias of a row of n entries, negative where there is none. */
export function biasLambdaOf(parameters: usize, n: u32): f32 {
  const perEntry = load<f32>(parameters, 8);
  return perEntry < 0 ? -1 : perEntry * <f32>n + load<f32>(parameters, 12);
}

/** The weight w of an entry. */
export function weightOf(value: f32): f32 {
  return abs<f32>(value);
}

/** y, the weight of an entry times what it should score. */
export function pullOf(parameters: usize, value: f32): f32 {
  return reinterpret<i32>(value) < 0 ? 0 : value + load<f32>(parameters, 28);
}

/** pullOf of four entries. */
export function pullsOf(parameters: usize, values: v128): v128 {
  const dislikes = i32x4.shr_s(values, 31);
  return v128.andnot(f32x4.add(values, v128.load32_splat(parameters, 28)), dislikes);
}

export function sweepsOf(parameters: usize): u32 {
  return load<u32>(parameters, 32);
}

export function stepsOf(parameters: usize): u32 {
  return load<u32>(parameters, 36);
}

export function blockOf(parameters: usize): i32 {
  return load<i32>(parameters, 40);
}

export function shortOf(parameters: usize): u32 {
  return load<u32>(parameters, 44);
}
