/** Models saved, and loaded in fresh processes to the first answer: implicit (npz) and LIBMF for Node (text). */
import { writeFileSync } from "node:fs";
import { startFactors } from "../../harness/triples.js";
import type { Contender, Measured, PeerCase, PeerContender, PeerContext, Scenario } from "../comparison.js";
import { outputPath } from "../fits.js";
import type { InstalledPeer } from "../install/install.js";
import type { Answer, LoadingResult, ModelFileRequest, ModelSizes, SavingResult } from "../model-files.js";
import { type Program, runProgram } from "../program.js";

const FULL: ModelSizes = { numUsers: 70_000, numItems: 10_000, factors: 64 };
const QUICK: ModelSizes = { numUsers: 300, numItems: 100, factors: 8 };
const SAVES = 5;
const SPREAD = 0.5;

type Shared = Omit<ModelFileRequest, "action" | "path" | "expected">;

/** A program that saves and loads, with what it is told beside the request. */
interface Keeper {
  program: Program;
  path: string;
  settings?: object;
}

/** The contenders of both cases: what the models answered when they were saved is kept from one to the other. */
class ModelFiles {
  readonly #shared: Shared;
  readonly #saved = new Map<string, { answer: Answer; fileMB: number }>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  async save({ program, path, settings }: Keeper, saves = SAVES): Promise<Measured> {
    const request = { ...this.#shared, ...settings, action: "save", path, saves };
    const { seconds, answer, fileBytes, peakMemoryBytes } = (await runProgram<SavingResult>(program, request)).result;
    const fileMB = fileBytes / 1e6;
    this.#saved.set(path, { answer, fileMB });
    return { seconds, facts: { fileMB, peakMemoryMB: peakMemoryBytes / 1e6 } };
  }

  async load(keeper: Keeper): Promise<Measured> {
    const { program, path, settings } = keeper;
    if (!this.#saved.has(path)) await this.save(keeper, 1); // `--only`
    const { answer, fileMB } = this.#saved.get(path)!;
    const request = { ...this.#shared, ...settings, action: "load", path, expected: answer };
    const { seconds, peakMemoryBytes } = (await runProgram<LoadingResult>(program, request)).result;
    return { seconds: [seconds], facts: { fileMB, peakMemoryMB: peakMemoryBytes / 1e6 } };
  }
}

type Action = "save" | "load";

/** Why ours takes longer where it does. */
const WHY: Record<Action, string> = {
  save: "lowrank waits until the file is on the disk and then puts it in the place of the old one; it writes ids, too",
  load: "lowrank reads an id for each user and item and makes their look-up, in code that V8 compiles meanwhile; implicit keeps no ids",
};

function library(files: ModelFiles, action: Action): Contender {
  const keeper = { program: { file: "lowrank-model-file.ts" }, path: outputPath("model.safetensors") };
  const note = action === "save" ? "safetensors, ids too; synced to the disk, then renamed: whole or not at all" : "";
  return { name: "lowrank", peer: "lowrank", ...(note && { note }), run: () => files[action](keeper) };
}

/** @param synced whether the file is on the disk when the call returns, which implicit leaves to others */
function implicit(files: ModelFiles, action: Action, synced: boolean): PeerContender {
  const keeperOf = ({ folder: environment }: InstalledPeer): Keeper => ({
    program: { file: "implicit_model_file.py", environment, variables: { OPENBLAS_NUM_THREADS: "1" } },
    path: outputPath(synced ? "model-synced.npz" : "model.npz"),
    settings: { synced },
  });
  return {
    name: synced ? "implicit, synced" : "implicit",
    peer: "implicit",
    note: synced ? "npz, to an open file that is then synced to the disk" : "npz; its import is not counted",
    run: (installed) => files[action](keeperOf(installed)),
  };
}

function libmf(files: ModelFiles, action: Action): PeerContender {
  const path = outputPath("model-libmf.txt");
  return {
    name: "LIBMF",
    peer: "libmf (npm)",
    note: "text with six digits of each number, so that a loaded model is not quite the saved one; its first answer is one prediction",
    run: ({ folder }) => files[action]({ program: { file: "libmf-model-file.ts" }, path, settings: { folder } }),
  };
}

function* cases({ quick }: PeerContext): Iterable<PeerCase> {
  const sizes = quick ? QUICK : FULL;
  const { numUsers, numItems, factors } = sizes;
  const [userFactors, itemFactors] = [outputPath("given-users.bin"), outputPath("given-items.bin")];
  writeFileSync(userFactors, startFactors(numUsers * factors, SPREAD, 1));
  writeFileSync(itemFactors, startFactors(numItems * factors, SPREAD, 2));
  const files = new ModelFiles({ ...sizes, userFactors, itemFactors, saves: SAVES });
  for (const action of ["save", "load"] as const) {
    const theirs = [implicit(files, action, false), libmf(files, action)];
    if (action === "save") theirs.splice(1, 0, implicit(files, action, true));
    yield {
      name: action === "save" ? "save" : "load to the first answer",
      size: `${numUsers} × ${numItems}, k ${factors}, nothing seen`,
      unit: action === "save" ? "a save" : "a load and an answer",
      heldEqual: "the sizes, factors in float32; a loaded model answers what the saved one did",
      ours: [library(files, action)],
      theirs,
      comparisons: theirs.map(({ name }) => ({ ours: "lowrank", theirs: name, why: WHY[action] })),
      difference: () => undefined, // a program whose model answers otherwise fails
    };
  }
}

const scenario: Scenario = { about: "saving a model, and loading it in a fresh process", cases };
export default scenario;
