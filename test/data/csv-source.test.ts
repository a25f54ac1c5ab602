import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CsvSource } from "../../src/data/csv/byte-source.js";
import type { CsvProgress } from "../../src/data/csv/csv-options.js";
import { Interactions } from "../../src/data/interactions.js";

const TEXT = "userId,itemId,rating\n1,é,3\n2,b,x\n";
const GOOD = TEXT.replace("x", "4");
const ROWS = [
  { userId: 1, itemId: "é", value: 3 },
  { userId: 2, itemId: "b", value: 4 },
];
const bytes = new TextEncoder().encode(GOOD);

let folder = "";
let address = "";
let server: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
  writeFileSync(join(folder, "good.csv"), GOOD);
  writeFileSync(join(folder, "bad.csv"), TEXT);
  writeFileSync(join(folder, "empty.csv"), "");
  server = createServer((request, response) => {
    if (request.url === "/good.csv") response.end(GOOD);
    else if (request.url === "/bad.csv") response.end(TEXT);
    else response.writeHead(404).end("no");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  server.close();
});

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

test.each<[string, () => CsvSource]>([
  ["text", () => GOOD],
  ["a path", () => join(folder, "good.csv")],
  ["a file URL", () => pathToFileURL(join(folder, "good.csv"))],
  ["the text of a file URL", () => pathToFileURL(join(folder, "good.csv")).href],
  ["an HTTP address", () => `${address}/good.csv`],
  ["an HTTP URL", () => new URL(`${address}/good.csv`)],
  ["a data URL", () => `data:text/csv,${encodeURIComponent(GOOD)}`],
  ["a Blob", () => new Blob([GOOD])],
  ["a File", () => new File([GOOD], "good.csv")],
  ["a stream of bytes", () => new Blob([GOOD]).stream()],
  ["a stream of strings", () => new Blob([GOOD]).stream().pipeThrough(new TextDecoderStream())],
  ["a Node stream", () => Readable.from([bytes.subarray(0, 30), bytes.subarray(30)])],
  ["an asynchronous iterable", pieces],
  ["a Uint8Array", () => bytes],
  ["a Buffer", () => Buffer.from(GOOD)],
  ["an ArrayBuffer", () => bytes.slice().buffer],
])("reads %s", async (_name, open) => {
  expect([...(await Interactions.fromCsv(open()))]).toEqual(ROWS);
});

test("an empty file is empty", async () => {
  expect((await Interactions.fromCsv(join(folder, "empty.csv"))).size).toBe(0);
});

describe("errors name the source", () => {
  test.each<[string, () => CsvSource, () => string]>([
    ["path", () => join(folder, "bad.csv"), () => join(folder, "bad.csv")],
    ["URL", () => `${address}/bad.csv`, () => `${address}/bad.csv`],
    ["File", () => new File([TEXT], "ratings.csv"), () => "ratings.csv"],
    ["Blob", () => new Blob([TEXT]), () => "blob"],
    ["stream", () => new Blob([TEXT]).stream(), () => "stream"],
  ])("%s", async (_name, open, label) => {
    await expect(Interactions.fromCsv(open())).rejects.toThrow(
      `${label()} line 3, column "rating": must be a finite number, got "x"`,
    );
  });

  test("that cannot be read", async () => {
    const missing = join(folder, "missing.csv");
    await expect(Interactions.fromCsv(missing)).rejects.toThrow(`${missing} must be a readable file, got ENOENT`);
    await expect(Interactions.fromCsv(folder)).rejects.toThrow(`${folder} must be a readable file, got a folder`);
    await expect(Interactions.fromCsv("1,2,3")).rejects.toThrow("taken as CSV text if it holds a line break");
    await expect(Interactions.fromCsv("http://127.0.0.1:1/x.csv")).rejects.toThrow(
      "http://127.0.0.1:1/x.csv must be readable, got fetch failed",
    );
    await expect(Interactions.fromCsv(`${address}/none.csv`)).rejects.toThrow(
      `${address}/none.csv must be readable, got HTTP status 404 Not Found`,
    );
  });

  test.each<[unknown, string]>([
    ["", 'source must be a path, a URL or text with a line break, got ""'],
    [undefined, "or text with a line break, got undefined"],
    [null, "got null"],
    [5, "got 5"],
    [[1, 2], "got an array of 2"],
    [{}, "got an object"],
  ])("that is %j", async (source, message) => {
    await expect(Interactions.fromCsv(source as CsvSource)).rejects.toThrow(message);
  });

  test("whose chunks are neither bytes nor strings", async () => {
    await expect(Interactions.fromCsv(Readable.from([{ userId: 1 }]))).rejects.toThrow(
      "chunks of the source must be Uint8Array or string, got an object",
    );
  });

  test("that fails on the way", async () => {
    const failing = async function* () {
      yield "1,2,3\n";
      throw new Error("line dropped");
    };
    await expect(Interactions.fromCsv(failing())).rejects.toThrow("line dropped");
  });
});

test("progress knows the size of a file", async () => {
  const told: CsvProgress[] = [];
  await Interactions.fromCsv(join(folder, "good.csv"), { onProgress: (progress) => told.push(progress) });
  expect(told.at(-1)).toEqual({ bytes: bytes.length, rows: 2, totalBytes: bytes.length });
});

describe("the source is let go", () => {
  const endless = (note: (event: string) => void) =>
    (async function* () {
      try {
        for (let row = 0; ; row++) {
          yield `${row},1,2\n`;
          if (row % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
        }
      } finally {
        note("closed");
      }
    })();

  test("when a row is bad", async () => {
    const events: string[] = [];
    const source = (async function* () {
      try {
        yield "1,2,3\n1,2,x\n";
        yield "never asked for";
      } finally {
        events.push("closed");
      }
    })();
    await expect(Interactions.fromCsv(source)).rejects.toThrow("line 2");
    expect(events).toEqual(["closed"]);
  });

  test("a stream is cancelled when a row is bad", async () => {
    let cancelled = false;
    const source = new ReadableStream<string>({
      pull: (controller) => controller.enqueue("1,2,x\n"),
      cancel: () => {
        cancelled = true;
      },
    });
    await expect(Interactions.fromCsv(source, { header: false })).rejects.toThrow("line 1");
    expect(cancelled).toBe(true);
  });

  test("when the signal aborts while rows come", async () => {
    const events: string[] = [];
    const signal = AbortSignal.timeout(20);
    const source = endless((event) => events.push(event));
    await expect(Interactions.fromCsv(source, { signal, duplicates: "first" })).rejects.toThrow("due to timeout");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toEqual(["closed"]);
  });

  test("when the signal aborts while a chunk is awaited that never comes", async () => {
    let cancelled: unknown;
    const source = new ReadableStream<string>({
      cancel: () => {
        cancelled = true;
      },
    });
    const reason = new Error("enough");
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 5);
    await expect(Interactions.fromCsv(source, { signal: abort.signal })).rejects.toBe(reason);
    expect(cancelled).toBe(true);
    const stalled = new Readable({ read() {} });
    const again = new AbortController();
    setTimeout(() => again.abort(reason), 5);
    await expect(Interactions.fromCsv(stalled, { signal: again.signal })).rejects.toBe(reason);
    expect(stalled.destroyed).toBe(true);
  });

  test("a signal aborted before reads nothing", async () => {
    const signal = AbortSignal.abort();
    await expect(Interactions.fromCsv(join(folder, "missing.csv"), { signal })).rejects.toBe(signal.reason);
  });

  test("a signal that never aborts keeps no listener", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await Interactions.fromCsv(pieces(), { signal });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(listeners).toBe(0);
  });
});
