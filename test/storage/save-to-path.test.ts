import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ModelTarget, modelFileBytes, writeModelFile } from "../../src/storage/model-sink.js";
import type { TensorFile } from "../../src/storage/safetensors.js";
import { bytes, CHUNK_BYTES, ENDINGS, largeFile, NUM_CHUNKS } from "./large-file.js";

let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
  path = join(folder, "model.safetensors");
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test("the bytes are the header and every chunk, though one buffer serves them all", () => {
  const begin = bytes.length - NUM_CHUNKS * CHUNK_BYTES;
  expect(JSON.parse(bytes.toString("utf8", 8, begin)).__metadata__).toEqual({ of: "the new file" });
  const chunks = Array.from({ length: NUM_CHUNKS }, (_, chunk) => bytes.subarray(begin + chunk * CHUNK_BYTES));
  expect(chunks.map((chunk) => chunk[0])).toEqual(Array.from({ length: NUM_CHUNKS }, (_, chunk) => chunk + 1));
  expect(chunks.map((chunk) => chunk[CHUNK_BYTES - 1])).toEqual(chunks.map((chunk) => chunk[0]));
});

test("bytes that no array can hold are an error that says what to do", () => {
  const tensors = [{ name: "t", dtype: "U8" as const, shape: [2 ** 52], chunks: () => [] }];
  expect(() => modelFileBytes({ metadata: {}, tensors })).toThrow(
    /^the model's 4503599627370\d{3} bytes do not fit in one array; save it to a path or a stream instead$/,
  );
});

describe("to a path", () => {
  test.each<[string, () => ModelTarget]>([
    ["a path", () => path],
    ["a file URL", () => pathToFileURL(path)],
    ["the text of a file URL", () => pathToFileURL(path).href],
  ])("%s: new, and again over the old one", async (_name, target) => {
    await writeModelFile(target(), largeFile());
    expect(readFileSync(path).equals(bytes)).toBe(true);
    writeFileSync(path, "old");
    await writeModelFile(target(), largeFile());
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  test("chunks may be views of shared memory", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(5), 1, 3);
    shared.set([7, 8, 9]);
    const file: TensorFile = {
      metadata: {},
      tensors: [{ name: "t", dtype: "U8", shape: [3], chunks: () => [shared] }],
    };
    await writeModelFile(path, file);
    expect([...readFileSync(path).subarray(-3)]).toEqual([7, 8, 9]);
    expect([...modelFileBytes(file).subarray(-3)]).toEqual([7, 8, 9]);
    const received: Uint8Array[] = [];
    await writeModelFile(new WritableStream({ write: (chunk) => void received.push(chunk) }), file);
    expect(received[1]!.buffer).toBeInstanceOf(ArrayBuffer);
    expect([...received[1]!]).toEqual([7, 8, 9]);
  });

  test.each(ENDINGS)("when %s, the old file stays and no other", async (_name, make, reason) => {
    const { file, ...options } = make();
    writeFileSync(path, "old");
    await expect(writeModelFile(path, file, options)).rejects.toBe(reason);
    expect(readFileSync(path, "utf8")).toBe("old");
    rmSync(path);
    await expect(writeModelFile(path, make().file, make())).rejects.toThrow("unknown option");
    const again = make();
    const signal = again.signal ? { signal: again.signal } : {};
    await expect(writeModelFile(path, again.file, signal)).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("the signal's reason may be null", async () => {
    const signal = AbortSignal.abort(null);
    await expect(writeModelFile(path, largeFile(), { signal })).rejects.toBe(null);
    const controller = new AbortController();
    const file = largeFile((chunk) => {
      if (chunk === 3) controller.abort(null);
    });
    await expect(writeModelFile(path, file, { signal: controller.signal })).rejects.toBe(null);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("until the last byte is there, the old file is what is read", async () => {
    writeFileSync(path, "old");
    const seen: string[] = [];
    const file = largeFile((chunk) => {
      if (chunk > 0) seen.push(readFileSync(path, "utf8"));
    });
    await writeModelFile(path, file);
    expect(seen).toEqual(Array(NUM_CHUNKS - 1).fill("old"));
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("many saves to one path at a time leave one whole file", async () => {
    await Promise.all(Array.from({ length: 8 }, () => writeModelFile(path, largeFile())));
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  test("a link is followed, a second name keeps the old file, permissions stay", async () => {
    writeFileSync(path, "old");
    chmodSync(path, 0o600);
    linkSync(path, join(folder, "second"));
    symlinkSync("model.safetensors", join(folder, "link"));
    await writeModelFile(join(folder, "link"), largeFile());
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readFileSync(join(folder, "second"), "utf8")).toBe("old");
    expect(readdirSync(folder).sort()).toEqual(["link", "model.safetensors", "second"]);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("a name as long as the file system allows", async () => {
    const long = join(folder, `${"x".repeat(243)}.safetensors`);
    await writeModelFile(long, largeFile());
    expect(statSync(long).size).toBe(bytes.length);
  });

  test("errors name the path and the reason", async () => {
    const missing = join(folder, "none", "model.safetensors");
    await expect(writeModelFile(missing, largeFile())).rejects.toThrow(
      new Error(`${missing} must be a writable file, got no folder ${join(folder, "none")}`),
    );
    await expect(writeModelFile(folder, largeFile())).rejects.toThrow(
      new Error(`${folder} must be a writable file, got a folder`),
    );
    writeFileSync(path, "old");
    const below = join(path, "model.safetensors");
    await expect(writeModelFile(below, largeFile())).rejects.toThrow(
      new Error(`${below} must be a writable file, got ENOTDIR: not a directory`),
    );
    if (process.platform !== "win32") {
      await expect(writeModelFile("/dev/null", largeFile())).rejects.toThrow(
        new Error("/dev/null must be a writable file, got a device, pipe or socket"),
      );
    }
  });

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("that may not be written", async () => {
    writeFileSync(path, "old");
    chmodSync(path, 0o400);
    const refusal = /^\S+ must be a writable file, got no permission to write it \(EACCES\)$/;
    await expect(writeModelFile(path, largeFile())).rejects.toThrow(refusal);
    const locked = join(folder, "locked");
    mkdirSync(locked, 0o500);
    await expect(writeModelFile(join(locked, "m"), largeFile())).rejects.toThrow(refusal);
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  test("where there is no file system, a path is an error that says what to use", async () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    await expect(writeModelFile("m.safetensors", largeFile())).rejects.toThrow(
      'target must be a stream where there is no file system, got "m.safetensors"; use toBytes() or a WritableStream',
    );
  });
});

test.each<[unknown, string]>([
  ["", 'target must be a path, a file URL or a stream, got ""'],
  ["https://host/m", 'target must be a path, a file URL or a stream, got the address "https://host/m"'],
  [new URL("http://host/m"), 'target must be a path, a file URL or a stream, got the address "http://host/m"'],
  [undefined, "target must be a path, a file URL, a WritableStream or a Writable of Node, got undefined"],
  [null, "got null"],
  [5, "got 5"],
  [new ReadableStream(), "got an object of class ReadableStream"],
  [{ write: () => {} }, "got an object"],
])("the target %s is refused", async (target, message) => {
  await expect(writeModelFile(target as ModelTarget, largeFile())).rejects.toThrow(message);
});

test("a misspelt option is refused", async () => {
  await expect(writeModelFile(path, largeFile(), { signals: 1 } as object)).rejects.toThrow(
    'save: unknown option "signals"; did you mean "signal"?',
  );
});
