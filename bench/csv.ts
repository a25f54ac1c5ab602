/**
 * How fast, and in how much memory, a CSV file is read: rows of `userId,movieId,rating,timestamp`, made by arithmetic,
 * read by a process that does nothing else, checked against the sums taken while writing.
 *
 *   npx tsx bench/csv.ts --rows 25000000
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Interactions } from "../src/data/interactions.js";

const RATINGS_PER_USER = 154;
const NUM_ITEMS = 59_053;
const ITEM_ID_STEP = 3;
const FIRST_TIMESTAMP = 1_000_000_000;
const ROWS_PER_WRITE = 20_000;

interface CheckSums {
  rows: number;
  users: number;
  items: number;
  values: number;
  /** Σ value × ((userId + 17 itemId + timestamp) mod 1009): changes if a column is out of step. */
  mixed: number;
}

interface Reading {
  sums: CheckSums;
  seconds: number;
  /** Processor time of the whole process's threads while reading: near `seconds` on a quiet machine. */
  processorSeconds: number;
  /** KiB, of the process that read. */
  peakResident: number;
}

function mix(userId: number, itemId: number, value: number, timestamp: number): number {
  return value * ((userId + 17 * itemId + timestamp) % 1009);
}

/** Row r of the file: a user's items are distinct, as NUM_ITEMS is prime. */
function rowAt(row: number): [userId: number, itemId: number, value: number, timestamp: number] {
  const user = Math.floor(row / RATINGS_PER_USER);
  const turn = row % RATINGS_PER_USER;
  const item = (user * 7919 + turn * (1 + (user % 300))) % NUM_ITEMS;
  const value = (1 + ((Math.imul(row, 0x9e3779b1) >>> 0) % 10)) / 2;
  return [user + 1, 1 + item * ITEM_ID_STEP, value, FIRST_TIMESTAMP + ((row * 977) % 600_000_000)];
}

function writeFile(path: string, rows: number): CheckSums {
  const file = openSync(path, "w");
  const sums: CheckSums = { rows, users: 0, items: 0, values: 0, mixed: 0 };
  let text = "userId,movieId,rating,timestamp\n";
  for (let row = 0; row < rows; row++) {
    const [userId, itemId, value, timestamp] = rowAt(row);
    text += `${userId},${itemId},${value.toFixed(1)},${timestamp}\n`;
    sums.users += userId;
    sums.items += itemId;
    sums.values += value;
    sums.mixed += mix(userId, itemId, value, timestamp);
    if (row % ROWS_PER_WRITE !== ROWS_PER_WRITE - 1) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
  return sums;
}

function sumsOf({ matrix, users, items, timestamps, size }: Interactions): CheckSums {
  const sums: CheckSums = { rows: size, users: 0, items: 0, values: 0, mixed: 0 };
  for (let user = 0; user < matrix.numRows; user++) {
    const userId = users.idAt(user) as number;
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      const itemId = items.idAt(matrix.columns[entry]!) as number;
      const value = matrix.values[entry]!;
      sums.users += userId;
      sums.items += itemId;
      sums.values += value;
      sums.mixed += mix(userId, itemId, value, timestamps![entry]!);
    }
  }
  return sums;
}

async function read(path: string): Promise<Reading> {
  const begin = performance.now();
  const usedBefore = process.cpuUsage();
  const interactions = await Interactions.fromCsv(path);
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(usedBefore);
  const processorSeconds = (used.user + used.system) / 1e6;
  const peakResident = process.resourceUsage().maxRSS;
  return { sums: sumsOf(interactions), seconds, processorSeconds, peakResident };
}

function readInFreshProcess(path: string): Reading {
  const script = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, [...process.execArgv, script, "--read", path], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`reading failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as Reading;
}

function report(rows: number): void {
  const folder = mkdtempSync(join(tmpdir(), "lowrank-csv-"));
  try {
    const path = join(folder, "ratings.csv");
    const written = writeFile(path, rows);
    const { sums, seconds, processorSeconds, peakResident } = readInFreshProcess(path);
    if (JSON.stringify(sums) !== JSON.stringify(written)) {
      throw new Error(`sums differ: wrote ${JSON.stringify(written)}, read ${JSON.stringify(sums)}`);
    }
    const megabytes = statSync(path).size / 1e6;
    console.log(`fromCsv  ${rows.toLocaleString("en")} rows, ${megabytes.toFixed(0)} MB, sums ok`);
    console.log(
      `  ${seconds.toFixed(2)} s (processor ${processorSeconds.toFixed(2)} s)   ${(rows / seconds / 1e6).toFixed(2)} M rows/s`,
    );
    console.log(
      `  ${(megabytes / seconds).toFixed(0)} MB/s   peak resident ${(peakResident / 2 ** 20).toFixed(2)} GiB`,
    );
    console.log(`  ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: "string", default: "1000000" }, read: { type: "string" } } });
  if (values.read !== undefined) {
    process.stdout.write(JSON.stringify(await read(values.read)));
    return;
  }
  const rows = Number(values.rows);
  if (!Number.isSafeInteger(rows) || rows < 1)
    throw new RangeError(`rows must be a whole number ≥ 1, got ${values.rows}`);
  report(rows);
}

await main();
