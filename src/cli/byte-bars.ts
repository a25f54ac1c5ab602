import cliProgress from "cli-progress";
import { bytes, count } from "./quantities.js";

/** Below this many bytes reading is over before a bar could be read. */
const LEAST_BYTES = 4_000_000;

const BAR = {
  stream: process.stderr,
  barCompleteChar: "━",
  barIncompleteChar: "─",
  barsize: 24,
  clearOnComplete: true,
  gracefulExit: false,
  hideCursor: true,
} as const;

/** How far the reading of a file has come; goes when it is read. */
export class ReadingBar {
  readonly #bar = new cliProgress.SingleBar({ ...BAR, format: "reading {bar} {percentage} %  {rows} ratings" });
  #isDrawn = false;

  show({ bytes: read, rows, totalBytes }: { bytes: number; rows: number; totalBytes: number | undefined }): void {
    if (totalBytes === undefined || totalBytes < LEAST_BYTES) return;
    if (!this.#isDrawn) this.#bar.start(totalBytes, 0, { rows: "0" });
    this.#isDrawn = true;
    this.#bar.update(read, { rows: count(rows) });
  }

  stop(): void {
    if (this.#isDrawn) this.#bar.stop();
  }
}

/** How far a download has come, or the unpacking of it; goes when that is done. */
export class DownloadBar {
  readonly #bar = new cliProgress.SingleBar({ ...BAR, format: "{what} {bar} {percentage} %  {done} of {all}" });

  /** @param totalBytes until `show` knows better */
  constructor(what: string, totalBytes: number) {
    this.#bar.start(totalBytes, 0, { what, done: bytes(0), all: bytes(totalBytes) });
  }

  show(done: number, totalBytes: number | undefined): void {
    if (totalBytes !== undefined) this.#bar.setTotal(totalBytes);
    this.#bar.update(done, { done: bytes(done), all: bytes(totalBytes ?? this.#bar.getTotal()) });
  }

  stop(): void {
    this.#bar.stop();
  }
}
