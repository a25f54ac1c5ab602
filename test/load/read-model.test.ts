/** examples/read_model.py reads model files with nothing of ours, and comes to the same answers. LOWRANK_PYTHON names a Python. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { Id } from "../../src/data/id-index.js";
import { Interactions } from "../../src/data/interactions.js";
import { syntheticRatings } from "../../src/data/synthetic.js";
import { BiasModel } from "../../src/models/bias-model.js";
import type { BilinearModel } from "../../src/models/bilinear-model.js";
import { GlobalMean } from "../../src/models/global-mean.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import type { SaveOptions } from "../../src/models/model.js";

const python = process.env.LOWRANK_PYTHON ?? "python3";
const run = (...args: string[]) => spawnSync(python, args, { encoding: "utf8", timeout: 45_000 });
const isThere = run("-c", "import numpy, safetensors.numpy").status === 0;

const MADE = syntheticRatings({ numUsers: 30, numItems: 80, numRatings: 500, seed: 9 }).interactions;

/** MADE by other ids. */
const renamed = (userId: (id: number) => Id, itemId: (id: number) => Id): Interactions =>
  Interactions.fromObjects(
    [...MADE].map((each) => ({ ...each, userId: userId(Number(each.userId)), itemId: itemId(Number(each.itemId)) })),
  );

const NAMED = renamed(
  (id) => `ü ${id} 🎬`,
  (id) => `Film "${id}"`,
);
const BY_FRACTIONS = renamed(
  (id) => id / 4,
  (id) => -id * 1e10,
);
const MIXED = renamed(
  (id) => (id % 2 === 0 ? id : `u${id}`),
  (id) => (id % 3 === 0 ? id + 0.5 : `${id}`),
);

const folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const factorization = (options: object = {}) => new MatrixFactorization({ factors: 5, epochs: 10, ...options });

describe.skipIf(!isThere)("read_model.py", () => {
  const cases: [string, BilinearModel, Interactions, SaveOptions][] = [
    ["whole numbers", factorization(), MADE, {}],
    ["names", factorization(), NAMED, {}],
    ["fractions", factorization({ clip: false }), BY_FRACTIONS, {}],
    ["names and numbers", factorization({ factors: 4 }), MIXED, {}],
    ["nothing seen", factorization({ biases: false }), NAMED, { seen: false }],
    ["biases alone", new BiasModel(), MADE, {}],
    ["the mean alone", new GlobalMean(), MIXED, {}],
  ];

  test.each(cases)("%s", async (name, model, ratings, options) => {
    onTestFinished(() => model.dispose());
    await model.fit(ratings);
    const path = join(folder, `${name}.safetensors`);
    await model.save(path, options);
    for (const [userId, itemId] of [
      [ratings.users.idAt(3), ratings.items.idAt(5)],
      [ratings.users.idAt(28), ratings.items.idAt(0)],
    ] as const) {
      const { stdout, stderr } = run("examples/read_model.py", path, String(userId), String(itemId));
      expect(stderr).toBe("");
      const [predicted, ...best] = stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t"));
      expect(Math.abs(Number(predicted![0]) - model.predict(userId, itemId))).toBeLessThan(1e-5);
      const expected = model.recommend(userId, { filterSeen: options.seen ?? true });
      expect(best.length).toBe(expected.length);
      for (const [rank, [score, id]] of best.entries()) {
        const given = expected[rank]!;
        expect(Math.abs(Number(score) - given.score)).toBeLessThan(1e-5);
        if (typeof given.itemId === "string") expect(id).toBe(given.itemId);
        else expect(Number(id)).toBe(given.itemId);
      }
    }
  });

  test("half precision: to three digits", async () => {
    const model = await factorization().fit(NAMED);
    onTestFinished(() => model.dispose());
    const path = join(folder, "half.safetensors");
    await model.save(path, { float16: true });
    const [userId, itemId] = [NAMED.users.idAt(3), NAMED.items.idAt(5)].map(String) as [string, string];
    const { stdout } = run("examples/read_model.py", path, userId, itemId);
    expect(Math.abs(Number.parseFloat(stdout) - model.predict(userId, itemId))).toBeLessThan(2e-3);
  });

  test("somebody who is not in it", async () => {
    const model = await factorization().fit(MADE);
    onTestFinished(() => model.dispose());
    const path = join(folder, "stranger.safetensors");
    await model.save(path);
    const { status, stderr } = run("examples/read_model.py", path, "nobody", "1");
    expect([status, stderr.trim()]).toEqual([1, "'nobody' is not in the model"]);
  });
});
