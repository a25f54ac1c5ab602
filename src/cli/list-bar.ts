import cliProgress from "cli-progress";
import { count } from "./quantities.js";

/** How many lists have been written; goes when all are. */
export class ListBar {
  readonly #bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: "writing {bar} {percentage} %  {done} of {all}",
    barCompleteChar: "━",
    barIncompleteChar: "─",
    barsize: 24,
    clearOnComplete: true,
    gracefulExit: false,
    hideCursor: true,
  });
  readonly #all: string;

  /** @param what they are for, such as "users" */
  constructor(total: number, what: string) {
    this.#all = `${count(total)} ${what}`;
    this.#bar.start(total, 0, { done: "0", all: this.#all });
  }

  show(done: number): void {
    this.#bar.update(done, { done: count(done), all: this.#all });
  }

  stop(): void {
    this.#bar.stop();
  }
}
