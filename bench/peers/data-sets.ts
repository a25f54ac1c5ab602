/** The data that all contenders of a case get: triples in files, as rows and columns from 0, shuffled. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RandomStream } from "../../src/data/random.js";
import { type SyntheticOptions, syntheticRatings } from "../../src/data/synthetic.js";
import { Interactions } from "../../src/index.js";
import type { BaselineRatings } from "../baselines/sgd.js";
import { shuffledTriples } from "../harness/triples.js";
import { WORK_FOLDER } from "./install/install.js";

export interface DataSet {
  /** Holds `train-` and `test-` `users.bin` and `items.bin` (int32), `values.bin` (float32), all of one length. */
  folder: string;
  /** In words. */
  words: string;
  numUsers: number;
  numItems: number;
  /** Triples to learn from, and held out. */
  trainSize: number;
  testSize: number;
}

const SEED = 1;
const DATA_PURPOSE = 1003;

/** Ratings made up with a known structure and known noise; a share of them is held out. */
export function generated(sizes: Partial<SyntheticOptions> & { numRatings: number }, testFraction: number): DataSet {
  const { numUsers, numItems, numRatings } = sizes;
  const name = `generated-${numUsers}-${numItems}-${numRatings}-${testFraction}`;
  return dataSet(name, "made up", testFraction, () => syntheticRatings({ ...sizes, seed: SEED }).interactions);
}

/** MovieLens latest-small, a share of it held out; undefined where `LOWRANK_DATA` names no folder with it. */
export async function movieLens(testFraction: number): Promise<DataSet | undefined> {
  const path = join(process.env["LOWRANK_DATA"] ?? "", "ml-latest-small", "ratings.csv");
  if (!existsSync(path)) return undefined;
  const ratings = await Interactions.fromCsv(path);
  return dataSet(`ml-latest-small-${testFraction}`, "ml-latest-small", testFraction, () => ratings);
}

function dataSet(name: string, source: string, testFraction: number, make: () => Interactions): DataSet {
  const folder = join(WORK_FOLDER, "data", name);
  const record = join(folder, "data-set.json");
  if (existsSync(record)) return JSON.parse(readFileSync(record, "utf8")) as DataSet;
  mkdirSync(folder, { recursive: true });
  const { matrix, numUsers, numItems, size } = make();
  const [train, test] = parted(shuffledTriples(matrix, SEED), testFraction);
  for (const [part, triples] of Object.entries({ train, test })) {
    for (const [column, numbers] of Object.entries(triples))
      writeFileSync(join(folder, `${part}-${column}.bin`), numbers);
  }
  const heldOut = test.users.length > 0 ? `, ${test.users.length} of them held out` : "";
  const words = `${source}, ${numUsers} × ${numItems}, ${size} ratings${heldOut}`;
  const made = { folder, words, numUsers, numItems, trainSize: train.users.length, testSize: test.users.length };
  writeFileSync(record, JSON.stringify(made));
  return made;
}

/** Each triple is held out with the chance of the share. */
function parted(triples: BaselineRatings, testFraction: number): [BaselineRatings, BaselineRatings] {
  const random = new RandomStream(SEED, DATA_PURPOSE);
  const isTest = Uint8Array.from(triples.users, () => (random.nextUniform() < testFraction ? 1 : 0));
  const part = (wanted: number): BaselineRatings => ({
    users: triples.users.filter((_, at) => isTest[at] === wanted),
    items: triples.items.filter((_, at) => isTest[at] === wanted),
    values: triples.values.filter((_, at) => isTest[at] === wanted),
  });
  return [part(0), part(1)];
}

/** Root of the mean squared difference between a program's predictions (float32) and the values held out. */
export function testRmse({ folder, testSize }: DataSet, predictionsPath: string): number {
  const values = readFloats(join(folder, "test-values.bin"));
  const predictions = readFloats(predictionsPath);
  if (predictions.length !== testSize) {
    throw new Error(`${predictionsPath}: must have ${testSize} predictions, got ${predictions.length}`);
  }
  const squares = values.reduce((sum, value, at) => sum + (value - predictions[at]!) ** 2, 0);
  return Math.sqrt(squares / testSize);
}

export function readFloats(path: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}

export function readIndices(path: string): Int32Array {
  return new Int32Array(new Uint8Array(readFileSync(path)).buffer);
}
