/** `--model autorec`: trained, tested, saved and asked as the other models are. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { AUTOREC_DEFAULTS, AutoRec, evaluate, evaluateBaselines, Interactions } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const AUTOREC = ["--model", "autorec", "--hidden", "16", "--epochs", "6", "--threads", "2"];
const QUICK_OPTIONS = { hidden: 16, epochs: 6, threads: 2 };

beforeAll(() => {
  place.write("ratings.csv", csvOf(someRatings()));
});

const read = (): Promise<Interactions> => Interactions.fromCsv(place.path("ratings.csv"));

describe("train", () => {
  test("prints what the API gives", async () => {
    const flags = ["--orientation", "user", "--batch-size", "auto", "--learning-rate", "0.01", "--seed", "7"];
    const { code, stdout, stderr } = await place.run("train", "ratings.csv", ...AUTOREC, ...flags, "--json");
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    const { train, test: held } = (await read()).split({ testFraction: 0.1, seed: 7 });
    const model = await new AutoRec({ ...QUICK_OPTIONS, orientation: "user", learningRate: 0.01, seed: 7 }).fit(train);
    const { biasModel, globalMean } = await evaluateBaselines(train, held);
    expect(result.evaluation).toEqual({ model: evaluate(model, held), biasModel, globalMean });
    expect(result.model).toEqual({ name: "AutoRec", options: model.options });
    expect(result.epochs).toHaveLength(6);
    expect(result.epochs[5]).toMatchObject({ epoch: 6, isBest: true });
    expect(stderr.match(/^epoch \d\/6 {2}train RMSE \d\.\d{4} {2}.* M ratings\/s$/gm)).toHaveLength(6);
  });

  test("every option reaches the model", async () => {
    const options = {
      ...QUICK_OPTIONS,
      orientation: "user",
      hidden: 9,
      activation: "tanh",
      outputActivation: "sigmoid",
      optimizer: "sgd",
      epochs: 2,
      batchSize: 50,
      learningRate: 0.001,
      learningRateSchedule: "constant",
      momentum: 0.5,
      regularization: 0.1,
      damping: 1,
      dropout: 0.25,
      centering: "mean",
      initialScale: 0.2,
      clip: false,
      seed: 3,
      reproducible: true,
    } as const;
    expect(Object.keys(options).sort()).toEqual(Object.keys(AUTOREC_DEFAULTS).sort());
    const flags = Object.entries(options).flatMap(([name, value]) => {
      const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return typeof value === "boolean" ? [value ? `--${flag}` : `--no-${flag}`] : [`--${flag}`, String(value)];
    });
    const { stdout } = await place.run("train", "ratings.csv", "--model", "autorec", ...flags, "--json", "--quiet");
    expect(JSON.parse(stdout).model.options).toEqual(options);
  });

  test("its row of the table, the verdict, and what comes next", async () => {
    const { stdout, stderr } = await place.run("train", "ratings.csv", ...AUTOREC);
    const names = stdout.split("\n").map((line) => line.split(/ {2,}/)[0]);
    expect(names.slice(1, 4)).toEqual(["AutoRec", "biases only", "mean rating"]);
    expect(stdout).toMatch(/^The hidden units (lower|raise|are) /m);
    expect(stdout).not.toContain("actors");
    expect(stderr).toContain("Next: lowrank recommend ratings.csv --model autorec --user 1\n");
  });

  test("advice is of its own flags", async () => {
    const flags = ["--epochs", "1", "--regularization", "100"];
    const { stdout } = await place.run("train", "ratings.csv", ...AUTOREC, ...flags, "--quiet");
    expect(stdout).toMatch(/^The hidden units (are no better|raise) .* or a smaller --hidden\.$/m);
  });

  test("validates, stops early and keeps the best epoch", async () => {
    const overfitting = ["--regularization", "0", "--learning-rate", "0.05", "--learning-rate-schedule", "constant"];
    const stopping = ["--validation-fraction", "0.2", "--patience", "2", "--epochs", "60"];
    const { stdout, stderr } = await place.run(
      "train",
      "ratings.csv",
      ...AUTOREC,
      ...overfitting,
      ...stopping,
      "--json",
    );
    const { epochs, evaluation, model } = JSON.parse(stdout);
    const outer = (await read()).split({ testFraction: 0.1, seed: 1 });
    const inner = outer.train.split({ testFraction: 0.2, seed: 1 });
    const expected = await new AutoRec(model.options).fit(inner.train, { validation: inner.test, patience: 2 });
    expect(evaluation.model).toEqual(evaluate(expected, outer.test));
    expect(epochs.length).toBeLessThan(60);
    expect(stderr).toMatch(/^epoch +1\/60 {2}train RMSE \d\.\d{4} {2}validation \d\.\d{4} best /m);
    expect(stderr).toContain(`stopped after epoch ${epochs.length}; epoch ${epochs.length - 2} is the best`);
  });

  test("a divergence is told in flags", async () => {
    const wild = ["--optimizer", "sgd", "--learning-rate", "1e9", "--quiet"];
    const { code, stdout, stderr } = await place.run("train", "ratings.csv", ...AUTOREC, ...wild);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^lowrank: the training diverged: .*; lower --learning-rate, now \d+, or raise --regularization, now [\d.]+\n$/,
    );
  });
});

test("evaluate", async () => {
  const { stdout, stderr } = await place.run("evaluate", "ratings.csv", ...AUTOREC, "--folds", "2");
  expect(stdout).toMatch(/^AutoRec {6}\d\.\d{4} ± \d\.\d{4} /m);
  expect(stdout).toMatch(/^The hidden units /m);
  expect(stderr).toContain("fold 2/2 epoch 6/6");
});

describe.each(["item", "user"] as const)("a saved model, --orientation %s", (orientation) => {
  const file = `${orientation}.safetensors`;
  let model: AutoRec;

  beforeAll(async () => {
    const flags = ["--orientation", orientation, "--test-fraction", "0", "--save", file, "--quiet"];
    expect((await place.run("train", "ratings.csv", ...AUTOREC, ...flags)).code).toBe(0);
    model = await new AutoRec({ ...QUICK_OPTIONS, orientation }).fit(await read());
  });

  test("is that of the API, and info tells what it is", async () => {
    expect(readFileSync(place.path(file))).toEqual(Buffer.from(model.toBytes()));
    const [info, json] = await Promise.all([place.run("info", file), place.run("info", file, "--json")]);
    expect(info.stdout).toMatch(/^model +AutoRec$/m);
    expect(info.stdout).toMatch(/^hidden units +16 each, in float32$/m);
    expect(info.stdout).toMatch(/^interactions +12,000 ratings kept, to leave out what users have rated$/m);
    expect(info.stdout).toContain(`orientation ${orientation}\n`);
    expect(info.stdout).not.toMatch(/^factors/m);
    expect(JSON.parse(json.stdout)).toMatchObject({
      model: { name: "AutoRec", options: model.options },
      factors: 16,
      range: [1, 5],
    });
  });

  test("recommends what a training on the spot recommends", async () => {
    const ask = ["--user", "3", "--user", "20", "--format", "ndjson", "--quiet"];
    const [trained, loaded] = await Promise.all([
      place.run("recommend", "ratings.csv", ...AUTOREC, "--orientation", orientation, ...ask),
      place.run("recommend", file, ...ask),
    ]);
    expect([trained.code, trained.stderr]).toEqual([0, ""]);
    expect(loaded.stdout).toBe(trained.stdout);
    expect(JSON.parse(loaded.stdout.split("\n")[0]!)).toEqual({ userId: 3, recommendations: model.recommend(3) });
  });

  test("has similar items and users", async () => {
    const ask = ["--count", "2", "--format", "ndjson", "--quiet"];
    const [items, users] = await Promise.all([
      place.run("similar", file, "--item", "3", ...ask),
      place.run("similar", file, "--user", "7", ...ask),
    ]);
    expect(JSON.parse(items.stdout)).toEqual({ itemId: 3, similar: model.similarItems(3, { count: 2 }) });
    expect(JSON.parse(users.stdout)).toEqual({ userId: 7, similar: model.similarUsers(7, { count: 2 }) });
  });
});
