/** Summary of the values, in f64. */
export interface Statistics {
  mean: number;
  /** Of the population: the root of the mean squared deviation. */
  standardDeviation: number;
  minimum: number;
  maximum: number;
}

/** Two passes in the order of the values: mean first, then deviations from it. `values` must not be empty. */
export function summarize(values: Float32Array): Statistics {
  let sum = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let entry = 0; entry < values.length; entry++) {
    const value = values[entry]!;
    sum += value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (let entry = 0; entry < values.length; entry++) squares += (values[entry]! - mean) ** 2;
  return { mean, standardDeviation: Math.sqrt(squares / values.length), minimum, maximum };
}
