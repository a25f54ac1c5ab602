/** How far predictions are from what was observed: plain functions over two arrays of equal, positive length, in f64. */

/** Root mean squared error: √(Σ (r − r̂)² / n). */
export function rmse(predictions: ArrayLike<number>, values: ArrayLike<number>): number {
  return Math.sqrt(squaredError(predictions, values) / values.length);
}

/** Mean absolute error: Σ |r − r̂| / n. */
export function mae(predictions: ArrayLike<number>, values: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 0; t < values.length; t++) sum += Math.abs(values[t]! - predictions[t]!);
  return sum / values.length;
}

/**
 * Coefficient of determination: 1 − Σ (r − r̂)² / Σ (r − r̄)², r̄ the mean of the values observed. 1 is perfect, 0 no
 * better than r̄. Where all values are equal: 1 if every prediction is right, else 0.
 */
export function r2(predictions: ArrayLike<number>, values: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 0; t < values.length; t++) sum += values[t]!;
  const mean = sum / values.length;
  let total = 0;
  for (let t = 0; t < values.length; t++) total += (values[t]! - mean) ** 2;
  const error = squaredError(predictions, values);
  if (total === 0) return error === 0 ? 1 : 0;
  return 1 - error / total;
}

function squaredError(predictions: ArrayLike<number>, values: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 0; t < values.length; t++) sum += (values[t]! - predictions[t]!) ** 2;
  return sum;
}
