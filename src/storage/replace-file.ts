/** A file replaced as a whole or not at all. */
import { nodeBuiltin } from "../platform.js";

interface OpenFile {
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  chmod(mode: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const PERMISSION_BITS = 0o777;

/**
 * Writes `chunks` to a temporary file beside `path` and renames it over `path` once all of it is on the disk: whoever
 * opens `path`, whenever the process may end, finds the whole old file or the whole new one. A link is followed; the
 * permissions of an old file are kept. On failure the temporary file is removed; one of a killed process stays behind as
 * `.lowrank-….tmp`.
 * @throws {Error} `<path> must be a writable file, got …`; the signal's reason; what `chunks` throws.
 */
export async function replaceFile(
  path: string,
  chunks: Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promises: files } = nodeBuiltin("node:fs")!;
  const { dirname, join } = nodeBuiltin("node:path")!;
  signal?.throwIfAborted();
  let folder = dirname(path);
  try {
    const target = await files.realpath(path).catch(() => path);
    folder = dirname(target);
    const mode = await checkReplaceable(target);
    const temporary = join(folder, `.lowrank-${crypto.randomUUID()}.tmp`);
    const file = await files.open(temporary, "wx");
    try {
      await fill(file, chunks, mode, signal);
      await files.rename(temporary, target);
    } catch (error) {
      await files.unlink(temporary).catch(() => {});
      throw error;
    }
    await syncFolder(folder);
  } catch (error) {
    throw tell(error, path, folder);
  }
}

/** The permissions of the file that is there, if any. @throws if it is no file, or may not be written to. */
async function checkReplaceable(path: string): Promise<number | undefined> {
  const { promises: files, constants } = nodeBuiltin("node:fs")!;
  const stat = await files.stat(path).catch((error: { code?: string }) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
  if (stat === undefined) return undefined;
  if (!stat.isFile()) throw new NotAFile(stat.isDirectory() ? "a folder" : "a device, pipe or socket");
  await files.access(path, constants.W_OK);
  return stat.mode & PERMISSION_BITS;
}

class NotAFile extends Error {}

async function fill(
  file: OpenFile,
  chunks: Iterable<Uint8Array>,
  mode: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    if (mode !== undefined) await file.chmod(mode).catch(() => {}); // not every file system has them
    for (const chunk of chunks) {
      for (let done = 0; done < chunk.length; ) {
        done += (await file.write(chunk, done, chunk.length - done)).bytesWritten;
      }
      signal?.throwIfAborted();
    }
    await file.sync();
  } finally {
    await file.close();
  }
  signal?.throwIfAborted();
}

/** Makes the rename outlast a power cut. Windows and some file systems cannot, and need not. */
async function syncFolder(folder: string): Promise<void> {
  const { promises: files } = nodeBuiltin("node:fs")!;
  try {
    const open = await files.open(folder);
    await open.sync().finally(() => open.close());
  } catch {
    return;
  }
}

/** Errors of the file system name the path and the reason, not the temporary file; others stay what they are. */
function tell(error: unknown, path: string, folder: string): unknown {
  if (!(error instanceof Error)) return error; // a signal's reason may be anything
  const { code, syscall, message } = error as Error & { code?: unknown; syscall?: unknown };
  const isSystemError = typeof code === "string" && syscall !== undefined;
  if (!isSystemError && !(error instanceof NotAFile)) return error;
  let reason = message.replace(/, \w+( '.*)?$/s, ""); // "ENOSPC: no space left on device, write"
  if (code === "ENOENT") reason = `no folder ${folder}`;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") reason = `no permission to write it (${code})`;
  return new Error(`${path} must be a writable file, got ${reason}`, { cause: error });
}
