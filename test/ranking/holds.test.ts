import { afterAll, describe, expect, test } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { EVERYTHING, toyScores } from "./toy-scores.js";

const engine = new Engine();
afterAll(() => engine.pool.terminate());

const ITEMS_FOR_USERS = { rows: "users", columns: "items", metric: "cosine" } as const;

describe("a model's memory", () => {
  test("comes back when it is disposed of, once", () => {
    const { bytesInUse } = engine.arena;
    const scores = toyScores(engine, "strict");
    expect(engine.arena.bytesInUse).toBeGreaterThanOrEqual(bytesInUse + (23 + 41) * 9 * 4);
    scores.dispose();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    scores.dispose();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test("stays while it is held, and comes back with the last hold", () => {
    const { bytesInUse } = engine.arena;
    const scores = toyScores(engine, "strict");
    const held = engine.arena.bytesInUse;
    const list = scores.rank(ITEMS_FOR_USERS, 1, EVERYTHING, []);
    const releases = [scores.hold(), scores.hold(), scores.hold()];
    releases[1]!();
    scores.dispose();
    releases[1]!(); // a second time counts for nothing
    expect(engine.arena.bytesInUse).toBe(held);
    expect(scores.rank(ITEMS_FOR_USERS, 1, EVERYTHING, [])).toEqual(list);
    releases[0]!();
    expect(engine.arena.bytesInUse).toBe(held);
    releases[2]!();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    releases[2]!();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test("stays without holds until it is disposed of", () => {
    const { bytesInUse } = engine.arena;
    const scores = toyScores(engine, "strict");
    const held = engine.arena.bytesInUse;
    scores.hold()();
    expect(engine.arena.bytesInUse).toBe(held);
    scores.dispose();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test("comes back by `release`, which does not know the model", () => {
    const { bytesInUse } = engine.arena;
    const scores = toyScores(engine, "strict");
    const { release } = scores;
    release();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    scores.dispose();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test("no query keeps any", () => {
    const scores = toyScores(engine, "strict");
    const { bytesInUse } = engine.arena;
    const folded = { factors: new Float32Array(8).fill(0.5, 0, 5), bias: 1 };
    scores.scorePair(1, 2);
    scores.scorePair(folded, 2);
    scores.scorePairs(Uint32Array.of(1, 2), Uint32Array.of(3, 4));
    for (const metric of ["cosine", "dot", "euclidean"] as const) {
      scores.rank({ ...ITEMS_FOR_USERS, rows: "items", metric }, folded, EVERYTHING, [1, 2]);
    }
    scores.rank(ITEMS_FOR_USERS, folded, { ...EVERYTHING, candidates: Uint32Array.of(3, 5) }, [1, 2]);
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    scores.dispose();
  });
});
