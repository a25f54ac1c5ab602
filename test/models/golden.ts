/**
 * The bits of a small fit, to be the same on every engine and processor: `reproducible: true` promises it. Runs in Node
 * and in a page alike, and uses no function that engines round differently.
 */
import { syntheticRatings } from "../../src/data/synthetic.js";
import { load } from "../../src/load.js";
import { AlternatingLeastSquares } from "../../src/models/alternating-least-squares.js";
import { AutoRec } from "../../src/models/autorec.js";
import type { AutoRecOptions } from "../../src/models/autorec-options.js";
import { ImplicitALS } from "../../src/models/implicit-als.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import type { ItemRankings } from "../../src/models/model.js";
import type { OptimizerName } from "../../src/models/optimizers.js";

/** What `fitHash` must give. */
export const EXPECTED_FIT_HASHES: Readonly<Record<OptimizerName, string>> = {
  sgd: "29560f2da1327b1e",
  adagrad: "5d31fe98faf14a52",
  adam: "cefdd149df07c7f9",
};

/** Trains a model on 40,000 made-up ratings and hashes the bits of all that it learned. */
export async function fitHash(optimizer: OptimizerName, threads = 0): Promise<string> {
  const { interactions } = syntheticRatings({ numUsers: 300, numItems: 200, numRatings: 40_000, seed: 42 });
  const options = { factors: 13, epochs: 3, optimizer, seed: 7, threads, reproducible: true };
  const model = await new MatrixFactorization(options).fit(interactions);
  const hash = hashOf(model);
  model.dispose();
  return hash;
}

/** The models by alternating least squares whose bits are pinned, all options set, so that no default changes them. */
const ALTERNATING = {
  ratings: (own: object) => new AlternatingLeastSquares({ ...RATINGS, ...own }),
  "ratings, non-negative": (own: object) =>
    new AlternatingLeastSquares({ ...RATINGS, biases: false, globalMean: false, nonNegative: true, ...own }),
  cholesky: (own: object) => new ImplicitALS({ ...IMPLICIT, ...own }),
  conjugateGradient: (own: object) => new ImplicitALS({ ...IMPLICIT, solver: "conjugateGradient", steps: 3, ...own }),
  subspace: (own: object) => new ImplicitALS({ ...IMPLICIT, solver: "subspace", blockSize: 8, ...own }),
  gradientDescent: (own: object) => new ImplicitALS({ ...IMPLICIT, solver: "gradientDescent", ...own }),
} as const;

const RATINGS = {
  regularization: 0.04,
  damping: 3,
  biasRegularization: 0.02,
  biasDamping: 5,
  initialScale: 0.1,
};

const IMPLICIT = {
  confidence: "log",
  alpha: 2,
  epsilon: "auto",
  unobservedWeight: 0.1,
  observedLoss: "added",
  regularization: 0.02,
  regularizationExponent: 0.6,
  countUnobserved: true,
  initialScale: 0.1,
} as const;

export type AlternatingName = keyof typeof ALTERNATING;

/** What `alternatingHash` must give. */
export const EXPECTED_ALTERNATING_HASHES: Readonly<Record<AlternatingName, string>> = {
  ratings: "4bd65d940ed41d57",
  "ratings, non-negative": "e48ff38577cf5210",
  cholesky: "81ac59ee485c4de7",
  conjugateGradient: "98415a9246adeb45",
  subspace: "23a3161c79ca989e",
  gradientDescent: "d96a26b6c4213405",
};

/** Fits a model to 40,000 made-up ratings, folds somebody in and explains, and hashes the bits of all of it. */
export async function alternatingHash(name: AlternatingName, threads = 0): Promise<string> {
  const { interactions } = syntheticRatings({ numUsers: 300, numItems: 200, numRatings: 40_000, seed: 42 });
  const model = ALTERNATING[name]({ factors: 13, epochs: 3, seed: 7, threads, reproducible: true });
  await model.fit(interactions);
  const visitor = model.foldIn([...interactions].filter(({ userId }) => userId === 1).slice(0, 5)); // few
  const { score, contributions } = model.explain(visitor, 1);
  const answers = [score, ...contributions.map(({ contribution }) => contribution)];
  const biases = model instanceof AlternatingLeastSquares ? [model.userBias, model.itemBias] : [];
  const hash = hashWords([model.userFactors.values, model.itemFactors.values, ...biases, Float32Array.from(answers)]);
  model.dispose();
  return hash;
}

/** The autoencoders whose bits are pinned: all options set, so that no default changes them. */
const AUTOENCODERS = {
  "items, adam": { orientation: "item", optimizer: "adam", learningRate: 0.01 },
  "items, sgd": { orientation: "item", optimizer: "sgd", learningRate: 0.05, activation: "tanh" },
  "items, rprop": { orientation: "item", optimizer: "rprop", learningRate: 0.001, outputActivation: "sigmoid" },
  "users, adam": { orientation: "user", optimizer: "adam", learningRate: 0.01, outputActivation: "tanh" },
  "users, sgd": { orientation: "user", optimizer: "sgd", learningRate: 0.005, activation: "relu", centering: "mean" },
  "users, rprop": { orientation: "user", optimizer: "rprop", learningRate: 0.001, outputActivation: "relu" },
} as const satisfies Record<string, Partial<AutoRecOptions>>;

const AUTOENCODER: Omit<AutoRecOptions, "orientation" | "optimizer" | "learningRate" | "threads"> = {
  hidden: 45,
  activation: "sigmoid",
  outputActivation: "identity",
  epochs: 3,
  batchSize: 37,
  learningRateSchedule: "linear",
  momentum: 0.9,
  regularization: 0.02,
  damping: 0.5,
  dropout: 0.2,
  centering: "biases",
  initialScale: 0.3,
  clip: false,
  seed: 7,
  reproducible: true,
};

export type AutoencoderName = keyof typeof AUTOENCODERS;

/** What `autoencoderHash` must give. Where its bits are to change, golden.test.ts tells the new hashes. */
export const EXPECTED_AUTOENCODER_HASHES: Readonly<Record<AutoencoderName, string>> = {
  "items, adam": "da77772b408e95e9",
  "items, sgd": "9a91ef390f77204e",
  "items, rprop": "8cc00b501951aa1c",
  "users, adam": "aa23ff5dce5f1f67",
  "users, sgd": "1a43ff8dbba0a362",
  "users, rprop": "c7a6f12831af6d29",
};

/** Fits an autoencoder to 40,000 made-up ratings, folds in on both sides, and hashes the bits of what it learned and says. */
export async function autoencoderHash(name: AutoencoderName, threads = 0): Promise<string> {
  const { interactions } = syntheticRatings({ numUsers: 300, numItems: 200, numRatings: 40_000, seed: 44 });
  const model = await new AutoRec({ ...AUTOENCODER, ...AUTOENCODERS[name], threads }).fit(interactions);
  const all = [...interactions];
  const visitor = model.foldIn(all.filter(({ userId }) => userId === 1));
  const novelty = model.foldInItem(all.filter(({ itemId }) => itemId === 2));
  const [users, items] = [model.users.toArray(), model.items.toArray()];
  const answers = [
    model.predictMany(
      users,
      users.map(() => 1),
    ),
    model.predictMany(
      items.map(() => visitor),
      items,
    ),
    model.predictMany(
      users,
      users.map(() => novelty),
    ),
  ];
  const hash = hashWords([model.codes.values, model.outputWeights.values, ...answers]);
  model.dispose();
  return hash;
}

/** What `servingHash` must give. */
export const EXPECTED_SERVING_HASH = "0dc5c62b066c15a1";

/** Asks a model in every way, after it was fitted, grown, written and read again, and hashes the bits of the answers. */
export async function servingHash(threads = 0): Promise<string> {
  const { interactions } = syntheticRatings({ numUsers: 300, numItems: 200, numRatings: 12_000, seed: 43 });
  const { train, test } = interactions.split({ testFraction: 0.2, seed: 3 });
  const options = { factors: 13, epochs: 3, seed: 7, threads, reproducible: true };
  const grown = await new MatrixFactorization(options).fit(train);
  await grown.partialFit(test);
  const model = (await load(grown.toBytes())) as MatrixFactorization;
  grown.dispose();
  const visitor = model.foldIn([...train].filter(({ userId }) => userId === 1));
  const lists = [
    await model.recommendAll({ threads, count: 7 }),
    await model.similarItemsAll({ threads, metric: "cosine" }),
    await model.similarItemsAll({ threads, metric: "euclidean" }),
  ];
  const numbers = [
    ...model.recommend(visitor, { count: 50 }).map(({ score }) => score),
    ...model.explain(visitor, 1).contributions.map(({ contribution }) => contribution),
  ];
  const tables = [model.userFactors.values, model.itemFactors.values, model.userBias, model.itemBias];
  const answers = lists.flatMap((rankings) => [
    withoutRest(rankings.itemIndices, rankings),
    withoutRest(rankings.scores, rankings),
    rankings.counts,
  ]);
  const hash = hashWords([...tables, ...answers, Float32Array.from(numbers)]);
  model.dispose();
  return hash;
}

/** What stands behind a list's end means nothing: 0 instead. */
function withoutRest<Table extends Float32Array | Uint32Array>(table: Table, { counts, width }: ItemRankings): Table {
  for (const [query, count] of counts.entries()) table.fill(0, query * width + count, (query + 1) * width);
  return table;
}

/** The bits of both sides' factors and biases, hashed. */
export function hashOf(model: MatrixFactorization): string {
  return hashWords([model.userFactors.values, model.itemFactors.values, model.userBias, model.itemBias]);
}

/** FNV-1a over words, 64 bits, as 16 hexadecimal digits. */
function hashWords(tables: readonly (Float32Array | Uint32Array)[]): string {
  let hash = 0xcbf29ce484222325n;
  for (const table of tables) {
    for (const word of new Uint32Array(table.slice().buffer)) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(word)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, "0");
}
