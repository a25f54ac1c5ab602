/** `--model`: what each trains, and what is for others. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  AlternatingLeastSquares,
  evaluate,
  evaluateBaselines,
  IMPLICIT_ALS_DEFAULTS,
  ImplicitALS,
  Interactions,
  load,
} from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const QUICK = ["--factors", "8", "--epochs", "4", "--threads", "2"];
const QUICK_OPTIONS = { factors: 8, epochs: 4, threads: 2 };
const ALS = ["--model", "als"];
const IMPLICIT = ["--model", "implicit-als"];

beforeAll(() => {
  const ratings = someRatings();
  place.write("ratings.csv", csvOf(ratings));
  const plays = [...ratings].map(({ userId, itemId, value }) => `${userId},${itemId},${Math.round(value ** 3)}`);
  place.write("plays.csv", `user_id,song_id,plays\n${plays.join("\n")}\n`);
  const pairs = [...ratings].map(({ userId, itemId }) => `u${userId},s${itemId}`);
  place.write("pairs.csv", `userId,songId\n${pairs.join("\n")}\n`);
  place.write("odd.csv", `who,what\n${pairs.join("\n")}\n`);
  place.write("events.csv", `userId,songId\n${[...pairs, pairs[0], pairs[0]].join("\n")}\n`);
});

const read = (name: string): Promise<Interactions> => Interactions.fromCsv(place.path(name));

describe("--model als", () => {
  test("train prints what the API gives", async () => {
    const flags = ["--damping", "2", "--no-clip", "--seed", "7"];
    const { code, stdout, stderr } = await place.run("train", "ratings.csv", ...ALS, ...QUICK, ...flags, "--json");
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    const ratings = await read("ratings.csv");
    const { train, test: held } = ratings.split({ testFraction: 0.1, seed: 7 });
    const model = await new AlternatingLeastSquares({ ...QUICK_OPTIONS, damping: 2, clip: false, seed: 7 }).fit(train);
    const { biasModel, globalMean } = await evaluateBaselines(train, held);
    expect(result.evaluation).toEqual({ model: evaluate(model, held), biasModel, globalMean });
    expect(result.model).toEqual({ name: "AlternatingLeastSquares", options: model.options });
    expect(result.epochs).toHaveLength(4);
    expect(result.epochs[3]).toMatchObject({ epoch: 4, isBest: true, jitteredRows: 0 });
    expect(result.epochs[3].objective).toBeLessThan(result.epochs[0].objective);
    expect(stderr.match(/^epoch \d\/4 {2}train RMSE \d\.\d{4} {2}.* M ratings\/s$/gm)).toHaveLength(4);
  });

  test("its row of the table, validation, and what comes next", async () => {
    const flags = ["--validation-fraction", "0.1", "--patience", "2"];
    const { stdout, stderr } = await place.run("train", "ratings.csv", ...ALS, ...QUICK, ...flags);
    const names = stdout.split("\n").map((line) => line.split(/ {2,}/)[0]);
    expect(names.slice(1, 4)).toEqual(["alternating least squares", "biases only", "mean rating"]);
    expect(stderr).toMatch(/^(stopped after epoch \d; )?epoch \d is the best, validation RMSE \d\.\d{4}$/m);
    expect(stderr).toContain("Next: lowrank recommend ratings.csv --model als --user 1\n");
    expect(stderr).not.toContain("singular");
  });

  test("evaluate", async () => {
    const { stdout } = await place.run("evaluate", "ratings.csv", ...ALS, ...QUICK, "--folds", "2");
    expect(stdout).toMatch(/^alternating least squares {2}\d\.\d{4} ± \d\.\d{4} /m);
    const json = await place.run("evaluate", "ratings.csv", ...ALS, ...QUICK, "--folds", "2", "--json");
    expect(JSON.parse(json.stdout).model).toEqual({
      name: "AlternatingLeastSquares",
      options: new AlternatingLeastSquares(QUICK_OPTIONS).options,
    });
  });

  test("recommend from ratings is what the saved model recommends", async () => {
    const save = ["--test-fraction", "0", "--save", "als.safetensors", "--quiet"];
    await place.run("train", "ratings.csv", ...ALS, ...QUICK, ...save);
    const ask = ["--user", "3", "--user", "20", "--format", "ndjson", "--quiet"];
    const [trained, loaded] = await Promise.all([
      place.run("recommend", "ratings.csv", ...ALS, ...QUICK, ...ask),
      place.run("recommend", "als.safetensors", ...ask),
    ]);
    expect([trained.code, trained.stderr]).toEqual([0, ""]);
    expect(loaded.stdout).toBe(trained.stdout);
    const info = await place.run("info", "als.safetensors");
    expect(info.stdout).toMatch(/^model +AlternatingLeastSquares$/m);
    expect(info.stdout).toMatch(/^interactions +12,000 ratings kept, to leave out what users have rated$/m);
    expect(info.stdout).toMatch(/^ +nonNegative false$/m);
  });

  test("equations that are nearly singular are told of once, with advice", async () => {
    place.write("few.csv", "user,item,rating\n1,1,5\n1,2,3\n2,2,4\n2,3,1\n3,1,2\n");
    const free = ["--regularization", "0", "--damping", "0", "--factors", "8", "--epochs", "1", "--test-fraction", "0"];
    const { code, stderr } = await place.run("train", "few.csv", ...ALS, ...free);
    expect(code).toBe(0);
    expect(stderr.match(/^in the last epoch the equations of \d users and items were singular .*$/gm)).toHaveLength(1);
    expect(stderr).toContain("; try more --regularization\n");
  });

  test("--tolerance ends a fit, and says so", async () => {
    const { stderr } = await place.run("train", "ratings.csv", ...ALS, ...QUICK, "--tolerance", "0.9");
    expect(stderr).toContain("stopped after epoch 2, which lowered the objective by less than --tolerance\n");
  });
});

describe("--model implicit-als", () => {
  test("learns from all, tells the objective, saves, and recommends from that", async () => {
    const flags = ["--alpha", "2", "--user-column", "user_id", "--item-column", "song_id", "--value-column", "plays"];
    const save = ["--save", "songs.safetensors"];
    const { code, stdout, stderr } = await place.run("train", "plays.csv", ...IMPLICIT, ...QUICK, ...flags, ...save);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^plays\.csv: 12,000 interactions, 300 users, 120 items, 1 to 125; read in /m);
    expect(stderr.match(/^epoch \d\/4 {2}objective [\d,.]+ {2}.* M interactions\/s$/gm)).toHaveLength(4);
    expect(stderr).toContain("Next: lowrank recommend songs.safetensors --user 1\n");
    expect(stdout).toMatch(
      /^Trained on 12,000 interactions in .*, 4 epochs; the objective is [\d,.]+\.\nSaved as songs/,
    );
    const plays = await Interactions.fromCsv(place.path("plays.csv"), {
      columns: { user: "user_id", item: "song_id", value: "plays" },
    });
    const model = await new ImplicitALS({ ...QUICK_OPTIONS, alpha: 2 }).fit(plays);
    expect(readFileSync(place.path("songs.safetensors"))).toEqual(Buffer.from(model.toBytes()));
    const asked = await place.run("recommend", "songs.safetensors", "--user", "3", "--format", "ndjson", "--quiet");
    expect(JSON.parse(asked.stdout)).toEqual({ userId: 3, recommendations: model.recommend(3) });
    const all = await place.run("recommend", "songs.safetensors", "--user", "3", "--count", "200");
    expect(all.stderr).toContain("The user has interacted with all other items.\n");
  });

  test("--json", async () => {
    const { stdout } = await place.run("train", "pairs.csv", ...IMPLICIT, ...QUICK, "--json", "--quiet");
    const { split, model, epochs, evaluation } = JSON.parse(stdout);
    expect(split).toMatchObject({ testFraction: 0, train: 12_000, validation: 0, test: 0 });
    expect(model).toEqual({ name: "ImplicitALS", options: { ...IMPLICIT_ALS_DEFAULTS, ...QUICK_OPTIONS } });
    expect(epochs.map((each: object) => Object.keys(each))).toContainEqual(
      expect.arrayContaining(["epoch", "objective", "jitteredRows", "seconds"]),
    );
    expect(evaluation).toBeNull();
  });

  test("rows without a value count as 1 each", async () => {
    const names = ["--user-column", "who", "--item-column", "what"];
    const runs = await Promise.all([
      place.run("train", "pairs.csv", ...IMPLICIT, ...QUICK, "--save", "pairs.safetensors"),
      place.run("train", "odd.csv", ...IMPLICIT, ...QUICK, "--save", "odd.safetensors", ...names),
    ]);
    for (const { code, stderr } of runs) {
      expect(code).toBe(0);
      expect(stderr).toContain("12,000 interactions, 300 users, 120 items, each of value 1; read in ");
      expect(stderr).toContain("All count the same; --value-column names the column");
      expect(stderr).not.toContain("nothing to learn");
    }
    const expected = await new ImplicitALS(QUICK_OPTIONS).fit(await read("pairs.csv"));
    expect((await load(place.path("pairs.safetensors"))).recommend("u3")).toEqual(expected.recommend("u3"));
    expect(readFileSync(place.path("odd.safetensors"))).toEqual(readFileSync(place.path("pairs.safetensors")));
  });

  test("--duplicates sum makes counts of events", async () => {
    const summed = [...IMPLICIT, ...QUICK, "--duplicates", "sum"];
    const { code, stderr } = await place.run("train", "events.csv", ...summed);
    expect(code).toBe(0);
    expect(stderr).toMatch(/12,000 interactions, 300 users, 120 items, 1 to 3; read in /);
  });

  test("recommend and similar from the rows, info and --no-seen in its words", async () => {
    const ask = ["--count", "2", "--format", "ndjson", "--quiet"];
    const [users, items, saved] = await Promise.all([
      place.run("recommend", "pairs.csv", ...IMPLICIT, ...QUICK, "--user", "u3", ...ask),
      place.run("similar", "pairs.csv", ...IMPLICIT, ...QUICK, "--item", "s3", ...ask),
      place.run("train", "pairs.csv", ...IMPLICIT, ...QUICK, "--save", "unseen.safetensors", "--no-seen", "--quiet"),
    ]);
    const model = await new ImplicitALS(QUICK_OPTIONS).fit(await read("pairs.csv"));
    expect(JSON.parse(users.stdout).recommendations).toEqual(model.recommend("u3", { count: 2 }));
    expect(JSON.parse(items.stdout).similar).toEqual(model.similarItems("s3", { count: 2 }));
    expect(saved.code).toBe(0);
    const [info, unseen] = await Promise.all([
      place.run("info", "unseen.safetensors"),
      place.run("recommend", "unseen.safetensors", "--user", "u3"),
    ]);
    expect(info.stdout).toMatch(/^model +ImplicitALS$/m);
    expect(info.stdout).toMatch(/^interactions +not kept: what users have interacted with is not left out$/m);
    expect(unseen.stderr).toContain("was saved without interactions, so that what users have interacted with is not");
  });

  test("--test-fraction 0 asks for nothing that is not there", async () => {
    const flags = ["--test-fraction", "0", "--validation-fraction", "0", "--quiet"];
    expect((await place.run("train", "pairs.csv", ...IMPLICIT, ...QUICK, ...flags)).code).toBe(0);
  });
});

/** Arguments, and what the one line on stderr must say; all are wrong usage. */
const MISTAKES: [argv: string, says: string][] = [
  [
    "train ratings.csv --model svd",
    '--model must be one of mf, als, autorec, implicit-als, got "svd"; see lowrank train --help',
  ],
  ["train ratings.csv --model als --optimizer adam", "--optimizer is for --model mf or autorec, got --model als"],
  ["train ratings.csv --factors 64 --model autorec", "--factors is for --model mf, als or implicit-als, got --model"],
  ["evaluate ratings.csv --factors 64 --model autorec", "--factors is for --model mf or als, got --model autorec"],
  ["train ratings.csv --hidden 64", "--hidden is for --model autorec, got --model mf"],
  ["recommend ratings.csv --user 1 --orientation user", "--orientation is for --model autorec, got --model mf"],
  ["train ratings.csv --model autorec --no-biases", "--no-biases is for --model mf or als, got --model autorec"],
  ["train ratings.csv --model autorec --orientation users", '--orientation must be "item" | "user", got "users"'],
  ["train ratings.csv --model autorec --hidden 0", "--hidden must be a whole number in [1, 4096], got 0"],
  [
    "train ratings.csv --model autorec --batch-size some",
    '--batch-size must be a whole number ≥ 1, or "auto", got "some"',
  ],
  ["train ratings.csv --model autorec --dropout 1", "--dropout must be a number in [0, 1), got 1"],
  [
    "train ratings.csv --model autorec --optimizer adagrad",
    '--optimizer must be "adam" | "sgd" | "rprop", got "adagrad"',
  ],
  ["train ratings.csv --optimizer rprop", '--optimizer must be "sgd" | "adagrad" | "adam", got "rprop"'],
  ["train ratings.csv --alpha 3", "--alpha is for --model implicit-als, got --model mf"],
  ["train ratings.csv --non-negative", "--non-negative is for --model als, got --model mf"],
  ["train ratings.csv --tolerance 0.1", "--tolerance is for --model als or implicit-als, got --model mf"],
  ["evaluate ratings.csv --tolerance 0.1", "--tolerance is for --model als, got --model mf"],
  [
    "train pairs.csv --no-biases --model implicit-als",
    "--no-biases is for --model mf or als, got --model implicit-als",
  ],
  ["recommend pairs.csv --user u1 --model implicit-als --clip", "unknown option '--clip'"],
  ["recommend pairs.csv --user u1 --model implicit-als --no-clip", "--no-clip is for --model mf, als or autorec, got"],
  [
    "similar pairs.csv --item s1 --model als --no-count-unobserved",
    "--no-count-unobserved is for --model implicit-als",
  ],
  ["train pairs.csv --model implicit-als --alpha 0", "--alpha must be a number > 0, got 0"],
  ["train pairs.csv --model implicit-als --block-size 9", "--block-size must be a multiple of 8, got 9"],
  ["train pairs.csv --model implicit-als --solver qr", '--solver must be "cholesky" | "conjugateGradient" | '],
  ["train ratings.csv --model als --regularization -1", "--regularization must be a number ≥ 0, got -1"],
  ...["--test-fraction 0.1", "--split time", "--validation-fraction 0.1", "--patience 3"].map(
    (flag): [string, string] => [
      `train pairs.csv --model implicit-als ${flag}`,
      `${flag.split(" ")[0]} is for --model mf, als or autorec, got --model implicit-als: there are no ranking metrics yet`,
    ],
  ),
  [
    "evaluate pairs.csv --model implicit-als",
    '--model must be mf, als or autorec, as there are no ranking metrics yet, got "implicit-als"; see lowrank evaluate',
  ],
  [
    "train odd.csv --user-column who --item-column what",
    "--user-column, --item-column and --value-column must be given",
  ],
  [
    "train odd.csv --model implicit-als --user-column who",
    "--user-column and --item-column must be given together, or none of them",
  ],
];

test.concurrent.each(MISTAKES)("lowrank %s", async (argv, says) => {
  const { code, stdout, stderr } = await place.run(...argv.split(" "));
  expect(stderr).toMatch(/^lowrank: [^\n]*\n$/);
  expect(stderr).toContain(`lowrank: ${says}`);
  expect([code, stdout]).toEqual([2, ""]);
});

test("errors of a training are told in flags", async () => {
  place.write("huge.csv", "userId,itemId,rating\n1,1,1e38\n1,2,-1e38\n2,1,3e38\n2,3,1e-30\n");
  const low = ["--observed-loss", "replaced", "--confidence", "linear", "--alpha", "0.01"];
  const [unsolvable, light, same] = await Promise.all([
    place.run("train", "huge.csv", ...ALS, "--test-fraction", "0", "--quiet"),
    place.run("train", "pairs.csv", ...IMPLICIT, ...low, "--quiet"),
    place.run("train", "pairs.csv", ...QUICK),
  ]);
  expect(unsolvable.code).toBe(1);
  expect(unsolvable.stderr).toMatch(
    /^lowrank: the interactions of user 1 have no solution .*; fit with more --regularization, or bring [^\n]*\n$/,
  );
  expect(light.code).toBe(1);
  expect(light.stderr).toMatch(/ must be at least --unobserved-weight, .*; raise --alpha\n$/);
  expect(same.stderr).toContain("Every rating is 1, so there is nothing to learn; ");
  expect(same.stderr).toContain("--model implicit-als learns from rows without ratings\n");
});

test("what is for training is not for a model file", async () => {
  await place.run("train", "pairs.csv", ...IMPLICIT, ...QUICK, "--save", "m", "--quiet");
  for (const flags of [ALS, ["--alpha", "2"], ["--no-biases"], ["--tolerance", "1"]]) {
    const { code, stderr } = await place.run("recommend", "m", "--user", "u3", ...flags);
    expect([code, stderr]).toEqual([
      2,
      `lowrank: ${flags[0]} is for training, but m is a model file: it is trained already\n`,
    ]);
  }
});
