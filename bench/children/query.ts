/** Loads a model with the built package, asks it one kind of query many times, and prints every latency as JSON. */
import { RandomStream } from "../../src/data/random.js";
import type { Id } from "../../src/index.js";
import { cosineModel, queryScratch, type RankingModel, recommendOne } from "../baselines/recommend.js";
import { checkNearList, type Lists } from "../harness/lists.js";

type Package = typeof import("../../src/index.js");
type Model = InstanceType<Package["MatrixFactorization"]>;
type List = readonly { itemId: Id; score: number }[];

export type QueryKind =
  | "js recommend"
  | "recommend"
  | "recommend, seen left out"
  | "recommend, include 100"
  | "similarItems"
  | "predict"
  | "foldIn 20"
  | "foldIn 100"
  | "foldIn 1000"
  | "explain";

export interface QueryRequest {
  kind: QueryKind;
  /** The built package, and the model's file. */
  entry: string;
  path: string;
  /** Latencies to take, after a tenth as many queries that are not timed. */
  queries: number;
}

export interface QueryResult {
  /** ms a query; where one is too short for the clock, the mean of some. */
  latencies: number[];
}

/** A query and its check; `turn` says which users and items it is about. */
interface Query<Answer> {
  /** Queries in one timed piece; default 1. */
  repeats?: number;
  ask(turn: number): Answer;
  /** @throws if the answer of the turn is wrong. */
  check(answer: Answer, turn: number): void;
}

const COUNT = 10;
const CANDIDATES = 100;
/** Different questions of a kind; after them it starts again. */
const QUESTIONS = 2000;
const HISTORIES = 50;
const CHECKED = 20;
const PURPOSE = 1002;

/** `size` different indices below `limit`, the same at every run. */
function draw(turn: number, limit: number, size: number): number[] {
  const random = new RandomStream(1, PURPOSE, turn);
  const drawn = new Set<number>();
  while (drawn.size < Math.min(size, limit)) drawn.add(random.nextBelow(limit));
  return [...drawn];
}

function expectTrue(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

/** A list by index, as the check of lists takes it. */
function listOf({ items }: Model, list: List): Lists {
  const indices = list.map(({ itemId }) => items.indexOf(itemId));
  return { width: list.length, indices, scores: list.map(({ score }) => score), counts: [list.length] };
}

/** The model as plain JavaScript takes it; nothing seen. */
function rankingModel(model: Model): RankingModel {
  return {
    stride: model.userFactors.stride,
    userFactors: model.userFactors.values.slice(),
    itemFactors: model.itemFactors.values.slice(),
    userBiases: model.userBias.slice(),
    itemBiases: model.itemBias.slice(),
    offset: model.offset,
    seen: { offsets: new Uint32Array(model.users.size + 1), columns: new Uint32Array(0) },
  };
}

/** How plain JavaScript answers. */
function javaScript(ranking: RankingModel): (row: number) => Lists {
  const scratch = queryScratch(ranking.itemBiases.length);
  return (row) => recommendOne(ranking, scratch, row, COUNT);
}

function recommendQuery(model: Model, isBaseline: boolean): Query<unknown> {
  const users = draw(0, model.users.size, QUESTIONS);
  const userOf = (turn: number) => users[turn % users.length]!;
  const byBaseline = javaScript(rankingModel(model));
  const byLibrary = (turn: number) =>
    model.recommend(model.users.idAt(userOf(turn)), { count: COUNT, filterSeen: false });
  return {
    ask: isBaseline ? (turn) => byBaseline(userOf(turn)) : byLibrary,
    check(_, turn) {
      checkNearList("recommend", listOf(model, byLibrary(turn)), 0, byBaseline(userOf(turn)), 0);
    },
  };
}

function unseenQuery(model: Model): Query<List> {
  const users = draw(0, model.users.size, QUESTIONS).map((user) => model.users.idAt(user));
  const userOf = (turn: number) => users[turn % users.length]!;
  return {
    ask: (turn) => model.recommend(userOf(turn), { count: COUNT }),
    check(answer, turn) {
      const { contributions } = model.explain(userOf(turn), model.items.idAt(0));
      const seen = new Set(contributions.map(({ itemId }) => itemId));
      const all = model.recommend(userOf(turn), { count: COUNT + seen.size, filterSeen: false });
      const unseen = all.filter(({ itemId }) => !seen.has(itemId)).slice(0, COUNT);
      expectTrue(seen.size > 0 && JSON.stringify(answer) === JSON.stringify(unseen), "seen items must be left out");
    },
  };
}

function candidatesQuery(model: Model): Query<List> {
  const { items, users } = model;
  const all = draw(0, users.size, QUESTIONS).map((user, turn) => ({
    user: users.idAt(user),
    include: draw(turn + 1, items.size, CANDIDATES).map((item) => items.idAt(item)),
  }));
  const question = (turn: number) => all[turn % all.length]!;
  return {
    ask(turn) {
      const { user, include } = question(turn);
      return model.recommend(user, { count: COUNT, include, filterSeen: false });
    },
    check(answer, turn) {
      const { user, include } = question(turn);
      const scores = include.map((item) => model.predict(user, item)).sort((a, b) => b - a);
      const best = answer.map(({ score }) => score);
      expectTrue(String(best) === String(scores.slice(0, COUNT)), `the best scores must be ${scores}, got ${best}`);
    },
  };
}

function similarQuery(model: Model): Query<List> {
  const items = draw(0, model.items.size, QUESTIONS);
  const itemOf = (turn: number) => items[turn % items.length]!;
  const expected = javaScript(cosineModel(model.itemFactors.values.slice(), model.itemFactors.stride));
  return {
    ask: (turn) => model.similarItems(model.items.idAt(itemOf(turn)), { count: COUNT }),
    check: (answer, turn) => checkNearList("similarItems", listOf(model, answer), 0, expected(itemOf(turn)), 0),
  };
}

function predictQuery(model: Model): Query<number> {
  const [users, items] = [draw(0, model.users.size, QUESTIONS), draw(1, model.items.size, QUESTIONS)];
  const userOf = (turn: number) => users[turn % users.length]!;
  const itemOf = (turn: number) => items[turn % items.length]!;
  return {
    repeats: 100,
    ask: (turn) => model.predict(model.users.idAt(userOf(turn)), model.items.idAt(itemOf(turn))),
    check(answer, turn) {
      const [user, item] = [userOf(turn), itemOf(turn)];
      let score = model.offset + model.userBias[user]! + model.itemBias[item]!;
      const [p, q] = [model.userFactors.row(user), model.itemFactors.row(item)];
      for (const [f, x] of p.entries()) score += x * q[f]!;
      expectTrue(Math.abs(answer - score) < 1e-4, `the prediction must be ${score}, got ${answer}`);
    },
  };
}

function foldInQuery(model: Model, size: number): Query<ReturnType<Model["foldIn"]>> {
  const histories = Array.from({ length: HISTORIES }, (_, turn) =>
    draw(turn, model.items.size, size).map((item, at) => ({ itemId: model.items.idAt(item), value: 1 + (at % 5) })),
  );
  const historyOf = (turn: number) => histories[turn % HISTORIES]!;
  return {
    ask: (turn) => model.foldIn(historyOf(turn)),
    check(answer, turn) {
      const squaresFor = (user: typeof answer) =>
        historyOf(turn).reduce((sum, { itemId, value }) => sum + (model.predict(user, itemId) - value) ** 2, 0);
      const [squares, before] = [squaresFor(answer), squaresFor(model.foldIn([]))];
      expectTrue(squares < before, `a fold-in must bring the error down from ${before}, got ${squares}`);
    },
  };
}

function explainQuery(model: Model): Query<ReturnType<Model["explain"]>> {
  const users = draw(0, model.users.size, QUESTIONS).map((user) => model.users.idAt(user));
  const items = draw(1, model.items.size, QUESTIONS).map((item) => model.items.idAt(item));
  const userOf = (turn: number) => users[turn % users.length]!;
  const itemOf = (turn: number) => items[turn % items.length]!;
  return {
    ask: (turn) => model.explain(userOf(turn), itemOf(turn)),
    check({ score, base, contributions, remainder }, turn) {
      const prediction = model.predict(userOf(turn), itemOf(turn));
      const sum = contributions.reduce((total, { contribution }) => total + contribution, base + remainder);
      const isRight = Math.abs(sum - score) < 1e-4 && Math.abs(score - prediction) < 1e-4;
      expectTrue(isRight && contributions.length > 0, `an explanation must sum to ${prediction}, got ${sum}`);
    },
  };
}

function queryOf(kind: QueryKind, model: Model): Query<unknown> {
  switch (kind) {
    case "js recommend":
      return recommendQuery(model, true);
    case "recommend":
      return recommendQuery(model, false);
    case "recommend, seen left out":
      return unseenQuery(model) as Query<unknown>;
    case "recommend, include 100":
      return candidatesQuery(model) as Query<unknown>;
    case "similarItems":
      return similarQuery(model) as Query<unknown>;
    case "predict":
      return predictQuery(model) as Query<unknown>;
    case "explain":
      return explainQuery(model) as Query<unknown>;
    default:
      return foldInQuery(model, Number(kind.slice("foldIn ".length))) as Query<unknown>;
  }
}

async function measure({ kind, entry, path, queries }: QueryRequest): Promise<QueryResult> {
  const { load } = (await import(entry)) as Package;
  const query = queryOf(kind, (await load(path)) as Model);
  const { repeats = 1 } = query;
  const warmUp = Math.ceil(queries / 10);
  const latencies: number[] = [];
  for (let turn = 0; turn < warmUp + queries; turn++) {
    const begin = performance.now();
    for (let repeat = 0; repeat < repeats; repeat++) query.ask(turn * repeats + repeat);
    const end = performance.now();
    if (turn >= warmUp) latencies.push((end - begin) / repeats);
  }
  for (let turn = 0; turn < CHECKED; turn++) query.check(query.ask(turn), turn);
  return { latencies };
}

console.log(JSON.stringify(await measure(JSON.parse(process.argv[2]!) as QueryRequest)));
