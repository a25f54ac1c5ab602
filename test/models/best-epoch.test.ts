import { expect, test } from "vitest";
import { BestEpoch } from "../../src/models/best-epoch.js";

/** Something trained, whose views change places. */
function trained(...numbers: number[]): { readonly bytes: Uint8Array } {
  let place = Uint8Array.from(numbers);
  return {
    get bytes(): Uint8Array {
      place = place.slice();
      const view = place;
      return view;
    },
  };
}

test("all of the best epoch comes back, wherever it is by then", () => {
  const parts = [trained(1, 2, 3), trained(4), trained()];
  const best = new BestEpoch(...parts);
  const write = (value: number) => parts.forEach(({ bytes }) => void bytes.fill(value));
  for (const [at, rmse] of [3, 1, 2, 1].entries()) {
    write(10 + at);
    expect(best.offer(at + 1, rmse)).toBe(at < 2);
  }
  expect([best.epochsBehind(2), best.epochsBehind(4)]).toEqual([0, 2]);
  write(99);
  best.restore();
  expect(parts.map(({ bytes }) => [...bytes])).toEqual([[11, 11, 11], [11], []]);
});

test("without validation nothing is kept, and nothing put back", () => {
  const part = trained(1, 2);
  const best = new BestEpoch(part);
  expect([best.offer(1, undefined), best.offer(2, undefined), best.epochsBehind(2)]).toEqual([true, true, 0]);
  part.bytes.fill(7);
  best.restore();
  expect([...part.bytes]).toEqual([7, 7]);
});

test("an error that is no number is not the best", () => {
  const best = new BestEpoch(trained(1));
  expect(best.offer(1, Number.NaN)).toBe(false);
});
