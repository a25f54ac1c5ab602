/** The best ten items of all users, what they have seen left out: the Python library implicit. */
import type { Contender, Measured, PeerCase, PeerContender, PeerContext, Scenario } from "../comparison.js";
import { type DataSet, generated, movieLens } from "../data-sets.js";
import { outputPath } from "../fits.js";
import { type Program, runProgram } from "../program.js";
import type { ImplicitModelRequest } from "../programs/lowrank-implicit-model.js";
import { agreement, type RecommendFiles, type RecommendResult } from "../recommendations.js";

const THREADS = [1, 2];
const FACTORS = [64, 128];
const QUICK_FACTORS = [16];
const COUNT = 10;
const WARM_UP = 200;
const EPOCHS = 2;
/** Share of the places that must hold the same item, or one that scores the same. */
const SAME = 0.999;
const GOAL = 3;
const SHORT = "so short a call is over before V8 has compiled its kernels to their fastest; implicit comes compiled";

type Plan = Omit<RecommendFiles, "lists">;

interface Asked {
  name: string;
  data: DataSet;
  factors: number;
}

/** A model that was fitted a little, and its factors. */
async function prepared(data: DataSet, factors: number): Promise<Omit<Plan, "threads">> {
  const name = `recommend-${data.numUsers}-${factors}`;
  const files = {
    model: outputPath(`${name}.safetensors`),
    userFactors: outputPath(`${name}-users.bin`),
    itemFactors: outputPath(`${name}-items.bin`),
  };
  const options = { factors, solver: "conjugateGradient", epochs: EPOCHS, seed: 1 };
  const request: ImplicitModelRequest = { ...files, data, options };
  await runProgram({ file: "lowrank-implicit-model.ts" }, request);
  return { ...files, data, factors, count: COUNT, warmUp: WARM_UP };
}

const listsPath = (contender: "ours" | "theirs") => outputPath(`${contender}-lists.bin`);

async function measure(program: Program, request: RecommendFiles): Promise<Measured> {
  const { seconds, peakMemoryBytes } = (await runProgram<RecommendResult>(program, request)).result;
  const facts = { listsPerSecond: request.data.numUsers / seconds, peakMemoryMB: peakMemoryBytes / 1e6 };
  return { seconds: [seconds], facts };
}

function library(plan: Plan): Contender {
  return {
    name: "lowrank",
    peer: "lowrank",
    run: () => measure({ file: "lowrank-recommend.ts" }, { ...plan, lists: listsPath("ours") }),
  };
}

/** Runs after ours in each round, so that its lists can be held against ours. */
function implicit(plan: Plan): PeerContender {
  return {
    name: "implicit",
    peer: "implicit",
    note: "all users in one call, which takes them by hundreds; OPENBLAS_NUM_THREADS=1, as implicit itself advises",
    async run({ folder: environment }) {
      const program = { file: "implicit_recommend.py", environment, variables: { OPENBLAS_NUM_THREADS: "1" } };
      const { seconds, facts } = await measure(program, { ...plan, lists: listsPath("theirs") });
      return { seconds, facts: { ...facts, ...agreement(plan, listsPath("ours"), listsPath("theirs")) } };
    },
  };
}

async function* asked(quick: boolean): AsyncIterable<Asked> {
  const sizes = quick
    ? { numUsers: 700, numItems: 300, numRatings: 30_000 }
    : { numUsers: 69_878, numItems: 10_677, numRatings: 4_850_000 };
  const data = generated(sizes, 0);
  for (const factors of quick ? QUICK_FACTORS : FACTORS) yield { name: "", data, factors };
  const real = quick ? undefined : await movieLens(0);
  if (!real) return;
  for (const factors of FACTORS) yield { name: ", ml-latest-small", data: real, factors };
}

async function* cases({ quick }: PeerContext): AsyncIterable<PeerCase> {
  for await (const { name, data, factors } of asked(quick)) {
    const files = await prepared(data, factors);
    for (const threads of THREADS) {
      const plan = { ...files, threads };
      yield {
        name: `recommend${name}, k ${factors}, threads ${threads}`,
        size: `${data.words}; ${COUNT} items for each user, seen ones left out`,
        unit: "all lists",
        heldEqual: `factors (float32), seen items, users; ${100 * SAME} % of the places with the same item, or one that scores the same in float32`,
        ours: [library(plan)],
        theirs: [implicit(plan)],
        comparisons: [{ ours: "lowrank", theirs: "implicit", goal: GOAL, why: SHORT }],
        difference: (_, { facts }) =>
          facts.sameEntries! >= SAME ? undefined : `${facts.sameEntries} of the places of all lists are the same`,
      };
    }
  }
}

const scenario: Scenario = { about: "ten items for all users, MovieLens-10M shape and latest-small", cases };
export default scenario;
