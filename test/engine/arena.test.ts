import { describe, expect, test } from "vitest";
import { Arena } from "../../src/engine/arena.js";
import { randomOf } from "../assembly/rating-pass.js";

const PAGE_BYTES = 65536;
const LINE_BYTES = 64;

function arenaOf(initialPages: number, maximumPages: number): Arena {
  const memory = new WebAssembly.Memory({ initial: initialPages, maximum: maximumPages, shared: true });
  return new Arena(memory, maximumPages * PAGE_BYTES);
}

const bytesAt = (arena: Arena, ptr: number, length: number): Uint8Array =>
  new Uint8Array(arena.memory.buffer, ptr, length);

describe("allocate", () => {
  test("gives multiples of 64, never 0, apart from each other", () => {
    const arena = arenaOf(1, 4);
    const sizes = [0, 1, 63, 64, 65, 128, 1000];
    const ptrs = sizes.map((size) => arena.allocate(size));
    for (const ptr of ptrs) {
      expect(ptr % LINE_BYTES).toBe(0);
      expect(ptr).toBeGreaterThan(0);
    }
    ptrs.slice(1).forEach((ptr, at) => {
      expect(ptr - ptrs[at]!).toBeGreaterThanOrEqual(Math.max(1, sizes[at]!));
    });
    expect(arena.bytesInUse).toBe(64 + 64 + 64 + 64 + 128 + 128 + 1024);
  });

  test("gives zeros, also where something was before", () => {
    const arena = arenaOf(1, 4);
    const first = arena.allocate(1000);
    bytesAt(arena, first, 1000).fill(0xff);
    const second = arena.allocate(100);
    bytesAt(arena, second, 100).fill(0xee);
    arena.free(first);
    arena.free(second);
    const larger = arena.allocate(5000);
    expect(larger).toBe(first);
    expect(bytesAt(arena, larger, 5000).every((byte) => byte === 0)).toBe(true);
  });

  test("uses again what was freed, the tightest gap first", () => {
    const arena = arenaOf(1, 1);
    const [a, , c] = [640, 64, 128, 64].map((size) => arena.allocate(size)) as [number, number, number];
    arena.free(a);
    arena.free(c);
    expect(arena.allocate(128)).toBe(c);
    expect(arena.allocate(128)).toBe(a);
    expect(arena.allocate(512)).toBe(a + 128);
  });

  test.each([[[0, 1, 2]], [[2, 1, 0]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]]])(
    "three neighbours freed in the order %j become one gap",
    (order) => {
      const arena = arenaOf(1, 1);
      const ptrs = [192, 320, 64].map((size) => arena.allocate(size));
      arena.allocate(64);
      for (const at of order) arena.free(ptrs[at]!);
      expect(arena.allocate(192 + 320 + 64)).toBe(ptrs[0]);
    },
  );

  test.each([-1, 1.5, Number.NaN, Infinity, 2 ** 53])("rejects %d bytes", (bytes) => {
    expect(() => arenaOf(1, 1).allocate(bytes)).toThrow(
      new RangeError(`bytes must be a whole number ≥ 0, got ${bytes}`),
    );
  });
});

describe("growth", () => {
  test("keeps contents and addresses", () => {
    const arena = arenaOf(1, 100);
    const ptr = arena.allocate(50_000);
    arena.uint32(ptr, 12_500).forEach((_, at, view) => {
      view[at] = at * 2654435761;
    });
    const before = arena.capacity;
    const large = arena.allocate(1_000_000);
    expect(arena.capacity).toBeGreaterThan(before);
    expect(arena.uint32(ptr, 12_500).every((word, at) => word === (at * 2654435761) >>> 0)).toBe(true);
    expect(bytesAt(arena, large, 1_000_000).every((byte) => byte === 0)).toBe(true);
  });

  test("joins what is free at the end with what it adds", () => {
    const arena = arenaOf(1, 3);
    arena.allocate(1024);
    const ptr = arena.allocate(3 * PAGE_BYTES - 1024 - LINE_BYTES); // all there can be
    expect(ptr).toBe(1024 + LINE_BYTES);
    expect(arena.capacity).toBe(3 * PAGE_BYTES);
  });

  test("grows by a share of what there is, so that small requests do not grow it each time", () => {
    const arena = arenaOf(64, 1000);
    let growths = 0;
    for (let count = 0, capacity = arena.capacity; count < 1000; count++) {
      arena.allocate(PAGE_BYTES / 2);
      if (arena.capacity !== capacity) growths++;
      capacity = arena.capacity;
    }
    expect(growths).toBeLessThan(40); // log(500/64) / log(1 + 1/16) = 34
  });

  test("past the limit names the bytes asked for and what there is", () => {
    const arena = arenaOf(1, 2);
    const small = arena.allocate(1000);
    arena.allocate(64);
    arena.free(small);
    const total = 2 * PAGE_BYTES;
    const message =
      `out of memory: ${total} bytes asked for, ${total - 64} of ${total} bytes free, ` +
      `at most ${total - 64 - 1024 - 64} in one piece; dispose models no longer used, or use fewer factors`;
    expect(() => arena.allocate(total)).toThrow(new RangeError(message));
    expect(arena.bytesInUse).toBe(64);
    expect(arena.capacity).toBe(PAGE_BYTES); // nothing was grown in vain
    expect(arena.allocate(total - 64 - 1024 - 64)).toBeGreaterThan(0);
  });

  test("where the host gives less than the limit, says so in the same words", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    const arena = new Arena(memory, 100 * PAGE_BYTES); // more than the memory's own maximum
    expect(() => arena.allocate(3 * PAGE_BYTES)).toThrow(/out of memory: 196608 bytes asked for/);
    expect(arena.allocate(PAGE_BYTES)).toBeGreaterThan(0);
  });
});

describe("free", () => {
  test("twice, or of what was never handed out, is an error", () => {
    const arena = arenaOf(1, 1);
    const ptr = arena.allocate(200);
    arena.free(ptr);
    expect(() => arena.free(ptr)).toThrow(`address ${ptr} is not allocated`);
    const other = arena.allocate(200);
    expect(() => arena.free(other + 64)).toThrow(`address ${other + 64} is not allocated`);
    expect(() => arena.free(0)).toThrow("address 0 is not allocated");
    expect(arena.bytesInUse).toBe(256);
  });
});

test("a random soak against a naive model: no overlap, nothing lost, zeros every time", () => {
  const arena = arenaOf(1, 64);
  const random = randomOf(11);
  const held = new Map<number, { bytes: number; mark: number }>();
  const check = (ptr: number): void => {
    const { bytes, mark } = held.get(ptr)!;
    expect(bytesAt(arena, ptr, bytes).every((byte) => byte === mark)).toBe(true);
  };
  for (let turn = 0; turn < 6000; turn++) {
    if (held.size > 0 && random.nextBelow(100) < (held.size > 60 ? 70 : 40)) {
      const ptr = [...held.keys()][random.nextBelow(held.size)]!;
      check(ptr); // whoever overlapped it would have left another mark
      held.delete(ptr);
      arena.free(ptr);
    } else {
      const bytes = random.nextBelow(random.nextBelow(5) === 0 ? 60_000 : 600);
      const ptr = arena.allocate(bytes);
      expect(held.has(ptr)).toBe(false);
      const content = bytesAt(arena, ptr, bytes);
      expect(content.every((byte) => byte === 0)).toBe(true);
      const mark = 1 + random.nextBelow(255);
      content.fill(mark);
      held.set(ptr, { bytes, mark });
    }
    const expected = [...held.values()].reduce((sum, { bytes }) => sum + Math.max(64, Math.ceil(bytes / 64) * 64), 0);
    expect(arena.bytesInUse).toBe(expected);
  }
  for (const ptr of held.keys()) check(ptr);
  for (const ptr of held.keys()) arena.free(ptr);
  expect(arena.bytesInUse).toBe(0);
  const { capacity } = arena;
  expect(arena.allocate(capacity - LINE_BYTES)).toBe(LINE_BYTES); // it is one piece again
  expect(arena.capacity).toBe(capacity);
});

describe("a scope", () => {
  test("gives everything back at its end, with the result of the work", () => {
    const arena = arenaOf(1, 4);
    const kept = arena.allocate(100);
    const before = arena.bytesInUse;
    const result = arena.scoped((scope) => scope.allocate(1000) + scope.allocate(2000));
    expect(result).toBeGreaterThan(0);
    expect(arena.bytesInUse).toBe(before);
    arena.free(kept);
  });

  test("gives everything back when the work throws", () => {
    const arena = arenaOf(1, 4);
    expect(() =>
      arena.scoped((scope) => {
        scope.allocate(1000);
        throw new Error("in the middle");
      }),
    ).toThrow("in the middle");
    expect(() => arena.scoped((scope) => [scope.allocate(1000), scope.allocate(2 ** 30)])).toThrow("out of memory");
    expect(arena.bytesInUse).toBe(0);
  });

  test("may give one allocation back early, and be used after its release", () => {
    const arena = arenaOf(1, 4);
    const scope = arena.scope();
    const [first, second] = [scope.allocate(64), scope.allocate(64)];
    scope.free(first);
    scope.free(first);
    scope.free(12345);
    expect(arena.bytesInUse).toBe(64);
    scope.release();
    expect(arena.bytesInUse).toBe(0);
    expect(() => arena.free(second)).toThrow("is not allocated");
    scope.release();
    expect(scope.allocate(64)).toBeGreaterThan(0);
    scope.release();
    expect(arena.bytesInUse).toBe(0);
  });
});

test("views lie where they are asked to", () => {
  const arena = arenaOf(1, 1);
  const ptr = arena.allocate(32);
  arena.uint32(ptr, 2).set([0, 0x3ff00000]);
  expect(arena.float64(ptr, 1)[0]).toBe(1);
  expect(arena.int32(ptr, 2)[1]).toBe(0x3ff00000);
  expect(arena.float32(ptr + 4, 1)[0]).toBe(1.875);
});
