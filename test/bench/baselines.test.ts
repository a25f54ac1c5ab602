import { expect, test } from "vitest";
import { adamEpoch, adamState } from "../../bench/baselines/adam.js";
import { type AlsObjective, AlsScratch, type AlsSide, alsHalfStep } from "../../bench/baselines/als.js";
import { addGram, factorCholesky, solveCholesky } from "../../bench/baselines/linalg.js";
import {
  adagradEpoch,
  adagradState,
  type BaselineModel,
  type BaselineRatings,
  baselineRmse,
  sgdEpoch,
} from "../../bench/baselines/sgd.js";
import { RandomStream } from "../../src/data/random.js";
import { syntheticRatings } from "../../src/data/synthetic.js";

const FACTORS = 6;
const RATES = { learningRate: 0.05, regularization: 0.1 };
const { interactions, planted } = syntheticRatings({
  numUsers: 11,
  numItems: 7,
  numRatings: 53,
  factors: FACTORS,
  seed: 4,
});

function ratings(): BaselineRatings {
  const { offsets, columns, values } = interactions.matrix;
  const users = new Uint32Array(values.length);
  for (let user = 0; user < 11; user++) users.fill(user, offsets[user]!, offsets[user + 1]!);
  return { users, items: columns, values };
}

/** The planted factors in rows of 8, halved: somewhere to descend from. */
function model(): BaselineModel {
  const pad = (factors: Float32Array): Float32Array => {
    const padded = new Float32Array((factors.length / FACTORS) * 8);
    factors.forEach((factor, at) => {
      padded[Math.floor(at / FACTORS) * 8 + (at % FACTORS)] = factor / 2;
    });
    return padded;
  };
  return {
    mean: interactions.mean,
    stride: 8,
    userFactors: pad(planted.userFactors),
    itemFactors: pad(planted.itemFactors),
    userBiases: new Float32Array(11).fill(0.1),
    itemBiases: new Float32Array(7).fill(-0.1),
  };
}

/** How one number moves: from its value, its gradient, and its own memory. */
type Rule = (value: number, gradient: number, memory: number[]) => number;

/** One epoch in doubles, number by number: a row of user or item is its factors and then its bias. */
function naiveEpoch(start: BaselineModel, { users, items, values }: BaselineRatings, rule: Rule) {
  const rows = (factors: Float32Array, biases: Float32Array) =>
    Array.from(biases, (bias, row) => [...factors.subarray(row * 8, row * 8 + FACTORS), bias]);
  const userRows = rows(start.userFactors, start.userBiases);
  const itemRows = rows(start.itemFactors, start.itemBiases);
  const memoryOf = (all: number[][]) => all.map((row) => row.map((): number[] => []));
  const [userMemory, itemMemory] = [memoryOf(userRows), memoryOf(itemRows)];
  let squares = 0;
  values.forEach((value, entry) => {
    const p = [...userRows[users[entry]!]!];
    const q = [...itemRows[items[entry]!]!];
    let error = value - start.mean - p[FACTORS]! - q[FACTORS]!;
    for (let factor = 0; factor < FACTORS; factor++) error -= p[factor]! * q[factor]!;
    squares += error * error;
    const gradient = (own: number[], other: number[]) =>
      own.map((x, at) => error * (at === FACTORS ? 1 : other[at]!) - RATES.regularization * x);
    const move = (row: number[], gradients: number[], memory: number[][]) =>
      row.forEach((x, at) => {
        row[at] = rule(x, gradients[at]!, memory[at]!);
      });
    move(userRows[users[entry]!]!, gradient(p, q), userMemory[users[entry]!]!);
    move(itemRows[items[entry]!]!, gradient(q, p), itemMemory[items[entry]!]!);
  });
  return { userRows, itemRows, squares };
}

function expectClose(got: BaselineModel, squares: number, naive: ReturnType<typeof naiveEpoch>): void {
  expect(squares).toBeCloseTo(naive.squares, 4);
  for (const [rows, factors, biases] of [
    [naive.userRows, got.userFactors, got.userBiases],
    [naive.itemRows, got.itemFactors, got.itemBiases],
  ] as const) {
    rows.forEach((row, at) => {
      for (let factor = 0; factor < FACTORS; factor++) expect(factors[at * 8 + factor]).toBeCloseTo(row[factor]!, 5);
      expect([factors[at * 8 + 6], factors[at * 8 + 7]]).toEqual([0, 0]);
      expect(biases[at]).toBeCloseTo(row[FACTORS]!, 5);
    });
  }
}

test("an SGD epoch is the epoch written out in doubles", () => {
  const trained = model();
  const squares = sgdEpoch(trained, ratings(), RATES);
  expectClose(
    trained,
    squares,
    naiveEpoch(model(), ratings(), (x, gradient) => x + RATES.learningRate * gradient),
  );
});

test("an Adam epoch is the epoch written out in doubles", () => {
  const trained = model();
  const squares = adamEpoch(trained, ratings(), RATES, adamState(trained));
  const naive = naiveEpoch(model(), ratings(), (x, gradient, memory) => {
    const [mean = 0, variance = 0, steps = 0] = memory;
    const next = [0.9 * mean + 0.1 * gradient, 0.999 * variance + 0.001 * gradient ** 2, steps + 1] as const;
    memory.splice(0, 3, ...next);
    const rate = (RATES.learningRate * Math.sqrt(1 - 0.999 ** next[2])) / (1 - 0.9 ** next[2]);
    return x + (rate * next[0]) / (Math.sqrt(next[1]) + 1e-8);
  });
  expectClose(trained, squares, naive);
});

test("an AdaGrad epoch is the epoch written out in doubles", () => {
  const trained = model();
  const squares = adagradEpoch(trained, ratings(), RATES, FACTORS, adagradState(trained));
  // A row of factors shares one accumulator, so the naive form is per row: done here for a single rating at a time.
  const plain = model();
  const state = { users: new Array(11).fill(1), items: new Array(7).fill(1) };
  const biasState = { users: new Array(11).fill(1), items: new Array(7).fill(1) };
  let naiveSquares = 0;
  const { users, items, values } = ratings();
  values.forEach((value, entry) => {
    const [user, item] = [users[entry]!, items[entry]!];
    const p = [...plain.userFactors.subarray(user * 8, user * 8 + FACTORS)];
    const q = [...plain.itemFactors.subarray(item * 8, item * 8 + FACTORS)];
    const dot = p.reduce((sum, x, at) => sum + x * q[at]!, 0);
    const error = value - plain.mean - plain.userBiases[user]! - plain.itemBiases[item]! - dot;
    naiveSquares += error ** 2;
    for (const [side, row, own, other, factors, biases] of [
      ["users", user, p, q, plain.userFactors, plain.userBiases],
      ["items", item, q, p, plain.itemFactors, plain.itemBiases],
    ] as const) {
      const gradients = own.map((x, at) => error * other[at]! - 0.1 * x);
      gradients.forEach((gradient, at) => {
        factors[row * 8 + at] = own[at]! + (0.05 / Math.sqrt(state[side][row])) * gradient;
      });
      state[side][row] += gradients.reduce((sum, gradient) => sum + gradient ** 2, 0) / FACTORS;
      const gradient = error - 0.1 * biases[row]!;
      biases[row]! += (0.05 / Math.sqrt(biasState[side][row])) * gradient;
      biasState[side][row] += gradient ** 2;
    }
  });
  expect(squares).toBeCloseTo(naiveSquares, 5);
  expect([...trained.userFactors]).toEqual([...plain.userFactors].map((x) => expect.closeTo(x, 5)));
  expect([...trained.itemFactors]).toEqual([...plain.itemFactors].map((x) => expect.closeTo(x, 5)));
  expect([...trained.userBiases]).toEqual([...plain.userBiases].map((x) => expect.closeTo(x, 5)));
});

test("epochs bring the error down", () => {
  const trained = model();
  const before = baselineRmse(trained, ratings());
  for (let epoch = 0; epoch < 30; epoch++) sgdEpoch(trained, ratings(), RATES);
  expect(baselineRmse(trained, ratings())).toBeLessThan(0.8 * before);
});

/** x with A x = y by Gaussian elimination; A positive definite. */
function denseSolve(matrix: number[][], right: number[]): number[] {
  const lines = matrix.map((line, i) => [...line, right[i]!]);
  lines.forEach((pivot, i) => {
    lines.forEach((line, at) => {
      if (at === i) return;
      const share = line[i]! / pivot[i]!;
      for (let j = i; j < line.length; j++) line[j]! -= share * pivot[j]!;
    });
  });
  return lines.map((line, i) => line.at(-1)! / line[i]!);
}

/** Σ weight x xᵀ + λ I and Σ pull x, x the columns of a row with what is behind them. */
function denseRow(columns: number[][], weights: number[], pulls: number[], lambda: number): number[] {
  const size = columns[0]!.length;
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) =>
      columns.reduce((sum, x, t) => sum + weights[t]! * x[i]! * x[j]!, i === j ? lambda : 0),
    ),
  );
  const right = Array.from({ length: size }, (_, i) => columns.reduce((sum, x, t) => sum + pulls[t]! * x[i]!, 0));
  return denseSolve(matrix, right);
}

test.each([4, 12, 20])("Gram, Cholesky and solve of %i factors give a dense solution", (size) => {
  const random = new RandomStream(size, 1);
  const panel = Float64Array.from({ length: 23 * size }, () => random.nextUniform() - 0.5);
  const matrix = new Float64Array(size * size);
  for (let d = 0; d < matrix.length; d += size + 1) matrix[d] = 0.1;
  addGram(panel.subarray(0, 10 * size), 10, size, matrix);
  addGram(panel.subarray(10 * size), 13, size, matrix);
  const x = Float64Array.from({ length: size }, () => random.nextUniform());
  const lines = Array.from({ length: 23 }, (_, row) => [...panel.subarray(row * size, (row + 1) * size)]);
  const whole = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => lines.reduce((sum, q) => sum + q[i]! * q[j]!, i === j ? 0.1 : 0)),
  );
  const expected = denseSolve(whole, [...x]);
  expect(factorCholesky(matrix, size)).toBe(true);
  solveCholesky(matrix, size, x);
  expect([...x]).toEqual(expected.map((each) => expect.closeTo(each, 9)));
  expect(factorCholesky(new Float64Array(size * size), size)).toBe(false);
});

/** Half-steps over all users but the last, from rows of 8 factors. */
function solvedUsers(objective: AlsObjective, values: Float32Array): { items: AlsSide; users: AlsSide } {
  const { userFactors, itemFactors, userBiases, itemBiases } = model();
  const items = { factors: itemFactors, biases: itemBiases };
  const users = { factors: userFactors, biases: userBiases };
  const rows = Uint32Array.from({ length: 10 }, (_, row) => row);
  alsHalfStep(objective, { ...interactions.matrix, values }, rows, items, users, new AlsScratch(8));
  return { items, users };
}

function columnsOf(user: number, { factors }: AlsSide): number[][] {
  const { offsets, columns } = interactions.matrix;
  const own = columns.subarray(offsets[user]!, offsets[user + 1]!);
  return Array.from(own, (column) => [...factors.subarray(column * 8, column * 8 + 8)]);
}

test("an ALS half-step of ratings solves for factors and bias at once", () => {
  const { offsets, columns, values } = interactions.matrix;
  const mean = interactions.mean;
  const { items, users } = solvedUsers({ kind: "explicit", stride: 8, mean, perEntry: 0.2 }, values);
  for (let user = 0; user < 10; user++) {
    const [begin, end] = [offsets[user]!, offsets[user + 1]!];
    const extended = columnsOf(user, items).map((q) => [...q, 1]);
    const pulls = Array.from(
      values.subarray(begin, end),
      (value, t) => value - mean - items.biases[columns[begin + t]!]!,
    );
    const weights = pulls.map(() => 1);
    const expected = begin === end ? new Array(9).fill(0) : denseRow(extended, weights, pulls, 0.2 * (end - begin));
    const got = [...users.factors.subarray(user * 8, user * 8 + 8), users.biases[user]!];
    expect(got).toEqual(expected.map((x) => expect.closeTo(x, 5)));
  }
  expect(users.factors.subarray(80)).toEqual(model().userFactors.subarray(80));
});

test("an ALS half-step of confidences counts all pairs", () => {
  const { offsets, values: weights } = interactions.matrix;
  const { items, users } = solvedUsers({ kind: "implicit", stride: 8, all: 0.3, damping: 0.7 }, weights);
  const everyItem = Array.from({ length: 7 }, (_, item) => [...items.factors.subarray(item * 8, item * 8 + 8)]);
  for (let user = 0; user < 10; user++) {
    const own = [...weights.subarray(offsets[user]!, offsets[user + 1]!)];
    const columns = [...everyItem, ...columnsOf(user, items)];
    const all = everyItem.map(() => 0.3);
    const none = everyItem.map(() => 0);
    const expected =
      own.length === 0 ? new Array(8).fill(0) : denseRow(columns, [...all, ...own], [...none, ...own], 0.7);
    expect([...users.factors.subarray(user * 8, user * 8 + 8)]).toEqual(expected.map((x) => expect.closeTo(x, 5)));
  }
});
