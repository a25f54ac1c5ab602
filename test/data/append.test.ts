import { describe, expect, test } from "vitest";
import { appendInteractions, type Grown } from "../../src/data/append.js";
import { type Id, IdIndex } from "../../src/data/id-index.js";
import { Interactions } from "../../src/data/interactions.js";
import { RandomStream } from "../../src/data/random.js";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";

type Triple = readonly [userId: Id, itemId: Id, value: number];

const of = (...triples: Triple[]): Interactions =>
  Interactions.fromObjects(triples.map(([userId, itemId, value]) => ({ userId, itemId, value })));

/** Every entry, row by row, in the order in which it stands there. */
function triplesOf({ users, items, matrix }: Pick<Grown, "users" | "items" | "matrix">): Triple[] {
  return [...new Interactions({ users, items, matrix })].map(({ userId, itemId, value }) => [userId, itemId, value]);
}

const OLD = of(["a", "x", 1], ["a", "y", 2], ["b", "y", 3], ["c", "z", 4]);

describe("appendInteractions", () => {
  test("new ids stand behind the old ones; rows keep their order, what is new behind what was there", () => {
    const grown = appendInteractions(OLD, of(["d", "w", 5], ["a", "w", 6], ["a", "z", 7], ["b", "x", 8]));
    expect(grown.users.toArray()).toEqual(["a", "b", "c", "d"]);
    expect(grown.items.toArray()).toEqual(["x", "y", "z", "w"]);
    expect(triplesOf(grown)).toEqual([
      ["a", "x", 1],
      ["a", "y", 2],
      ["a", "w", 6],
      ["a", "z", 7],
      ["b", "y", 3],
      ["b", "x", 8],
      ["c", "z", 4],
      ["d", "w", 5],
    ]);
    expect([...grown.touchedUsers]).toEqual([0, 1, 3]);
    expect([...grown.touchedItems]).toEqual([0, 2, 3]);
  });

  test("a pair that was there keeps its place and takes its new value", () => {
    const grown = appendInteractions(OLD, of(["a", "x", 9], ["b", "y", 8], ["a", "y", 7]));
    expect(triplesOf(grown)).toEqual([
      ["a", "x", 9],
      ["a", "y", 7],
      ["b", "y", 8],
      ["c", "z", 4],
    ]);
    expect(grown.matrix.size).toBe(4);
    expect([...grown.touchedUsers, ...grown.touchedItems]).toEqual([0, 1, 0, 1]);
  });

  test("leaves both as they were", () => {
    const more = of(["a", "x", 9], ["d", "w", 5]);
    const before = [triplesOf(OLD), triplesOf(more)];
    appendInteractions(OLD, more);
    expect([triplesOf(OLD), triplesOf(more)]).toEqual(before);
    expect([OLD.users.size, OLD.items.size]).toEqual([3, 3]);
  });

  test("where nothing is new to the ids, they are the very same objects", () => {
    const known = appendInteractions(OLD, of(["c", "x", 5]));
    expect([known.users === OLD.users, known.items === OLD.items]).toEqual([true, true]);
    const newItem = appendInteractions(OLD, of(["c", "w", 5]));
    expect([newItem.users === OLD.users, newItem.items === OLD.items]).toEqual([true, false]);
  });

  test("the other part of a split makes the whole, ids shared", () => {
    const { train, test: rest } = OLD.split({ testFraction: 0.5, seed: 1 });
    const grown = appendInteractions(train, rest);
    expect(grown.users).toBe(OLD.users);
    expect(triplesOf(grown).toSorted()).toEqual(triplesOf(OLD).toSorted());
    const touched = new Set([...rest].map(({ userId }) => OLD.users.indexOf(userId)));
    expect([...grown.touchedUsers]).toEqual([...touched].toSorted((a, b) => a - b));
  });

  test("ids without interactions do not come along", () => {
    const users = IdIndex.from(["p", "q", "a"]);
    const items = IdIndex.from(["x", "unused", "w"]);
    const matrix = new SparseMatrix(3, 3, Uint32Array.of(0, 0, 1, 2), Uint32Array.of(2, 0), Float32Array.of(5, 6));
    const grown = appendInteractions(OLD, new Interactions({ users, items, matrix }));
    expect(grown.users.toArray()).toEqual(["a", "b", "c", "q"]);
    expect(grown.items.toArray()).toEqual(["x", "y", "z", "w"]);
    expect([...grown.touchedUsers, ...grown.touchedItems]).toEqual([0, 3, 0, 3]);
    expect(triplesOf(grown).slice(0, 2)).toEqual([
      ["a", "x", 6],
      ["a", "y", 2],
    ]);
  });

  test("to nothing, and nothing to something", () => {
    const empty = of();
    expect(triplesOf(appendInteractions(empty, OLD))).toEqual(triplesOf(OLD));
    const same = appendInteractions(OLD, empty);
    expect(triplesOf(same)).toEqual(triplesOf(OLD));
    expect([same.touchedUsers.length, same.touchedItems.length]).toEqual([0, 0]);
  });

  test("31 and its text are one id, where that cannot mislead", () => {
    const byNumber = of([31, 1, 1], [32, 2, 2]);
    const grown = appendInteractions(byNumber, of(["31", "1", 5], ["31", "2", 6]));
    expect(grown.users.toArray()).toEqual([31, 32]);
    expect(triplesOf(grown)).toEqual([
      [31, 1, 5],
      [31, 2, 6],
      [32, 2, 2],
    ]);
  });

  test("names among numbers: each finds its own row again", () => {
    const byNumber = of([31, 1, 1], [32, 2, 2]);
    const more = of(["31", 1, 5], ["bob", 2, 6]);
    const grown = appendInteractions(byNumber, more);
    const expected = new Map([...byNumber].map(({ userId, itemId, value }) => [`${userId} ${itemId}`, value]));
    for (const { userId, itemId, value } of more) expected.set(`${userId} ${itemId}`, value);
    const got = new Map(triplesOf(grown).map(([userId, itemId, value]) => [`${userId} ${itemId}`, value]));
    expect(got).toEqual(expected);
    expect(grown.touchedUsers.length).toBe(2);
  });

  test("31 and its text, where they are two among names", () => {
    const byName = of(["31", "x", 1], ["bob", "x", 2]);
    const grown = appendInteractions(byName, of([31, "x", 5], ["31", "y", 6], ["eve", "y", 7]));
    expect(grown.users.toArray()).toEqual(["31", "bob", 31, "eve"]);
    expect(triplesOf(grown)).toEqual([
      ["31", "x", 1],
      ["31", "y", 6],
      ["bob", "x", 2],
      [31, "x", 5],
      ["eve", "y", 7],
    ]);
    expect([...grown.touchedUsers]).toEqual([0, 2, 3]);
  });

  test("as a map of pairs does it, for many random ones", () => {
    const random = new RandomStream(3, 97);
    const draw = (count: number, from: number): Triple[] => {
      const pairs = new Map<string, Triple>();
      for (let time = 0; time < count; time++) {
        const [user, item] = [random.nextBelow(20) + from, random.nextBelow(15) + from];
        pairs.set(`${user} ${item}`, [user, item, 1 + random.nextBelow(5)]);
      }
      return [...pairs.values()];
    };
    for (let time = 0; time < 200; time++) {
      const [old, more] = [of(...draw(1 + random.nextBelow(80), 0)), of(...draw(1 + random.nextBelow(40), 8))];
      const grown = appendInteractions(old, more);
      const twin = new Map<string, number>();
      for (const [user, item, value] of [...triplesOf(old), ...triplesOf(more)]) twin.set(`${user} ${item}`, value);
      const triples = triplesOf(grown);
      expect(triples.length).toBe(twin.size);
      for (const [user, item, value] of triples) expect(value).toBe(twin.get(`${user} ${item}`));
      expect(grown.users.toArray().slice(0, old.numUsers)).toEqual(old.users.toArray());
      expect(grown.items.toArray().slice(0, old.numItems)).toEqual(old.items.toArray());
      const touched = (index: IdIndex, ids: Id[]): number[] =>
        [...new Set(ids.map((id) => index.indexOf(id)))].toSorted((a, b) => a - b);
      expect([...grown.touchedUsers]).toEqual(touched(grown.users, more.users.toArray()));
      expect([...grown.touchedItems]).toEqual(touched(grown.items, more.items.toArray()));
    }
  });
});
