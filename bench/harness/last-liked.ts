/** Whether what somebody liked last is among the ten recommended: leave-one-out by time, ranked among all other items. */
import { ImplicitALS, type ImplicitALSOptions, Interactions, type TrainTest } from "../../src/index.js";

const LENGTH = 10;
const LIKED = 4;

export interface RankingRow {
  model: string;
  /** The share of users whose item is in their list. */
  hitRate: number;
  /** The mean of 1/log2(rank + 1), 0 where it is not in the list. */
  ndcg: number;
  fitSeconds: number;
}

const MODELS: Record<string, Partial<ImplicitALSOptions>> = {
  "ImplicitALS, defaults": {},
  "ImplicitALS, seed: 2": { seed: 2 },
  "ImplicitALS, seed: 3": { seed: 3 },
  "ImplicitALS, factors: 32": { factors: 32 },
  "ImplicitALS, solver: conjugateGradient": { solver: "conjugateGradient" },
  "ImplicitALS, solver: subspace": { solver: "subspace" },
};

/** Ratings of 4 and more as interactions of value 1, the last of each user for testing. */
export function likedLast(ratings: Interactions): TrainTest {
  const liked = [...ratings].filter(({ value }) => value >= LIKED).map((each) => ({ ...each, value: 1 }));
  return Interactions.fromObjects(liked).leaveOneOut({ by: "time" });
}

/** Popularity first, then the models. */
export async function rankLast({ train, test }: TrainTest, quick: boolean): Promise<RankingRow[]> {
  const wanted = [...test];
  const popular = popularLists(train);
  const rows: RankingRow[] = [{ model: "popularity", ...measure(wanted, popular), fitSeconds: 0 }];
  for (const [name, options] of Object.entries(MODELS).slice(0, quick ? 1 : undefined)) {
    const model = new ImplicitALS(options);
    const begin = performance.now();
    await model.fit(train);
    const fitSeconds = (performance.now() - begin) / 1000;
    const listOf = (userId: string | number) => model.recommend(userId, { count: LENGTH }).map(({ itemId }) => itemId);
    rows.push({ model: name, ...measure(wanted, listOf), fitSeconds });
    model.dispose();
  }
  return rows;
}

type ListOf = (userId: string | number) => (string | number)[];

function measure(wanted: Iterable<{ userId: string | number; itemId: string | number }>, listOf: ListOf) {
  let users = 0;
  let hits = 0;
  let gain = 0;
  for (const { userId, itemId } of wanted) {
    const place = listOf(userId).indexOf(itemId);
    users++;
    if (place < 0) continue;
    hits++;
    gain += 1 / Math.log2(place + 2);
  }
  return { hitRate: hits / users, ndcg: gain / users };
}

/** The items that most users have, without the user's own. */
function popularLists(train: Interactions): ListOf {
  const counts = new Uint32Array(train.numItems);
  for (const item of train.matrix.columns) counts[item]!++;
  const order = Array.from(counts.keys()).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const { offsets, columns } = train.matrix;
  return (userId) => {
    const user = train.users.indexOf(userId);
    const seen = new Set(columns.subarray(offsets[user], offsets[user + 1]));
    const list = [];
    for (let at = 0; at < order.length && list.length < LENGTH; at++) if (!seen.has(order[at]!)) list.push(order[at]!);
    return list.map((item) => train.items.idAt(item));
  };
}
