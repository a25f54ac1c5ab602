/** Epochs of alternating least squares, MovieLens-10M shape: exact and nearly exact rows, against plain JavaScript. */
import { syntheticRatings } from "../../src/data/synthetic.js";
import { type AlsEntries, type AlsObjective, AlsScratch, alsHalfStep } from "../baselines/als.js";
import { type AlsData, type AlsKind, entriesOf, placeAlsData, sampleRows } from "../harness/als-data.js";
import {
  type AlsEpoch,
  type AlsSolver,
  alsEpoch,
  CONJUGATE_GRADIENT_STEPS,
  pullOf,
  SUBSPACE_BLOCK,
} from "../harness/als-epochs.js";
import {
  ALL,
  type AlsModel,
  checkObjective,
  checkSolvedItems,
  DAMPING,
  PER_ENTRY,
  startModel,
} from "../harness/als-objective.js";
import { flopsOf, shareOfParts } from "../harness/als-parts.js";
import { prototypeEpochs } from "../harness/als-prototype.js";
import { checksum, minimum } from "../harness/statistics.js";
import type { BenchCase, Competitor, Facts, Suite } from "../harness/suite.js";

const FACTORS = [32, 64, 128, 256];
const QUICK_FACTORS = [8, 16];
/** Plain JavaScript solves one row of so many, of every length: its rate is the same, and the bench ends. */
const EVERY: Record<number, number> = { 32: 1, 64: 4, 128: 16, 256: 64 };
const SEED = 1;

interface Timed {
  name: string;
  work: number;
  epoch: AlsEpoch;
  /** Before the first run, outside the time. */
  first?(): Promise<Facts>;
  /** Multiplications and additions of an epoch. */
  flops?: number;
  /** Whether the first run is not counted. */
  warmUp: boolean;
}

/** What the competitors of a case have in common. */
interface Plan {
  data: AlsData;
  kind: AlsKind;
  factors: number;
  /** Plain JavaScript solves one row of so many. */
  every: number;
  warmUp: boolean;
}

/** Times whole epochs: the best of them is a fact, and so is what is measured before the first. */
function competitor({ name, work, epoch, first, flops, warmUp }: Timed): Competitor {
  const times: number[] = [];
  let facts: Facts | undefined;
  return {
    ...epoch,
    name,
    work,
    async prepare() {
      facts ??= (await first?.()) ?? {};
      await epoch.prepare?.();
    },
    async run() {
      const begin = performance.now();
      const durations = await epoch.run();
      times.push(...(durations ?? [performance.now() - begin]));
      return durations ?? times.slice(-1);
    },
    facts() {
      const secondsPerEpoch = minimum(times.slice(warmUp ? 1 : 0)) / 1e3;
      const rate = flops === undefined ? {} : { gflops: flops / secondsPerEpoch / 1e9 };
      return { secondsPerEpoch, ...rate, ...facts };
    },
  };
}

const LABELS: Record<AlsSolver, string> = {
  cholesky: "exact",
  conjugateGradient: `CG ${CONJUGATE_GRADIENT_STEPS} steps`,
  subspace: `subspace ${SUBSPACE_BLOCK}`,
};

function library({ data, kind, factors, warmUp }: Plan, solver: AlsSolver, threads: number): Competitor {
  const isExact = solver === "cholesky";
  return competitor({
    name: `lowrank ${kind} ${LABELS[solver]}, threads ${threads}`,
    work: data.interactions.size,
    warmUp,
    epoch: alsEpoch(kind, solver, data, factors, threads),
    ...(isExact ? { flops: flopsOf(data.users, factors, kind) + flopsOf(data.items, factors, kind) } : {}),
    ...(isExact && threads === 1 ? { first: () => shareOfParts(kind, data, factors) } : {}),
  });
}

/** Plain JavaScript's exact epoch over some of the rows, the others as they were at the start. */
function baseline({ data, kind, factors, every, warmUp }: Plan): Competitor {
  const name = `js ${kind}`;
  const { users, items } = data;
  const { mean } = data.interactions;
  const [userRows, itemRows] = [sampleRows(users.matrix, every), sampleRows(items.matrix, every)];
  const ones = new Float32Array(kind === "implicit" ? data.interactions.size : 0).fill(1);
  const entriesFor = ({ matrix }: AlsData["users"]): AlsEntries =>
    kind === "implicit" ? { offsets: matrix.offsets, columns: matrix.columns, values: ones } : matrix;
  const objective: AlsObjective =
    kind === "implicit"
      ? { kind, stride: factors, all: ALL, damping: DAMPING }
      : { kind, stride: factors, mean, perEntry: PER_ENTRY };
  const scratch = new AlsScratch(factors);
  let model: AlsModel;
  return competitor({
    name: "js",
    warmUp,
    work: (entriesOf(users.matrix, userRows) + entriesOf(items.matrix, itemRows)) / 2,
    epoch: {
      prepare() {
        model = startModel(data, factors);
      },
      run() {
        alsHalfStep(objective, entriesFor(users), userRows, model.items, model.users, scratch);
        alsHalfStep(objective, entriesFor(items), itemRows, model.users, model.items, scratch);
      },
      check() {
        const steps = every === 1 ? `${kind} cholesky` : undefined;
        checkObjective(data, model, pullOf(kind, "cholesky"), name, steps);
        checkSolvedItems(data, model, kind, itemRows, name);
        return checksum(model.users.factors, model.items.factors);
      },
    },
  });
}

async function implicitCompetitors(plan: Plan): Promise<Competitor[]> {
  const { data, factors, warmUp } = plan;
  const work = data.interactions.size;
  const prototypes = await prototypeEpochs(data, factors);
  const byPrototype = (["cholesky", "conjugateGradient"] as const).flatMap((solver) => {
    const epoch = prototypes[solver];
    return epoch ? [competitor({ name: `prototype ${LABELS[solver]}`, work, epoch, warmUp })] : [];
  });
  return [
    baseline(plan),
    ...byPrototype,
    library(plan, "cholesky", 1),
    library(plan, "conjugateGradient", 1),
    library(plan, "subspace", 1),
    library(plan, "cholesky", 2),
  ];
}

function explicitCompetitors(plan: Plan): Competitor[] {
  return [baseline(plan), library(plan, "cholesky", 1), library(plan, "cholesky", 2)];
}

async function* cases({ quick }: { quick: boolean }): AsyncIterable<BenchCase> {
  const sizes = quick
    ? { numUsers: 700, numItems: 300, numRatings: 30_000 }
    : { numUsers: 69_878, numItems: 10_677, numRatings: 5_000_000 };
  const data = placeAlsData(syntheticRatings({ ...sizes, seed: SEED }).interactions);
  try {
    const { numUsers, numItems, size } = data.interactions;
    for (const [turn, factors] of (quick ? QUICK_FACTORS : FACTORS).entries()) {
      const every = EVERY[factors] ?? turn + 1;
      const rows = every === 1 ? "" : `; js solves 1/${every} of the rows`;
      const warmUp = turn === 0;
      const shared = {
        size: `${numUsers} × ${numItems}, ${size} interactions${rows}`,
        unit: "interactions",
        baseline: "js",
        warmUp,
      };
      const plan = { data, factors, every, warmUp };
      const implicit = await implicitCompetitors({ ...plan, kind: "implicit" });
      yield { ...shared, name: `implicit k ${factors}`, competitors: implicit };
      const explicit = explicitCompetitors({ ...plan, kind: "explicit" });
      yield { ...shared, name: `explicit k ${factors}`, competitors: explicit };
    }
  } finally {
    data.dispose();
  }
}

const suite: Suite = { about: "epochs of alternating least squares, MovieLens-10M shape", rounds: 3, cases };
export default suite;
