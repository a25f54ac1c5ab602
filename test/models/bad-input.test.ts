/** Whatever is wrong is told before work starts: the argument, the rule, the value. */
import { describe, expect, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { MATRIX_FACTORIZATION_DEFAULTS } from "../../src/models/matrix-factorization-options.js";
import { SMALL } from "./ratings.js";

type OptionName = keyof typeof MATRIX_FACTORIZATION_DEFAULTS;

/** How a value is shown, for the values used here. */
const shown = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? `an array of ${value.length}` : `${value}`;

const WHOLE_NUMBERS = [1.5, Number.NaN, Infinity, -Infinity, -1, "5", null, true, [3]];
const NO_NUMBERS = [Number.NaN, Infinity, -Infinity, -1e-9, "5", null, true, [3]];
const NO_BOOLEANS = [0, 1, "true", null, Number.NaN, [true]];

/** The rule of every option as messages put it, and values that break it. */
const RULES: Record<OptionName, { rule: string; bad: readonly unknown[] }> = {
  factors: { rule: "a whole number in [1, 4096]", bad: [0, 4097, ...WHOLE_NUMBERS] },
  epochs: { rule: "a whole number ≥ 1", bad: [0, 2 ** 53, ...WHOLE_NUMBERS] },
  optimizer: { rule: '"sgd" | "adagrad" | "adam"', bad: ["SGD", "", "auto", 1, null, ["sgd"]] },
  learningRate: { rule: 'a number > 0, or "auto"', bad: [0, "fast", ...NO_NUMBERS] },
  learningRateSchedule: { rule: '"auto" | "constant" | "linear"', bad: ["cosine", "", 0, null] },
  regularization: { rule: "a number ≥ 0", bad: NO_NUMBERS },
  damping: { rule: "a number ≥ 0", bad: NO_NUMBERS },
  biasRegularization: { rule: "a number ≥ 0", bad: NO_NUMBERS },
  biasDamping: { rule: "a number ≥ 0", bad: NO_NUMBERS },
  biases: { rule: "true or false", bad: NO_BOOLEANS },
  globalMean: { rule: "true or false", bad: NO_BOOLEANS },
  initialScale: { rule: "a number > 0", bad: [0, ...NO_NUMBERS] },
  clip: { rule: "true or false", bad: NO_BOOLEANS },
  seed: { rule: "a whole number in [0, 2^53 − 1]", bad: [2 ** 53, ...WHOLE_NUMBERS] },
  threads: { rule: "a whole number in [0, 256]", bad: [257, ...WHOLE_NUMBERS] },
  reproducible: { rule: "true or false", bad: NO_BOOLEANS },
};

/** What a function throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("the options", () => {
  test("all have a rule here", () => {
    expect(Object.keys(RULES).toSorted()).toEqual(Object.keys(MATRIX_FACTORIZATION_DEFAULTS).toSorted());
  });

  test.each(Object.keys(RULES) as OptionName[])("%s is checked", (name) => {
    const { rule, bad } = RULES[name];
    for (const value of bad) {
      const error = thrownBy(() => new MatrixFactorization({ [name]: value })) as Error;
      expect(error.message).toBe(`${name} must be ${rule}, got ${shown(value)}`);
      const right = rule.startsWith("a ") ? "number" : rule.startsWith('"') ? "string" : "none";
      expect(error).toBeInstanceOf(typeof value === right ? RangeError : TypeError);
    }
  });

  test.each(Object.keys(RULES) as OptionName[])("%s misspelt is told", (name) => {
    const misspelt = name.slice(0, -1);
    expect(() => new MatrixFactorization({ [misspelt]: 1 })).toThrow(
      new TypeError(`MatrixFactorization: unknown option "${misspelt}"; did you mean "${name}"?`),
    );
  });

  test("undefined counts as left out; other things are no options", () => {
    const model = new MatrixFactorization({ factors: undefined as never, epochs: 5 });
    expect(model.options).toEqual({ ...MATRIX_FACTORIZATION_DEFAULTS, epochs: 5 });
    for (const options of [null, 5, "factors", [64]]) {
      expect(() => new MatrixFactorization(options as never)).toThrow(
        /^MatrixFactorization: options must be an object, got /,
      );
    }
  });

  test("the ends of every range are in it", () => {
    for (const options of [
      {
        factors: 1,
        epochs: 1,
        regularization: 0,
        damping: 0,
        biasRegularization: 0,
        biasDamping: 0,
        seed: 0,
        threads: 0,
      },
      { factors: 4096, seed: 2 ** 53 - 1, threads: 256, learningRate: "auto" as const },
    ]) {
      expect(new MatrixFactorization(options).options).toEqual({ ...MATRIX_FACTORIZATION_DEFAULTS, ...options });
    }
  });

  test("cannot be changed afterwards, nor the defaults", () => {
    const given = { factors: 8 };
    const { options } = new MatrixFactorization(given);
    given.factors = 9;
    expect(options.factors).toBe(8);
    expect(() => Object.assign(options, { factors: 10 })).toThrow(TypeError);
    expect(() => Object.assign(MATRIX_FACTORIZATION_DEFAULTS, { factors: 10 })).toThrow(TypeError);
  });
});

describe("the arguments of fit", () => {
  const EMPTY = Interactions.fromObjects([]);

  test.each([
    ["undefined", undefined, "train must be Interactions, got undefined"],
    ["null", null, "train must be Interactions, got null"],
    ["an array", [1, 2], "train must be Interactions, got an array of 2"],
    ["a split", SMALL.split(), "train must be Interactions, got an object"],
    ["no interactions", EMPTY, "train must have at least one interaction, got 0"],
  ])("train: %s", async (_, train, message) => {
    await expect(new MatrixFactorization().fit(train as never)).rejects.toThrow(message);
  });

  test.each([
    [{ validation: [1] }, "validation must be Interactions, got an array of 1"],
    [{ validation: null }, "validation must be Interactions, got null"],
    [{ validation: EMPTY }, "validation must have at least one interaction, got 0"],
    [{ validation: SMALL, patience: 0 }, "patience must be a whole number ≥ 1, got 0"],
    [{ validation: SMALL, patience: 1.5 }, "patience must be a whole number ≥ 1, got 1.5"],
    [{ validation: SMALL, patience: Number.NaN }, "patience must be a whole number ≥ 1, got NaN"],
    [{ validation: SMALL, patience: "3" }, 'patience must be a whole number ≥ 1, got "3"'],
    [{ patience: 3 }, "patience needs validation, got none"],
    [{ onEpoch: 5 }, "onEpoch must be a function, got 5"],
    [{ onEpoch: null }, "onEpoch must be a function, got null"],
    [{ signal: {} }, "signal must be an AbortSignal, got an object"],
    [{ signal: new AbortController() }, "signal must be an AbortSignal, got an object of class AbortController"],
    [{ onepoch: () => {} }, 'fit: unknown option "onepoch"; did you mean "onEpoch"?'],
    [{ epochs: 3 }, 'fit: unknown option "epochs"'],
    [null, "fit: options must be an object, got null"],
    [5, "fit: options must be an object, got 5"],
  ])("options: %o", async (options, message) => {
    const model = new MatrixFactorization();
    await expect(model.fit(SMALL, options as never)).rejects.toThrow(message);
    expect(() => model.users).toThrow("the model has not been fitted"); // nothing had begun
  });
});

describe("the arguments of recommend and predict", async () => {
  const model = await new MatrixFactorization({ factors: 4, epochs: 1 }).fit(SMALL);

  test.each([0, -1, 1.5, Number.NaN, Infinity, "3", null])("count %o", (count) => {
    expect(() => model.recommend(1, { count: count as never })).toThrow(
      `count must be a whole number ≥ 1, got ${shown(count)}`,
    );
  });

  test("misspelt options", () => {
    expect(() => model.recommend(1, { cuont: 3 } as never)).toThrow(
      'recommend: unknown option "cuont"; did you mean "count"?',
    );
    expect(() => model.recommend(1, 5 as never)).toThrow("recommend: options must be an object, got 5");
  });

  test("indices beyond the model", () => {
    const known = Uint32Array.of(0);
    for (const [users, items, message] of [
      [
        Uint32Array.of(60),
        known,
        "userIndices[0] must be a whole number in [0, 60), or 2^32 − 1 for an unknown one, got 60",
      ],
      [
        known,
        Uint32Array.of(40),
        "itemIndices[0] must be a whole number in [0, 40), or 2^32 − 1 for an unknown one, got 40",
      ],
      [
        known,
        Uint32Array.of(0xfffffffe),
        "itemIndices[0] must be a whole number in [0, 40), or 2^32 − 1 for an unknown one, got 4294967294",
      ],
    ] as const) {
      expect(() => model.predictIndices(users, items)).toThrow(new RangeError(message));
    }
    expect([...model.predictIndices(Uint32Array.of(0xffffffff), Uint32Array.of(0xffffffff))]).toEqual([model.offset]);
  });
});
