/** Chunks into streams, of the web and of Node, no faster than they take them. */

/** A stream of Node's: `fs.createWriteStream(…)`, an HTTP response, any `stream.Writable`. */
export interface NodeWritable {
  write(chunk: Uint8Array, callback: (error?: Error | null) => void): boolean;
  end(callback: (error?: Error | null) => void): unknown;
  destroy(error?: Error): unknown;
  on(event: string, listener: (error: Error) => void): unknown;
  off(event: string, listener: (error: Error) => void): unknown;
}

/** `work`, given up for the signal's reason when that aborts first. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    const settled = (): void => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    work.then(resolve, reject).then(settled);
  });
}

/**
 * Writes to a stream of the web and closes it; on failure it is aborted. Chunks are copied, as the stream may keep them.
 * @throws {TypeError} if the stream is locked; what the stream or `chunks` throws; the signal's reason.
 */
export async function writeToWebStream(
  stream: WritableStream<Uint8Array>,
  chunks: Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (stream.locked) throw new TypeError("target must be a stream that is not locked, got a locked one");
  const writer = stream.getWriter();
  try {
    signal?.throwIfAborted();
    for (const chunk of chunks) await unlessAborted(writer.write(chunk.slice()), signal);
    await unlessAborted(writer.close(), signal);
  } catch (error) {
    writer.abort(error).catch(() => {}); // not awaited: it waits for a write that may never end
    throw error;
  } finally {
    writer.releaseLock();
  }
}

/**
 * Writes to a stream of Node's and ends it; on failure it is destroyed. Chunks are copied, as the stream may keep them.
 * @throws what the stream or `chunks` throws, the signal's reason, {Error} if the stream is closed from the other side.
 */
export async function writeToNodeStream(
  stream: NodeWritable,
  chunks: Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {});
  const closed = (): void => fail(new Error("target was closed before the whole model was written"));
  const send = (start: (callback: (error?: Error | null) => void) => void): Promise<void> => {
    const sent = new Promise<void>((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
    return unlessAborted(Promise.race([failed, sent]), signal);
  };
  stream.on("error", fail);
  stream.on("close", closed);
  try {
    signal?.throwIfAborted();
    for (const chunk of chunks) await send((callback) => stream.write(chunk.slice(), callback));
    await send((callback) => stream.end(callback));
    stream.off("error", fail);
  } catch (error) {
    // The listener for errors stays: the stream may yet emit what `destroy` is given, and nobody else may be listening.
    stream.destroy(error instanceof Error ? error : new Error(String(error), { cause: error }));
    throw error;
  } finally {
    stream.off("close", closed);
  }
}
