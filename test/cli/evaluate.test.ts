import { beforeAll, describe, expect, test } from "vitest";
import { evaluate, evaluateBaselines, Interactions, MatrixFactorization } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const QUICK = ["--factors", "8", "--epochs", "5"];
const QUICK_OPTIONS = { factors: 8, epochs: 5 };

beforeAll(() => {
  const ratings = someRatings();
  const { train, test: held } = ratings.split({ testFraction: 0.2, seed: 3 });
  place.write("ratings.csv", csvOf(ratings));
  place.write("train.csv", csvOf(train));
  place.write("test.csv", csvOf(held));
});

describe("evaluate", () => {
  test("cross-validates as the API does", async () => {
    const { code, stdout } = await place.run(
      "evaluate",
      "ratings.csv",
      ...QUICK,
      "--folds",
      "3",
      "--seed",
      "4",
      "--json",
    );
    expect(code).toBe(0);
    const { folds, summary } = JSON.parse(stdout);
    const ratings = await Interactions.fromCsv(place.path("ratings.csv"));
    const rmses: number[] = [];
    for (const parts of ratings.folds(3, { seed: 4 })) {
      const model = await new MatrixFactorization({ ...QUICK_OPTIONS, seed: 4 }).fit(parts.train);
      const { biasModel, globalMean } = await evaluateBaselines(parts.train, parts.test);
      const evaluation = { model: evaluate(model, parts.test), biasModel, globalMean };
      expect(folds[rmses.length]).toMatchObject({ fold: rmses.length + 1, train: parts.train.size, evaluation });
      rmses.push(evaluation.model.rmse);
    }
    const [a, b, c] = rmses as [number, number, number];
    const mean = (a + b + c) / 3;
    expect(folds).toHaveLength(3);
    expect(summary.model.rmse.mean).toBeCloseTo(mean, 12);
    const variance = ((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 2;
    expect(summary.model.rmse.standardDeviation).toBeCloseTo(Math.sqrt(variance), 12);
    expect(summary.model.rmse.mean).toBeLessThan(summary.biasModel.rmse.mean);
  });

  test("prints a row a fold and the means", async () => {
    const { stdout, stderr } = await place.run("evaluate", "ratings.csv", ...QUICK, "--folds", "2");
    const rows = stdout.split("\n").map((line) => line.split(/ {2,}/)[0]);
    expect(rows.slice(1, 6)).toEqual(["fold 1", "fold 2", "matrix factorisation", "biases only", "mean rating"]);
    expect(stdout).toMatch(/^matrix factorisation {2}\d\.\d{4} ± \d\.\d{4} /m);
    expect(stdout).toContain("Every one of 12,000 ratings was tested once");
    expect(stderr).toContain("fold 2/2 epoch 5/5");
  });

  test("tests on a second file", async () => {
    const { stdout } = await place.run("evaluate", "train.csv", "--test", "test.csv", ...QUICK, "--json");
    const result = JSON.parse(stdout);
    const train = await Interactions.fromCsv(place.path("train.csv"));
    const held = await Interactions.fromCsv(place.path("test.csv"));
    const model = await new MatrixFactorization(QUICK_OPTIONS).fit(train);
    expect(result.evaluation.model).toEqual(evaluate(model, held));
    expect(result.test).toMatchObject({ file: "test.csv", size: held.size });
  });

  test("tests on a second file, for people", async () => {
    const { stdout } = await place.run("evaluate", "train.csv", "--test", "test.csv", ...QUICK);
    expect(stdout).toContain("Tested on 2,400 ratings");
  });
});
