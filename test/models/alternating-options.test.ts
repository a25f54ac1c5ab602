/** Whatever is wrong with the options of the alternating models is told: the option, the rule, the value. */
import { describe, expect, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { AlternatingLeastSquares } from "../../src/models/alternating-least-squares.js";
import { ALTERNATING_LEAST_SQUARES_DEFAULTS } from "../../src/models/alternating-least-squares-options.js";
import { ImplicitALS } from "../../src/models/implicit-als.js";
import { IMPLICIT_ALS_DEFAULTS, IMPLICIT_OBJECTIVES } from "../../src/models/implicit-als-options.js";
import { SMALL } from "./ratings.js";

const shown = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? `an array of ${value.length}` : `${value}`;

const WHOLE_NUMBERS = [1.5, Number.NaN, Infinity, -Infinity, -1, "5", null, true, [3]];
const NO_NUMBERS = [Number.NaN, Infinity, -Infinity, -1e-9, "5", null, true, [3]];
const NO_BOOLEANS = [0, 1, "true", null, Number.NaN, [true]];

interface Rule {
  readonly rule: string;
  readonly bad: readonly unknown[];
}

const NUMBER: Rule = { rule: "a number ≥ 0", bad: NO_NUMBERS };
const POSITIVE: Rule = { rule: "a number > 0", bad: [0, ...NO_NUMBERS] };
const BOOLEAN: Rule = { rule: "true or false", bad: NO_BOOLEANS };

const SHARED = {
  factors: { rule: "a whole number in [1, 4096]", bad: [0, 4097, ...WHOLE_NUMBERS] },
  epochs: { rule: "a whole number ≥ 1", bad: [0, 2 ** 53, ...WHOLE_NUMBERS] },
  regularization: NUMBER,
  tolerance: NUMBER,
  initialScale: POSITIVE,
  seed: { rule: "a whole number in [0, 2^53 − 1]", bad: [2 ** 53, ...WHOLE_NUMBERS] },
  threads: { rule: "a whole number in [0, 256]", bad: [257, ...WHOLE_NUMBERS] },
  reproducible: BOOLEAN,
};

const MODELS = [
  {
    Model: AlternatingLeastSquares,
    defaults: ALTERNATING_LEAST_SQUARES_DEFAULTS,
    rules: {
      ...SHARED,
      damping: NUMBER,
      biasRegularization: NUMBER,
      biasDamping: NUMBER,
      biases: BOOLEAN,
      globalMean: BOOLEAN,
      nonNegative: BOOLEAN,
      clip: BOOLEAN,
    } as Record<string, Rule>,
    ends: [
      { factors: 1, epochs: 1, regularization: 0, damping: 0, biasRegularization: 0, biasDamping: 0, seed: 0 },
      { factors: 4096, seed: 2 ** 53 - 1, threads: 256 },
    ],
  },
  {
    Model: ImplicitALS,
    defaults: IMPLICIT_ALS_DEFAULTS,
    rules: {
      ...SHARED,
      solver: {
        rule: '"cholesky" | "conjugateGradient" | "subspace" | "gradientDescent"',
        bad: ["cg", "", "Cholesky", 1, null],
      },
      steps: { rule: "a whole number in [1, 1000]", bad: [0, 1001, ...WHOLE_NUMBERS] },
      blockSize: { rule: "a whole number in [8, 4096]", bad: [0, 7, 4097, ...WHOLE_NUMBERS] },
      confidence: { rule: '"linear" | "log" | "given"', bad: ["logarithmic", "", 1, null, ["log"]] },
      alpha: POSITIVE,
      epsilon: { rule: 'a number > 0, or "auto"', bad: [0, "median", ...NO_NUMBERS] },
      unobservedWeight: NUMBER,
      observedLoss: { rule: '"added" | "raised" | "replaced"', bad: ["add", "", 0, null] },
      regularizationExponent: NUMBER,
      countUnobserved: BOOLEAN,
    } as Record<string, Rule>,
    ends: [
      { factors: 1, epochs: 1, steps: 1, blockSize: 8, regularization: 0, unobservedWeight: 0, tolerance: 0 },
      { factors: 4096, steps: 1000, blockSize: 4096, epsilon: 1e-30, regularizationExponent: 0, threads: 256 },
    ],
  },
];

describe.each(MODELS)("$Model.name", ({ Model, defaults, rules, ends }) => {
  const create = (options: unknown) => new Model(options as never);

  test("all options have a rule here", () => {
    expect(Object.keys(rules).toSorted()).toEqual(Object.keys(defaults).toSorted());
  });

  test.each(Object.keys(rules))("%s is checked", (name) => {
    const { rule, bad } = rules[name]!;
    const right = rule.startsWith("a ") ? "number" : rule.startsWith('"') ? "string" : "none";
    for (const value of bad) {
      const Class = typeof value === right ? RangeError : TypeError;
      expect(() => create({ [name]: value })).toThrow(new Class(`${name} must be ${rule}, got ${shown(value)}`));
    }
  });

  test.each(Object.keys(rules))("%s misspelt is told", (name) => {
    const misspelt = name.slice(0, -1);
    expect(() => create({ [misspelt]: 1 })).toThrow(
      new TypeError(`${Model.name}: unknown option "${misspelt}"; did you mean "${name}"?`),
    );
  });

  test("the ends of every range are in it, and undefined counts as left out", () => {
    for (const options of ends) expect(create(options).options).toEqual({ ...defaults, ...options });
    expect(create({ factors: undefined }).options).toEqual(defaults);
    for (const options of [null, 5, "factors", [64]]) {
      expect(() => create(options)).toThrow(new RegExp(`^${Model.name}: options must be an object, got `));
    }
  });

  test("cannot be changed afterwards, nor the defaults", () => {
    expect(() => Object.assign(create({}).options, { factors: 10 })).toThrow(TypeError);
    expect(() => Object.assign(defaults, { factors: 10 })).toThrow(TypeError);
  });

  test.each([
    [{ onEpoch: 5 }, "onEpoch must be a function, got 5"],
    [{ onHalfStep: null }, "onHalfStep must be a function, got null"],
    [{ signal: {} }, "signal must be an AbortSignal, got an object"],
    [{ onHalfstep: () => {} }, 'fit: unknown option "onHalfstep"; did you mean "onHalfStep"?'],
    [null, "fit: options must be an object, got null"],
  ])("what fit takes: %o", async (options, message) => {
    const model = create({});
    await expect(model.fit(SMALL, options as never)).rejects.toThrow(new TypeError(message));
    expect(() => model.users).toThrow("the model has not been fitted"); // nothing had begun
  });

  test.each([undefined, null, [1, 2]])("what fit learns from: %o", async (train) => {
    const message = `train must be Interactions, got ${shown(train)}`;
    await expect(create({}).fit(train as never)).rejects.toThrow(new TypeError(message));
  });
});

test("AlternatingLeastSquares takes validation and patience, ImplicitALS neither", async () => {
  const empty = Interactions.fromObjects([]);
  const model = new AlternatingLeastSquares();
  await expect(model.fit(SMALL, { patience: 3 })).rejects.toThrow("patience needs validation, got none");
  await expect(model.fit(SMALL, { validation: empty })).rejects.toThrow(
    "validation must have at least one interaction, got 0",
  );
  const unknown = new ImplicitALS().fit(SMALL, { validation: SMALL } as never);
  await expect(unknown).rejects.toThrow(/^fit: unknown option "validation"/);
});

test.each([12, 20, 4092])("a block of %i is no multiple of 8", (blockSize) => {
  expect(() => new ImplicitALS({ blockSize })).toThrow(
    new RangeError(`blockSize must be a multiple of 8, got ${blockSize}`),
  );
});

test("the objectives of others can be given as they are, and cannot be changed", () => {
  for (const [name, objective] of Object.entries(IMPLICIT_OBJECTIVES)) {
    expect(new ImplicitALS({ ...objective, factors: 3 }).options).toEqual({
      ...IMPLICIT_ALS_DEFAULTS,
      ...objective,
      factors: 3,
    });
    expect(() => Object.assign(objective, { alpha: 7 })).toThrow(TypeError);
    expect(() => Object.assign(IMPLICIT_OBJECTIVES, { [name]: {} })).toThrow(TypeError);
  }
});
