/** Where the text of results streams to; whoever writes waits until there is room. */
import { once } from "node:events";
import { chmod, type FileHandle, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure, NobodyReads, reasonOf } from "./failure.js";
import type { Place } from "./writable-path.js";

export interface ResultSink {
  write(text: string): Promise<void>;
  /** To be called once, when all is written. */
  finish(): Promise<void>;
  /** To be called in place of `finish`, after a failure. */
  abandon(): Promise<void>;
}

/** @param path of a file, or undefined for standard output */
export function openSink(path: string | undefined, place: Place, signal: AbortSignal): Promise<ResultSink> {
  if (path === undefined) return Promise.resolve(new StandardOutput(signal));
  return place === "device" ? DirectFile.open(path) : ReplacedFile.open(path);
}

class StandardOutput implements ResultSink {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async write(text: string): Promise<void> {
    if (process.stdout.write(text)) return;
    try {
      await once(process.stdout, "drain", { signal: this.#signal });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    }
  }

  async finish(): Promise<void> {}

  async abandon(): Promise<void> {}
}

/** A pipe or a device such as /dev/stdout: what is written is written. */
class DirectFile implements ResultSink {
  readonly #path: string;
  readonly #file: FileHandle;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async open(path: string): Promise<ResultSink> {
    return new DirectFile(path, await told(path, () => open(path, "w")));
  }

  write(text: string): Promise<void> {
    return told(this.#path, () => this.#file.appendFile(text));
  }

  finish(): Promise<void> {
    return told(this.#path, () => this.#file.close());
  }

  abandon(): Promise<void> {
    return this.#file.close().catch(() => {});
  }
}

/** A file that is there as a whole or, if the work fails, as it was: written beside and renamed. A link is followed. */
class ReplacedFile implements ResultSink {
  readonly #path: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #file: FileHandle;

  constructor(path: string, target: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#target = target;
    this.#temporary = temporary;
    this.#file = file;
  }

  static async open(path: string): Promise<ResultSink> {
    const target = await realpath(path).catch(() => path);
    const temporary = join(dirname(target), `.lowrank-${crypto.randomUUID()}.tmp`);
    return new ReplacedFile(path, target, temporary, await told(path, () => open(temporary, "wx")));
  }

  write(text: string): Promise<void> {
    return told(this.#path, () => this.#file.appendFile(text));
  }

  async finish(): Promise<void> {
    await told(this.#path, async () => {
      await this.#file.close();
      const old = await stat(this.#target).catch(() => undefined);
      if (old) await chmod(this.#temporary, old.mode & 0o777).catch(() => {}); // not every file system has permissions
      await rename(this.#temporary, this.#target);
    });
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    await unlink(this.#temporary).catch(() => {});
  }
}

/** @throws {Failure} that names the path; {NobodyReads} if it is a pipe whose reader has left */
async function told<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EPIPE") throw new NobodyReads();
    throw new Failure(`cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}
