import { afterAll, expect, test } from "vitest";
import { entriesOf, placeAlsData, sampleRows } from "../../bench/harness/als-data.js";
import { type AlsSolver, alsEpoch } from "../../bench/harness/als-epochs.js";
import { alsObjective, checkObjective, checkSolvedItems, startModel } from "../../bench/harness/als-objective.js";
import { shareOfParts } from "../../bench/harness/als-parts.js";
import { type LinalgProblem, openContenders } from "../../bench/harness/linalg-contenders.js";
import { RandomStream } from "../../src/data/random.js";
import { syntheticRatings } from "../../src/data/synthetic.js";

const data = placeAlsData(syntheticRatings({ numUsers: 101, numItems: 53, numRatings: 1009, seed: 3 }).interactions);
afterAll(() => data.dispose());

const solvers: [kind: "explicit" | "implicit", solver: AlsSolver][] = [
  ["explicit", "cholesky"],
  ["implicit", "cholesky"],
  ["implicit", "conjugateGradient"],
  ["implicit", "subspace"],
];

test.each(solvers)("%s epochs by %s start anew, pass their check and give the bits of any threads", async (...how) => {
  const checksums: string[] = [];
  for (const threads of [1, 3]) {
    const epoch = alsEpoch(...how, data, 12, threads);
    for (let run = 0; run < 2; run++) {
      await epoch.prepare!();
      await epoch.run();
      checksums.push(epoch.check());
    }
    epoch.dispose!();
  }
  expect(new Set(checksums).size).toBe(1);
});

test("checks of an epoch see what is wrong", () => {
  const start = startModel(data, 8);
  const form = { kind: "implicit", pull: 1 } as const;
  expect(() => checkObjective(data, start, form, "start")).toThrow("start: the objective must fall from");
  const everyItem = sampleRows(data.items.matrix, 1);
  expect(() => checkSolvedItems(data, start, "explicit", everyItem, "start")).toThrow("start: the equations of item");
  const zero = startModel(data, 8);
  for (const side of [zero.users, zero.items]) side.factors.fill(0);
  expect(alsObjective(data, zero, form)).toBeCloseTo(1009, 6);
  expect(checkObjective(data, zero, form, "zero", "nothing")).toBeCloseTo(1009, 6);
  zero.items.factors.fill(0.01);
  zero.users.factors.fill(0.1);
  expect(() => checkObjective(data, zero, form, "other", "nothing")).toThrow(/other: .*(must fall|by nothing)/);
});

test.each(["explicit", "implicit"] as const)("the parts of an %s epoch are shares of it", async (kind) => {
  const { partsSeconds, ...shares } = await shareOfParts(kind, data, 16);
  expect(partsSeconds).toBeGreaterThan(0);
  expect(Object.keys(shares)).toEqual(["shareGather", "shareGram", "shareFactor", "shareSolve"]);
  expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
});

test("rows are sampled from short to long", () => {
  const { matrix } = data.users;
  expect([...sampleRows(matrix, 1)]).toEqual(Array.from({ length: 101 }, (_, row) => row));
  expect(entriesOf(matrix, sampleRows(matrix, 1))).toBe(1009);
  const some = sampleRows(matrix, 5);
  expect(some).toHaveLength(20);
  expect(5 * entriesOf(matrix, some)).toBeGreaterThan(0.8 * 1009);
  expect(5 * entriesOf(matrix, some)).toBeLessThan(1.2 * 1009);
});

test("all who take Gram matrices and solve systems agree", async () => {
  const random = new RandomStream(1, 1);
  const panel = new Float32Array(128 * 16).map(() => random.nextUniform() - 0.5);
  const matrix = new Float32Array(256).map((_, at) => (at % 17 === 0 ? 2 : 1));
  const problem: LinalgProblem = { size: 16, panel, matrix, right: new Float32Array(16).fill(3) };
  const [javascript, ...others] = await openContenders(problem);
  const results = [javascript!, ...others].map((contender) => {
    contender.addGram(97);
    contender.copyMatrix();
    expect(contender.factor()).toBe(true);
    contender.copyRight();
    contender.solve();
    return [...contender.vector, contender.gram[0]!, contender.gram[15]!, contender.gram[255]!];
  });
  expect(others.map(({ name }) => name)).toContain("lowrank strict");
  expect(results[0]!.slice(0, 16)).toEqual(new Array(16).fill(expect.closeTo(3 / 17, 9)));
  for (const result of results) expect(result).toEqual(results[0]!.map((x) => expect.closeTo(x, 4)));
});
