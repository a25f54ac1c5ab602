/** Lists of many queries as a model hands them out. */
import type { ItemRankings, UserRankings } from "./model.js";
import type { Batch } from "./queries.js";

export const itemRankings = ({ queryIndices, indices, scores, counts, width }: Batch): ItemRankings => ({
  queryIndices,
  itemIndices: indices,
  scores,
  counts,
  width,
});

export const userRankings = ({ queryIndices, indices, scores, counts, width }: Batch): UserRankings => ({
  queryIndices,
  userIndices: indices,
  scores,
  counts,
  width,
});

export async function* mapped<Result>(
  batches: AsyncGenerator<Batch, void, void>,
  wrap: (batch: Batch) => Result,
  checkFirst: () => void,
): AsyncGenerator<Result, void, void> {
  checkFirst(); // work begins only now: what it is to be done on may be gone
  for await (const batch of batches) yield wrap(batch);
}

/** All batches as one. */
export async function joined(batches: AsyncGenerator<Batch, void, void>): Promise<Batch> {
  const parts: Batch[] = [];
  for await (const batch of batches) parts.push(batch);
  if (parts.length === 1) return parts[0]!;
  const rows = parts.reduce((sum, { counts }) => sum + counts.length, 0);
  const width = parts[0]?.width ?? 0;
  const whole: Batch = {
    width,
    queryIndices: new Uint32Array(rows),
    counts: new Uint32Array(rows),
    indices: new Uint32Array(rows * width),
    scores: new Float32Array(rows * width),
  };
  let at = 0;
  for (const { queryIndices, counts, indices, scores } of parts) {
    whole.queryIndices.set(queryIndices, at);
    whole.counts.set(counts, at);
    whole.indices.set(indices, at * width);
    whole.scores.set(scores, at * width);
    at += counts.length;
  }
  return whole;
}
