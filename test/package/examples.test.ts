/** The examples run as they stand, with the package as it is published, and show what they say. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

function outputOf(example: string): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [`examples/${example}`], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
  return stdout;
}

test("alternating least squares: the objective falls, and the test error is below the bias model's", () => {
  const output = outputOf("alternating-least-squares.mjs");
  const objectives = [...output.matchAll(/solved: objective ([\d.]+)/g)].map((match) => Number(match[1]));
  expect(objectives).toHaveLength(6);
  expect(objectives).toEqual([...objectives].sort((a, b) => b - a));
  const [, model, bias] = output.match(/kept aside: ([\d.]+), a bias model ([\d.]+)/)!;
  expect(Number(model)).toBeLessThan(0.96 * Number(bias));
  expect(output.match(/most because of item-\d+, rated/g)).toHaveLength(3);
});

test("implicit ALS: listeners get their own genre, and a visitor is told why", () => {
  const output = outputOf("implicit-als.mjs");
  for (const [listener, genre] of ["jazz", "metal", "opera"].entries()) {
    const [, names] = output.match(new RegExp(`listener ${listener} may like (.*)`))!;
    expect(names!.split(", ").every((name) => name.startsWith(genre))).toBe(true);
  }
  expect(output).toMatch(
    /a visitor may like metal \d+ .*\n {2}metal 03, played 20 times: .*\n {2}metal 11, played 2 times/,
  );
  expect(output).toMatch(/like jazz 01: jazz \d+, jazz \d+, jazz \d+\n/);
});

test("AutoRec: better than the bias model, the visitor and the new item get lists, the file says the same", () => {
  const output = outputOf("autorec.mjs");
  expect(output.match(/^epoch \d+: validation RMSE [\d.]+/gm)!.length).toBeGreaterThan(1);
  const [, model, bias] = output.match(/kept aside: ([\d.]+)\na bias model ([\d.]+)/)!;
  expect(Number(model)).toBeLessThan(0.985 * Number(bias));
  expect(output).toMatch(/^user-42 may like (item-\d+ [\d.]+(, |$)){3}$/m);
  expect(output).toMatch(/^like item-7: (item-\d+ [\d.]+(, |$)){3}$/m);
  expect(output).toMatch(/^a visitor with ten of their ratings: (item-\d+ [\d.]+(, |$)){3}$/m);
  expect(output).toMatch(/^a new item with ten of item-7's is for (user-\d+ [\d.]+(, |$)){3}$/m);
  const [, after, before] = output.match(/gives item-8 ([\d.]+), ([\d.]+) before$/m)!;
  expect(after).toBe(before);
});
