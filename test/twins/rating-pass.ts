/**
 * One pass of an optimiser over a block of ratings in plain f64, from the equations in the documentation of
 * `MatrixFactorization` and of each kernel. Nothing is arranged for speed, and nothing here rounds to f32.
 */

/** One side of the model: rows of `factors` numbers, and what belongs to each row. */
export interface TwinSide {
  factors: Float64Array[];
  biases: Float64Array;
  /** λ of a row's factors and of its bias at one rating. */
  lambdas: { factors: number; bias: number }[];
}

export interface TwinBlock {
  rowBegin: number;
  rowEnd: number;
  offsets: ArrayLike<number>;
  columns: ArrayLike<number>;
  values: ArrayLike<number>;
}

/** What one rating asks of its two rows: −½ ∂/∂x of e² + λ‖x‖², for x the factors and the bias of each. */
export interface TwinGradient {
  error: number;
  rowFactors: Float64Array;
  rowBias: number;
  columnFactors: Float64Array;
  columnBias: number;
}

/** How an optimiser moves one row by its gradient; it keeps its own state for each side and row. */
export interface TwinStepper {
  /** The ratings of a row that step together, by errors from before: one, unless told. */
  readonly batch?: number;
  /** @param ratings how many ratings the gradient is the sum of; one, unless told. */
  step(side: TwinSide, row: number, factors: Float64Array, bias: number, ratings?: number): void;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let f = 0; f < a.length; f++) sum += a[f]! * b[f]!;
  return sum;
}

export function gradientOf(rows: TwinSide, columns: TwinSide, row: number, column: number, value: number) {
  const product = dot(rows.factors[row]!, columns.factors[column]!);
  return gradientBy(value - rows.biases[row]! - columns.biases[column]! - product, rows, columns, row, column);
}

function gradientBy(error: number, rows: TwinSide, columns: TwinSide, row: number, column: number): TwinGradient {
  const p = rows.factors[row]!;
  const q = columns.factors[column]!;
  const ofRow = rows.lambdas[row]!;
  const ofColumn = columns.lambdas[column]!;
  return {
    error,
    rowFactors: p.map((x, f) => error * q[f]! - ofRow.factors * x),
    rowBias: error - ofRow.bias * rows.biases[row]!,
    columnFactors: q.map((x, f) => error * p[f]! - ofColumn.factors * x),
    columnBias: error - ofColumn.bias * columns.biases[column]!,
  };
}

/** Every rating of the block, in order. Returns Σ e², each error taken before its own update. */
export function twinPass(block: TwinBlock, rows: TwinSide, columns: TwinSide, stepper: TwinStepper): number {
  let loss = 0;
  const { batch = 1 } = stepper;
  for (let row = block.rowBegin; row < block.rowEnd; row++) {
    const end = block.offsets[row + 1]!;
    for (let at = block.offsets[row]!; at < end; at += batch) {
      loss += twinBatch(block, at, Math.min(at + batch, end), row, rows, columns, stepper);
    }
  }
  return loss;
}

/** Ratings [begin, end) of a row: its columns move one after the other, then the row by the sum of what they ask of it. */
function twinBatch(
  block: TwinBlock,
  begin: number,
  end: number,
  row: number,
  rows: TwinSide,
  columns: TwinSide,
  stepper: TwinStepper,
): number {
  const ratings = Array.from({ length: end - begin }, (_, place) => {
    const [column, value] = [block.columns[begin + place]!, block.values[begin + place]!];
    return { column, error: gradientOf(rows, columns, row, column, value).error };
  });
  const rowFactors = new Float64Array(rows.factors[row]!.length);
  let rowBias = 0;
  for (const { column, error } of ratings) {
    const gradient = gradientBy(error, rows, columns, row, column);
    gradient.rowFactors.forEach((each, f) => {
      rowFactors[f]! += each;
    });
    rowBias += gradient.rowBias;
    stepper.step(columns, column, gradient.columnFactors, gradient.columnBias);
  }
  stepper.step(rows, row, rowFactors, rowBias, ratings.length);
  return ratings.reduce((sum, { error }) => sum + error ** 2, 0);
}

/** x ← x + η g, where g = Σ e·other − n λ x over n ratings; a shrinkage 1 − n η λ below 0 counts as 0. */
export class TwinSgd implements TwinStepper {
  static readonly batch = 4;
  readonly batch = TwinSgd.batch;
  rate: number;
  biasRate: number;

  constructor(rate: number, biasRate: number) {
    this.rate = rate;
    this.biasRate = biasRate;
  }

  step(side: TwinSide, row: number, factors: Float64Array, bias: number, ratings = 1): void {
    const lambda = side.lambdas[row]!;
    const x = side.factors[row]!;
    const stepOf = (old: number, gradient: number, rate: number, shrink: number): number => {
      const pull = gradient + shrink * old; // Σ e·other alone
      return Math.max(0, 1 - rate * shrink) * old + rate * pull;
    };
    side.factors[row] = x.map((old, f) => stepOf(old, factors[f]!, this.rate, ratings * lambda.factors));
    side.biases[row] = stepOf(side.biases[row]!, bias, this.biasRate, ratings * lambda.bias);
  }
}

/** State by row, made when a row is first met. */
class RowStates<State> {
  readonly #sides = new Map<TwinSide, Map<number, State>>();
  readonly #make: (factors: number) => State;

  constructor(make: (factors: number) => State) {
    this.#make = make;
  }

  of(side: TwinSide, row: number): State {
    const states = this.#sides.get(side) ?? new Map<number, State>();
    this.#sides.set(side, states);
    const state = states.get(row) ?? this.#make(side.factors[row]!.length);
    states.set(row, state);
    return state;
  }
}

/** G ← G + ‖g‖², x ← x + η G^-½ g, with one G for a row's factors and one for its bias. */
export class TwinAdagrad implements TwinStepper {
  rate: number;
  biasRate: number;
  readonly states = new RowStates(() => ({ factors: 1, bias: 1 }));

  constructor(rate: number, biasRate: number) {
    this.rate = rate;
    this.biasRate = biasRate;
  }

  step(side: TwinSide, row: number, factors: Float64Array, bias: number): void {
    const state = this.states.of(side, row);
    state.factors += dot(factors, factors);
    state.bias += bias * bias;
    side.factors[row] = side.factors[row]!.map((x, f) => x + (this.rate / Math.sqrt(state.factors)) * factors[f]!);
    side.biases[row]! += (this.biasRate / Math.sqrt(state.bias)) * bias;
  }
}

/** m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x + η √(1−β₂ᵗ)/(1−β₁ᵗ) m/(√v + ε), t the steps of the row. */
export class TwinAdam implements TwinStepper {
  rate: number;
  biasRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Factors first, the bias behind them. */
  readonly states = new RowStates((factors) => ({
    steps: 0,
    first: new Float64Array(factors + 1),
    second: new Float64Array(factors + 1),
  }));

  constructor(rate: number, biasRate: number, beta1: number, beta2: number, epsilon: number) {
    this.rate = rate;
    this.biasRate = biasRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  step(side: TwinSide, row: number, factors: Float64Array, bias: number): void {
    const state = this.states.of(side, row);
    const { first, second } = state;
    const steps = ++state.steps;
    const correction = Math.sqrt(1 - this.beta2 ** steps) / (1 - this.beta1 ** steps);
    const move = (f: number, gradient: number, rate: number): number => {
      first[f] = this.beta1 * first[f]! + (1 - this.beta1) * gradient;
      second[f] = this.beta2 * second[f]! + (1 - this.beta2) * gradient * gradient;
      return (rate * correction * first[f]!) / (Math.sqrt(second[f]!) + this.epsilon);
    };
    side.factors[row] = side.factors[row]!.map((x, f) => x + move(f, factors[f]!, this.rate));
    side.biases[row]! += move(factors.length, bias, this.biasRate);
  }
}
