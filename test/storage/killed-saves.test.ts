/** A process that saves one model after the other and is killed: what is left is whole, the old one or the new one. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RandomStream } from "../../src/data/random.js";
import { readAllOf } from "./model-parts.js";

const NUM_KILLS = 50;
const LONGEST_RUN_MILLISECONDS = 40;
const LONGEST_LIFE_MILLISECONDS = 45_000; // should the test itself fail

/** Saves generation after generation: every number of a model is its generation. Says which one is there. */
const SCRIPT = `
  import { IdIndex } from "./src/data/id-index.ts";
  import { encodeModel } from "./src/storage/encode-model.ts";
  import { writeModelFile } from "./src/storage/model-sink.ts";
  import { writeSync } from "node:fs";
  const [path, first] = process.argv.slice(2);
  const ids = IdIndex.from(Array.from({ length: 30000 }, (_, at) => at));
  for (let generation = Number(first); ; generation++) {
    const values = new Float32Array(30000 * 8).fill(generation);
    const matrix = { rows: 30000, columns: 8, stride: 8, values };
    const file = encodeModel({
      model: "Generation", version: "1", options: {}, parameters: { generation }, users: ids, items: ids,
      matrices: { user_factors: matrix, item_factors: matrix }, vectors: {},
    });
    writeSync(1, generation + " begins\\n");
    await writeModelFile(path, file);
    writeSync(1, generation + " is there\\n");
  }
`;

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
  writeFileSync(join(folder, "script.mjs"), outputFiles[0]!.contents);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the script and kills it so long after it first says `word`; the last generation that it said is there, or −1. */
function runAndKill(
  path: string,
  first: number,
  word: "begins" | "is there",
  afterMilliseconds: number,
): Promise<{ saved: number; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(folder, "script.mjs"), path, String(first)], {
      timeout: LONGEST_LIFE_MILLISECONDS,
      killSignal: "SIGKILL",
    });
    let told = "";
    let errors = "";
    child.stdout.on("data", (piece: Buffer) => {
      const isFirst = !told.includes(word);
      told += piece;
      if (isFirst && told.includes(word)) setTimeout(() => child.kill("SIGKILL"), afterMilliseconds);
    });
    child.stderr.on("data", (piece: Buffer) => {
      errors += piece;
    });
    child.on("error", reject);
    child.on("close", () => {
      const saved = [...told.matchAll(/(\d+) is there\n/g)].map(([, generation]) => Number(generation));
      resolve({ saved: saved.at(-1) ?? -1, errors });
    });
  });
}

test("the file is whole, and no older than the last save that had ended", async () => {
  const path = join(folder, "model.safetensors");
  const random = new RandomStream(3, 98);
  let generation = -1;
  let leftBehind = 0;
  for (let kill = 0; kill < NUM_KILLS; kill++) {
    const word = kill % 2 === 0 ? "is there" : "begins";
    const run = await runAndKill(path, generation + 1, word, random.nextUniform() * LONGEST_RUN_MILLISECONDS);
    expect(run.errors).toBe("");
    const names = readdirSync(folder).filter((name) => name.startsWith(".lowrank-"));
    leftBehind += names.length;
    for (const name of names) rmSync(join(folder, name));
    const { parameters, matrices, users } = await readAllOf(readFileSync(path));
    const found = parameters.generation!;
    expect(found).toBeGreaterThanOrEqual(Math.max(generation, run.saved));
    expect(users.size).toBe(30000);
    for (const name of ["user_factors", "item_factors"]) {
      expect(matrices[name]!.values.every((value) => value === found)).toBe(true);
    }
    generation = found;
  }
  expect(generation).toBeGreaterThan(0);
  expect(leftBehind).toBeGreaterThan(0); // else no kill met a save half done
}, 300_000);
