/** Queries drawn at random, good and bad, with what is wrong with each or the list that it must give. */
import type { Id, IdIndex } from "../../src/data/id-index.js";
import type { Interactions } from "../../src/data/interactions.js";
import { RandomStream } from "../../src/data/random.js";
import type { FoldedItem, FoldedUser } from "../../src/models/folded.js";
import type { Model } from "../../src/models/model.js";
import {
  type AskOptions,
  ask,
  expectedList,
  isSimilarity,
  type Listed,
  type ManyOptions,
  type Question,
  seenBy,
} from "./contract/questions.js";

type Folded = FoldedUser | FoldedItem;

export interface Plan {
  readonly who: unknown;
  readonly options: Record<string, unknown>;
  /** How messages begin that tell of one of the things that are wrong. */
  readonly faults: string[];
  readonly expected: () => Listed[];
  /** The same question for many of them. */
  readonly manyOptions: ManyOptions;
  readonly manyFaults: string[];
  readonly manyRows: Id[];
}

/** A value for an option, and how a message about it begins if it is bad. */
interface Draw {
  readonly value: unknown;
  readonly fault?: string;
}

const JUNK: readonly unknown[] = [
  null,
  Number.NaN,
  "",
  "x",
  -1,
  0,
  0.5,
  true,
  {},
  [],
  [null],
  [""],
  Infinity,
  5n,
  () => 1,
];

export class RandomQueries {
  readonly #random: RandomStream;
  readonly #model: Model;
  readonly #data: Interactions;
  readonly #question: Question;
  readonly #folded: Readonly<Record<"users" | "items", readonly Folded[]>>;
  readonly #scores = new Map<unknown, Float32Array>();

  constructor(
    model: Model,
    data: Interactions,
    question: Question,
    folded: Readonly<Record<"users" | "items", readonly Folded[]>>,
    seed: number,
  ) {
    this.#random = new RandomStream(seed, 99);
    this.#model = model;
    this.#data = data;
    this.#question = question;
    this.#folded = folded;
  }

  next(): Plan {
    const options: Record<string, unknown> = {};
    const optionFaults: string[] = [];
    for (const [name, draw] of Object.entries(this.#draws())) {
      if (!this.#chance(0.4)) continue;
      const { value, fault } = draw();
      options[name] = value;
      if (fault !== undefined) optionFaults.push(fault);
    }
    const isStrict = options.unknown === "error";
    const include = Array.isArray(options.include) ? options.include : [];
    if (isStrict && include.some((id) => id === "stranger")) optionFaults.push("include[");
    const who = this.#drawWho();
    const name = this.#question.rows === "users" ? "user" : "item";
    const isStranger = isStrict && who.value === "stranger";
    const faults = [...optionFaults, ...(who.fault || isStranger ? [name] : [])];
    return {
      who: who.value,
      options,
      faults,
      expected: () => this.#expected(who.value as Id | Folded, options as AskOptions),
      ...this.#drawMany(options, optionFaults),
    };
  }

  #drawMany(options: Record<string, unknown>, faults: string[]): Pick<Plan, "manyOptions" | "manyFaults" | "manyRows"> {
    const { rows } = this.#question;
    const manyRows = this.#some(this.#model[rows], 9).filter((id) => id !== "stranger");
    const batchSize = this.#chance(0.1) ? 0 : 1 + this.#below(12);
    const threads = this.#below(4);
    return {
      manyRows,
      manyOptions: { ...options, [rows]: manyRows, batchSize, threads },
      manyFaults: batchSize === 0 ? [...faults, "batchSize"] : faults,
    };
  }

  #below(bound: number): number {
    return this.#random.nextBelow(bound);
  }

  #chance(share: number): boolean {
    return this.#random.nextUniform() < share;
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }

  /** Some ids, perhaps again, and now and then one that is unknown. */
  #some(index: IdIndex, most: number): Id[] {
    return Array.from({ length: this.#below(most + 1) }, () =>
      this.#chance(0.05) ? "stranger" : index.idAt(this.#below(index.size)),
    );
  }

  /** Of each option a way to draw it. */
  #draws(): Record<string, () => Draw> {
    const { columns } = this.#question;
    const index = this.#model[columns];
    const draw = (name: string, isGood: (value: unknown) => boolean, good: () => unknown) => (): Draw => {
      const value = this.#chance(0.12) ? this.#oneOf(JUNK) : good();
      return isGood(value) ? { value } : { value, fault: name };
    };
    const isBoolean = (value: unknown): boolean => typeof value === "boolean";
    const isIds = (value: unknown): boolean =>
      Array.isArray(value) && value.every((id) => (typeof id === "string" && id !== "") || Number.isFinite(id));
    const ownDraws: Record<string, () => Draw> = isSimilarity(this.#question)
      ? {
          filterSelf: draw("filterSelf", isBoolean, () => this.#chance(0.5)),
          metric: draw(
            "metric",
            (value) => ["cosine", "dot", "euclidean"].includes(value as string),
            () => this.#oneOf(["cosine", "dot", "euclidean"]),
          ),
        }
      : { filterSeen: draw("filterSeen", isBoolean, () => this.#chance(0.5)) };
    return {
      count: draw(
        "count",
        (value) => Number.isInteger(value) && (value as number) >= 1,
        () => 1 + this.#below(80),
      ),
      exclude: draw("exclude", isIds, () => this.#some(index, 30)),
      include: draw("include", isIds, () => this.#some(index, 50)),
      minimumScore: draw("minimumScore", Number.isFinite, () => this.#oneOf([-2, -0.5, 0, 0.3, 1, 2.5, 3, 3.4, 4])),
      unknown: draw(
        "unknown",
        (value) => value === "fallback" || value === "error",
        () => this.#oneOf(["fallback", "error"]),
      ),
      ...ownDraws,
    };
  }

  #drawWho(): Draw {
    const { rows } = this.#question;
    const kind = this.#random.nextUniform();
    if (kind < 0.6) return { value: this.#model[rows].idAt(this.#below(this.#model[rows].size)) };
    if (kind < 0.75) return { value: "stranger" };
    if (kind < 0.95) return { value: this.#oneOf(this.#folded[rows]) };
    const wrong = this.#oneOf([...JUNK, ...this.#folded[rows === "users" ? "items" : "users"]]);
    const isId = (typeof wrong === "string" && wrong !== "") || Number.isFinite(wrong);
    return isId ? { value: "stranger" } : { value: wrong, fault: "wrong" };
  }

  #expected(who: Id | Folded, options: AskOptions & { filterSelf?: boolean; filterSeen?: boolean }): Listed[] {
    const { columns } = this.#question;
    const { metric = "cosine", filterSelf = true, filterSeen = true } = options;
    const isId = typeof who !== "object";
    const key = isSimilarity(this.#question) ? `${metric} ${isId ? who : this.#nameOf(who)}` : who;
    if (!this.#scores.has(key)) this.#scores.set(key, this.#score(who, metric));
    let left = new Set<Id>();
    if (isSimilarity(this.#question)) left = new Set(filterSelf && isId ? [who] : []);
    else if (filterSeen) left = isId ? seenBy(this.#data, this.#question, who) : this.#historyOf(who);
    return expectedList(this.#model[columns], this.#scores.get(key)!, options, left);
  }

  #nameOf(folded: Folded): string {
    return `folded ${this.#folded[this.#question.rows].indexOf(folded)}`;
  }

  #historyOf(folded: Folded): Set<Id> {
    const index = this.#model[this.#question.columns];
    return new Set(Array.from(folded.entries.columns, (column) => index.idAt(column)));
  }

  /** The scores of one with all columns: by `predict`, or from the list of all that are like it. */
  #score(who: Id | Folded, metric: "cosine" | "dot" | "euclidean"): Float32Array {
    const { rows, columns } = this.#question;
    const index = this.#model[columns];
    if (isSimilarity(this.#question)) {
      const all = ask(this.#model, this.#question, who, { metric, filterSelf: false, count: 10_000 });
      const byId = new Map(all.map(({ id, score }) => [id, score]));
      return Float32Array.from(index, (id) => byId.get(id) ?? Number.NaN);
    }
    const same = new Array(index.size).fill(who) as FoldedUser[] & FoldedItem[];
    return rows === "users"
      ? this.#model.predictMany(same, index.toArray())
      : this.#model.predictMany(index.toArray(), same);
  }
}
