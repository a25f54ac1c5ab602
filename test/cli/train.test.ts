import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluate, evaluateBaselines, Interactions, MatrixFactorization } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const QUICK = ["--factors", "8", "--epochs", "6", "--threads", "2"];
const QUICK_OPTIONS = { factors: 8, epochs: 6, threads: 2 };

beforeAll(() => {
  const ratings = someRatings();
  place.write("ratings.csv", csvOf(ratings));
  place.write("ml-100k/u.data", csvOf(ratings, "\t"));
  place.write("ml-1m/ratings.dat", csvOf(ratings, "::"));
});

describe("train", () => {
  test("prints what the API gives, to the last digit", async () => {
    const { code, stdout, stderr } = await place.run("train", "ratings.csv", ...QUICK, "--json", "--seed", "7");
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    const ratings = await Interactions.fromCsv(place.path("ratings.csv"));
    const { train, test: held } = ratings.split({ testFraction: 0.1, seed: 7 });
    const model = await new MatrixFactorization({ ...QUICK_OPTIONS, seed: 7 }).fit(train);
    const { biasModel, globalMean } = await evaluateBaselines(train, held);
    expect(result.evaluation).toEqual({ model: evaluate(model, held), biasModel, globalMean });
    expect(result.evaluation.model.rmse).toBeLessThan(result.evaluation.biasModel.rmse);
    expect(result.split).toMatchObject({ by: "random", seed: 7, train: train.size, test: held.size });
    expect(result.model.options).toEqual(model.options);
    expect(result.epochs.map(({ epoch }: { epoch: number }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stderr).toContain("epoch 6/6");
  });

  test("prints a plain table where there is no terminal", async () => {
    const { code, stdout, stderr } = await place.run("train", "ratings.csv", ...QUICK);
    expect(code).toBe(0);
    const rows = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
    expect(rows[0]).toEqual(["RMSE", "MAE", "R²"]);
    expect(rows.slice(1, 4).map((row) => row[0])).toEqual(["matrix factorisation", "biases only", "mean rating"]);
    expect(Number(rows[1]![1])).toBeLessThan(Number(rows[2]![1]));
    expect(stdout).toMatch(/Tested on 1,200 ratings/);
    expect(stdout).toMatch(/lower the RMSE by .* %/);
    expect(`${stdout}${stderr}`).not.toContain("\u001b");
    expect(stderr.match(/^epoch .*train RMSE \d\.\d{4} .* M ratings\/s$/gm)).toHaveLength(6);
    expect(stderr).toContain("Next: lowrank recommend ratings.csv --user 1");
  });

  test("--quiet leaves the table alone", async () => {
    const { stdout, stderr } = await place.run("train", "ratings.csv", ...QUICK, "--quiet");
    expect(stderr).toBe("");
    expect(stdout).toContain("matrix factorisation");
  });

  test.each(["ml-100k/u.data", "ml-1m/ratings.dat"])("reads %s as it is", async (file) => {
    const [plain, csv] = await Promise.all([
      place.run("train", file, ...QUICK, "--json"),
      place.run("train", "ratings.csv", ...QUICK, "--json"),
    ]);
    expect(JSON.parse(plain.stdout).evaluation).toEqual(JSON.parse(csv.stdout).evaluation);
  });

  test("validates, stops early and keeps the best epoch", async () => {
    const stopping = ["--validation-fraction", "0.2", "--patience", "2"];
    const overfitting = ["--regularization", "0", "--damping", "0", "--learning-rate-schedule", "constant"];
    const flags = [...stopping, ...overfitting, "--epochs", "60"];
    const { stdout, stderr } = await place.run("train", "ratings.csv", "--factors", "16", ...flags, "--json");
    const { epochs, split, evaluation, model } = JSON.parse(stdout);
    const ratings = await Interactions.fromCsv(place.path("ratings.csv"));
    const outer = ratings.split({ testFraction: 0.1, seed: 1 });
    const inner = outer.train.split({ testFraction: 0.2, seed: 1 });
    const expected = await new MatrixFactorization(model.options).fit(inner.train, {
      validation: inner.test,
      patience: 2,
    });
    expect(evaluation.model).toEqual(evaluate(expected, outer.test));
    expect(split).toMatchObject({ train: inner.train.size, validation: inner.test.size });
    expect(epochs.length).toBeLessThan(60);
    expect(epochs.at(-1).isBest).toBe(false);
    expect(stderr).toContain(`stopped after epoch ${epochs.length}; epoch ${epochs.length - 2} is the best`);
  });

  test("splits by time, or not at all", async () => {
    const [byTime, whole] = await Promise.all([
      place.run("train", "ratings.csv", ...QUICK, "--split", "time", "--test-fraction", "0.25", "--json"),
      place.run("train", "ratings.csv", ...QUICK, "--test-fraction", "0", "--json"),
    ]);
    expect(JSON.parse(byTime.stdout).split).toMatchObject({ by: "time", train: 9000, test: 3000 });
    expect(JSON.parse(whole.stdout)).toMatchObject({ split: { train: 12_000, test: 0 }, evaluation: null });
  });

  test("columns, separator, duplicates and invalid rows", async () => {
    const lines = readFileSync(place.path("ratings.csv"), "utf8").trim().split("\n").slice(1);
    const rows = lines.map((line) => line.split(","));
    const text = rows.map(([user, item, value]) => `x;${item};${value};${user}`).join("\n");
    place.write("odd.txt", `a;film;stars;who\n${text}\n${text.split("\n")[0]}\nx;1;much;2\n`);
    const columns = ["--user-column", "who", "--item-column", "film", "--value-column", "stars"];
    const merge = ["--duplicates", "first", "--skip-invalid", "--separator", ";"];
    const [odd, plain] = await Promise.all([
      place.run("train", "odd.txt", ...QUICK, ...columns, ...merge, "--json"),
      place.run("train", "ratings.csv", ...QUICK, "--json"),
    ]);
    const result = JSON.parse(odd.stdout);
    expect(result.evaluation).toEqual(JSON.parse(plain.stdout).evaluation);
    expect(result.ratings.skippedRows).toBe(1);
    expect(odd.stderr).toContain("1 invalid row left out");
  });

  const data = process.env.LOWRANK_DATA;
  test.skipIf(!data).each(["mf", "als", "autorec"])(
    `ml-latest-small by %s${data ? "" : " (skipped: LOWRANK_DATA names no folder of data sets)"}`,
    async (model) => {
      const file = join(data!, "ml-latest-small", "ratings.csv");
      const { stdout } = await place.run("train", file, "--model", model, "--json");
      const { ratings, evaluation } = JSON.parse(stdout);
      expect(ratings).toMatchObject({ size: 100_836, numUsers: 610, numItems: 9724, minimum: 0.5, maximum: 5 });
      expect(evaluation.model.rmse).toBeLessThan(0.855);
      expect(evaluation.model.rmse).toBeLessThan(evaluation.biasModel.rmse);
    },
  );
});
