import { describe, expect, test } from "vitest";
import type { Column } from "../../src/data/id-column.js";
import { IdIndex } from "../../src/data/id-index.js";
import { Interactions } from "../../src/data/interactions.js";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";

const RATINGS = [
  { userId: "bob", itemId: "Alien", value: 3, timestamp: 30 },
  { userId: "alice", itemId: "Brazil", value: 5, timestamp: 20 },
  { userId: "bob", itemId: "Brazil", value: 4, timestamp: 10 },
  { userId: "alice", itemId: "Casablanca", value: 1, timestamp: 40 },
];
const BY_USER = [RATINGS[0], RATINGS[2], RATINGS[1], RATINGS[3]];

describe("fromObjects", () => {
  test("takes userId, itemId, value and timestamp; ids in order of first appearance", () => {
    const interactions = Interactions.fromObjects(RATINGS);
    expect([...interactions]).toEqual(BY_USER);
    expect(interactions.users.toArray()).toEqual(["bob", "alice"]);
    expect(interactions.items.toArray()).toEqual(["Alien", "Brazil", "Casablanca"]);
    expect([interactions.numUsers, interactions.numItems, interactions.size]).toEqual([2, 3, 4]);
    expect(interactions.timestamps).toEqual(Float64Array.of(30, 10, 20, 40));
    expect(interactions.skippedRows).toBe(0);
  });

  test("reads any iterable by other keys and by functions", () => {
    const rows = new Set([
      { who: 1, film: { title: "Alien" }, stars: 2, when: new Date(5) },
      { who: 2, film: { title: "Brazil" }, stars: 3, when: new Date(6) },
    ]);
    const interactions = Interactions.fromObjects(rows, {
      user: "who",
      item: (row) => row.film.title,
      value: (row) => row.stars * 10,
      timestamp: "when",
    });
    expect([...interactions]).toEqual([
      { userId: 1, itemId: "Alien", value: 20, timestamp: 5 },
      { userId: 2, itemId: "Brazil", value: 30, timestamp: 6 },
    ]);
  });

  test("without values each is 1, without timestamps there are none", () => {
    const interactions = Interactions.fromObjects([{ userId: 1, itemId: 2 }]);
    expect([...interactions]).toEqual([{ userId: 1, itemId: 2, value: 1 }]);
    expect(interactions.timestamps).toBeUndefined();
  });

  test("holds many rows (several segments)", () => {
    const numRows = 600_000;
    const rows = function* () {
      for (let row = 0; row < numRows; row++)
        yield { userId: row % 1000, itemId: Math.floor(row / 1000), value: row % 7 };
    };
    const interactions = Interactions.fromObjects(rows());
    expect(interactions.size).toBe(numRows);
    const expected = (row: number) => ({ userId: row % 1000, itemId: Math.floor(row / 1000), value: row % 7 });
    const { offsets, columns, values } = interactions.matrix;
    for (let user = 0; user < 1000; user += 37) {
      for (let at = 0; at < 600; at++) {
        const entry = offsets[user]! + at;
        const got = { userId: user, itemId: interactions.items.idAt(columns[entry]!), value: values[entry]! };
        if (got.itemId !== at || got.value !== expected(at * 1000 + user).value)
          expect(got).toEqual(expected(at * 1000 + user));
      }
    }
  });

  const good = { userId: 1, itemId: 1, value: 1, timestamp: 1 };
  test.each<[object, string]>([
    [{ ...good, userId: "" }, 'row 1, "userId": must be a non-empty string or a finite number, got ""'],
    [{ ...good, userId: Number.NaN }, 'row 1, "userId": must be a non-empty string or a finite number, got NaN'],
    [{ ...good, itemId: undefined }, 'row 1, "itemId": must be a non-empty string or a finite number, got undefined'],
    [{ ...good, itemId: 3n }, 'row 1, "itemId": must be a non-empty string or a finite number, got 3n'],
    [{ ...good, value: Number.NaN }, 'row 1, "value": must be a finite number, got NaN'],
    [{ ...good, value: "5" }, 'row 1, "value": must be a finite number, got "5"'],
    [{ ...good, value: undefined }, 'row 1, "value": must be a finite number, got undefined'],
    [{ ...good, value: 1e39 }, 'row 1, "value": must be a finite 32-bit float, got 1e+39'],
    [{ ...good, timestamp: "x" }, 'row 1, "timestamp": must be a finite number, as the first, got "x"'],
    [{ ...good, timestamp: new Date(5) }, 'row 1, "timestamp": must be a finite number, as the first, got an object'],
  ])("names row, field and value of %o", (row, message) => {
    expect(() => Interactions.fromObjects([good, row as typeof good])).toThrow(message);
  });

  test("a field must be in every object or in none", () => {
    expect(() => Interactions.fromObjects([{ userId: 1, itemId: 1 }, good])).toThrow(
      'row 1, "value": must be in every object or in none, got it first here',
    );
  });

  test("refuses what is no iterable of objects, and unknown options", () => {
    expect(() => Interactions.fromObjects({} as never)).toThrow("source must be an iterable of objects, got an object");
    expect(() => Interactions.fromObjects(null as never)).toThrow("source must be an iterable of objects, got null");
    expect(() => Interactions.fromObjects([null] as never)).toThrow("row 0 must be an object, got null");
    expect(() => Interactions.fromObjects([good], { users: "a" } as never)).toThrow('did you mean "user"?');
    expect(() => Interactions.fromObjects([good], { user: 3 } as never)).toThrow(
      "user must be a key or a function, got 3",
    );
    expect(() => Interactions.fromObjects([good], { duplicates: "min" } as never)).toThrow('"max", got "min"');
  });
});

describe("fromColumns", () => {
  const columns = { users: [7, 5, 7], items: [1, 1, 0], values: [1.5, 2, 3], timestamps: [9, 8, 7] };
  const expected = [
    { userId: 7, itemId: 1, value: 1.5, timestamp: 9 },
    { userId: 7, itemId: 0, value: 3, timestamp: 7 },
    { userId: 5, itemId: 1, value: 2, timestamp: 8 },
  ];

  test.each<[string, (numbers: number[]) => Column<number>]>([
    ["arrays", (numbers) => numbers],
    ["Uint8Array", (numbers) => Uint8Array.from(numbers)],
    ["Int16Array", (numbers) => Int16Array.from(numbers)],
    ["Uint32Array", (numbers) => Uint32Array.from(numbers)],
    ["Float32Array", (numbers) => Float32Array.from(numbers)],
    ["Float64Array", (numbers) => Float64Array.from(numbers)],
  ])("reads ids from %s", (_name, make) => {
    const users = make(columns.users);
    const interactions = Interactions.fromColumns({ ...columns, users, items: make(columns.items) });
    expect([...interactions]).toEqual(expected);
  });

  test.each<[string, (string | number)[]]>([
    ["strings", ["a", "b", "a", "__proto__"]],
    ["both kinds", [1, "1", 1, "x"]],
    ["negative numbers", [-1, 0, -1, 3]],
    ["fractions", [0.5, 1, 0.5, 2]],
    ["large numbers", [2 ** 40, 1, 2 ** 40, 2 ** 53 - 1]],
    ["-0", [-0, 1, 0, 2]],
  ])("reads ids that are %s", (_name, users) => {
    const interactions = Interactions.fromColumns({ users, items: [1, 2, 3, 4] });
    const distinct = [...new Set(users)];
    expect(interactions.users.toArray()).toEqual(distinct);
    expect(interactions.matrix.offsets).toEqual(Uint32Array.of(0, 2, 3, 4));
    expect(interactions.matrix.columns).toEqual(Uint32Array.of(0, 2, 1, 3));
    expect(distinct.map((id) => interactions.users.indexOf(id))).toEqual([0, 1, 2]);
  });

  test("agrees with fromObjects over many blocks, whatever the ids", () => {
    const numRows = 70_001;
    const users = Uint32Array.from({ length: numRows }, (_, row) => (row * 7919) % 701);
    const items = Uint32Array.from({ length: numRows }, (_, row) => Math.floor(row / 701) * 3);
    const values = Float64Array.from({ length: numRows }, (_, row) => (row % 10) / 2);
    const names = Array.from(users, (user) => `user ${user}`);
    const rows = names.map((userId, row) => ({ userId, itemId: items[row]!, value: values[row]! }));
    const fromNumbers = Interactions.fromColumns({ users, items, values });
    const fromNames = Interactions.fromColumns({ users: names, items: [...items], values: [...values] });
    const fromObjects = Interactions.fromObjects(rows);
    expect(fromNumbers.matrix).toEqual(fromObjects.matrix);
    expect(fromNames.matrix).toEqual(fromObjects.matrix);
    expect(fromNames.users.toArray()).toEqual(fromObjects.users.toArray());
    expect(fromNumbers.users.toArray().map((id) => `user ${id}`)).toEqual(fromObjects.users.toArray());
  });

  test("does not change what it is given", () => {
    const users = Uint32Array.of(3, 1, 3);
    Interactions.fromColumns({ users, items: [1, 1, 1] }, { duplicates: "sum" });
    expect(users).toEqual(Uint32Array.of(3, 1, 3));
  });

  test.each<[object, string]>([
    [{ items: [1, 2] }, "columns must have equal lengths, got users: 3, items: 2, values: 3, timestamps: 3"],
    [{ values: [1] }, "columns must have equal lengths, got users: 3, items: 3, values: 1, timestamps: 3"],
    [{ users: "abc" }, 'users must be an array or a typed array of numbers, got "abc"'],
    [
      { users: BigInt64Array.of(1n, 2n, 3n) },
      "users must be an array or a typed array of numbers, got an object of cl",
    ],
    [{ items: undefined }, "items must be an array or a typed array of numbers, got undefined"],
    [{ values: null }, "values must be an array or a typed array of numbers, got null"],
    [{ users: ["a", "", "c"] }, 'row 1, users: must be a non-empty string or a finite number, got ""'],
    [{ users: ["a", "b", null] }, "row 2, users: must be a non-empty string or a finite number, got null"],
    [
      { items: Float64Array.of(1, 2, Number.NaN) },
      "row 2, items: must be a non-empty string or a finite number, got NaN",
    ],
    [{ values: [1, Number.NaN, 3] }, "row 1, values: must be a finite number, got NaN"],
    [{ values: Float32Array.of(1, 2, 1 / 0) }, "row 2, values: must be a finite number, got Infinity"],
    [{ values: [1, -3.5e38, 3] }, "row 1, values: must be a finite 32-bit float, got -3.5e+38"],
    [{ values: [1, "2", 3] }, 'row 1, values: must be a finite number, got "2"'],
    [{ values: [1, undefined, 3] }, "row 1, values: must be a finite number, got undefined"],
    [{ timestamps: [1, 2, -1 / 0] }, "row 2, timestamps: must be a finite number, got -Infinity"],
    [{ ratings: [1] }, 'fromColumns: unknown option "ratings"'],
  ])("refuses %o", (change, message) => {
    expect(() => Interactions.fromColumns({ ...columns, ...change })).toThrow(message);
  });

  test("refuses unknown options", () => {
    expect(() => Interactions.fromColumns(columns, { duplicate: "sum" } as never)).toThrow('mean "duplicates"?');
  });

  test("takes values that round to the greatest 32-bit float", () => {
    const values = [3.4028234663852886e38];
    expect(Interactions.fromColumns({ users: [1], items: [1], values }).maximum).toBe(values[0]);
  });

  test("reads a long way into a bad column before it is told the row", () => {
    const users = new Uint32Array(50_000).map((_, row) => row);
    const values = new Float32Array(50_000);
    values[40_000] = Number.NaN;
    expect(() => Interactions.fromColumns({ users, items: users, values })).toThrow("row 40000, values");
  });
});

describe("statistics", () => {
  test("are those of the values, in f64", () => {
    const interactions = Interactions.fromColumns({ users: [1, 2, 3, 4], items: [1, 1, 1, 1], values: [2, 4, 4, 6] });
    expect(interactions.mean).toBe(4);
    expect(interactions.standardDeviation).toBe(Math.SQRT2);
    expect([interactions.minimum, interactions.maximum]).toEqual([2, 6]);
  });

  test("survive a great mean", () => {
    const interactions = Interactions.fromColumns({ users: [1, 2], items: [1, 1], values: [2 ** 24 - 1, 2 ** 24 - 3] });
    expect([interactions.mean, interactions.standardDeviation]).toEqual([2 ** 24 - 2, 1]);
  });

  test.each([
    Interactions.fromColumns({ users: [], items: [] }),
    Interactions.fromColumns({ users: new Uint32Array(0), items: new Uint32Array(0) }),
    Interactions.fromObjects([]),
  ])("of nothing are errors; nothing itself is allowed", (nothing) => {
    expect([nothing.size, nothing.numUsers, nothing.numItems, [...nothing].length]).toEqual([0, 0, 0, 0]);
    expect(nothing.transposed.size).toBe(0);
    for (const name of ["mean", "standardDeviation", "minimum", "maximum"] as const) {
      expect(() => nothing[name]).toThrow(new RangeError(`${name} needs at least one interaction, got 0`));
    }
  });
});

test("transposed is by item, and made once", () => {
  const interactions = Interactions.fromObjects(RATINGS);
  expect(interactions.transposed.offsets).toEqual(Uint32Array.of(0, 1, 3, 4));
  expect(interactions.transposed.columns).toEqual(Uint32Array.of(0, 0, 1, 1));
  expect(interactions.transposed.values).toEqual(Float32Array.of(3, 4, 5, 1));
  expect(interactions.transposed).toBe(interactions.transposed);
});

test("the constructor checks sizes", () => {
  const users = IdIndex.from([1]);
  const matrix = SparseMatrix.fromTriples(1, 1, Uint32Array.of(0), Uint32Array.of(0));
  expect(() => new Interactions({ users, items: IdIndex.from([1, 2]), matrix })).toThrow(
    "matrix must be users × items (1 × 2), got 1 × 1",
  );
  expect(() => new Interactions({ users, items: users, matrix, timestamps: new Float64Array(2) })).toThrow(
    "timestamps must have length 1 (matrix.size), got 2",
  );
});
