/** Summary of the values, in f64. */
export interface Statistics {
  mean: number;
  /** Of the population: the root of the mean squared deviation. */
  standardDeviation: number;
  minimum: number;
  maximum: number;
}

/** Values summed between two yields: well below a millisecond. */
const VALUES_PER_STEP = 65536;

/**
 * Two passes in the order of the values: mean first, then deviations from it. Yields now and then, so that a caller can
 * give way to others; the result does not depend on it. `values` must not be empty.
 */
export function* summarizeInSteps(values: Float32Array): Generator<void, Statistics, void> {
  let sum = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let begin = 0; begin < values.length; begin += VALUES_PER_STEP) {
    const end = Math.min(begin + VALUES_PER_STEP, values.length);
    for (let entry = begin; entry < end; entry++) {
      const value = values[entry]!;
      sum += value;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
    yield;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (let begin = 0; begin < values.length; begin += VALUES_PER_STEP) {
    const end = Math.min(begin + VALUES_PER_STEP, values.length);
    for (let entry = begin; entry < end; entry++) {
      const deviation = values[entry]! - mean;
      squares += deviation * deviation; // not **, which an engine may round as it likes
    }
    yield;
  }
  return { mean, standardDeviation: Math.sqrt(squares / values.length), minimum, maximum };
}
