/** How a fit is getting on: a bar on a terminal, a line an epoch elsewhere. */
import cliProgress from "cli-progress";
import type { EpochReport } from "../index.js";
import type { Output } from "./output.js";
import { duration, errorSize, rate, timeLeft } from "./quantities.js";

export interface EpochProgress {
  show(report: EpochReport): void;
  /** To be called once, also after a failure. */
  stop(): void;
}

/** @param label stands before the epoch, such as "fold 2/5"; may be empty */
export function epochProgress(output: Output, epochs: number, label: string): EpochProgress {
  if (output.drawsProgress) return new EpochBar(epochs, label);
  return { show: (report) => output.note(epochLine(report, label)), stop: () => {} };
}

/** One epoch in one line. */
function epochLine(report: EpochReport, label: string): string {
  const { epoch, epochs, seconds } = report;
  const place = `${label}${label && " "}epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
  return `${place}  ${errors(report)}  ${duration(seconds)}  ${rate(report.ratingsPerSecond)}`;
}

function errors({ trainRmse, validationRmse, isBest }: EpochReport): string {
  const training = `train RMSE ${errorSize(trainRmse)}`;
  if (validationRmse === undefined) return training;
  return `${training}  validation ${errorSize(validationRmse)}${isBest ? " best" : "     "}`;
}

/** Cells of a line beside the label and the bar, at most; and where they do not fit with units in full. */
const TEXT_CELLS = 78;
const NARROW_COLUMNS = 96;
const FEWEST_BAR_CELLS = 5;
const MOST_BAR_CELLS = 24;

class EpochBar implements EpochProgress {
  readonly #bar: cliProgress.SingleBar;
  readonly #begin = performance.now();
  readonly #columns = process.stderr.columns || 80;

  constructor(epochs: number, label: string) {
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

  show({ epoch, epochs, trainRmse, validationRmse, ratingsPerSecond }: EpochReport): void {
    const secondsEach = (performance.now() - this.#begin) / 1000 / epoch;
    const left = epoch === epochs ? "done" : `${timeLeft(secondsEach * (epochs - epoch))} left`;
    const validation = validationRmse === undefined ? "" : `, validation ${errorSize(validationRmse)}`;
    const speed = rate(ratingsPerSecond);
    this.#bar.update(epoch, {
      errors: `RMSE ${errorSize(trainRmse)}${validation}`,
      rate: this.#columns < NARROW_COLUMNS ? speed.replace(" ratings", "") : speed,
      left,
    });
  }

  stop(): void {
    this.#bar.stop();
  }
}
