import { describe, expect, test, vi } from "vitest";
import { AutoRecState, autorecStep } from "../../bench/baselines/autorec.js";
import { checkBits, checkErrors, javascriptFit, libraryFit, type Reached } from "../../bench/harness/autorec-fits.js";
import { openAutoRecParts, shareOfLearning } from "../../bench/harness/autorec-parts.js";
import { passTime } from "../../bench/harness/autorec-pass-times.js";
import { AutoRecPasses } from "../../bench/harness/autorec-passes.js";
import { prototypeFit } from "../../bench/harness/autorec-prototype.js";
import { batchesOf, batchOrder, setUpAutoRec, startWeights } from "../../bench/harness/autorec-setup.js";
import { EpochSpeed } from "../../bench/harness/autorec-speed.js";
import { syntheticRatings } from "../../src/data/synthetic.js";
import { engine } from "../../src/engine/engine.js";
import { AutoRec, type AutoRecOptions } from "../../src/index.js";
import { learningRateOf } from "../../src/models/autorec-settings.js";

// primes, so that neither batches, tiles nor entries come out even
const { interactions } = syntheticRatings({ numUsers: 101, numItems: 53, numRatings: 1009, seed: 3 });
const EPOCHS = 3;

const nothing = (): Reached => ({ bits: new Map() });

/** The library's errors by epoch, codes and output weights. */
async function fitted(options: Partial<AutoRecOptions>) {
  const errors: number[] = [];
  const model = await new AutoRec(options).fit(interactions, { onEpoch: ({ trainRmse }) => errors.push(trainRmse) });
  const weights = model.outputWeights;
  const rows = Array.from({ length: weights.rows }, (_, row) => [...weights.row(row)]);
  model.dispose();
  return { errors, rows };
}

const cases: Partial<AutoRecOptions>[] = [
  { hidden: 5, batchSize: 53 },
  { hidden: 33, batchSize: 17, damping: 3 },
  { hidden: 37, batchSize: 1, centering: "mean", regularization: 0.1 },
  { hidden: 64, batchSize: 20, centering: "none", orientation: "user", learningRateSchedule: "constant" },
];

test.each(cases)("plain JavaScript takes the kernels' steps, %o", async (options) => {
  const all = { ...options, epochs: EPOCHS, seed: 5 };
  const setup = await setUpAutoRec(interactions, all);
  const weights = startWeights(setup);
  const batches = batchesOf(setup);
  const state = new AutoRecState(weights, batches);
  const errors: number[] = [];
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    let squares = 0;
    for (const batch of batchOrder(setup.settings, batches.length, epoch)) {
      squares += autorecStep(weights, state, batches[batch]!, learningRateOf(setup.settings, epoch));
    }
    errors.push(setup.scale * Math.sqrt(squares / interactions.size));
  }
  const expected = await fitted(all);
  expect(errors).toEqual(expected.errors.map((error) => expect.closeTo(error, 5)));
  const { hidden } = setup.options;
  expected.rows.forEach((row, input) => {
    const got = weights.decoder.subarray(input * hidden, (input + 1) * hidden);
    expect([...got].map((weight) => setup.scale * weight)).toEqual(row.map((weight) => expect.closeTo(weight, 4)));
  });
});

const setup = await setUpAutoRec(interactions, { hidden: 40, batchSize: 20, epochs: EPOCHS, seed: 1 });
const running = { threads: 1, reproducible: false };

test("every entry is in one batch, its input's entries together", () => {
  const batches = batchesOf(setup);
  expect(batches.map(({ numSlots }) => numSlots)).toEqual([17, 18, 18]);
  expect(batches.reduce((sum, { slots }) => sum + slots.length, 0)).toBe(1009);
  for (const { inputs, offsets, slots, values, numSlots } of batches) {
    expect(offsets.at(-1)).toBe(slots.length);
    expect(values).toHaveLength(slots.length);
    inputs.forEach((input, active) => {
      const own = [...slots.subarray(offsets[active]!, offsets[active + 1]!)];
      expect(own.length).toBeGreaterThan(0);
      expect(new Set(own).size).toBe(own.length);
      expect(Math.max(...own)).toBeLessThan(numSlots);
      if (active > 0) expect(input).toBeGreaterThan(inputs[active - 1]!);
    });
  }
  expect([...batchOrder(setup.settings, 3, 1)].sort()).toEqual([0, 1, 2]);
});

test("fits start anew, agree, and give the bits of any threads", async () => {
  const reached = nothing();
  const competitors = [
    javascriptFit(setup, reached),
    libraryFit(setup, reached, running),
    libraryFit(setup, reached, { ...running, threads: 3 }),
    libraryFit(setup, reached, { ...running, reproducible: true }),
  ];
  for (const competitor of competitors) {
    const first = await competitor.run();
    expect(first).toHaveLength(EPOCHS - 1);
    const bits = competitor.check();
    await competitor.run();
    expect(competitor.check()).toBe(bits);
    expect(competitor.facts!().gflops).toBeGreaterThan(0);
  }
  expect(reached.bits.size).toBe(2);
});

test("checks of fits see what is wrong", () => {
  const reached = nothing();
  expect(() => checkErrors("rising", [0.9, 0.91], setup, reached)).toThrow("rising: the training error must fall");
  expect(() => checkErrors("lost", [Number.NaN], setup, reached)).toThrow("lost: the training error must fall");
  expect(() => checkErrors("high", [100, 0.9], setup, reached)).toThrow("high: the training error must fall");
  checkErrors("first", [0.9, 0.8], setup, reached);
  checkErrors("near", [0.9002, 0.8], setup, reached);
  expect(() => checkErrors("far", [0.9, 0.799], setup, reached)).toThrow("far: others reach 0.9, 0.8, got 0.9, 0.799");
  checkBits("one", "a", "same", reached);
  checkBits("other", "b", "another", reached);
  expect(() => checkBits("two", "b", "same", reached)).toThrow("two: every run must give the same bits");
});

describe.each([1, 3])("pass by pass on %i threads", (threads) => {
  test("the errors are those of a fit, bit by bit", async () => {
    const { errors } = await fitted({ ...setup.options, threads });
    const passes = await AutoRecPasses.open(setup, { threads, reproducible: false });
    for (let epoch = 1; epoch <= EPOCHS; epoch++) {
      const { rmse, ms } = await passes.runEpoch(epoch, learningRateOf(setup.settings, epoch));
      expect(rmse).toBe(errors[epoch - 1]);
      for (const time of Object.values(ms)) expect(time).toBeGreaterThan(0);
    }
    passes.dispose();
  });
});

test("a pass is timed in each run and gives memory back", async () => {
  const { arena } = engine();
  const before = arena.bytesInUse;
  const competitor = passTime(setup, nothing(), "learnTiles", { ...running, peak: () => 10 });
  for (let run = 0; run < 3; run++) {
    await competitor.prepare!();
    expect(await competitor.run()).toHaveLength(3);
  }
  expect(competitor.check()).toMatch(/^[0-9a-f]{8}$/);
  const facts = competitor.facts!();
  expect(facts.shareOfPeak).toBeCloseTo(facts.gflops! / 10, 9);
  expect(facts.shareSteps).toBeLessThan(1);
  competitor.dispose!();
  expect(arena.bytesInUse).toBe(before);
});

test("the parts of learning, all taken, are learning but for the hidden bias", async () => {
  const whole = await setUpAutoRec(interactions, { hidden: 40, batchSize: 53, seed: 1 });
  const parts = (await openAutoRecParts(engine().variant(false)))!;
  const { memory } = engine().arena;
  let [byParts, weights]: [Uint8Array[], () => Uint8Array[]] = [[], () => []];
  const passes = await AutoRecPasses.open(whole, {
    ...running,
    beforeLearning(networkPtr, batchPtr, numTiles) {
      const network = new Uint32Array(memory.buffer, networkPtr, 24);
      const matrixBytes = numTiles * network[4]!;
      const places = [0, 1, 2, 3].map((word) => network[word]!); // V, its moments, W, its moments
      weights = () => places.map((ptr, at) => new Uint8Array(memory.buffer, ptr, (1 + (at % 2)) * matrixBytes).slice());
      const before = new Uint8Array(memory.buffer).slice();
      parts.learnUpTo(0, numTiles, networkPtr, batchPtr, 5);
      byParts = weights();
      new Uint8Array(memory.buffer).set(before);
    },
  });
  await passes.runEpoch(1, 0.01);
  expect(weights().map((bytes, at) => Buffer.compare(bytes, byParts[at]!))).toEqual([0, 0, 0, 0]);
  passes.dispose();
});

test.each([false, true])("the parts of learning are shares of it, reproducible: %s", async (reproducible) => {
  const { partsSeconds, ...shares } = await shareOfLearning(setup, reproducible);
  expect(partsSeconds).toBeGreaterThan(0);
  expect(Object.keys(shares)).toHaveLength(5);
  expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
});

test("the first run is a warm-up, and speed is by the sums", () => {
  const speed = new EpochSpeed(setup, 5, () => 2);
  speed.measurePeak();
  expect(speed.add([1])).toEqual([1]);
  speed.add([20, 10]);
  const gflops = (5 * 2 * 1009 * 40) / 10 / 1e6;
  expect(speed.facts()).toEqual({ secondsPerEpoch: 0.01, gflops, peakGflops: 2, shareOfPeak: gflops / 2 });
  expect(new EpochSpeed(setup, 5).facts()).not.toHaveProperty("shareOfPeak");
});

test("there is no prototype where nothing names one", async () => {
  vi.stubEnv("LOWRANK_PROTOTYPES", "");
  expect(await prototypeFit(setup)).toEqual([]);
  vi.unstubAllEnvs();
});

test.runIf(process.env.LOWRANK_PROTOTYPES)("the prototype starts anew and brings its error down", async () => {
  const [prototype] = await prototypeFit(setup);
  const checksums: string[] = [];
  for (let run = 0; run < 2; run++) {
    prototype!.prepare!();
    prototype!.run();
    checksums.push(prototype!.check());
  }
  expect(checksums[0]).toBe(checksums[1]);
});
