/** What AutoRec is told: every option, and what `fit` takes; whatever is wrong is told before work starts. */
import { describe, expect, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { AutoRec } from "../../src/models/autorec.js";
import { AUTOREC_DEFAULTS, type AutoRecOptions } from "../../src/models/autorec-options.js";
import type { EpochReport } from "../../src/models/model.js";
import { SMALL } from "./ratings.js";

type OptionName = keyof AutoRecOptions;

const shown = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? `an array of ${value.length}` : `${value}`;

const WHOLE_NUMBERS = [1.5, Number.NaN, Infinity, -Infinity, -1, "5", null, true, [3]];
const NO_NUMBERS = [Number.NaN, Infinity, -Infinity, -1e-9, "5", null, true, [3]];
const NO_BOOLEANS = [0, 1, "true", null, Number.NaN, [true]];
const SHARE = { rule: "a number in [0, 1)", bad: [1, 1.5, ...NO_NUMBERS] };
const NUMBER = { rule: "a number ≥ 0", bad: NO_NUMBERS };
const BOOLEAN = { rule: "true or false", bad: NO_BOOLEANS };
const ACTIVATION = { rule: '"identity" | "sigmoid" | "tanh" | "relu"', bad: ["linear", "ReLU", "", 1, null, ["tanh"]] };

/** The rule of every option as messages put it, and values that break it. */
const RULES: Record<OptionName, { rule: string; bad: readonly unknown[] }> = {
  orientation: { rule: '"item" | "user"', bad: ["items", "USER", "", 0, null] },
  hidden: { rule: "a whole number in [1, 4096]", bad: [0, 4097, ...WHOLE_NUMBERS] },
  activation: ACTIVATION,
  outputActivation: ACTIVATION,
  optimizer: { rule: '"adam" | "sgd" | "rprop"', bad: ["Adam", "adagrad", "", "auto", 1, null, ["sgd"]] },
  epochs: { rule: "a whole number ≥ 1", bad: [0, 2 ** 53, ...WHOLE_NUMBERS] },
  batchSize: { rule: 'a whole number ≥ 1, or "auto"', bad: [0, 2 ** 53, "all", ...WHOLE_NUMBERS] },
  learningRate: { rule: 'a number > 0, or "auto"', bad: [0, "fast", ...NO_NUMBERS] },
  learningRateSchedule: { rule: '"auto" | "constant" | "linear"', bad: ["cosine", "", 0, null] },
  momentum: SHARE,
  regularization: NUMBER,
  damping: NUMBER,
  dropout: SHARE,
  centering: { rule: '"none" | "mean" | "biases"', bad: ["bias", "", 0, true, null] },
  initialScale: { rule: "a number > 0", bad: [0, ...NO_NUMBERS] },
  clip: BOOLEAN,
  seed: { rule: "a whole number in [0, 2^53 − 1]", bad: [2 ** 53, ...WHOLE_NUMBERS] },
  threads: { rule: "a whole number in [0, 256]", bad: [257, ...WHOLE_NUMBERS] },
  reproducible: BOOLEAN,
};

const create = (options: unknown): AutoRec => new AutoRec(options as never);

describe("the options", () => {
  test("all have a rule here", () => {
    expect(Object.keys(RULES).toSorted()).toEqual(Object.keys(AUTOREC_DEFAULTS).toSorted());
  });

  test.each(Object.keys(RULES) as OptionName[])("%s is checked", (name) => {
    const { rule, bad } = RULES[name];
    const right = rule.startsWith("a ") ? "number" : rule.startsWith('"') ? "string" : "none";
    for (const value of bad) {
      const Class = typeof value === right ? RangeError : TypeError;
      expect(() => create({ [name]: value })).toThrow(new Class(`${name} must be ${rule}, got ${shown(value)}`));
    }
  });

  test.each(Object.keys(RULES) as OptionName[])("%s misspelt is told", (name) => {
    const misspelt = name.slice(0, -1);
    expect(() => create({ [misspelt]: 1 })).toThrow(
      new TypeError(`AutoRec: unknown option "${misspelt}"; did you mean "${name}"?`),
    );
  });

  test("undefined counts as left out; other things are no options", () => {
    expect(create({ hidden: undefined, epochs: 5 }).options).toEqual({ ...AUTOREC_DEFAULTS, epochs: 5 });
    expect(new AutoRec().options).toEqual(AUTOREC_DEFAULTS);
    for (const options of [null, 5, "hidden", [64]]) {
      expect(() => create(options)).toThrow(/^AutoRec: options must be an object, got /);
    }
  });

  test("the ends of every range are in it", () => {
    const least = {
      hidden: 1,
      epochs: 1,
      batchSize: 1,
      momentum: 0,
      regularization: 0,
      damping: 0,
      dropout: 0,
      seed: 0,
    };
    const most = {
      hidden: 4096,
      batchSize: 2 ** 53 - 1,
      momentum: 0.999,
      dropout: 0.999,
      seed: 2 ** 53 - 1,
      threads: 256,
    };
    for (const options of [least, most]) expect(create(options).options).toEqual({ ...AUTOREC_DEFAULTS, ...options });
  });

  test("cannot be changed afterwards, nor the defaults", () => {
    const given = { hidden: 8 };
    const { options } = new AutoRec(given);
    given.hidden = 9;
    expect(options.hidden).toBe(8);
    expect(() => Object.assign(options, { hidden: 10 })).toThrow(TypeError);
    expect(() => Object.assign(AUTOREC_DEFAULTS, { hidden: 10 })).toThrow(TypeError);
  });
});

describe("what fit takes", () => {
  test.each([
    [{ onEpoch: 5 }, "onEpoch must be a function, got 5"],
    [{ signal: {} }, "signal must be an AbortSignal, got an object"],
    [{ validation: [] }, "validation must be Interactions, got an array of 0"],
    [{ patience: 3 }, "patience needs validation, got none"],
    [{ validation: Interactions.fromObjects([]) }, "validation must have at least one interaction, got 0"],
    [{ validation: SMALL, patience: 0 }, "patience must be a whole number ≥ 1, got 0"],
    [{ onepoch: () => {} }, 'fit: unknown option "onepoch"; did you mean "onEpoch"?'],
    [null, "fit: options must be an object, got null"],
  ])("%o", async (options, message) => {
    const model = new AutoRec();
    await expect(model.fit(SMALL, options as never)).rejects.toThrow(message);
    expect(() => model.users).toThrow("the model has not been fitted"); // nothing had begun
    expect(() => model.codes).toThrow("the model has not been fitted");
    expect(() => model.outputWeights).toThrow("the model has not been fitted");
  });

  test.each([undefined, null, [1, 2]])("ratings, not %o", async (train) => {
    const message = `train must be Interactions, got ${shown(train)}`;
    await expect(new AutoRec().fit(train as never)).rejects.toThrow(new TypeError(message));
  });

  test("ratings of which there is one at least", async () => {
    await expect(new AutoRec().fit(Interactions.fromObjects([]))).rejects.toThrow(
      "train must have at least one interaction, got 0",
    );
  });
});

describe("what is by itself", () => {
  async function ratesOf(options: Partial<AutoRecOptions>): Promise<number[]> {
    const reports: EpochReport[] = [];
    const model = new AutoRec({ hidden: 2, epochs: 4, ...options });
    await model.fit(SMALL, { onEpoch: (report) => reports.push(report) });
    model.dispose();
    expect(reports.map(({ epoch, epochs }) => [epoch, epochs])).toEqual([1, 2, 3, 4].map((epoch) => [epoch, 4]));
    return reports.map(({ learningRate }) => learningRate);
  }
  const linear = (rate: number): number[] => [1, 0.75, 0.5, 0.25].map((share) => share * rate);

  test("the schedule: linear, but constant for rprop", async () => {
    const learningRate = 0.0625;
    for (const optimizer of ["adam", "sgd"] as const) {
      expect(await ratesOf({ optimizer, learningRate })).toEqual(linear(learningRate));
    }
    expect(await ratesOf({ optimizer: "rprop", learningRate })).toEqual(new Array(4).fill(learningRate));
    expect(await ratesOf({ learningRate, learningRateSchedule: "constant" })).toEqual(new Array(4).fill(learningRate));
  });

  test("the rate: what it is is what it does", async () => {
    for (const optimizer of ["adam", "sgd", "rprop"] as const) {
      const [learningRate] = (await ratesOf({ optimizer })) as [number];
      const options = { hidden: 2, epochs: 4, optimizer, reproducible: true }; // as ratesOf has them
      const [auto, given] = await Promise.all(
        [{}, { learningRate }].map((own) => new AutoRec({ ...options, ...own }).fit(SMALL)),
      );
      expect(given!.codes.values).toEqual(auto!.codes.values);
      expect(given!.outputWeights.values).toEqual(auto!.outputWeights.values);
    }
  });

  test("the rows of a batch: all of them for rprop", async () => {
    const options = { hidden: 3, epochs: 2, optimizer: "rprop", reproducible: true } as const;
    const weightsOf = async (batchSize: number | "auto"): Promise<Float32Array> => {
      const model = await new AutoRec({ ...options, batchSize }).fit(SMALL);
      return model.outputWeights.values.slice();
    };
    const auto = await weightsOf("auto");
    expect(await weightsOf(SMALL.numItems)).toEqual(auto);
    expect(await weightsOf(10 * SMALL.numItems)).toEqual(auto);
    expect(await weightsOf(SMALL.numItems / 2)).not.toEqual(auto);
  });
});
