import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Id, Interactions, type LoadedModel, load, MatrixFactorization } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";
import { ODD_ITEMS, ODD_USERS, oddRatings } from "./saved-models.js";

const place = new Workplace();
const QUICK_OPTIONS = { factors: 8, epochs: 5 };
let model: LoadedModel;

beforeAll(async () => {
  place.write("ratings.csv", csvOf(someRatings()));
  const ratings = await Interactions.fromCsv(place.path("ratings.csv"));
  await new MatrixFactorization(QUICK_OPTIONS).fit(ratings).then((fitted) => fitted.save(place.path("m")));
  await new MatrixFactorization(QUICK_OPTIONS).fit(oddRatings()).then((fitted) => fitted.save(place.path("odd")));
  model = await load(place.path("m"));
});

interface Line {
  userId: Id;
  recommendations: { itemId: Id; score: number; title?: string }[];
}

function linesOf(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("recommend for many", () => {
  test("--all is what the API gives, in NDJSON and in CSV", async () => {
    const flags = ["recommend", "m", "--all", "--count", "4"];
    const [ndjson, csv] = await Promise.all([
      place.run(...flags, "--format", "ndjson", "--quiet"),
      place.run(...flags, "--quiet"),
    ]);
    expect([ndjson.code, ndjson.stderr, csv.code, csv.stderr]).toEqual([0, "", 0, ""]);
    const expected = [...model.users].map((userId) => ({
      userId,
      recommendations: model.recommend(userId, { count: 4 }),
    }));
    expect(linesOf(ndjson.stdout)).toEqual(expected);
    const rows = expected.flatMap(({ userId, recommendations }) =>
      recommendations.map(({ itemId, score }, index) => `${userId},${itemId},${index + 1},${score}`),
    );
    expect(csv.stdout).toBe(`user,item,rank,score\n${rows.join("\n")}\n`);
  });

  test("from ratings, trained on first", async () => {
    const [fromRatings, fromModel] = await Promise.all([
      place.run("recommend", "ratings.csv", "--factors", "8", "--epochs", "5", "--all"),
      place.run("recommend", "m", "--all"),
    ]);
    expect(fromRatings.stdout).toBe(fromModel.stdout);
    expect(fromRatings.stderr).toContain("300 users, 2,745 recommendations in ");
  });

  test("--users: a line each, in the order of the file, whatever its kind", async () => {
    place.write("lines.txt", "\uFEFF20\r\n\r\n3\r\n20\r\n");
    place.write("table.csv", 'userId,name\n20,"x, y"\n3,z\n\n20,\n');
    place.write("tabs.tsv", '20\tx\n"3"\ty\n20\n');
    place.write("ml.dat", "20::F::1\n3::M::56\n20::x");
    const flags = ["--format", "ndjson", "--count", "2"];
    for (const file of ["lines.txt", "table.csv", "tabs.tsv", "ml.dat"]) {
      const { code, stdout, stderr } = await place.run("recommend", "m", "--users", file, ...flags);
      expect(code).toBe(0);
      expect(linesOf(stdout)).toEqual(
        [20, 3, 20].map((userId) => ({ userId, recommendations: model.recommend(userId, { count: 2 }) })),
      );
      expect(stderr.includes("is taken for a header")).toBe(file === "table.csv");
    }
  });

  test("a few users in every format", async () => {
    const flags = ["recommend", "m", "--user", "3", "--user", "20", "--count", "2", "--quiet"];
    const [table, csv, ndjson, json] = await Promise.all([
      place.run(...flags),
      place.run(...flags, "--format", "csv"),
      place.run(...flags, "--format", "ndjson"),
      place.run(...flags, "--json"),
    ]);
    expect(table.stdout).toMatch(/^For user 3:\nrank +item +score\n/);
    expect(csv.stdout).toMatch(/^user,item,rank,score\n3,\d+,1,[\d.]+\n3,\d+,2,[\d.]+\n20,/);
    expect(linesOf(ndjson.stdout).map(({ userId }) => userId)).toEqual([3, 20]);
    const { model: described, seconds, users } = JSON.parse(json.stdout);
    expect(described).toEqual({ file: "m", name: "MatrixFactorization", options: model.options });
    expect(Object.keys(seconds)).toEqual(["load"]);
    expect(users[0].recommendations[1]).toEqual({ rank: 2, ...model.recommend(3, { count: 2 })[1] });
  });

  test("--output: the format by its ending, all or nothing", async () => {
    const runs = ["a.csv", "a.NDJSON", "a.jsonl", "a.txt"].map((file) =>
      place.run("recommend", "m", "--user", "3", "--count", "2", "--output", file),
    );
    for (const { code, stdout } of await Promise.all(runs)) expect([code, stdout]).toEqual([0, ""]);
    const text = (name: string): string => readFileSync(place.path(name), "utf8");
    expect(text("a.csv")).toMatch(/^user,item,rank,score\n3,/);
    expect(text("a.NDJSON")).toMatch(/^\{"userId":3,/);
    expect(text("a.jsonl")).toBe(text("a.NDJSON"));
    expect(text("a.txt")).toMatch(/^For user 3:\n/);
    const json = await place.run("recommend", "m", "--user", "3", "--json", "--output", "a.json");
    expect([json.code, json.stdout]).toEqual([0, ""]);
    expect(JSON.parse(text("a.json")).users[0].userId).toBe(3);
    expect(readdirSync(place.folder).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("titles, one of them missing", async () => {
    const [first, second] = model.recommend(3, { count: 2 });
    place.write("titles.csv", `${first!.itemId},"A ""film"", long"\n`);
    const flags = ["recommend", "m", "--user", "3", "--count", "2", "--titles", "titles.csv", "--quiet"];
    const [csv, ndjson] = await Promise.all([
      place.run(...flags, "--format", "csv"),
      place.run(...flags, "--format", "ndjson"),
    ]);
    const rows = csv.stdout.split("\n");
    expect(rows[0]).toBe("user,item,rank,score,title");
    expect(rows[1]).toMatch(/^3,\d+,1,[\d.]+,"A ""film"", long"$/);
    expect(rows[2]).toMatch(/^3,\d+,2,[\d.]+,$/);
    const [line] = linesOf(ndjson.stdout);
    expect(line!.recommendations[0]!.title).toBe('A "film", long');
    expect(line!.recommendations[1]).toEqual({ itemId: second!.itemId, score: expect.any(Number) });
  });
});

describe("which items come", () => {
  const ask = async (...flags: string[]): Promise<{ lists: Line[]; stderr: string }> => {
    const { code, stdout, stderr } = await place.run("recommend", "m", ...flags, "--format", "ndjson");
    expect(code).toBe(0);
    return { lists: linesOf(stdout), stderr };
  };

  test("--exclude, --include, --minimum-score and --keep-seen are the API's, for few and for many", async () => {
    const best = model.recommend(3, { count: 3 });
    const include = [...model.items].filter((id) => Number(id) % 2 === 0);
    place.write("stock.csv", `sku,shelf\n${include.map((id) => `${id},A`).join("\n")}\n`);
    place.write("three.txt", "3\n");
    const [first, second] = [String(best[0]!.itemId), String(best[1]!.itemId)];
    const filters = [
      ["--exclude", first, "--exclude", second, "--include", "stock.csv", "--minimum-score", "2.5"],
      ["--keep-seen", "--count", "200"],
    ];
    const options = [
      { exclude: [best[0]!.itemId, best[1]!.itemId], include, minimumScore: 2.5 },
      { filterSeen: false, count: 200 },
    ];
    for (const [at, flags] of filters.entries()) {
      const [one, many] = await Promise.all([ask("--user", "3", ...flags), ask("--users", "three.txt", ...flags)]);
      expect(one.lists).toEqual([{ userId: 3, recommendations: model.recommend(3, options[at]) }]);
      expect(many.lists).toEqual(one.lists);
    }
    expect(model.recommend(3, options[1])).toHaveLength(120);
  });

  test("unknown ids to leave out or let in are told, and change nothing", async () => {
    place.write("part.txt", "10\n20\n9999\nnope\n");
    const { lists, stderr } = await ask("--user", "3", "--exclude", "1200", "--include", "part.txt");
    expect(lists[0]!.recommendations.map(({ itemId }) => itemId)).toEqual(
      model.recommend(3, { include: [10, 20] }).map(({ itemId }) => itemId),
    );
    expect(stderr).toMatch(/^--exclude: m has no item "1200"; did you mean .*120/m);
    expect(stderr).toMatch(/^part\.txt line 3: m has no item "9999"; .* \(2 of 4 ids are unknown\)$/m);
  });

  test("nothing left is an empty line, and no row", async () => {
    const flags = ["--user", "3", "--minimum-score", "4.99999", "--count", "2"];
    const { lists } = await ask(...flags);
    expect(lists).toEqual([{ userId: 3, recommendations: [] }]);
    const { stdout, stderr } = await place.run("recommend", "m", ...flags, "--format", "csv", "--output", "none.csv");
    expect(stdout).toBe("");
    expect(readFileSync(place.path("none.csv"), "utf8")).toBe("user,item,rank,score\n");
    expect(stderr).toContain("none.csv: 1 user, 0 recommendations in ");
    expect(stderr).toContain("; nothing for 1 user");
    const table = await place.run("recommend", "m", ...flags);
    expect(table.stderr).toContain("There are no more items that fit.");
  });

  test("a model without ratings says what that means", async () => {
    await model.save(place.path("unseen"), { seen: false });
    const [told, meant] = await Promise.all([
      place.run("recommend", "unseen", "--user", "3"),
      place.run("recommend", "unseen", "--user", "3", "--keep-seen"),
    ]);
    expect(told.stderr).toContain("unseen was saved without ratings, so that what users have rated is not left out");
    expect(meant.stderr).not.toContain("saved without");
    expect(meant.stdout).toBe(told.stdout);
  });
});

describe("odd ids", () => {
  test("come through CSV and NDJSON as they are", async () => {
    const odd = await load(place.path("odd"));
    const flags = ["recommend", "odd", "--all", "--keep-seen", "--count", "8", "--output"];
    await Promise.all([place.run(...flags, "odd.csv"), place.run(...flags, "odd.ndjson")]);
    const csv = await Interactions.fromCsv(place.path("odd.csv"), {
      columns: { user: "user", item: "item", value: "score" },
    });
    const expected = ODD_USERS.flatMap((userId) =>
      odd.recommend(userId, { count: 8, filterSeen: false }).map(({ itemId, score }) => ({ userId, itemId, score })),
    );
    const read = [...csv].map(({ userId, itemId, value }) => ({ userId, itemId, score: value }));
    expect(read).toEqual(expected);
    const lines = linesOf(readFileSync(place.path("odd.ndjson"), "utf8"));
    const flat = lines.flatMap(({ userId, recommendations }) => recommendations.map((each) => ({ userId, ...each })));
    expect(flat).toEqual(expected);
    expect(new Set(flat.map(({ itemId }) => itemId)).size).toBe(ODD_ITEMS.length);
  });

  test("are found in files, quoted or alone on a line, before a header is thought of", async () => {
    const users = ODD_USERS.filter((id) => !id.includes("\n"));
    const quoted = users.map((id) => `"${id.replaceAll('"', '""')}",1`).join("\n");
    place.write("alone.txt", users.join("\n"));
    place.write("quoted.csv", quoted);
    place.write("own-header.csv", `userId\n${users[0]}`);
    const flags = ["--format", "ndjson", "--count", "1"];
    const runs = ["alone.txt", "quoted.csv", "own-header.csv"].map((file) =>
      place.run("recommend", "odd", "--users", file, ...flags),
    );
    const [alone, inQuotes, ownHeader] = await Promise.all(runs);
    expect(linesOf(alone!.stdout).map(({ userId }) => userId)).toEqual(users);
    expect(inQuotes!.stdout).toBe(alone!.stdout);
    expect(linesOf(ownHeader!.stdout).map(({ userId }) => userId)).toEqual(["userId", users[0]]);
  });

  test("numbers among texts are found by their text", async () => {
    const mixed = MatrixFactorization.fromFactors({
      userIds: [7, "7a", 8, "8"],
      itemIds: [1, "x"],
      userFactors: [1, 2, 3, 4],
      itemFactors: [1, 2],
    });
    await mixed.save(place.path("mixed"));
    const flags = ["--user", "7", "--user", "8", "--user", "7a", "--format", "ndjson", "--exclude", "1"];
    const { stdout } = await place.run("recommend", "mixed", ...flags);
    expect(linesOf(stdout).map(({ userId, recommendations }) => [userId, recommendations.length])).toEqual([
      [7, 1],
      ["8", 1],
      ["7a", 1],
    ]);
  });
});

describe("mistakes", () => {
  beforeAll(async () => {
    place.write("unknown.txt", "userId\n3\n\n2999\n");
    place.write("empty.txt", "\n \n");
    place.write("header.txt", "customer_id,name\n");
    place.write("strange.txt", "x\ny\n");
    place.write("old.csv", "old");
    await model.save(place.path("visitors"), { users: false });
  });

  const MISTAKES: [argv: string, code: number, says: string][] = [
    ["m", 2, "say for whom: --user <id>, --users <file> or --all; see lowrank recommend --help"],
    ["m --user 2999", 1, 'm has no user "2999"; did you mean 299'],
    ["m --user 3 --user ann-marie", 1, 'm has no user "ann-marie"; it has 300 users, such as '],
    ["m --users unknown.txt --output old.csv", 1, 'unknown.txt line 4: m has no user "2999"; did you mean 299'],
    ["m --users empty.txt", 1, "empty.txt has no ids"],
    ["m --users header.txt", 1, 'header.txt has no ids but a header, "customer_id"'],
    ["m --users nope.txt", 1, "cannot read nope.txt: there is no such file"],
    ["m --user 3 --include strange.txt", 1, 'strange.txt line 1: m has no item "x"; '],
    ["m --user 3 --all", 2, "option '--user <id>' cannot be used with option '--all'"],
    ["m --user 3 --users unknown.txt", 2, "option '--user <id>' cannot be used with option '--users <file>'"],
    ["m --users unknown.txt --all", 2, "option '--users <file>' cannot be used with option '--all'"],
    ["m --all --json", 2, "--json is one document, for a few lists; --format ndjson writes one line each"],
    ["m --user 3 --json --format csv", 2, "option '--format <name>' cannot be used with option '--json'"],
    ["m --all --format xml", 2, '--format must be one of table, csv, ndjson, got "xml"'],
    ["m --all --count 0", 2, '--count must be a whole number ≥ 1, got "0"'],
    ["m --all --minimum-score high", 2, '--minimum-score must be a number, got "high"'],
    ["m --all --output nowhere/a.csv", 1, "cannot write nowhere/a.csv: there is no folder nowhere"],
    ["m --all --output .", 1, "cannot write .: it is a folder"],
    ["m --all --output ./m", 2, "--output must be another file than those that are read, got ./m"],
    ["m --users unknown.txt --output unknown.txt", 2, "--output must be another file than those that are read"],
    ["visitors --all", 1, "visitors has no users: it was saved without them"],
    ["visitors --user 3", 1, "visitors has no users: it was saved without them"],
  ];

  test.concurrent.each(MISTAKES)("lowrank recommend %s", async (argv, code, says) => {
    const outcome = await place.run("recommend", ...argv.split(" "), "--quiet");
    expect(outcome.stderr).toMatch(/^lowrank: [^\n]*\n$/);
    expect(outcome.stderr).toContain(`lowrank: ${says}`);
    expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
    expect(readFileSync(place.path("old.csv"), "utf8")).toBe("old");
  });
});
