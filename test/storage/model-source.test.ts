import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type ModelSource, openModelFile } from "../../src/storage/model-source.js";
import { rawFile } from "./raw-file.js";

const HEADER = {
  __metadata__: { a: "b" },
  t: { dtype: "U8", shape: [2, 3], data_offsets: [1, 7] },
  s: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
};
const FILE = rawFile(HEADER, Uint8Array.of(10, 11, 12, 13, 14, 15, 16));

let folder = "";
let path = "";
let address = "";
let server: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
  path = join(folder, "good");
  writeFileSync(path, FILE);
  writeFileSync(join(folder, "bad"), FILE.subarray(0, 20));
  server = createServer((request, response) => {
    if (request.url === "/good") response.end(FILE);
    else if (request.url === "/bad") response.end(FILE.subarray(0, 20));
    else if (request.url === "/cut")
      response.writeHead(200, { "content-length": 1000 }).write("x", () => response.destroy());
    else response.writeHead(404).end("no");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  server.close();
});

/** The file between other bytes. */
function within(buffer: ArrayBufferLike, offset: number): Uint8Array {
  const view = new Uint8Array(buffer, offset, FILE.length);
  view.set(FILE);
  return view;
}

const SOURCES: [string, () => ModelSource, () => string][] = [
  ["a path", () => path, () => path],
  ["a file URL", () => pathToFileURL(path), () => pathToFileURL(path).href],
  ["the text of a file URL", () => pathToFileURL(path).href, () => pathToFileURL(path).href],
  ["an HTTP address", () => `${address}/good`, () => `${address}/good`],
  ["an HTTP URL", () => new URL(`${address}/good`), () => `${address}/good`],
  [
    "a data URL",
    () => `data:,${[...FILE].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}`,
    () => "data:,",
  ],
  ["a Blob", () => new Blob([FILE]), () => "blob"],
  ["a File", () => new File([FILE], "model.bin"), () => "model.bin"],
  ["an ArrayBuffer", () => FILE.buffer, () => "bytes"],
  ["a SharedArrayBuffer", () => within(new SharedArrayBuffer(FILE.length), 0).buffer as ArrayBuffer, () => "bytes"],
  ["a Uint8Array within others", () => within(new ArrayBuffer(FILE.length + 9), 5), () => "bytes"],
  ["a Buffer", () => Buffer.from(FILE), () => "bytes"],
  ["a DataView", () => new DataView(within(new ArrayBuffer(FILE.length + 9), 3).buffer, 3, FILE.length), () => "bytes"],
];

test.each(SOURCES)("reads %s", async (_name, open, name) => {
  const file = await openModelFile(open());
  expect(file.name.startsWith(name())).toBe(true);
  expect(file.name.length).toBeLessThan(200);
  expect(file.totalBytes).toBe(FILE.length);
  expect([...file.metadata]).toEqual([["a", "b"]]);
  expect(file.tensors.get("t")).toEqual({ dtype: "U8", shape: [2, 3], begin: 1, end: 7 });
  const all = new Uint8Array(8).fill(99);
  await file.readInto("t", all.subarray(1, 7));
  await file.readInto("s", all.subarray(7));
  expect([...all]).toEqual([99, 11, 12, 13, 14, 15, 16, 10]);
  const part = new Uint8Array(new SharedArrayBuffer(4), 1, 2);
  await file.readInto("t", part, 3);
  expect([...new Uint8Array(part.buffer)]).toEqual([0, 14, 15, 0]);
  await file.readInto("t", new Uint8Array(0), 6);
  await file.close();
  await file.close();
});

test("reads of parts outside a tensor, and of none, are refused", async () => {
  const file = await openModelFile(FILE);
  await expect(file.readInto("t", new Uint8Array(4), 3)).rejects.toThrow(
    new RangeError("bytes must hold at most 3 from byte 3 on, got 4"),
  );
  await expect(file.readInto("u", new Uint8Array(1))).rejects.toThrow(
    new Error('bytes is not a valid model file: it has no tensor "u"'),
  );
});

test("bytes are read where they are", async () => {
  const bytes = FILE.slice();
  const file = await openModelFile(bytes);
  bytes[bytes.length - 7] = 77;
  const first = new Uint8Array(1);
  await file.readInto("s", first);
  expect(first[0]).toBe(77);
});

describe("errors name the source", () => {
  test("that is no safetensors file", async () => {
    const fault = "is not a valid model file: it is 20 bytes long, its header alone would be";
    await expect(openModelFile(join(folder, "bad"))).rejects.toThrow(`${join(folder, "bad")} ${fault}`);
    await expect(openModelFile(`${address}/bad`)).rejects.toThrow(`${address}/bad ${fault}`);
    await expect(openModelFile(new File([FILE.subarray(0, 20)], "m"))).rejects.toThrow(`m ${fault}`);
    await expect(openModelFile(FILE.subarray(0, 20))).rejects.toThrow(`bytes ${fault}`);
  });

  test("that cannot be read", async () => {
    const missing = join(folder, "missing");
    await expect(openModelFile(missing)).rejects.toThrow(`${missing} must be a readable file, got ENOENT`);
    await expect(openModelFile(folder)).rejects.toThrow(new Error(`${folder} must be a readable file, got a folder`));
    await expect(openModelFile(`${address}/none`)).rejects.toThrow(
      new Error(`${address}/none must be readable, got HTTP status 404 Not Found`),
    );
    await expect(openModelFile(`${address}/cut`)).rejects.toThrow(`${address}/cut must be readable, got terminated`);
    await expect(openModelFile("http://127.0.0.1:1/x")).rejects.toThrow(
      "http://127.0.0.1:1/x must be readable, got fetch failed",
    );
  });

  test.skipIf(process.platform === "win32")("that has no positions", async () => {
    await expect(openModelFile("/dev/null")).rejects.toThrow(
      "/dev/null must be a readable file, got something that cannot be read at a position",
    );
  });

  test.each<[unknown, string]>([
    ["", 'source must be a path or a URL, got ""'],
    [undefined, "source must be a path, URL, File, Blob, ArrayBuffer or a view of one, got undefined"],
    [null, "got null"],
    [5, "got 5"],
    [[1], "got an array of 1"],
    [{}, "got an object"],
  ])("that is %j", async (source, message) => {
    await expect(openModelFile(source as ModelSource)).rejects.toThrow(message);
  });
});

describe("a source that changes while it is read", () => {
  test.each([
    ["shorter", FILE.length - 1],
    ["longer", FILE.length + 1],
    ["empty", 0],
  ])("a file that becomes %s", async (_name, size) => {
    const changing = join(folder, "changing");
    writeFileSync(changing, FILE);
    const file = await openModelFile(changing);
    truncateSync(changing, size);
    await expect(file.readInto("t", new Uint8Array(6))).rejects.toThrow(
      new Error(
        `${changing} is not a valid model file: its size changed from ${FILE.length} to ${size} bytes while it was being read`,
      ),
    );
    await file.close();
  });

  test("a file that another takes the place of is read to its end", async () => {
    const replaced = join(folder, "replaced");
    writeFileSync(replaced, FILE);
    const file = await openModelFile(replaced);
    rmSync(replaced);
    writeFileSync(replaced, "new");
    const bytes = new Uint8Array(6);
    await file.readInto("t", bytes);
    expect([...bytes]).toEqual([11, 12, 13, 14, 15, 16]);
    await file.close();
  });

  test("bytes that are taken away", async () => {
    const bytes = FILE.slice();
    const file = await openModelFile(bytes);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    await expect(file.readInto("t", new Uint8Array(6))).rejects.toThrow(
      `bytes is not a valid model file: its size changed from ${FILE.length} to 0 bytes while it was being read`,
    );
  });

  test("a file that is closed", async () => {
    const file = await openModelFile(path);
    await file.close();
    await expect(file.readInto("t", new Uint8Array(6))).rejects.toThrow(`${path} must be readable, got `);
  });
});

test("short reads are gone on with", async () => {
  const { promises } = process.getBuiltinModule("node:fs");
  const lengths: number[] = [];
  const open = promises.open;
  vi.spyOn(promises, "open").mockImplementation(async (...args) => {
    const handle = await open(...args);
    const read = handle.read.bind(handle) as (...args: unknown[]) => Promise<{ bytesRead: number }>;
    const short = (buffer: Uint8Array, offset: number, length: number, position: number) => {
      lengths.push(length);
      return read(buffer, offset, Math.min(length, 4), position);
    };
    return Object.assign(handle, { read: short });
  });
  const file = await openModelFile(path);
  const bytes = new Uint8Array(6);
  lengths.length = 0;
  await file.readInto("t", bytes);
  expect([...bytes]).toEqual([11, 12, 13, 14, 15, 16]);
  expect(lengths).toEqual([6, 2]);
  await file.close();
});

test("in a browser a path is an address", async () => {
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  const fetched: string[] = [];
  vi.stubGlobal("fetch", async (from: string) => {
    fetched.push(from);
    return new Response(FILE);
  });
  const file = await openModelFile("models/good.safetensors");
  expect([fetched, file.name, file.totalBytes]).toEqual([
    ["models/good.safetensors"],
    "models/good.safetensors",
    FILE.length,
  ]);
  await expect(openModelFile("file:///m")).rejects.toThrow("got a file URL where there is no file system");
});

/** A file of 6 GiB that takes no room: its one large tensor is a hole but for the last byte. */
function sparseFile(): { large: string; bytes: number } | undefined {
  const bytes = 6 * 2 ** 30;
  const header = {
    large: { dtype: "U8", shape: [bytes - 4], data_offsets: [2, bytes - 2] },
    first: { dtype: "U8", shape: [2], data_offsets: [0, 2] },
    last: { dtype: "U8", shape: [2], data_offsets: [bytes - 2, bytes] },
  };
  const begin = rawFile(header, Uint8Array.of(1, 2));
  const large = join(folder, "large");
  const descriptor = openSync(large, "w");
  try {
    writeSync(descriptor, begin);
    ftruncateSync(descriptor, begin.length - 2 + bytes);
    writeSync(descriptor, Uint8Array.of(3, 4, 5), 0, 3, begin.length - 2 + bytes - 3);
    return { large, bytes };
  } catch {
    return undefined; // a file system without such sizes
  } finally {
    closeSync(descriptor);
  }
}

test("a file of 6 GiB opens, and its small tensors and the end of the large one are read", async (context) => {
  const sparse = sparseFile();
  if (sparse === undefined) return context.skip();
  const file = await openModelFile(sparse.large);
  const bytes = new Uint8Array(5);
  await file.readInto("first", bytes.subarray(0, 2));
  await file.readInto("last", bytes.subarray(2, 4));
  await file.readInto("large", bytes.subarray(4), sparse.bytes - 5);
  expect([...bytes]).toEqual([1, 2, 4, 5, 3]);
  await file.close();
  rmSync(sparse.large);
});
