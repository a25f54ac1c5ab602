/** Reads a file of ratings, and prints the time, the peak memory and the sums as JSON. */
import { Interactions } from "../../src/index.js";
import { peakMemory } from "../harness/peak-memory.js";
import { type CheckSums, checkSumsOf } from "../harness/ratings-file.js";

export interface Reading {
  sums: CheckSums;
  seconds: number;
  /** Time of all processors: less than `seconds` where others use them too. */
  processorSeconds: number;
  /** Peak resident memory in bytes, taken when the file has been read. */
  peak: number;
}

const begin = performance.now();
const usedBefore = process.cpuUsage();
const interactions = await Interactions.fromCsv(JSON.parse(process.argv[2]!) as string);
const seconds = (performance.now() - begin) / 1e3;
const used = process.cpuUsage(usedBefore);
const peak = peakMemory();
const processorSeconds = (used.user + used.system) / 1e6;
const reading: Reading = { sums: checkSumsOf(interactions), seconds, processorSeconds, peak };
console.log(JSON.stringify(reading));
