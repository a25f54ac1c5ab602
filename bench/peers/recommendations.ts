/** Lists of all users: what is asked of a program that recommends, and how far two programs agree. */
import { type DataSet, readFloats, readIndices } from "./data-sets.js";

/** What both sides recommend from. */
export interface RecommendFiles {
  data: DataSet;
  factors: number;
  /** Items in a list. */
  count: number;
  /** Users that are answered before the call that is timed. */
  warmUp: number;
  threads: number;
  /** The model's file, and its factors by the data's indices, float32. */
  model: string;
  userFactors: string;
  itemFactors: string;
  /** Where to write the lists, int32 by the data's indices, users × `count`, −1 where a list has ended. */
  lists: string;
}

export interface RecommendResult {
  seconds: number;
  peakMemoryBytes: number;
}

/** Scores this near, of their size, may change places: they are sums in another order. */
const NEAR = 1e-5;

/** Shares of the lists with the same items in the same order, and of the places with the same item or one that scores the same. */
export function agreement(files: Omit<RecommendFiles, "lists">, ours: string, theirs: string) {
  const { data, count } = files;
  const [a, b] = [readIndices(ours), readIndices(theirs)];
  const places = data.numUsers * count;
  if (a.length !== places || b.length !== places) {
    throw new Error(`lists must have ${places} places, got ${a.length} and ${b.length}`);
  }
  const isNear = nearness(files);
  let [sameLists, sameEntries] = [0, 0];
  for (let user = 0; user < data.numUsers; user++) {
    let same = 0;
    for (let at = user * count; at < (user + 1) * count; at++) {
      if (a[at] === b[at]) same++;
      else if (isNear(user, a[at]!, b[at]!)) sameEntries++;
    }
    sameEntries += same;
    if (same === count) sameLists++;
  }
  return { sameLists: sameLists / data.numUsers, sameEntries: sameEntries / places };
}

/** Whether two items score the same for a user, as far as float32 tells. */
function nearness({ factors, userFactors, itemFactors }: Omit<RecommendFiles, "lists">) {
  const [p, q] = [readFloats(userFactors), readFloats(itemFactors)];
  const scoreOf = (user: number, item: number) => {
    let score = 0;
    for (let factor = 0; factor < factors; factor++) score += p[user * factors + factor]! * q[item * factors + factor]!;
    return score;
  };
  return (user: number, one: number, other: number): boolean => {
    if (one < 0 || other < 0) return false;
    const [a, b] = [scoreOf(user, one), scoreOf(user, other)];
    return Math.abs(a - b) <= NEAR * Math.max(Math.abs(a), Math.abs(b));
  };
}
