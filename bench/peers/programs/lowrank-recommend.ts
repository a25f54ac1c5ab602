/** The best items of every user from a model's file, seen ones left out: the whole call, after one for a few users. */
import { writeFileSync } from "node:fs";
import { peakMemory } from "../../harness/peak-memory.js";
import type { RecommendFiles, RecommendResult } from "../recommendations.js";
import { finish, lowrank, readRequest } from "./lowrank.js";

const { model: path, lists, data, count, warmUp, threads } = readRequest<RecommendFiles>();
const model = await lowrank.load(path);
await model.recommendAll({ count, threads, users: Array.from({ length: warmUp }, (_, at) => model.users.idAt(at)) });
const begin = performance.now();
const { queryIndices, itemIndices, counts, width } = await model.recommendAll({ count, threads });
const seconds = (performance.now() - begin) / 1e3;
const result: RecommendResult = { seconds, peakMemoryBytes: peakMemory() };
const rows = new Int32Array(data.numUsers * count).fill(-1);
for (const [place, user] of queryIndices.entries()) {
  const row = (model.users.idAt(user) as number) * count;
  for (let rank = 0; rank < counts[place]!; rank++) {
    rows[row + rank] = model.items.idAt(itemIndices[place * width + rank]!) as number;
  }
}
writeFileSync(lists, rows);
model.dispose();
finish(result);
