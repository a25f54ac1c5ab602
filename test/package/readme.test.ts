/** The README's TypeScript runs as it stands, block after block, with the package as it is published. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { syntheticRatings } from "../../src/index.js";

const readme = readFileSync("README.md", "utf8");
const folder = mkdtempSync(join(tmpdir(), "lowrank-readme-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file as a reader would have: some people, some films, "alice" and "bob", "Alien" and "Heat" among them. */
function writeRatings(): void {
  const { interactions } = syntheticRatings({ numUsers: 200, numItems: 60, numRatings: 4000, seed: 2 });
  const people = ["alice", "bob"];
  const films = ["Alien", "Heat"];
  const rows = [...interactions].map(({ userId, itemId, value }) => {
    return `${people[Number(userId) - 1] ?? userId},${films[Number(itemId) - 1] ?? itemId},${value}`;
  });
  writeFileSync(join(folder, "ratings.csv"), `userId,itemId,rating\n${rows.join("\n")}\n`);
}

test("the TypeScript of the README runs, top to bottom, and prints what it says", () => {
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
  expect(blocks.length).toBeGreaterThanOrEqual(4);
  writeRatings();
  writeFileSync(join(folder, "readme.mts"), blocks.join("\n"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(resolve("."), join(folder, "node_modules", "lowrank"), "junction");
  const tsx = resolve("node_modules", "tsx", "dist", "cli.mjs");
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsx, "readme.mts"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout.match(/itemId: .*score: /g)).toHaveLength(10);
  expect(stdout).toMatch(/itemId: .*value: .*contribution: /);
  expect(stdout.match(/^50 users$/gm)).toHaveLength(4);
  expect(stdout).toMatch(/3 1 3\.66666/);
  expect(stdout).toMatch(/^[01]\.\d+ 1\n64 200$/m);
  expect(stdout).toMatch(/^Giant Steps\nKind of Blue\nraised$/m);
  expect(stdout).toMatch(/rmse: [\d.]+,\n\s*mae: [\d.]+,\n\s*r2: /);
  expect(stdout).toMatch(/globalMean: \{/);
  expect(stdout).not.toMatch(/NaN|undefined/);
});

test.each(["MatrixFactorization", "AlternatingLeastSquares", "AutoRec", "ImplicitALS"] as const)(
  "the options of %s in the README are those there are, with their defaults",
  async (model) => {
    const lowrank = await import("../../src/index.js");
    const defaults = {
      MatrixFactorization: lowrank.MATRIX_FACTORIZATION_DEFAULTS,
      AlternatingLeastSquares: lowrank.ALTERNATING_LEAST_SQUARES_DEFAULTS,
      AutoRec: lowrank.AUTOREC_DEFAULTS,
      ImplicitALS: lowrank.IMPLICIT_ALS_DEFAULTS,
    }[model];
    const table = readme.slice(readme.indexOf(`| option of \`${model}\` |`)).split("\n\n")[0]!;
    const told = new Map<string, string>();
    for (const [, names, values] of table.matchAll(/^\| (`[^|]+) \| ([^|]+) \|/gm)) {
      const keys = [...names!.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
      const each = keys.length > 1 && values!.includes(",") ? values!.split(",") : keys.map(() => values!);
      for (const [index, key] of keys.entries()) told.set(key, each[index]!.replaceAll(/[`"]/g, "").trim());
    }
    const expected = Object.entries(defaults).map(([key, value]) => [key, String(value).replace(/^0\./, ".")]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
  },
);

test("every file that the README links to is there", () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map((match) => match[1]!);
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) expect(() => readFileSync(link)).not.toThrowError(/ENOENT/);
});
