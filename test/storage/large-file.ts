/** A file to be saved in many steps, and ways for that to fail. */
import { modelFileBytes } from "../../src/storage/model-sink.js";
import type { TensorFile } from "../../src/storage/safetensors.js";

export const CHUNK_BYTES = 100_000;
export const NUM_CHUNKS = 30;

/** 3 MB in 30 chunks, unless told, all in one buffer that is written over; `before` is called ahead of each. */
export function largeFile(before: (chunk: number) => void = () => {}, numChunks = NUM_CHUNKS): TensorFile {
  const buffer = new Uint8Array(CHUNK_BYTES);
  return {
    metadata: { of: "the new file" },
    tensors: [
      {
        name: "t",
        dtype: "U8",
        shape: [numChunks, CHUNK_BYTES],
        *chunks() {
          for (let chunk = 0; chunk < numChunks; chunk++) {
            before(chunk);
            yield buffer.fill(chunk + 1);
          }
          buffer.fill(255);
        },
      },
    ],
  };
}

/** `largeFile()` as it must arrive. */
export const bytes = Buffer.from(modelFileBytes(largeFile()));
const failure = new Error("the source failed");
const failing = largeFile((chunk) => {
  if (chunk === 20) throw failure;
});

/** Aborts when the chunk is asked for. */
function abortingAt(chunk: number): { file: TensorFile; signal: AbortSignal } {
  const controller = new AbortController();
  const file = largeFile((at) => {
    if (at === chunk) controller.abort("enough");
  });
  return { file, signal: controller.signal };
}

export type Ending = [name: string, make: () => { file: TensorFile; signal?: AbortSignal }, reason: unknown];

/** Ways in which a save comes to nothing, and what it then rejects with. */
export const ENDINGS: Ending[] = [
  ["the source fails", () => ({ file: failing }), failure],
  ["the signal aborts", () => abortingAt(10), "enough"],
  ["the signal aborts at the last chunk", () => abortingAt(NUM_CHUNKS - 1), "enough"],
  ["the signal was aborted before", () => ({ file: largeFile(), signal: AbortSignal.abort("enough") }), "enough"],
];
