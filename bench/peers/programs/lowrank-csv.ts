/** A file of ratings read by lowrank, and the sums by which it shows what it read. */
import { peakMemory } from "../../harness/peak-memory.js";
import { checkSumsOf } from "../../harness/ratings-file.js";
import { finish, lowrank, readRequest } from "./lowrank.js";

const { path } = readRequest<{ path: string }>();
const begin = performance.now();
const interactions = await lowrank.Interactions.fromCsv(path);
const seconds = (performance.now() - begin) / 1e3;
const peakMemoryBytes = peakMemory();
finish({ seconds, peakMemoryBytes, sums: checkSumsOf(interactions) });
