import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();

beforeAll(() => {
  const text = csvOf(someRatings());
  place.write("ratings.csv", text);
  place.write("ratings.csv.gz", gzipSync(text));
  place.write("empty.csv", "");
  place.write("header.csv", "userId,movieId,rating\n");
  place.write("bad.csv", "userId,movieId,rating\n1,2,3\n1,3,good\n");
  place.write("short.csv", "userId,movieId,rating\n1,2,3\n1,3\n");
  place.write("twice.csv", "userId,movieId,rating\n1,2,3\n1,2,4\n");
  place.write("two.csv", "userId,movieId,rating\n1,2,3\n1,3,4\n");
  place.write("names.csv", "who,what,stars\nann,x,3\nbob,y,4\n");
  mkdirSync(place.path("folder"));
});

/** Arguments, exit code, and what the one line on stderr must say. */
const MISTAKES: [argv: string, code: number, says: string][] = [
  ["train nope.csv", 1, "cannot read nope.csv: there is no such file"],
  ["train folder", 1, "cannot read folder: it is a folder"],
  ["train empty.csv", 1, "empty.csv has no ratings"],
  ["train header.csv", 1, "header.csv has no ratings"],
  ["train bad.csv", 1, 'bad.csv line 3, column "rating": must be a finite number, got "good"'],
  ["train short.csv", 1, "short.csv line 3: a row must have 3 columns, as the first has, got 2"],
  ["train twice.csv", 1, "to merge them use --duplicates last|first|sum|mean|max"],
  ["train two.csv --quiet", 1, "--test-fraction 0.1 of 2 ratings leaves one part empty"],
  ["train names.csv", 1, 'say which to read: --user-column "who" --item-column "what" --value-column "stars"'],
  ["train ratings.csv.gz", 1, "must be UTF-8 text, got gzip; unpack it first"],
  ["train ratings.csv --no-header", 1, 'ratings.csv line 1, column 2: must be a finite number, got "rating"'],
  [
    "train ratings.csv --user-column userid --item-column movieId --value-column rating",
    1,
    '--user-column must be one of "userId", "movieId", "rating", "timestamp", got "userid"; did you mean "userId"?',
  ],
  ["train ratings.csv --user-column userId", 2, "must be given together, or none of them"],
  ["train ratings.csv --facters 8", 2, "unknown option '--facters'; did you mean --factors? See lowrank train --help"],
  ["train ratings.csv --factors abc", 2, '--factors must be a whole number in [1, 4096], got "abc"'],
  ["train ratings.csv --factors 0", 2, "--factors must be a whole number in [1, 4096], got 0"],
  ["train ratings.csv --learning-rate fast", 2, '--learning-rate must be a number > 0, or "auto", got "fast"'],
  ["train ratings.csv --optimizer sdg", 2, '--optimizer must be "sgd" | "adagrad" | "adam", got "sdg"'],
  ["train ratings.csv --bias-damping -1", 2, "--bias-damping must be a number ≥ 0, got -1"],
  ["train ratings.csv --test-fraction 2", 2, '--test-fraction must be a number in [0, 1), got "2"'],
  ["train ratings.csv --split tim", 2, '--split must be one of random, time, got "tim"'],
  ["train ratings.csv --patience 3", 2, "--patience needs ratings to validate on"],
  ["train ratings.csv --learning-rate 90 --quiet", 1, "lower --learning-rate, now 90, or raise --regularization"],
  ["train two.csv --split time --quiet", 1, "needs timestamps"],
  ["train", 2, "missing required argument 'ratings'; see lowrank train --help"],
  ["trian ratings.csv", 2, "unknown command 'trian'; did you mean train? See lowrank --help"],
  ["train ratings.csv more.csv", 2, "too many arguments"],
  ["evaluate ratings.csv --folds 1", 2, '--folds must be a whole number ≥ 2, got "1"'],
  ["evaluate ratings.csv --folds 2 --test two.csv", 2, "cannot be used with"],
  ["evaluate two.csv --folds 5 --quiet", 1, "--folds must be at most the number of ratings, 2, got 5"],
  ["recommend ratings.csv", 2, "say for whom: --user <id>, --users <file> or --all; see lowrank recommend --help"],
  ["recommend ratings.csv --quiet --user 2999", 1, 'ratings.csv has no user "2999"; did you mean 299'],
  ["recommend ratings.csv --quiet --user ann-marie", 1, 'has no user "ann-marie"; it has 300 users, such as 1, 2 or 3'],
  ["recommend ratings.csv --quiet --user 1 --titles nope.csv", 1, "cannot read nope.csv"],
  [
    "recommend ratings.csv --quiet --user 1 --titles names.csv --title-columns who,title",
    1,
    "--title-columns must be one",
  ],
  ["recommend ratings.csv --user 1 --count 0", 2, '--count must be a whole number ≥ 1, got "0"'],
  ["download ml-lates-small", 2, 'no data set "ml-lates-small"; did you mean ml-latest-small?'],
  ["download netflix", 2, 'no data set "netflix"; there are ml-latest-small, ml-100k,'],
];

describe("mistakes are told in one line", () => {
  test.concurrent.each(MISTAKES)("lowrank %s", async (argv, code, says) => {
    const outcome = await place.run(...argv.split(" "));
    const lines = outcome.stderr.trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(/^lowrank: /);
    expect(lines.at(-1)).toContain(says);
    expect(outcome.stderr).not.toMatch(/^ +at /m);
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toBe("");
  });

  test("--debug shows where", async () => {
    const { code, stderr } = await place.run("train", "nope.csv", "--debug");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^lowrank: cannot read nope\.csv: .*\n(.*\n)* {4}at /);
    expect(stderr).toContain("ENOENT");
  });

  test("ratings that are all the same are pointed out", async () => {
    place.write("ones.csv", `user,item\n${Array.from({ length: 40 }, (_, row) => `${row % 7},${row}`).join("\n")}\n`);
    const { code, stderr } = await place.run("train", "ones.csv", "--epochs", "1");
    expect(code).toBe(0);
    expect(stderr).toContain("Every rating is 1");
  });

  test("Ctrl-C ends a fit with 130", async () => {
    const child = place.start("train", "ratings.csv", "--epochs", "10000000");
    let text = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      text = text.slice(-1000) + chunk;
      if (text.includes("epoch ") && !child.killed) child.kill("SIGINT");
    });
    const [code, signal] = await once(child, "close");
    expect([code, signal]).toEqual([130, null]);
    expect(text).toMatch(/lowrank: interrupted\n$/);
  });
});
