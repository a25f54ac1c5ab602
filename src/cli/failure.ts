/** What can go wrong, as an exit code and one line of text. */
import { inFlagWords } from "./flag-words.js";

/** An error of the data or of the training: exit code 1. */
export class Failure extends Error {
  readonly exitCode: number = 1;
}

/** Wrong usage of the command line: exit code 2. */
export class UsageError extends Failure {
  override readonly exitCode = 2;
}

/** The reader of the results has had enough, as in `lowrank … | head -1`: no failure, exit code 0. */
export class NobodyReads extends Failure {
  override readonly exitCode = 0;
}

/** What the first of these signals ends, it ends in good order. */
export const ENDING_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Ended from outside: exit code 128 + the signal's number, as shells expect. */
export class Interrupted extends Failure {
  override readonly exitCode: number;

  constructor(signal: keyof typeof ENDING_SIGNALS) {
    super(signal === "SIGINT" ? "interrupted" : "terminated");
    this.exitCode = ENDING_SIGNALS[signal];
  }
}

/** Runs what checks values that came from flags: what it throws is wrong usage, told in the words of the command line. */
export function checkedUsage<Result>(check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw error instanceof Failure ? error : new UsageError(inFlagWords(messageOf(error)), { cause: error });
  }
}

export function exitCodeOf(error: unknown): number {
  return error instanceof Failure ? error.exitCode : 1;
}

/** An error in one line. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replace(/\s*[\r\n]+\s*/g, " ").trim();
}

/** What the operating system or the network says was the matter, without the call it came from. */
export function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === "string" && Object.hasOwn(REASONS, code)) return REASONS[code]!;
  const { cause } = (error ?? {}) as { cause?: unknown };
  return cause === undefined ? messageOf(error) : reasonOf(cause);
}

const REASONS: Record<string, string> = {
  EACCES: "no permission",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was broken off",
  EAI_AGAIN: "the host's name could not be resolved; is there a network?",
  EISDIR: "it is a folder",
  ENOENT: "there is no such file",
  ENOSPC: "no space is left on the device",
  ENOTDIR: "a part of the path is no folder",
  ENOTFOUND: "the host's name could not be resolved; is there a network?",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  UND_ERR_SOCKET: "the connection was broken off",
};
