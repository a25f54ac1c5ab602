import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { Interactions, type LoadedModel, load, MatrixFactorization } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const QUICK = ["--factors", "8", "--epochs", "5", "--quiet"];
let model: LoadedModel;

beforeAll(async () => {
  const ratings = someRatings();
  place.write("ratings.csv", csvOf(ratings));
  place.write("titles.csv", [...ratings.items].map((id) => `${id},Film ${id}`).join("\n"));
  const read = await Interactions.fromCsv(place.path("ratings.csv"));
  await new MatrixFactorization({ factors: 8, epochs: 5 }).fit(read).then((fitted) => fitted.save(place.path("m")));
  model = await load(place.path("m"));
});

describe("similar", () => {
  test("items like an item: a table, from ratings or a model", async () => {
    const flags = ["--item", "3", "--count", "2", "--titles", "titles.csv", "--quiet"];
    const [trained, loaded] = await Promise.all([
      place.run("similar", "ratings.csv", ...QUICK, ...flags),
      place.run("similar", "m", ...flags),
    ]);
    expect([loaded.code, loaded.stderr]).toEqual([0, ""]);
    expect(loaded.stdout).toBe(trained.stdout);
    const lines = loaded.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe("Items like 3, Film 3:");
    expect(lines[2]).toMatch(/^ +1 +(\d+) {2}Film \1 +0\.\d{3}$/);
  });

  test.each(["cosine", "dot", "euclidean"] as const)("by %s, what the API gives", async (metric) => {
    const flags = ["--count", "3", "--metric", metric, "--format", "ndjson"];
    const [items, users] = await Promise.all([
      place.run("similar", "m", "--item", "3", "--item", "40", ...flags),
      place.run("similar", "m", "--user", "7", ...flags),
    ]);
    const lines = items.stdout.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      [3, 40].map((itemId) => ({ itemId, similar: model.similarItems(itemId, { count: 3, metric }) })),
    );
    const similar = model.similarUsers(7, { count: 3, metric });
    expect(JSON.parse(users.stdout)).toEqual({ userId: 7, similar });
  });

  test("--all items, streamed", async () => {
    const { code, stdout, stderr } = await place.run("similar", "m", "--all", "--count", "2", "--output", "all.csv");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("all.csv: 120 items, 240 similar items in ");
    const rows = [...model.items].flatMap((itemId) =>
      model.similarItems(itemId, { count: 2 }).map(({ itemId: other, score }, index) => {
        return `${itemId},${other},${index + 1},${score}`;
      }),
    );
    expect(readFileSync(place.path("all.csv"), "utf8")).toBe(`item,similar,rank,score\n${rows.join("\n")}\n`);
  });

  test("--json, and which may come", async () => {
    place.write("some.txt", "3\n4\n5\n6\n");
    const filters = ["--include", "some.txt", "--exclude", "4", "--minimum-score", "-0.5"];
    const { stdout } = await place.run("similar", "m", "--item", "3", ...filters, "--json");
    const { command, metric, items } = JSON.parse(stdout);
    expect([command, metric]).toEqual(["similar", "cosine"]);
    const expected = model.similarItems(3, { include: [3, 4, 5, 6], exclude: [4], minimumScore: -0.5 });
    const similar = expected.map(({ itemId, score }, index) => ({ rank: index + 1, itemId, score }));
    expect(items).toEqual([{ itemId: 3, similar }]);
    const users = await place.run("similar", "m", "--user", "7", "--format", "csv", "--count", "1");
    expect(users.stdout).toMatch(/^user,similar,rank,score\n7,\d+,1,0\.\d+\n$/);
  });

  test("a model without users has items still", async () => {
    await model.save(place.path("visitors"), { users: false });
    const [items, users] = await Promise.all([
      place.run("similar", "visitors", "--item", "3"),
      place.run("similar", "visitors", "--user", "3", "--quiet"),
    ]);
    expect(items.code).toBe(0);
    expect([users.code, users.stderr]).toEqual([
      1,
      "lowrank: visitors has no users: it was saved without them, to serve visitors from a program\n",
    ]);
  });

  const MISTAKES: [argv: string, code: number, says: string][] = [
    ["m", 2, "say to what: --item <id>, --user <id> or --all; see lowrank similar --help"],
    ["m --item 1200", 1, 'm has no item "1200"; did you mean 120'],
    ["m --user 2999", 1, 'm has no user "2999"; did you mean 299'],
    ["m --item 3 --user 3", 2, "option '--item <id>' cannot be used with option '--user <id>'"],
    ["m --item 3 --all", 2, "option '--item <id>' cannot be used with option '--all'"],
    ["m --user 3 --titles titles.csv", 2, "option '--user <id>' cannot be used with option '--titles <file>'"],
    ["m --item 3 --metric angle", 2, '--metric must be one of cosine, dot, euclidean, got "angle"'],
    ["m --all --json", 2, "--json is one document, for a few lists"],
    ["nope --item 3", 1, "cannot read nope: there is no such file"],
  ];

  test.concurrent.each(MISTAKES)("lowrank similar %s", async (argv, code, says) => {
    const outcome = await place.run("similar", ...argv.split(" "), "--quiet");
    expect(outcome.stderr).toMatch(/^lowrank: [^\n]*\n$/);
    expect(outcome.stderr).toContain(`lowrank: ${says}`);
    expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
  });
});
