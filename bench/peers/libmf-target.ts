/** Races to LIBMF's best error: what each side looks for once, outside the rounds, whatever the threads of the rounds. */
import type { MatrixFactorizationOptions } from "../../src/index.js";
import type { Measured } from "./comparison.js";
import type { DataSet } from "./data-sets.js";
import { measureRatingFit } from "./fits.js";
import { bestOfLibmf, type LibmfBuild, type LibmfSettings } from "./libmf.js";

export interface Grid {
  learningRates: readonly number[];
  regularizations: readonly number[];
  /** The most iterations of a fit. */
  epochs: number;
}

export type LibmfBest = LibmfSettings & { rmse: number };
type OurSettings = Pick<MatrixFactorizationOptions, "learningRate" | "regularization">;

/** Ours is compared at these, by its error after a few epochs; the first is its defaults. */
const OUR_GRID = ([0.04, 0.03, 0.02] as const).flatMap((regularization) =>
  (["auto", 0.05] as const).map((learningRate): OurSettings => ({ learningRate, regularization })),
);
const OUR_GRID_EPOCHS = 8;
const MOST_EPOCHS = 60;
/** What the searches run with: the settings and epochs that they find count for any number of threads. */
const SEARCH_THREADS = 2;

export class LibmfTarget {
  readonly #data: DataSet;
  readonly #factors: number;
  readonly #grid: Grid;
  #libmf: Promise<LibmfBest> | undefined;
  #ours: Promise<OurSettings & { epochs: number }> | undefined;

  constructor(data: DataSet, factors: number, grid: Grid) {
    this.#data = data;
    this.#factors = factors;
    this.#grid = grid;
  }

  /** LIBMF's best settings and iteration, and what they reach. */
  libmf(build: LibmfBuild): Promise<LibmfBest> {
    const { learningRates, regularizations, epochs } = this.#grid;
    const common = { factors: this.#factors, threads: SEARCH_THREADS, epochs };
    const grid = learningRates.flatMap((learningRate) =>
      regularizations.map((regularization) => ({ ...common, learningRate, regularization })),
    );
    this.#libmf ??= bestOfLibmf(build, this.#data, grid);
    return this.#libmf;
  }

  /** A whole fit of ours with what reaches LIBMF's best in the fewest epochs. */
  async fitOurs(threads: number): Promise<Measured> {
    this.#ours ??= this.#searchOurs();
    const { epochs, ...settings } = await this.#ours;
    return this.#fit(settings, epochs, threads);
  }

  /** The most epochs where that does not reach it; the defaults where there is no LIBMF. */
  async #searchOurs(): Promise<OurSettings & { epochs: number }> {
    const target = await this.#libmf?.catch(() => undefined);
    let best = { settings: OUR_GRID[0]!, rmse: Infinity };
    if (target === undefined) return { ...best.settings, epochs: OUR_GRID_EPOCHS };
    for (const settings of OUR_GRID) {
      const rmse = await this.#rmse(settings, OUR_GRID_EPOCHS);
      if (rmse < best.rmse) best = { settings, rmse };
    }
    const { settings } = best;
    const reaches = async (epochs: number) => (await this.#rmse(settings, epochs)) <= target.rmse;
    return { ...settings, epochs: await fewestEpochs(reaches, best.rmse <= target.rmse) };
  }

  async #rmse(settings: OurSettings, epochs: number): Promise<number> {
    return (await this.#fit(settings, epochs, SEARCH_THREADS)).facts.testRmse!;
  }

  async #fit(settings: OurSettings, epochs: number, threads: number): Promise<Measured> {
    const options = { ...settings, epochs, threads, factors: this.#factors, seed: 1 };
    const request = { model: "MatrixFactorization", options };
    const { facts } = await measureRatingFit({ file: "lowrank-fit.ts" }, this.#data, request);
    const { learningRate, regularization } = settings;
    const rate = learningRate === "auto" ? {} : { learningRate };
    return { seconds: [facts.fitSeconds!], facts: { ...facts, ...rate, regularization } };
  }
}

/** By doubling and halving, more epochs being no worse up to where it is reached. */
async function fewestEpochs(reaches: (epochs: number) => Promise<boolean>, inGrid: boolean): Promise<number> {
  let [missed, tried] = inGrid ? [0, OUR_GRID_EPOCHS] : [OUR_GRID_EPOCHS, 2 * OUR_GRID_EPOCHS];
  while (tried > OUR_GRID_EPOCHS && !(await reaches(tried))) {
    if (tried === MOST_EPOCHS) return tried;
    missed = tried;
    tried = Math.min(2 * tried, MOST_EPOCHS);
  }
  while (tried - missed > 1) {
    const middle = (missed + tried) >> 1;
    if (await reaches(middle)) tried = middle;
    else missed = middle;
  }
  return tried;
}
