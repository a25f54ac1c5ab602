import { execFileSync, spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { Interactions, MatrixFactorization } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const QUICK = ["--factors", "8", "--epochs", "5", "--no-clip"];
const QUICK_OPTIONS = { factors: 8, epochs: 5, clip: false };

beforeAll(() => {
  const ratings = someRatings();
  place.write("ratings.csv", csvOf(ratings));
  const titles = [...ratings.items].map((id) => `${id},"Film no. ${id}, the ""long"" one",Drama`);
  place.write("movies.csv", `movieId,title,genres\n${titles.join("\n")}\n`);
  const latin1 = [...ratings.items].map((id) => `${id}|Am\u00e9lie "${id}"|2001`).join("\n");
  place.write("u.item", Buffer.from(latin1, "latin1"));
});

describe("recommend", () => {
  test("recommends what the API does", async () => {
    const flags = ["--user", "3", "--user", "20", "--count", "4", "--titles", "movies.csv"];
    const { code, stdout } = await place.run("recommend", "ratings.csv", ...QUICK, ...flags, "--json");
    expect(code).toBe(0);
    const { users } = JSON.parse(stdout);
    const ratings = await Interactions.fromCsv(place.path("ratings.csv"));
    const model = await new MatrixFactorization(QUICK_OPTIONS).fit(ratings);
    const expected = [3, 20].map((userId) => ({
      userId,
      recommendations: model.recommend(userId, { count: 4 }).map(({ itemId, score }, index) => {
        return { rank: index + 1, itemId, title: `Film no. ${itemId}, the "long" one`, score };
      }),
    }));
    expect(users).toEqual(expected);
  });

  test("prints a table a user", async () => {
    const flags = ["--user", "3", "--user", "20", "--count", "2", "--titles", "u.item", "--quiet"];
    const { stdout, stderr } = await place.run("recommend", "ratings.csv", ...QUICK, ...flags);
    expect(stderr).toBe("");
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(8);
    expect(lines[0]).toBe("For user 3:");
    expect(lines[1]!.trim().split(/ {2,}/)).toEqual(["rank", "item", "title", "score"]);
    expect(lines[2]).toMatch(/^ +1 +(\d+) {2}Amélie "\1" +\d\.\d{3}$/);
    expect(lines[4]).toBe("For user 20:");
  });

  test("titles by the names of columns, and without any", async () => {
    const flags = ["--user", "3", "--count", "1", "--quiet"];
    const named = ["--titles", "movies.csv", "--title-columns", "movieId,genres"];
    const [drama, none] = await Promise.all([
      place.run("recommend", "ratings.csv", ...QUICK, ...flags, ...named),
      place.run("recommend", "ratings.csv", ...QUICK, ...flags),
    ]);
    expect(drama.stdout).toContain("Drama");
    expect(none.stdout).not.toContain("title");
  });

  test("says when a user has rated nearly everything", async () => {
    const { stdout, stderr } = await place.run("recommend", "ratings.csv", ...QUICK, "--user", "3", "--count", "500");
    expect(stdout.split("\n").length).toBeLessThan(123);
    expect(stderr).toContain("has rated all other items");
  });

  test.skipIf(spawnSync("bash", ["--version"]).status !== 0)("a reader that leaves is no failure", () => {
    const command = `"${process.execPath}" "${place.program}" recommend ratings.csv --user 3 --count 100 --quiet | head -1`;
    const script = `${command}; echo "\${PIPESTATUS[0]}"`;
    const output = execFileSync("bash", ["-c", script], { cwd: place.folder, encoding: "utf8" });
    expect(output).toBe("For user 3:\n0\n");
  });
});
