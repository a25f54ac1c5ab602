import { ALTERNATING_KERNELS } from "../engine/alternating-kernels.js";
import { ranges } from "../engine/chunks.js";
import { runRanges } from "../engine/run-ranges.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import type { AlternatingTraining } from "./alternating-training.js";
import type { HalfStepReport } from "./model.js";
import type { TrainingContext } from "./rating-training.js";

/** Floats that one chunk moves. */
const FLOATS_PER_CHUNK = 32768;

/** Halvings of a step after which there is no way down that f32 can tell. */
const MOST_HALVINGS = 60;

/**
 * Descent along the full gradient of the same objective, both sides at once: each step is as long as the last one but
 * twice, halved until the objective falls. Slow; every row has the same step, whatever its curvature.
 */
export class GradientDescent {
  readonly #context: TrainingContext;
  readonly #training: AlternatingTraining;
  readonly #scores: BilinearScores;
  /** f32, both sides' gradients, by address. */
  readonly #gradientPtrs: Readonly<Record<"users" | "items", number>>;
  #objective: number;
  #length = 1;

  private constructor(context: TrainingContext, training: AlternatingTraining, scores: BilinearScores, start: number) {
    const { userFactors, itemFactors } = scores;
    this.#context = context;
    this.#training = training;
    this.#scores = scores;
    this.#objective = start;
    this.#gradientPtrs = {
      users: context.scope.allocate(userFactors.rows * userFactors.stride * 4),
      items: context.scope.allocate(itemFactors.rows * itemFactors.stride * 4),
    };
  }

  static async prepare(
    context: TrainingContext,
    training: AlternatingTraining,
    scores: BilinearScores,
  ): Promise<GradientDescent> {
    return new GradientDescent(context, training, scores, await training.objective());
  }

  /** One step. It has no halves: `onHalfStep` is told once, as of the items. */
  async runEpoch(
    epoch: number,
    onHalfStep?: (report: HalfStepReport) => void,
  ): Promise<{ seconds: number; jitteredRows: number }> {
    const begin = performance.now();
    for (const side of ["users", "items"] as const) await this.#training.gradient(side, this.#gradientPtrs[side]);
    const before = this.#scores.bytes.slice();
    let length = 2 * this.#length;
    for (let halvings = 0; ; halvings++, length /= 2) {
      await this.#move(-length);
      const objective = await this.#training.objective();
      if (objective < this.#objective) {
        this.#objective = objective;
        this.#length = length;
        break;
      }
      this.#scores.bytes.set(before);
      if (halvings === MOST_HALVINGS) break;
    }
    const seconds = (performance.now() - begin) / 1000;
    onHalfStep?.({ epoch, side: "items", objective: this.#objective, jitteredRows: 0 });
    return { seconds, jitteredRows: 0 };
  }

  /** factors += length × half the gradient */
  async #move(length: number): Promise<void> {
    const { userFactors, itemFactors } = this.#scores;
    const chunks = [
      [userFactors, this.#gradientPtrs.users] as const,
      [itemFactors, this.#gradientPtrs.items] as const,
    ].flatMap(([{ ptr, rows, stride }, from]) =>
      ranges(rows * stride, FLOATS_PER_CHUNK).map(([begin, end]) => [begin, end, ptr, from]),
    );
    await runRanges({ ...this.#context, family: ALTERNATING_KERNELS }, "addScaled", chunks, [length]);
  }
}
