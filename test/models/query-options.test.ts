/** Options of queries: whatever is wrong with one is told before work starts, and whatever is not is done. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Id } from "../../src/data/id-index.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { batchesOf } from "./contract/many-queries.js";
import { type AskOptions, ask, askAll, isSimilarity, QUESTIONS, type Question } from "./contract/questions.js";
import { COLD, historyOfUser } from "./contract/subject.js";
import { type Plan, RandomQueries } from "./random-queries.js";

let model: MatrixFactorization;
beforeAll(async () => {
  model = await new MatrixFactorization({ factors: 5, epochs: 10, clip: false }).fit(COLD);
});
afterAll(() => model.dispose());

const shown = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? "an object" : String(value);
};

const WHOLE = [0, -1, 1.5, Number.NaN, Infinity, -Infinity, 2 ** 53, "5", null, true, [3], {}];
const NO_BOOLEANS = [0, 1, "true", null, [], {}];
const NO_LISTS = [null, 5, "item-1", true, {}, () => []];

/** The rule of every option, and values that break it. */
const RANK_RULES: Record<string, { rule: string; bad: readonly unknown[] }> = {
  count: { rule: "a whole number ≥ 1", bad: WHOLE },
  exclude: { rule: "an iterable of ids", bad: NO_LISTS },
  include: { rule: "an iterable of ids", bad: NO_LISTS },
  minimumScore: { rule: "a finite number", bad: [Number.NaN, Infinity, "3", null, true, [3]] },
  unknown: { rule: '"fallback" | "error"', bad: ["skip", "", "Error", null, true, 0] },
};
const RECOMMEND_RULES = { ...RANK_RULES, filterSeen: { rule: "true or false", bad: NO_BOOLEANS } };
const SIMILAR_RULES = {
  ...RANK_RULES,
  filterSelf: { rule: "true or false", bad: NO_BOOLEANS },
  metric: { rule: '"cosine" | "dot" | "euclidean"', bad: ["cos", "", "Dot", null, 0, ["dot"]] },
};
const MANY_RULES = {
  batchSize: { rule: "a whole number ≥ 1", bad: WHOLE },
  threads: { rule: "a whole number in [0, 256]", bad: [257, ...WHOLE.slice(1)] },
  signal: { rule: "an AbortSignal", bad: [null, 5, "abort", true, {}] },
};

/** The ways to ask a question, each with the name that messages have for it and its options' rules. */
function waysOf(question: Question) {
  const { query, all, rows } = question;
  const rules = isSimilarity(question) ? SIMILAR_RULES : RECOMMEND_RULES;
  const many = { ...rules, ...MANY_RULES, [rows]: { rule: "an iterable of ids", bad: NO_LISTS } };
  const who = rows === "users" ? "user-3" : "item-3";
  return [
    { name: query, where: query, rules, use: async (options: unknown) => ask(model, question, who, options as never) },
    { name: all, where: all, rules: many, use: (options: unknown) => askAll(model, question, options as never) },
    {
      name: `inBatches of ${query}`,
      where: "inBatches",
      rules: many,
      use: async (options: unknown) => void batchesOf(model, question, options as never),
    },
  ];
}

const failureOf = async (work: () => Promise<unknown>): Promise<Error> => {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  return new Error("nothing was thrown");
};

for (const way of QUESTIONS.flatMap(waysOf)) {
  describe(way.name, () => {
    const names = Object.keys(way.rules);

    test.each(names)("%s is checked", async (name) => {
      const { rule, bad } = (way.rules as typeof RANK_RULES)[name]!;
      for (const value of bad) {
        const error = await failureOf(() => way.use({ [name]: value }));
        expect(error.message).toBe(`${name} must be ${rule}, got ${shown(value)}`);
        const right = /^a (whole|finite)/.test(rule) ? "number" : rule.startsWith('"') ? "string" : "none";
        expect(error).toBeInstanceOf(typeof value === right ? RangeError : TypeError);
      }
    });

    test.each(names)("%s misspelt is told; undefined counts as left out", async (name) => {
      const misspelt = name.slice(0, -1);
      const message = `${way.where}: unknown option "${misspelt}"; did you mean "${name}"?`;
      expect(await failureOf(() => way.use({ [misspelt]: 1 }))).toEqual(new TypeError(message));
      expect(await way.use({ [name]: undefined })).toEqual(await way.use({}));
    });

    test("ids in lists are checked", async () => {
      for (const name of names.filter((each) => ["exclude", "include", "users", "items"].includes(each))) {
        for (const value of ["", Number.NaN, Infinity, null, undefined, true, {}, ["item-1"]]) {
          const error = await failureOf(() => way.use({ [name]: ["item-1", "user-1", value].slice(-1) }));
          expect(error.message).toBe(`${name}[0] must be a non-empty string or a finite number, got ${shown(value)}`);
          const isWrongType = typeof value !== "string" && typeof value !== "number";
          expect(error).toBeInstanceOf(isWrongType ? TypeError : RangeError);
        }
      }
    });

    test("options are an object, and no other's", async () => {
      for (const options of [null, 5, "count", [10], true]) {
        const message = `${way.where}: options must be an object, got ${shown(options)}`;
        expect(await failureOf(() => way.use(options))).toEqual(new TypeError(message));
      }
      const foreign = names.includes("metric") ? "filterSeen" : "metric";
      const error = await failureOf(() => way.use({ [foreign]: true }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(`${way.where}: unknown option "${foreign}"`);
    });
  });
}

test("a query that there is none of", () => {
  for (const [query, shown] of [
    ["recomend", '"recomend"'],
    ["toString", '"toString"'],
    [undefined, "undefined"],
  ]) {
    const rule = 'query must be "recommend" | "recommendUsers" | "similarItems" | "similarUsers", got';
    expect(() => model.inBatches(query as "recommend")).toThrow(`${rule} ${shown}`);
  }
});

describe("options of predict", () => {
  test.each([
    [{ unknown: "skip" }, RangeError, 'unknown must be "fallback" | "error", got "skip"'],
    [{ unknown: null }, TypeError, 'unknown must be "fallback" | "error", got null'],
    [{ unknwon: "error" }, TypeError, 'predict: unknown option "unknwon"; did you mean "unknown"?'],
    [null, TypeError, "predict: options must be an object, got null"],
  ])("%j", (options, Class, message) => {
    expect(() => model.predict("user-1", "item-1", options as never)).toThrow(Class);
    expect(() => model.predict("user-1", "item-1", options as never)).toThrow(message);
  });
});

describe("10,000 random queries: each gives the right answer, or an error that names what is wrong", () => {
  /** Whether an error is of the kind, and names one of the faults. */
  function expectTold(error: unknown, { faults, options }: Plan): void {
    const isTold = error instanceof TypeError || error instanceof RangeError;
    const names = isTold && faults.some((fault) => error.message.startsWith(fault));
    expect({ isTold, names, message: String(error), options, faults }).toMatchObject({ isTold: true, names: true });
  }

  test.each(QUESTIONS)("$query", async (question) => {
    const visitors = ["user-3", "user-20"].map((id) => model.foldIn(historyOfUser(COLD, id)));
    const item = model.foldInItem([{ userId: "user-1", value: 4 }, { userId: "user-2" }]);
    const folded = { users: [...visitors, model.foldIn([])], items: [item, model.foldInItem([])] };
    const queries = new RandomQueries(model, COLD, question, folded, 7 + QUESTIONS.indexOf(question));
    let [answered, refused] = [0, 0];
    for (let time = 0; time < 2500; time++) {
      const plan = queries.next();
      const isMany = time % 25 === 0;
      let list: unknown;
      try {
        if (isMany) list = await askAll(model, question, plan.manyOptions);
        else list = ask(model, question, plan.who, plan.options as AskOptions);
      } catch (error) {
        refused++;
        expectTold(error, isMany ? { ...plan, faults: plan.manyFaults } : plan);
        continue;
      }
      answered++;
      if (!isMany) expect({ list, options: plan.options }).toEqual({ list: plan.expected(), options: plan.options });
      else {
        const alone = plan.manyRows.map((id: Id) => ({
          row: model[question.rows].indexOf(id),
          list: ask(model, question, id, plan.options as AskOptions),
        }));
        expect(list).toEqual(alone);
      }
    }
    expect(answered).toBeGreaterThan(700);
    expect(refused).toBeGreaterThan(700);
  });
});
