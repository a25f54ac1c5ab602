/** How a fit is getting on: a bar on a terminal, a line an epoch elsewhere. */
import cliProgress from "cli-progress";
import type { Output } from "./output.js";
import { duration, errorSize, objectiveSize, rate, timeLeft } from "./quantities.js";
import type { InputWords, TrainingReport } from "./trainable-models.js";

export interface EpochProgress {
  show(report: TrainingReport): void;
  /** To be called once, also after a failure. */
  stop(): void;
}

/** @param label stands before the epoch, such as "fold 2/5"; may be empty */
export function epochProgress(output: Output, epochs: number, words: InputWords, label: string): EpochProgress {
  if (output.drawsProgress) return new EpochBar(epochs, words, label);
  return { show: (report) => output.note(epochLine(report, words, label)), stop: () => {} };
}

/** One epoch in one line. */
function epochLine(report: TrainingReport, { entry }: InputWords, label: string): string {
  const { epoch, epochs, seconds } = report;
  const place = `${label}${label && " "}epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
  return `${place}  ${errors(report)}  ${duration(seconds)}  ${rate(report.ratingsPerSecond, entry)}`;
}

function errors(report: TrainingReport): string {
  if (!("trainRmse" in report)) return `objective ${objectiveSize(report.objective)}`;
  const { trainRmse, validationRmse, isBest } = report;
  const training = `train RMSE ${errorSize(trainRmse)}`;
  if (validationRmse === undefined) return training;
  return `${training}  validation ${errorSize(validationRmse)}${isBest ? " best" : "     "}`;
}

function shortErrors(report: TrainingReport): string {
  if (!("trainRmse" in report)) return errors(report);
  const { trainRmse, validationRmse } = report;
  return `RMSE ${errorSize(trainRmse)}${validationRmse === undefined ? "" : `, validation ${errorSize(validationRmse)}`}`;
}

/** Cells of a line beside the label and the bar, at most; and where they do not fit with units in full. */
const TEXT_CELLS = 78;
const NARROW_COLUMNS = 96;
const FEWEST_BAR_CELLS = 5;
const MOST_BAR_CELLS = 24;

class EpochBar implements EpochProgress {
  readonly #bar: cliProgress.SingleBar;
  readonly #entry: string;
  readonly #begin = performance.now();
  readonly #columns = process.stderr.columns || 80;

  constructor(epochs: number, { entry }: InputWords, label: string) {
    this.#entry = entry;
    const place = `${label}${label && " "}epoch {value}/{total}`;
    const room = this.#columns - label.length - TEXT_CELLS;
    this.#bar = new cliProgress.SingleBar({
      stream: process.stderr,
      format: `${place} {bar} {errors}  {rate}  {left}`,
      barCompleteChar: "━",
      barIncompleteChar: "─",
      barsize: Math.max(FEWEST_BAR_CELLS, Math.min(MOST_BAR_CELLS, room)),
      gracefulExit: false,
      hideCursor: true,
    });
    this.#bar.start(epochs, 0, { errors: "", rate: "", left: "" });
  }

  show(report: TrainingReport): void {
    const { epoch, epochs, ratingsPerSecond } = report;
    const secondsEach = (performance.now() - this.#begin) / 1000 / epoch;
    const left = epoch === epochs ? "done" : `${timeLeft(secondsEach * (epochs - epoch))} left`;
    const speed = rate(ratingsPerSecond, this.#entry);
    this.#bar.update(epoch, {
      errors: shortErrors(report),
      rate: this.#columns < NARROW_COLUMNS ? speed.replace(` ${this.#entry}s`, "") : speed,
      left,
    });
  }

  stop(): void {
    this.#bar.stop();
  }
}
