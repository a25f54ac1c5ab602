import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import type { FactorTable } from "../../src/ranking/factor-table.js";
import { computeGram, placeGram } from "../../src/ranking/gram.js";
import { VARIANTS } from "../assembly/kernel-memory.js";
import { nmse, randomOf } from "../assembly/rating-pass.js";
import { gramTwin } from "../twins/confidence-row.js";

const engine = new Engine();
const SCALE = 0.3;

afterAll(() => engine.pool.terminate());

/** Random factors, of which some rows are 0, and their padding; given back with the test. */
function table(rows: number, factors: number): { table: FactorTable; twin: Float64Array[] } {
  const scope = engine.arena.scope();
  onTestFinished(() => scope.release());
  const stride = Math.ceil(factors / 4) * 4;
  const random = randomOf(rows + factors);
  const twin = Array.from({ length: rows }, (_, row) =>
    Float64Array.from({ length: factors }, () => (row % 7 === 3 ? 0 : Math.fround(random.nextUniform() - 0.4))),
  );
  const factorsPtr = scope.allocate(rows * stride * 4);
  const all = engine.arena.float32(factorsPtr, rows * stride);
  for (const [row, own] of twin.entries()) all.set(own, row * stride);
  return { table: { factorsPtr, biasPtr: 0, rows, stride }, twin };
}

/** G as the kernels have it: both triangles, padding of zeros. */
function padded(gram: readonly Float64Array[], size: number): Float64Array {
  const all = new Float64Array(size * size);
  for (const [row, line] of gram.entries()) all.set(line, row * size);
  return all;
}

describe.each(VARIANTS)("the Gram matrix, %s", (variant) => {
  test.each([
    [1, 5],
    [1023, 5],
    [1024, 13],
    [1025, 8],
    [70_000, 5],
    [70_000, 20],
  ])("of %i rows of %i factors: as in f64, and of the same bits on the pool", async (rows, factors) => {
    const { table: each, twin } = table(rows, factors);
    const { bytesInUse } = engine.arena;
    const now = computeGram(engine.arena, engine.kernels(variant), each, SCALE);
    const size = Math.ceil(each.stride / 8) * 8;
    expect(now.length).toBe(size * size);
    expect(nmse(now, padded(gramTwin(twin, SCALE), size))).toBeLessThan(1e-12);
    for (const threads of [1, 2, 3, 5, 7]) {
      const scope = engine.arena.scope();
      const ptr = await placeGram({ engine, variant, run: { threads } }, scope, each, SCALE);
      expect(engine.arena.float32(ptr, size * size)).toEqual(now);
      scope.release();
    }
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test("of no rows is 0", async () => {
    const { table: none } = table(0, 5);
    expect(computeGram(engine.arena, engine.kernels(variant), none, SCALE)).toEqual(new Float32Array(64));
    const scope = engine.arena.scope();
    const ptr = await placeGram({ engine, variant, run: { threads: 2 } }, scope, none, SCALE);
    expect(engine.arena.float32(ptr, 64)).toEqual(new Float32Array(64));
    scope.release();
  });
});

test("an aborted one gives its memory back", async () => {
  const { table: each } = table(5000, 13);
  const { bytesInUse } = engine.arena;
  const scope = engine.arena.scope();
  const run = { threads: 2, signal: AbortSignal.abort("no") };
  await expect(placeGram({ engine, variant: "strict", run }, scope, each, 1)).rejects.toBe("no");
  scope.release();
  expect(engine.arena.bytesInUse).toBe(bytesInUse);
});
