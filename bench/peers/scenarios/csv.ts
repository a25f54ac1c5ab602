/** A file of ratings made a sparse matrix by user: pandas, by both of its engines. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CheckSums, writeRatingsFile } from "../../harness/ratings-file.js";
import type { Contender, Measured, PeerCase, PeerContender, PeerContext, Scenario } from "../comparison.js";
import { WORK_FOLDER } from "../install/install.js";
import { type Program, runProgram } from "../program.js";

const ROWS = 5_000_000;
const QUICK_ROWS = 20_000;

/** Why ours takes longer where it does: at small files, and against an engine that reads in parallel. */
const COLD =
  "the process is fresh, and V8 compiles the reader while it reads: a second file takes a fraction of the first's time; pandas comes compiled, and importing it is not counted";
const PARALLEL = "pyarrow reads on all cores, with the whole file and its columns in memory; lowrank reads on one";

interface RatingsFile {
  name: string;
  path: string;
  /** What a reader must find; without it, what ours does. */
  expected?: CheckSums;
}

interface Reading {
  seconds: number;
  peakMemoryBytes: number;
  sums: CheckSums;
}

/** Written once, and the sums of what is in it. */
function madeFile(rows: number): RatingsFile {
  const path = join(WORK_FOLDER, "data", `ratings-${rows}.csv`);
  const record = `${path}.json`;
  if (!existsSync(record)) {
    mkdirSync(join(WORK_FOLDER, "data"), { recursive: true });
    writeFileSync(record, JSON.stringify(writeRatingsFile(path, rows)));
  }
  return { name: "made up", path, expected: JSON.parse(readFileSync(record, "utf8")) as CheckSums };
}

function* ratingsFiles(quick: boolean): Iterable<RatingsFile> {
  yield madeFile(quick ? QUICK_ROWS : ROWS);
  const folder = process.env.LOWRANK_DATA;
  if (!folder) return;
  const path = join(folder, "ml-latest-small", "ratings.csv");
  if (existsSync(path)) yield { name: "ml-latest-small", path };
}

async function measure(program: Program, { path }: RatingsFile, settings: object = {}): Promise<Measured> {
  const { seconds, peakMemoryBytes, sums } = (await runProgram<Reading>(program, { path, ...settings })).result;
  const facts = { rows: sums.rows, checkSum: sums.mixed, peakMemoryMB: peakMemoryBytes / 1e6 };
  return { seconds: [seconds], facts };
}

/** Why a reader did not find what is in the file, or what the other one found. */
function difference({ expected }: RatingsFile): PeerCase["difference"] {
  return (ours, theirs) => {
    const asked = expected ? { rows: expected.rows, checkSum: expected.mixed } : ours.facts;
    for (const { facts } of [ours, theirs]) {
      for (const fact of ["rows", "checkSum"] as const) {
        if (facts[fact] !== asked[fact]) return `${fact} must be ${asked[fact]}, got ${facts[fact]}`;
      }
    }
    return undefined;
  };
}

function library(file: RatingsFile): Contender {
  return {
    name: "lowrank",
    peer: "lowrank",
    note: "finds separator, columns and types itself; refuses repeated pairs and bad rows; keeps timestamps by user",
    run: () => measure({ file: "lowrank-csv.ts" }, file),
  };
}

function pandas(file: RatingsFile, engine: "c" | "pyarrow", typed: boolean): PeerContender {
  return {
    name: `pandas, ${engine === "c" ? "C engine" : "pyarrow engine"}${typed ? ", types given" : ""}`,
    peer: "pandas",
    note: "read_csv, factorize of both columns, scipy's csr_matrix; timestamps stay in the table; imports not counted",
    run: ({ folder: environment }) => measure({ file: "pandas_csv.py", environment }, file, { engine, typed }),
  };
}

function* cases({ quick }: PeerContext): Iterable<PeerCase> {
  for (const file of ratingsFiles(quick)) {
    const theirs = [pandas(file, "c", false), pandas(file, "c", true), pandas(file, "pyarrow", true)];
    yield {
      name: `CSV, ${file.name}`,
      size: `${(statSync(file.path).size / 1e6).toFixed(1)} MB of userId,movieId,rating,timestamp`,
      unit: "a file",
      heldEqual:
        "ids to indices from 0, values (float32) in a sparse matrix by user, timestamps: rows and a sum over all columns",
      ours: [library(file)],
      theirs,
      comparisons: theirs.map(({ name }) => ({
        ...{ ours: "lowrank", theirs: name },
        why: file.expected && name.includes("pyarrow") ? PARALLEL : COLD,
      })),
      difference: difference(file),
    };
  }
}

const scenario: Scenario = { about: "ratings from a CSV file to a sparse matrix", cases };
export default scenario;
