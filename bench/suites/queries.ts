/** How long one query takes, call by call, in fresh warmed processes with the built package. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { syntheticRatings } from "../../src/data/synthetic.js";
import { MatrixFactorization } from "../../src/index.js";
import type { QueryKind, QueryRequest, QueryResult } from "../children/query.js";
import { runChild } from "../harness/child.js";
import { median, quantile } from "../harness/statistics.js";
import type { BenchCase, Competitor, Suite } from "../harness/suite.js";

const ENTRY = new URL("../../dist/index.js", import.meta.url);
const FACTORS = 64;
const QUERIES = 3000;
/** Every user has as many ratings as any other. */
const RATINGS_PER_USER = 100;

const OTHERS: readonly QueryKind[] = [
  "predict",
  "recommend, include 100",
  "similarItems",
  "foldIn 20",
  "foldIn 100",
  "foldIn 1000",
  "explain",
];

function competitor(kind: QueryKind, name: string, path: string, queries: number): Competitor {
  const all: number[] = [];
  return {
    name,
    work: 1,
    async run() {
      const request: QueryRequest = { kind, entry: ENTRY.href, path, queries };
      const { latencies } = await runChild<QueryResult>(new URL("../children/query.ts", import.meta.url), request);
      all.push(...latencies);
      return [median(latencies)];
    },
    check() {
      const isTime = all.every((latency) => latency > 0 && latency < Infinity);
      if (!isTime) throw new Error(`${name}: a latency must be above 0`);
      return `${all.length} queries`; // the child has compared answers with plain JavaScript's
    },
    facts: () => ({ p50Ms: median(all), p99Ms: quantile(all, 0.99), maxMs: quantile(all, 1) }),
  };
}

async function writeModel(path: string, { quick }: { quick: boolean }): Promise<string> {
  const sizes = quick ? { numUsers: 300, numItems: 2000 } : { numUsers: 20_000, numItems: 100_000 };
  const numRatings = sizes.numUsers * RATINGS_PER_USER;
  const { interactions } = syntheticRatings({ ...sizes, numRatings, userTail: 0, seed: 1 });
  // not clipped: equal scores would not tell right items from wrong ones
  const model = await new MatrixFactorization({ factors: FACTORS, epochs: 1, seed: 1, clip: false }).fit(interactions);
  await model.save(path);
  model.dispose();
  return `${sizes.numUsers} × ${sizes.numItems}, k ${FACTORS}, ${RATINGS_PER_USER} seen`;
}

async function* cases({ quick }: { quick: boolean }): AsyncIterable<BenchCase> {
  if (!existsSync(ENTRY)) return console.log("skipped: dist/index.js is not built");
  const folder = mkdtempSync(join(tmpdir(), "lowrank-queries-"));
  const path = join(folder, "model.safetensors");
  const queries = quick ? 30 : QUERIES;
  try {
    const size = await writeModel(path, { quick });
    yield {
      name: "recommend, count 10",
      size,
      unit: "queries",
      baseline: "js",
      warmUp: false,
      competitors: [
        competitor("js recommend", "js", path, Math.ceil(queries / 10)),
        competitor("recommend", "lowrank", path, queries),
        competitor("recommend, seen left out", "lowrank, seen left out", path, queries),
      ],
    };
    yield {
      name: "other queries",
      size,
      unit: "queries",
      baseline: "predict",
      warmUp: false,
      competitors: OTHERS.map((kind) => competitor(kind, kind, path, queries)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const suite: Suite = { about: "single queries, each kind in fresh processes", rounds: 3, cases };
export default suite;
