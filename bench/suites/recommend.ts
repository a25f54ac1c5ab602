/** The best ten items of every user, MovieLens-10M shape, what they have rated left out: against plain JavaScript and the peak. */
import { syntheticRatings } from "../../src/data/synthetic.js";
import type { Variant } from "../../src/engine/kernels.js";
import { type Interactions, type ItemRankings, MatrixFactorization } from "../../src/index.js";
import { type BaselineLists, cosineModel, type RankingModel, recommendMany } from "../baselines/recommend.js";
import { checkNearList, checkSameList, type Lists, listsChecksum, listsOf, sampled } from "../harness/lists.js";
import { describeMachine } from "../harness/machine.js";
import { openPeak, type PeakMeter } from "../harness/peak.js";
import { Prototype } from "../harness/prototype.js";
import { minimum } from "../harness/statistics.js";
import type { BenchCase, Competitor, Suite } from "../harness/suite.js";

const FACTORS = [64, 128];
const SIMILAR_FACTORS = 64;
const COUNT = 10;
const SEED = 1;
/** Lists that are compared with single queries. */
const CHECKED = 200;
/** Plain JavaScript answers every so many-th query: its rate is the same, and the bench ends. */
const EVERY = 16;
/** What the prototype's kernel packs of rows and of columns. */
const PACK_ROWS = 6;
const PANEL_COLUMNS = 8;

/** The peak of each build of the kernels that this engine runs. */
type Peaks = Partial<Record<Variant, PeakMeter>>;

/** A fitted model: `reproducible` ones use the strict build, others the best there is. */
interface Fitted {
  model: MatrixFactorization;
  variant: Variant;
  seen: RankingModel["seen"];
}

interface Timed {
  name: string;
  /** Queries a run answers. */
  queries: number;
  /** Multiplications and additions of scoring every pair: what is left out, as it cannot reach a list, counts as done. */
  flops: number;
  threads?: number;
  /** What the machine could do at best; without it there is no share of it. */
  peak?: PeakMeter | undefined;
  run(): unknown;
  check(): string;
}

/** Times itself, and the machine's peak before every run and after the last. */
function competitor({ name, queries, flops, threads = 1, peak, run, check }: Timed): Competitor {
  const times: number[] = [];
  let peakGflops = 0;
  const measurePeak = () => {
    if (peak) peakGflops = Math.max(peakGflops, peak());
  };
  return {
    name,
    work: queries,
    prepare: measurePeak,
    async run() {
      const begin = performance.now();
      await run();
      times.push(performance.now() - begin);
      return times.slice(-1);
    },
    check,
    facts() {
      measurePeak();
      const gflops = flops / minimum(times) / 1e6;
      return peak ? { gflops, peakGflops, shareOfPeak: gflops / (threads * peakGflops) } : { gflops };
    },
  };
}

interface LibraryOptions {
  threads: number;
  query: "recommend" | "similarItems";
  peaks: Peaks;
}

/** `recommendAll` or `similarItemsAll` from the call to the promise's result: packing, what was seen, everything. */
function library({ model, variant }: Fitted, { threads, query, peaks }: LibraryOptions) {
  const isReproducible = model.options.reproducible;
  const name = `lowrank${isReproducible ? " reproducible" : ""}, threads ${threads}`;
  const ids = query === "recommend" ? model.users : model.items;
  let rankings: ItemRankings | undefined;
  return {
    lists: () => listsOf(rankings!),
    ...competitor({
      name,
      queries: ids.size,
      flops: 2 * ids.size * model.items.size * model.options.factors,
      threads,
      peak: peaks[variant],
      async run() {
        const options = { count: COUNT, threads };
        rankings = await (query === "recommend" ? model.recommendAll(options) : model.similarItemsAll(options));
      },
      check() {
        for (const at of sampled(ids.size, CHECKED)) {
          const single = model[query](ids.idAt(at), { count: COUNT });
          checkSameList(name, rankings!, at, model.items, single);
        }
        return listsChecksum(listsOf(rankings!));
      },
    }),
  };
}

function rankingModel({ model, seen }: Fitted): RankingModel {
  return {
    stride: model.userFactors.stride,
    userFactors: model.userFactors.values.slice(),
    itemFactors: model.itemFactors.values.slice(),
    userBiases: model.userBias.slice(),
    itemBiases: model.itemBias.slice(),
    offset: model.offset,
    seen,
  };
}

/** Plain JavaScript for some of the queries; its lists must be those of `expected`. */
function baseline(ranking: RankingModel, every: number, expected: () => Lists): Competitor {
  const queries = sampled(ranking.userBiases.length, Math.ceil(ranking.userBiases.length / every));
  let lists: BaselineLists | undefined;
  return competitor({
    name: "js",
    queries: queries.length,
    flops: 2 * queries.length * ranking.itemBiases.length * ranking.stride,
    run() {
      lists = recommendMany(ranking, queries, COUNT);
    },
    check() {
      for (const [at, query] of queries.entries()) checkNearList("js", lists!, at, expected(), query);
      return listsChecksum(lists!);
    },
  });
}

/** Rows factor by factor, `width` of them side by side; the last pack is filled up with zeros. */
function packed(rows: Float32Array, stride: number, width: number): Float32Array {
  const size = rows.length / stride;
  const packs = new Float32Array(Math.ceil(size / width) * width * stride);
  for (let row = 0; row < size; row++) {
    const first = (row - (row % width)) * stride + (row % width);
    for (let f = 0; f < stride; f++) packs[first + f * width] = rows[row * stride + f]!;
  }
  return packs;
}

/** The prototype's loop: no biases, nothing left out, everything packed before. */
async function prototype(ranking: RankingModel, peaks: Peaks): Promise<Competitor[]> {
  const { stride, userFactors, itemFactors } = ranking;
  const panels = packed(itemFactors, stride, PANEL_COLUMNS);
  const packs = packed(userFactors, stride, PACK_ROWS);
  const numItems = panels.length / stride;
  const queries = packs.length / stride;
  const opened = await Prototype.open(4 * (panels.length + packs.length + 2 * queries * COUNT + 256));
  if (!opened) return [];
  const [{ ptr: panelsPtr }, { ptr: packsPtr }] = [opened.put(panels), opened.put(packs)];
  const indices = opened.put(new Uint32Array(queries * COUNT));
  const scores = opened.put(new Float32Array(queries * COUNT + PANEL_COLUMNS)); // the kernel's tile stands behind a pack's
  const topk = opened.kernels.topk!;
  return [
    competitor({
      name: "prototype",
      queries,
      flops: 2 * queries * numItems * stride,
      peak: peaks[describeMachine().wasmVariant],
      run() {
        for (let row = 0; row < queries; row += PACK_ROWS) {
          const at = row * COUNT * 4;
          const pack = packsPtr + row * stride * 4;
          topk(pack, stride, panelsPtr, numItems / PANEL_COLUMNS, numItems, COUNT, indices.ptr + at, scores.ptr + at);
        }
      },
      check() {
        const counts = new Uint32Array(queries).fill(COUNT);
        const lists = { width: COUNT, indices: indices.view, scores: scores.view.subarray(0, queries * COUNT), counts };
        const some = sampled(userFactors.length / stride, CHECKED);
        const expected = recommendMany(bare(ranking, numItems), some, COUNT);
        for (const [at, row] of some.entries()) checkNearList("prototype", lists, row, expected, at);
        return listsChecksum(lists);
      },
    }),
  ];
}

/** The same factors with items of zeros up to `numItems`, no biases, nothing seen. */
function bare(ranking: RankingModel, numItems: number): RankingModel {
  const numUsers = ranking.userBiases.length;
  const itemFactors = new Float32Array(numItems * ranking.stride);
  itemFactors.set(ranking.itemFactors);
  const biases = { userBiases: new Float32Array(numUsers), itemBiases: new Float32Array(numItems), offset: 0 };
  const seen = { offsets: new Uint32Array(numUsers + 1), columns: new Uint32Array(0) };
  return { ...ranking, ...biases, itemFactors, seen };
}

async function fitted(interactions: Interactions, factors: number, reproducible: boolean): Promise<Fitted> {
  const clip = false; // clipped scores are equal, and would not tell right items from wrong ones
  const model = new MatrixFactorization({ factors, epochs: 1, seed: SEED, clip, reproducible });
  await model.fit(interactions);
  const { offsets, columns } = interactions.matrix;
  return { model, variant: reproducible ? "strict" : describeMachine().wasmVariant, seen: { offsets, columns } };
}

async function* cases({ quick }: { quick: boolean }): AsyncIterable<BenchCase> {
  const sizes = quick
    ? { numUsers: 700, numItems: 300, numRatings: 30_000 }
    : { numUsers: 69_878, numItems: 10_677, numRatings: 10_000_000 };
  const { interactions } = syntheticRatings({ ...sizes, seed: SEED });
  const peaks: Peaks = {};
  for (const variant of ["strict", "relaxed"] as const) {
    const peak = await openPeak(variant, quick ? 0.5 : 10);
    if (peak) peaks[variant] = peak;
  }
  const every = quick ? 2 : EVERY;
  const words = `${sizes.numUsers} × ${sizes.numItems}`;
  for (const factors of FACTORS) {
    const [best, strict] = [await fitted(interactions, factors, false), await fitted(interactions, factors, true)];
    try {
      const ranking = rankingModel(best);
      const one = library(best, { threads: 1, query: "recommend", peaks });
      yield {
        name: `recommendAll k ${factors}`,
        size: `${words}, top ${COUNT}, ${sizes.numRatings} seen`,
        unit: "users",
        baseline: "js",
        competitors: [
          baseline(ranking, every, one.lists),
          ...(await prototype(ranking, peaks)),
          one,
          library(strict, { threads: 1, query: "recommend", peaks }),
          library(best, { threads: 2, query: "recommend", peaks }),
          library(strict, { threads: 2, query: "recommend", peaks }),
        ],
      };
      if (factors !== SIMILAR_FACTORS) continue;
      const alone = library(best, { threads: 1, query: "similarItems", peaks });
      yield {
        name: `similarItemsAll k ${factors}`,
        size: `${sizes.numItems} items, cosine, top ${COUNT}`,
        unit: "items",
        baseline: "js",
        competitors: [
          baseline(cosineModel(ranking.itemFactors, ranking.stride), every >> 1, alone.lists),
          alone,
          library(strict, { threads: 1, query: "similarItems", peaks }),
          library(best, { threads: 2, query: "similarItems", peaks }),
        ],
      };
    } finally {
      best.model.dispose();
      strict.model.dispose();
    }
  }
}

const suite: Suite = { about: "lists for all users and all items, MovieLens-10M shape", rounds: 3, cases };
export default suite;
