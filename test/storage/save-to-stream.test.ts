import { createReadStream, createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { writeModelFile } from "../../src/storage/model-sink.js";
import { bytes, ENDINGS, largeFile, NUM_CHUNKS } from "./large-file.js";

let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
  path = join(folder, "model.safetensors");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("to a stream of the web", () => {
  /** Takes chunks slowly, and says how many wait for it. */
  function slowStream(onWrite: (chunk: number) => void = () => {}) {
    const received: Uint8Array[] = [];
    const state = { received, ended: "" as unknown };
    const stream = new WritableStream<Uint8Array>({
      async write(chunk) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        onWrite(received.length);
        received.push(chunk);
      },
      close: () => {
        state.ended = "closed";
      },
      abort: (reason) => {
        state.ended = reason;
      },
    });
    return { stream, state };
  }

  test("all bytes, in order, then it is closed", async () => {
    const { stream, state } = slowStream();
    await writeModelFile(stream, largeFile());
    expect(Buffer.concat(state.received).equals(bytes)).toBe(true);
    expect(state.ended).toBe("closed");
    expect(stream.locked).toBe(false);
  });

  test("no chunk is made before the stream has taken the one before", async () => {
    const made: number[] = [];
    const waiting: number[] = [];
    const { stream } = slowStream((taken) => waiting.push(made.length - taken));
    await writeModelFile(
      stream,
      largeFile((chunk) => void made.push(chunk)),
    );
    expect(Math.max(...waiting)).toBeLessThanOrEqual(0); // the header is a chunk as well
  });

  test("through a transform whose chunks are kept", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, {
      highWaterMark: 100,
    });
    const [, body] = await Promise.all([writeModelFile(writable, largeFile()), new Response(readable).arrayBuffer()]);
    expect(Buffer.from(body).equals(bytes)).toBe(true);
  });

  test("an error of the stream is what is thrown", async () => {
    const broken = new Error("disk full");
    const { stream, state } = slowStream((chunk) => {
      if (chunk === 3) throw broken;
    });
    await expect(writeModelFile(stream, largeFile())).rejects.toBe(broken);
    expect(state.received.length).toBe(3);
    expect(stream.locked).toBe(false);
  });

  test.each(ENDINGS)("when %s, it is aborted", async (_name, make, reason) => {
    const { stream, state } = slowStream();
    const { file, ...options } = make();
    await expect(writeModelFile(stream, file, options)).rejects.toBe(reason);
    await vi.waitFor(() => expect(state.ended).toBe(reason));
  });

  test("the signal ends a write that the stream never answers", async () => {
    const stream = new WritableStream<Uint8Array>({ write: () => new Promise(() => {}) });
    const signal = AbortSignal.timeout(10);
    await expect(writeModelFile(stream, largeFile(), { signal })).rejects.toThrow("due to timeout");
  });

  test("that is locked is refused", async () => {
    const { stream } = slowStream();
    stream.getWriter();
    await expect(writeModelFile(stream, largeFile())).rejects.toThrow(
      new TypeError("target must be a stream that is not locked, got a locked one"),
    );
  });
});

describe("to a stream of Node's", () => {
  test("a file", async () => {
    await writeModelFile(createWriteStream(path), largeFile());
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("through compression", async () => {
    const gzip = createGzip();
    gzip.pipe(createWriteStream(path));
    await writeModelFile(gzip, largeFile());
    await vi.waitFor(() => expect(existsSync(path)).toBe(true));
    const unpacked = createReadStream(path).pipe(createGunzip());
    expect(Buffer.concat(await unpacked.toArray()).equals(bytes)).toBe(true);
  });

  test("no chunk is made before the stream has taken the one before", async () => {
    const made: number[] = [];
    const waiting: number[] = [];
    const received: Uint8Array[] = [];
    const slow = new Writable({
      write(chunk, _encoding, callback) {
        waiting.push(made.length - received.length);
        received.push(chunk); // kept, though the buffer it came from is written over
        setTimeout(callback, 1);
      },
    });
    await writeModelFile(
      slow,
      largeFile((chunk) => void made.push(chunk)),
    );
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
    expect(Math.max(...waiting)).toBe(0); // the header is a chunk as well
    expect([slow.writableFinished, slow.listenerCount("error"), slow.listenerCount("close")]).toEqual([true, 0, 0]);
  });

  test("an error of the stream is what is thrown, and nobody's else", async () => {
    const missing = createWriteStream(join(folder, "none", "m"));
    await expect(writeModelFile(missing, largeFile())).rejects.toThrow("ENOENT");
    const broken = new Error("disk full");
    let written = 0;
    const stream = new Writable({ write: (_chunk, _encoding, callback) => callback(++written > 3 ? broken : null) });
    await expect(writeModelFile(stream, largeFile())).rejects.toBe(broken);
    const atEnd = new Writable({
      write: (_chunk, _encoding, callback) => callback(),
      final: (callback) => callback(broken),
    });
    await expect(writeModelFile(atEnd, largeFile())).rejects.toBe(broken);
    expect([stream.destroyed, atEnd.destroyed]).toEqual([true, true]);
    await new Promise((resolve) => setTimeout(resolve, 5)); // an error event that nobody hears would end the test run
  });

  test.each(ENDINGS)("when %s, it is destroyed", async (_name, make, reason) => {
    const { file, ...options } = make();
    const stream = new PassThrough({ highWaterMark: 2 ** 24 });
    await expect(writeModelFile(stream, file, options)).rejects.toBe(reason);
    expect([stream.destroyed, stream.writableFinished]).toEqual([true, false]);
  });

  test("that is closed by the other side, or over before, is an error", async () => {
    const stalled = new Writable({ write: () => {} });
    setTimeout(() => stalled.destroy(), 5);
    await expect(writeModelFile(stalled, largeFile())).rejects.toThrow(
      "target was closed before the whole model was written",
    );
    const ended = new PassThrough();
    ended.end();
    await expect(writeModelFile(ended, largeFile())).rejects.toThrow("write after end");
    const destroyed = new PassThrough();
    destroyed.destroy();
    await new Promise((resolve) => destroyed.on("close", resolve));
    await expect(writeModelFile(destroyed, largeFile())).rejects.toThrow("after a stream was destroyed");
  });

  test("an HTTP response, and one whose client goes away", async () => {
    const results: unknown[] = [];
    const server = createServer((request, response) => {
      const numChunks = request.url === "/" ? NUM_CHUNKS : 1000; // more than the system keeps for a client
      writeModelFile(response, largeFile(undefined, numChunks)).then(
        () => results.push("done"),
        (error) => results.push(error),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const body = await (await fetch(address)).arrayBuffer();
      expect(Buffer.from(body).equals(bytes)).toBe(true);
      await vi.waitFor(() => expect(results).toEqual(["done"]));
      get(`${address}large`, (response) => response.destroy());
      await vi.waitFor(() => expect(results[1]).toBeInstanceOf(Error));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
