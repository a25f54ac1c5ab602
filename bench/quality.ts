/**
 * How good the predictions are, on real data: the test RMSE that the README states, and how often what somebody liked last
 * is among the ten recommended, beside the baselines.
 *
 *   LOWRANK_DATA=FOLDER npm run bench:quality        FOLDER holds ml-latest-small/ and libmf-demo/
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import {
  AlternatingLeastSquares,
  AutoRec,
  BiasModel,
  evaluate,
  GlobalMean,
  Interactions,
  MatrixFactorization,
  type MatrixFactorizationOptions,
  type Model,
  type TrainTest,
} from "../src/index.js";
import { likedLast, type RankingRow, rankLast } from "./harness/last-liked.js";
import { describeMachine, machineHeader } from "./harness/machine.js";
import { writeJson } from "./harness/report.js";

/** Seeds of the random 90/10 splits of ml-latest-small. */
const SEEDS = [1, 2, 3, 4, 5];
const QUICK_SEEDS = [1];

const BEST: Partial<MatrixFactorizationOptions> = { factors: 128, epochs: 60 };

const MODELS: Record<string, () => Model> = {
  "global mean": () => new GlobalMean(),
  "bias model": () => new BiasModel(),
  "defaults (sgd)": () => new MatrixFactorization(),
  "optimizer: adagrad": () => new MatrixFactorization({ optimizer: "adagrad" }),
  "optimizer: adam": () => new MatrixFactorization({ optimizer: "adam" }),
  "factors: 128, epochs: 60": () => new MatrixFactorization(BEST),
  "the same, optimizer: adam": () => new MatrixFactorization({ ...BEST, optimizer: "adam" }),
  AlternatingLeastSquares: () => new AlternatingLeastSquares(),
  "AlternatingLeastSquares, factors: 128": () => new AlternatingLeastSquares({ factors: 128 }),
  "AlternatingLeastSquares, nonNegative": () => new AlternatingLeastSquares({ nonNegative: true }),
  AutoRec: () => new AutoRec(),
  "AutoRec, orientation: user": () => new AutoRec({ orientation: "user" }),
  "AutoRec, optimizer: rprop, epochs: 60": () => new AutoRec({ optimizer: "rprop", epochs: 60 }),
};

interface Row {
  model: string;
  /** Test RMSE of each part, in order. */
  rmse: number[];
  mean: number;
  meanFitSeconds: number;
}

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

async function measure(parts: readonly TrainTest[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, create] of Object.entries(MODELS)) {
    const rmse: number[] = [];
    const seconds: number[] = [];
    for (const { train, test } of parts) {
      const model = create();
      const begin = performance.now();
      await model.fit(train);
      seconds.push((performance.now() - begin) / 1e3);
      rmse.push(evaluate(model, test, { metrics: ["rmse"] }).rmse);
      model.dispose();
    }
    rows.push({ model: name, rmse, mean: meanOf(rmse), meanFitSeconds: meanOf(seconds) });
  }
  return rows;
}

function print(title: string, rows: readonly Row[]): void {
  const table = new Table({
    head: ["", "mean RMSE", "lowest", "highest", "fit"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { model, mean, rmse, meanFitSeconds } of rows) {
    const range = [Math.min(...rmse), Math.max(...rmse)].map((each) => each.toFixed(4));
    table.push([model, mean.toFixed(4), ...range, `${meanFitSeconds.toFixed(2)} s`]);
  }
  console.log(`\n${title}\n${table}`);
}

function printRanking(rows: readonly RankingRow[]): void {
  const table = new Table({
    head: ["", "HR@10", "NDCG@10", "NDCG to popularity", "fit"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { model, hitRate, ndcg, fitSeconds } of rows) {
    const ratio = `${(ndcg / rows[0]!.ndcg).toFixed(2)} ×`;
    table.push([model, hitRate.toFixed(4), ndcg.toFixed(4), ratio, `${fitSeconds.toFixed(2)} s`]);
  }
  console.log(`\nml-latest-small, ratings of 4 and more, each user's last left out, full ranking\n${table}`);
}

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const folder = process.env["LOWRANK_DATA"];
if (!folder || !existsSync(folder)) {
  console.log("skipped: LOWRANK_DATA names no folder with ml-latest-small/ and libmf-demo/");
  process.exit(0);
}
const machine = describeMachine();
console.log(`prediction quality\n${machineHeader(machine)}`);

const ratings = await Interactions.fromCsv(join(folder, "ml-latest-small", "ratings.csv"));
const seeds = flags.quick ? QUICK_SEEDS : SEEDS;
const movieLens = await measure(seeds.map((seed) => ratings.split({ testFraction: 0.1, seed })));
print(`ml-latest-small, random 90/10, split seeds ${seeds.join(", ")}`, movieLens);

const [train, test] = await Promise.all(
  ["real_matrix.tr.txt", "real_matrix.te.txt"].map((name) => Interactions.fromCsv(join(folder, "libmf-demo", name))),
);
const libmf = await measure([{ train: train!, test: test! }]);
print("LIBMF's demo, real_matrix", libmf);

const implicit = await rankLast(likedLast(ratings), flags.quick);
printRanking(implicit);

const path = fileURLToPath(new URL(`results/${flags.quick ? "quick/" : ""}quality.json`, import.meta.url));
writeJson({ suite: "quality", date: new Date().toISOString(), machine, seeds, movieLens, libmf, implicit }, path);
