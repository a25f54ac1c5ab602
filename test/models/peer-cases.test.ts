/** Cases that the tests of other libraries have, which need no data set; each test names where it is from. */
import { describe, expect, onTestFinished, test } from "vitest";
import { IdIndex } from "../../src/data/id-index.js";
import { Interactions } from "../../src/data/interactions.js";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { engine } from "../../src/engine/engine.js";
import { countEntries } from "../../src/engine/entry-counts.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import { AlternatingLeastSquares } from "../../src/models/alternating-least-squares.js";
import { AlternatingTraining } from "../../src/models/alternating-training.js";
import { ImplicitALS } from "../../src/models/implicit-als.js";
import { IMPLICIT_OBJECTIVES, type ImplicitALSOptions } from "../../src/models/implicit-als-options.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { BilinearScores } from "../../src/ranking/bilinear-scores.js";
import { ConfidenceEquations } from "../../src/ranking/row-equations.js";
import { CHOLESKY } from "../../src/ranking/row-methods.js";
import { randomOf } from "../assembly/rating-pass.js";
import { confidenceObjective, type TwinTable } from "../twins/objectives.js";
import { historyOfUser } from "./contract/subject.js";
import { interactionsOf, leastRise, totalOf, twinOf } from "./objectives.js";
import { rmseOf } from "./ratings.js";

/** What is zero was not observed. */
const observed = (rows: readonly (readonly number[])[]): TwinTable =>
  rows.map((row) => row.map((value) => (value === 0 ? undefined : value)));

async function implicitOf(table: TwinTable, options: Partial<ImplicitALSOptions>): Promise<ImplicitALS> {
  const model = new ImplicitALS(options);
  onTestFinished(() => model.dispose());
  return model.fit(interactionsOf(table));
}

const numbersOf = ({ userFactors, itemFactors }: ImplicitALS): number[] => [
  ...userFactors.values,
  ...itemFactors.values,
];

describe("implicit", () => {
  const { implicit } = IMPLICIT_OBJECTIVES;

  test.each(["cholesky", "conjugateGradient", "subspace"] as const)("Reconstruction, by %s", async (solver) => {
    const rows = [
      [1, 1, 0, 1, 0, 0],
      [0, 1, 1, 1, 0, 0],
      [1, 0, 1, 0, 0, 0],
      [1, 1, 0, 0, 0, 0],
      [0, 0, 1, 1, 0, 1],
      [0, 1, 0, 0, 0, 1],
      [0, 0, 0, 0, 1, 1],
    ];
    const options = { ...implicit, factors: 6, regularization: 0, alpha: 2, epochs: 15, solver };
    const model = await implicitOf(observed(rows), options);
    const errors = rows.flatMap((row, user) => row.map((value, item) => Math.abs(model.predict(user, item) - value)));
    expect(Math.max(...errors)).toBeLessThan(1e-3);
  });

  test.each(["cholesky", "conjugateGradient", "subspace", "gradientDescent"] as const)(
    "No NaN: two blocks, a nearly empty matrix, more factors than there is to learn, by %s",
    async (solver) => {
      const blocks = Array.from({ length: 12 }, (_, row) =>
        Array.from({ length: 12 }, (_, column) => {
          const isInside = column > row && Math.floor(row / 6) === Math.floor(column / 6);
          return isInside ? 1 + 1 / (column - row) : 0;
        }),
      );
      const ofBlocks = await implicitOf(observed(blocks), { ...implicit, factors: 3, regularization: 0.01, solver });
      expect(numbersOf(ofBlocks).filter((number) => !Number.isFinite(number))).toEqual([]);
      expect(ofBlocks.predict(0, 1)).toBeGreaterThan(2 * Math.abs(ofBlocks.predict(0, 7)));

      const random = randomOf(23);
      const sparse = Array.from({ length: 100 }, () => new Array<number>(100).fill(0));
      for (let entry = 0; entry < 5; entry++) sparse[random.nextBelow(100)]![random.nextBelow(100)] = 1;
      const ofSparse = await implicitOf(observed(sparse), { ...implicit, factors: 32, regularization: 10, solver });
      expect(numbersOf(ofSparse).filter((number) => !Number.isFinite(number))).toEqual([]);

      const identity = Array.from({ length: 10 }, (_, row) => new Array<number>(10).fill(0).with(row, 1));
      const options = {
        ...implicit,
        factors: 15,
        regularization: 0.01,
        epochs: solver === "gradientDescent" ? 200 : 15,
      };
      const ofIdentity = await implicitOf(observed(identity), { ...options, solver });
      for (let row = 0; row < 10; row++) {
        expect(ofIdentity.recommend(row, { filterSeen: false })[0]!.itemId).toBe(row);
      }
    },
  );

  test("Explain: contributions sum to the score, sorted, from the user's own items", async () => {
    const transposed = [
      [1, 1, 0, 1, 0, 0],
      [0, 1, 1, 1, 0, 0],
      [1, 4, 1, 0, 7, 0],
      [1, 1, 0, 0, 0, 0],
      [9, 0, 4, 1, 0, 1],
      [0, 1, 0, 0, 0, 1],
      [0, 0, 2, 0, 1, 1],
    ];
    const rows = transposed[0]!.map((_, user) => transposed.map((row) => row[user]!));
    const options = { ...implicit, factors: 4, regularization: 20, alpha: 2, epochs: 100 };
    const model = await implicitOf(observed(rows), options);
    const { score, base, contributions, remainder } = model.explain(0, 0);
    const sizes = contributions.map(({ contribution }) => contribution);
    expect(contributions.map(({ itemId }) => itemId).toSorted()).toEqual([0, 2, 3, 4]);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(Math.abs(sizes.reduce((sum, each) => sum + each, 0) - score)).toBeLessThan(1e-4);
    expect([base, Math.abs(remainder) < 1e-4, score]).toEqual([0, true, model.predict(0, 0)]);
  });

  test.each([
    [0, 1],
    [1, 2],
  ])("Loss of given factors: λ %f gives %f", async (regularization, expected) => {
    const host = engine();
    const matrix = new SparseMatrix(1, 2, Uint32Array.of(0, 1), Uint32Array.of(0), Float32Array.of(1));
    const scope = host.arena.scope();
    const parts = { numUsers: 1, numItems: 2, factors: 1, offset: 0, range: [-Infinity, Infinity] as const };
    const scores = new BilinearScores(host, "strict", parts);
    onTestFinished(() => {
      scores.dispose();
      scope.release();
    });
    scores.userFactors.row(0)[0] = 1;
    scores.itemFactors.row(1)[0] = 1;
    const equations = new ConfidenceEquations(
      { kind: "linear", alpha: 1, epsilon: 1, unobservedWeight: 1, observed: "replaced" },
      { regularization, exponent: 0, countUnobserved: false },
    );
    const counts = await countEntries(matrix, new TimeSlice(undefined));
    const ids = { users: IdIndex.from(["u"]), items: IdIndex.from(["a", "b"]) };
    const plan = { modelName: "test", matrix, counts, ids, equations, method: CHOLESKY };
    const training = await AlternatingTraining.prepare(
      { engine: host, variant: "strict", scope, run: { threads: 1 } },
      plan,
      scores,
    );
    expect((await training.objective()) / (1 + 1 * 2 - 1)).toBe(expected); // over all confidence and what has none
  });
});

describe("irspack", () => {
  const TABLE = observed([
    [1, 0, 2, 1],
    [0, 3, 0, 0],
    [1, 1, 0, 4],
  ]);
  const OPTIONS = { confidence: "linear", alpha: 1, unobservedWeight: 0.7, observedLoss: "added" } as const;
  const ridge = { regularization: 0.03, regularizationExponent: 0.6, countUnobserved: true };
  const objective = confidenceObjective({
    weightOf: (value) => value,
    unobservedWeight: 0.7,
    observed: "added",
    lambda: 0.03,
    exponent: 0.6,
    countUnobserved: true,
  });

  test.each(["cholesky", "conjugateGradient", "subspace"] as const)("Optimality, by %s", async (solver) => {
    const objectives: number[] = [];
    const model = new ImplicitALS({ ...OPTIONS, ...ridge, factors: 3, epochs: 500, solver });
    onTestFinished(() => model.dispose());
    const train = interactionsOf(TABLE);
    await model.fit(train, { onEpoch: (report) => objectives.push(report.objective) });
    const twin = twinOf(model);
    for (const user of [0, 1, 2]) {
      const folded = model.foldIn(historyOfUser(train, user));
      for (const item of [0, 1, 2, 3]) {
        expect(Math.abs(model.predict(folded, item) - model.predict(user, item))).toBeLessThan(2e-5);
      }
    }
    expect(Math.abs(objectives.at(-1)! / totalOf(objective, TABLE, twin) - 1)).toBeLessThan(2e-6);
    expect(leastRise(objective, TABLE, twin, 1e-3)).toBeGreaterThan(0);
    expect(leastRise(objective, TABLE, twin, 1e-5)).toBeGreaterThan(-1e-14);
  });

  test("a user without history, where nothing weighs what was not observed: nobody, and no error", async () => {
    const model = await implicitOf(TABLE, { ...OPTIONS, ...ridge, unobservedWeight: 0, factors: 3 });
    expect(model.recommend(model.foldIn([])).map(({ itemId }) => itemId)).toEqual([0, 1, 2, 3].toSorted(byCount));
    expect(model.predict(model.foldIn([]), 1)).toBe(0);
  });

  /** By how many users an item has; ties as items were met. */
  function byCount(a: number, b: number): number {
    const { items } = interactionsOf(TABLE);
    const counts = [2, 2, 1, 2];
    return counts[b]! - counts[a]! || items.indexOf(a) - items.indexOf(b);
  }
});

describe("Spark", () => {
  test.each([
    [0, [-8.333333, 6]],
    [1.5, [-0.1155556, 3.28]],
  ] as const)("Normal equations of three rows, λ %f", (damping, expected) => {
    const given = {
      userIds: ["u"],
      itemIds: ["a", "b", "c", "first", "second"],
      userFactors: [1, 1],
      itemFactors: [1, 2, 1, 3, 1, 4, 1, 0, 0, 1],
    };
    const options = { regularization: 0, damping, biases: false };
    const model = MatrixFactorization.fromFactors(given, options);
    onTestFinished(() => model.dispose());
    const history = [4, 9, 16].map((value, at) => ({ itemId: given.itemIds[at]!, value }));
    const user = model.foldIn(history);
    for (const [at, itemId] of ["first", "second"].entries()) {
      expect(model.predict(user, itemId)).toBeCloseTo(expected[at]!, 3);
    }
  });

  /** 20 × 40 sums of `rank` products, with noise; and a share of them to learn from. */
  function lowRank(rank: number, noise: number, share: number): { all: Interactions; train: Interactions } {
    const random = randomOf(rank + 100 * noise);
    const draw = (): number[] => Array.from({ length: rank }, () => 2 * random.nextUniform() - 1);
    const [p, q] = [Array.from({ length: 20 }, draw), Array.from({ length: 40 }, draw)];
    const exact = p.map((user) => q.map((item) => user.reduce((sum, each, f) => sum + each * item[f]!, 0)));
    const noisy = exact.map((row) => row.map((value) => value + noise * (2 * random.nextUniform() - 1) * Math.sqrt(3)));
    const some = noisy.map((row) => row.map((value) => (random.nextUniform() < share ? value : undefined)));
    return { all: interactionsOf(exact), train: interactionsOf(some) };
  }

  // Measured: 7e-5, 1e-4, .015, .011, .017, .015.
  test.each([
    ["rank 1, after one epoch", 1, 0, 1, { factors: 1, epochs: 1, regularization: 1e-5 }, 0.001],
    ["rank 1 of 60 %", 1, 0, 0.6, { factors: 1, epochs: 10, regularization: 1e-5 }, 0.001],
    ["rank 1 with noise", 1, 0.01, 1, { factors: 1, epochs: 10, regularization: 0.01 }, 0.02],
    ["rank 1 with noise, of 60 %", 1, 0.01, 0.6, { factors: 2, epochs: 10, regularization: 0.01 }, 0.02],
    ["rank 2 with noise", 2, 0.01, 1, { factors: 2, epochs: 10, regularization: 0.01 }, 0.03],
    ["rank 2 with noise, of 60 %", 2, 0.01, 0.6, { factors: 3, epochs: 10, regularization: 0.01 }, 0.03],
  ] as const)("Reconstruction of %s", async (_, rank, noise, share, options, bound) => {
    const { all, train } = lowRank(rank, noise, share);
    const plain = { damping: 0, biases: false, globalMean: false, clip: false, initialScale: 1 };
    const model = new AlternatingLeastSquares({ ...plain, ...options });
    onTestFinished(() => model.dispose());
    const rmse = rmseOf(await model.fit(train), all);
    expect(rmse).toBeLessThan(bound);
  });
});

describe("what users of all of them meet", () => {
  const MODELS = [
    ["AlternatingLeastSquares", () => new AlternatingLeastSquares({ factors: 20 })],
    ["ImplicitALS", () => new ImplicitALS({ factors: 20, epochs: 40, regularization: 1e-3, unobservedWeight: 0.1 })],
  ] as const;

  /** w / (w + α₀), w = ln 2: the least of w (1 − ŷ)² + α₀ ŷ². */
  const ALONE = Math.LN2 / (Math.LN2 + 0.1);

  test.each(MODELS)("%s: empty data", async (_, create) => {
    const empty = Interactions.fromObjects([]);
    await expect(create().fit(empty)).rejects.toThrow(
      new RangeError("train must have at least one interaction, got 0"),
    );
  });

  test.each(MODELS)("%s: one interaction, more factors than items", async (_, create) => {
    const model = create();
    onTestFinished(() => model.dispose());
    await model.fit(Interactions.fromObjects([{ userId: "u", itemId: "i", value: 4 }]));
    const score = model.predict("u", "i");
    expect(Math.abs(score - (model instanceof ImplicitALS ? ALONE : 4))).toBeLessThan(0.01);
    expect(model.recommend("u")).toEqual([]);
    expect(model.recommend("u", { filterSeen: false })).toEqual([{ itemId: "i", score }]);
    expect(model.recommend("somebody")).toEqual([{ itemId: "i", score: model.predict("somebody", "i") }]);
  });

  test.each(MODELS)("%s: values that are all equal", async (_, create) => {
    const model = create();
    onTestFinished(() => model.dispose());
    const pairs = [0, 1, 2, 3].flatMap((userId) => [0, 1, 2].map((itemId) => ({ userId, itemId, value: 3 })));
    await model.fit(Interactions.fromObjects(pairs));
    const scores = pairs.map(({ userId, itemId }) => model.predict(userId, itemId));
    const expected = model instanceof ImplicitALS ? ALONE : 3;
    expect(Math.max(...scores.map((score) => Math.abs(score - expected)))).toBeLessThan(0.01);
  });

  test.each(MODELS)("%s: an id that it has never met", async (_, create) => {
    const model = create();
    onTestFinished(() => model.dispose());
    await model.fit(Interactions.fromObjects([{ userId: "alice", itemId: "Alien", value: 4 }]));
    const message = 'userId must be known to the model, got "alcie"; did you mean "alice"';
    expect(() => model.recommend("alcie", { unknown: "error" })).toThrow(new RegExp(`^${message}`));
    expect(() => model.foldIn([{ itemId: "Alein" }])).toThrow(
      /^history\[0\]\.itemId must be known to the model, got "Alein"/,
    );
    expect(() => model.explain("alice", "Aliens")).toThrow(RangeError);
  });
});
