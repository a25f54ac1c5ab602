/** What learning from a batch goes to, by taking tiles only so far: differences of what is timed. */
import { engine } from "../../src/engine/engine.js";
import type { Variant } from "../../src/engine/kernels.js";
import { AutoRecPasses } from "./autorec-passes.js";
import type { AutoRecSetup } from "./autorec-setup.js";
import { openModule } from "./parts.js";
import type { Facts } from "./suite.js";

/** Pointers are byte addresses; see bench/parts/autorec.ts. */
export interface AutoRecParts {
  learnUpTo(tileBegin: number, tileEnd: number, networkPtr: number, batchPtr: number, depth: number): void;
}

const DEPTHS = [0, 1, 2, 3, 4, 5];
const TURNS = 3;

/** Undefined where the engine does not run the variant. */
export function openAutoRecParts(variant: Variant): Promise<AutoRecParts | undefined> {
  return openModule<AutoRecParts>("autorec", variant, engine().arena.memory);
}

/** The shares of the three sums and the steps in learning of one thread, over all batches. */
export async function shareOfLearning(setup: AutoRecSetup, reproducible: boolean): Promise<Facts> {
  const parts = await openAutoRecParts(engine().variant(reproducible));
  if (!parts) throw new Error("the parts do not run here, though the kernels do");
  const totals = DEPTHS.map(() => 0);
  const passes = await AutoRecPasses.open(setup, {
    threads: 1,
    reproducible,
    beforeLearning: (networkPtr, batchPtr, numTiles) => addTimes(totals, parts, networkPtr, batchPtr, numTiles),
  });
  try {
    await passes.runEpoch(1, 0); // at rate 0 no weight moves, however often its step is taken; the first epoch warms up
    totals.fill(0);
    await passes.runEpoch(2, 0);
  } finally {
    passes.dispose();
  }
  return sharesOf(totals);
}

/** ms to each depth: the least of some for each tile, so that what else runs counts little. */
function addTimes(
  totals: number[],
  { learnUpTo }: AutoRecParts,
  networkPtr: number,
  batchPtr: number,
  numTiles: number,
): void {
  for (let tile = 0; tile < numTiles; tile++) {
    const least = DEPTHS.map(() => Infinity);
    for (let turn = 0; turn < TURNS; turn++) {
      for (const depth of DEPTHS) {
        const begin = performance.now();
        learnUpTo(tile, tile + 1, networkPtr, batchPtr, depth);
        least[depth] = Math.min(least[depth]!, performance.now() - begin);
      }
    }
    for (const depth of DEPTHS) totals[depth]! += least[depth]!;
  }
}

function sharesOf(totals: readonly number[]): Facts {
  const [scatterErrors, gatherCodes, stepDecoder, takeSlopes, gatherErrors, stepEncoder] = totals.map(
    (total, depth) => (total - (totals[depth - 1] ?? 0)) / totals.at(-1)!,
  );
  return {
    shareScatterErrors: scatterErrors!,
    shareGatherCodes: gatherCodes!,
    shareGatherErrors: gatherErrors!,
    shareSteps: stepDecoder! + stepEncoder!,
    shareSlopes: takeSlopes!,
    partsSeconds: totals.at(-1)! / 1e3,
  };
}
