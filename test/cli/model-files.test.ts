import { copyFileSync, linkSync, readdirSync, readFileSync, statSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { GlobalMean, Interactions, load, MatrixFactorization } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";
import { headerOnly } from "./saved-models.js";

const place = new Workplace();
const QUICK = ["--factors", "8", "--epochs", "5", "--quiet"];
const QUICK_OPTIONS = { factors: 8, epochs: 5 };

beforeAll(() => {
  place.write("ratings.csv", csvOf(someRatings()));
});

function hiddenFiles(): string[] {
  return readdirSync(place.folder).filter((name) => name.startsWith("."));
}

describe("train --save", () => {
  test("writes the model that the API would, trained on all but what is held out", async () => {
    const { code, stdout } = await place.run("train", "ratings.csv", ...QUICK, "--save", "movies.safetensors");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Saved as movies\.safetensors, \d+ kB\.$/m);
    const ratings = await Interactions.fromCsv(place.path("ratings.csv"));
    const { train } = ratings.split({ testFraction: 0.1, seed: 1 });
    const expected = await new MatrixFactorization(QUICK_OPTIONS).fit(train);
    expect(readFileSync(place.path("movies.safetensors"))).toEqual(Buffer.from(expected.toBytes()));
    expect(hiddenFiles()).toEqual([]);
  });

  test("on everything with --test-fraction 0, and says so otherwise", async () => {
    const flags = ["--factors", "8", "--epochs", "5", "--test-fraction", "0", "--save", "all.safetensors"];
    const [all, part] = await Promise.all([
      place.run("train", "ratings.csv", ...flags),
      place.run("train", "ratings.csv", "--epochs", "1", "--save", "part.safetensors"),
    ]);
    expect(all.stderr).not.toContain("held out");
    expect(all.stderr).toContain("Next: lowrank recommend all.safetensors --user 1\n");
    expect(part.stderr).toContain("has not learned from the 1,200 ratings held out; --test-fraction 0 learns from all");
    const ratings = await Interactions.fromCsv(place.path("ratings.csv"));
    const expected = await new MatrixFactorization(QUICK_OPTIONS).fit(ratings);
    const model = await load(place.path("all.safetensors"));
    expect(model.recommend(3)).toEqual(expected.recommend(3));
  });

  test("--float16 and --no-seen make it smaller; --json tells of the file", async () => {
    const flags = [...QUICK, "--json", "--save"];
    const [whole, half, unseen] = await Promise.all([
      place.run("train", "ratings.csv", ...flags, "whole.safetensors"),
      place.run("train", "ratings.csv", ...flags, "half.safetensors", "--float16"),
      place.run("train", "ratings.csv", ...flags, "unseen.safetensors", "--no-seen"),
    ]);
    const saved = [whole, half, unseen].map(({ stdout }) => JSON.parse(stdout).saved);
    expect(saved.map(({ file }) => file)).toEqual(["whole.safetensors", "half.safetensors", "unseen.safetensors"]);
    for (const { file, bytes } of saved) expect(statSync(place.path(file)).size).toBe(bytes);
    expect(saved[1].bytes).toBeLessThan(saved[0].bytes - 300 * 8 * 2);
    expect(saved[2].bytes).toBeLessThan(saved[0].bytes - 10_800 * 8);
    expect(JSON.parse((await place.run("train", "ratings.csv", ...QUICK, "--json")).stdout).saved).toBeNull();
  });

  test("replaces an old file, and never the ratings", async () => {
    place.write("old.safetensors", "old");
    expect((await place.run("train", "ratings.csv", ...QUICK, "--save", "old.safetensors")).code).toBe(0);
    expect((await load(place.path("old.safetensors"))).users.size).toBe(300);
    linkSync(place.path("ratings.csv"), place.path("link.csv"));
    for (const file of ["ratings.csv", "./ratings.csv", "link.csv"]) {
      const { code, stderr } = await place.run("train", "ratings.csv", ...QUICK, "--save", file);
      expect([code, stderr]).toEqual([
        2,
        `lowrank: --save must be another file than those that are read, got ${file}\n`,
      ]);
    }
    expect(readFileSync(place.path("ratings.csv"), "utf8")).toMatch(/^userId,/);
  });

  test("a divergence leaves the old file", async () => {
    place.write("kept.safetensors", "old");
    const flags = ["--learning-rate", "90", "--save", "kept.safetensors", "--quiet"];
    expect((await place.run("train", "ratings.csv", ...flags)).code).toBe(1);
    expect(readFileSync(place.path("kept.safetensors"), "utf8")).toBe("old");
    expect(hiddenFiles()).toEqual([]);
  });

  test.each([
    ["nowhere/model.safetensors", "cannot write nowhere/model.safetensors: there is no folder nowhere"],
    [".", "cannot write .: it is a folder"],
    ["https://example.org/m", "cannot write https://example.org/m: there is no folder https://example.org"],
    ["ratings.csv/model", "there is no folder ratings.csv"],
    ...(process.platform === "win32" ? [] : [["/dev/null", "cannot write /dev/null: it is a pipe or a device"]]),
  ])("--save %s is refused before the training", async (path, says) => {
    const { code, stdout, stderr } = await place.run("train", "ratings.csv", "--epochs", "9999", "--save", path!);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^lowrank: [^\n]*\n$/);
    expect(stderr).toContain(says);
  });
});

describe("info", () => {
  test("tells what is in the file", async () => {
    await place.run("train", "ratings.csv", ...QUICK, "--save", "info.safetensors");
    const { code, stdout, stderr } = await place.run("info", "info.safetensors", "--quiet");
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^file +info\.safetensors, \d+ kB$/);
    expect(lines.slice(1, 8).map((line) => line.replace(/ +/, "|"))).toEqual([
      "model|MatrixFactorization",
      expect.stringMatching(/^written\|by +lowrank \d+\.\d+\.\d+/),
      "users|300",
      "items|120",
      "factors|8 each, in float32",
      "interactions|10,800 ratings kept, to leave out what users have rated",
      expect.stringMatching(/^range\|1 to 5$/),
    ]);
    expect(lines[8]).toMatch(/^options +factors 8$/);
    expect(stdout).toMatch(/^ +learningRate auto$/m);
  });

  test("--json", async () => {
    const flags = ["--save", "json.safetensors", "--float16", "--no-seen", "--no-clip"];
    await place.run("train", "ratings.csv", ...QUICK, ...flags);
    const { stdout } = await place.run("info", "json.safetensors", "--json");
    const { options } = await load(place.path("json.safetensors"));
    expect(JSON.parse(stdout)).toEqual({
      command: "info",
      file: "json.safetensors",
      bytes: statSync(place.path("json.safetensors")).size,
      lowrankVersion: JSON.parse(readFileSync("package.json", "utf8")).version,
      model: { name: "MatrixFactorization", options },
      numUsers: 300,
      numItems: 120,
      factors: 8,
      precision: "float16",
      numInteractions: null,
      range: null,
    });
    expect((await place.run("info", "json.safetensors")).stdout).toMatch(/^interactions +not kept: /m);
  });

  test("other models, one without users, and a file of any name", async () => {
    const model = await new GlobalMean().fit(someRatings());
    await model.save(place.path("visitors.model"), { users: false });
    const { code, stdout } = await place.run("info", "visitors.model");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model +GlobalMean$/m);
    expect(stdout).toMatch(/^users +none: /m);
    expect(stdout).toMatch(/^factors +0 each/m);
    expect(stdout).toMatch(/^options +none$/m);
  });
});

describe("files of the wrong kind", () => {
  beforeAll(async () => {
    await new MatrixFactorization(QUICK_OPTIONS).fit(someRatings()).then((model) => model.save(place.path("m")));
    const bytes = readFileSync(place.path("m"));
    place.write("cut.safetensors", bytes.subarray(0, 5000));
    place.write("stump.safetensors", bytes.subarray(0, 5));
    place.write("empty.safetensors", "");
    copyFileSync(place.path("ratings.csv"), place.path("text.safetensors"));
    place.write("foreign", headerOnly({ __metadata__: { format: "pt" } }));
    const newer = { format: "lowrank", format_version: "99", model: "X", lowrank_version: "99.0.0" };
    place.write("newer", headerOnly({ __metadata__: newer }));
    const damaged = Uint8Array.from(bytes);
    damaged.fill(0xff, damaged.length - 64);
    place.write("damaged.safetensors", damaged);
  });

  const REFUSED: [file: string, says: RegExp][] = [
    ["cut.safetensors", /^cut\.safetensors is not a valid model file: /],
    ["stump.safetensors", /^stump\.safetensors is not a valid model file: it is 5 bytes long/],
    ["empty.safetensors", /^empty\.safetensors is not a valid model file: it is 0 bytes long/],
    ["text.safetensors", /^text\.safetensors is not a valid model file: .*this is no safetensors file$/],
    ["foreign", /^foreign is not a valid model file: it has no lowrank metadata, its format is "pt"$/],
    ["newer", /^newer was written by a newer lowrank .*; update the package$/],
    ["damaged.safetensors", /^damaged\.safetensors is not a valid model file: /],
  ];

  test.concurrent.each(REFUSED)("%s", async (file, says) => {
    for (const argv of [["info"], ["recommend", "--all"], ["similar", "--item", "1"]]) {
      const { code, stdout, stderr } = await place.run(argv[0]!, file, ...argv.slice(1));
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^lowrank: [^\n]*\n$/);
      expect(stderr.slice("lowrank: ".length, -1)).toMatch(says);
    }
  });

  const MISTAKES: [argv: string, code: number, says: string][] = [
    ["info ratings.csv", 1, "ratings.csv is no model file; lowrank train <ratings> --save <file> writes one"],
    ["info nope.safetensors", 1, "cannot read nope.safetensors: there is no such file"],
    ["info .", 1, "cannot read .: it is a folder"],
    ["info", 2, "missing required argument 'model'; see lowrank info --help"],
    ["train m", 1, "m is a model file, where a file of ratings is needed"],
    ["evaluate m", 1, "m is a model file, where a file of ratings is needed"],
    ["evaluate ratings.csv --test m --quiet", 1, "m is a model file, where a file of ratings is needed"],
    ["recommend m --user 1 --titles m", 1, "m is a model file, where a file of titles is needed"],
    ["recommend m --users m", 1, "m is a model file, where a file of user ids is needed"],
    ["recommend m --user 1 --include m", 1, "m is a model file, where a file of item ids is needed"],
    ["recommend m --user 1 --factors 9", 2, "--factors is for training, but m is a model file: it is trained already"],
    ["recommend m --user 1 --no-clip", 2, "--no-clip is for training, but m is a model file"],
    ["recommend m --user 1 --no-header", 2, "--no-header is for training, but m is a model file"],
    ["similar m --item 1 --separator tab", 2, "--separator is for training, but m is a model file"],
    ["train ratings.csv --float16", 2, "--float16 needs --save <file>"],
    ["train ratings.csv --no-seen", 2, "--no-seen needs --save <file>"],
  ];

  test.concurrent.each(MISTAKES)("lowrank %s", async (argv, code, says) => {
    const outcome = await place.run(...argv.split(" "));
    expect(outcome.stderr).toMatch(/^lowrank: [^\n]*\n$|\nlowrank: [^\n]*\n$/);
    expect(outcome.stderr).toContain(`lowrank: ${says}`);
    expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
  });

  test("--threads is for a model file, too", async () => {
    const [one, two] = await Promise.all([
      place.run("recommend", "m", "--all", "--threads", "1"),
      place.run("recommend", "m", "--all", "--threads", "2"),
    ]);
    expect(one.code).toBe(0);
    expect(two.stdout).toBe(one.stdout);
  });
});
