import { describe, expect, test } from "vitest";
import type { DuplicatePolicy } from "../../src/data/duplicates.js";
import { Interactions } from "../../src/data/interactions.js";

describe("duplicates", () => {
  // user 1: a 5@1, b 2@2, a 1@9, a 8@3; user 2: a 4@4
  const columns = {
    users: [1, 1, 2, 1, 1],
    items: ["a", "b", "a", "a", "a"],
    values: [5, 2, 4, 1, 8],
    timestamps: [1, 2, 4, 9, 3],
  };
  const of = (duplicates: DuplicatePolicy) =>
    [...Interactions.fromColumns(columns, { duplicates })].map(
      ({ userId, itemId, value, timestamp }) => `${userId}${itemId} ${value}@${timestamp}`,
    );

  test.each<[DuplicatePolicy, string[]]>([
    ["first", ["1a 5@1", "1b 2@2", "2a 4@4"]],
    ["last", ["1b 2@2", "1a 8@3", "2a 4@4"]],
    ["sum", ["1a 14@9", "1b 2@2", "2a 4@4"]],
    ["mean", [`1a ${Math.fround(14 / 3)}@9`, "1b 2@2", "2a 4@4"]],
    ["max", ["1a 8@3", "1b 2@2", "2a 4@4"]],
  ])("%s", (policy, merged) => {
    expect(of(policy)).toEqual(merged);
  });

  test('"error" is the default; the message names the pair and the choices', () => {
    const message =
      '(user, item) pairs must be distinct, got 2 repeated of 5, the first: user 1, item "a"; ' +
      'to merge them choose duplicates: "last" | "first" | "sum" | "mean" | "max"';
    expect(() => Interactions.fromColumns(columns)).toThrow(new RangeError(message));
    expect(() => of("error")).toThrow(message);
  });

  test("the same item by two users is no duplicate", () => {
    expect(Interactions.fromColumns({ users: [1, 2, 1], items: [1, 1, 2] }).size).toBe(3);
  });

  test("nothing to merge leaves the data as they are", () => {
    const distinct = { users: [1, 2, 1], items: [1, 1, 2], values: [3, 4, 5], timestamps: [1, 2, 3] };
    const plain = Interactions.fromColumns(distinct);
    for (const duplicates of ["first", "last", "sum", "mean", "max"] as const) {
      expect([...Interactions.fromColumns(distinct, { duplicates })]).toEqual([...plain]);
    }
  });

  test("sums in f64, so that small parts are not lost", () => {
    const values = [2 ** 24, 1, 1];
    const merged = Interactions.fromColumns({ users: [1, 1, 1], items: [1, 1, 1], values }, { duplicates: "sum" });
    expect(merged.maximum).toBe(2 ** 24 + 2);
  });

  test("a sum beyond 32-bit floats is an error that names the pair", () => {
    const columns = { users: [1, 2, 2], items: ["x", "y", "y"], values: [1, 3e38, 3e38] };
    expect(() => Interactions.fromColumns(columns, { duplicates: "sum" })).toThrow(
      'merged value of user 2, item "y" must be a finite 32-bit float, got Infinity',
    );
    expect(Interactions.fromColumns(columns, { duplicates: "mean" }).maximum).toBe(Math.fround(3e38));
  });

  test("agrees with a Map, on random data", () => {
    const users = Array.from({ length: 3000 }, (_, row) => (row * 37) % 11);
    const items = Array.from({ length: 3000 }, (_, row) => (row * row) % 23);
    const values = Array.from({ length: 3000 }, (_, row) => (row * 7) % 31);
    const rules: Record<string, (old: number, value: number) => number> = {
      first: (old) => old,
      last: (_old, value) => value,
      sum: (old, value) => old + value,
      max: Math.max,
    };
    for (const [policy, rule] of Object.entries(rules)) {
      const pairs = new Map<string, number>();
      users.forEach((user, row) => {
        const key = `${user} ${items[row]}`;
        const old = pairs.get(key);
        pairs.set(key, old === undefined ? values[row]! : rule(old, values[row]!));
      });
      const merged = Interactions.fromColumns({ users, items, values }, { duplicates: policy as DuplicatePolicy });
      const got = new Map([...merged].map(({ userId, itemId, value }) => [`${userId} ${itemId}`, value]));
      expect(merged.size).toBe(pairs.size);
      expect(got).toEqual(pairs);
    }
  });
});
