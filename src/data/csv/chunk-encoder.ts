import { describeValue } from "../options.js";

/** Strings are encoded, and bytes handed on, in pieces of at most this many units: a few milliseconds of work. */
export const PIECE_LENGTH = 2 ** 18;

/** Chunks of any kind → pieces of UTF-8 bytes. A character that is cut in two by a border of strings stays whole. */
export class ChunkEncoder {
  readonly #encoder = new TextEncoder();
  /** A high surrogate that waits for the low one. */
  #pending = "";

  /** @throws {TypeError} if the chunk is neither bytes nor a string */
  *pieces(chunk: unknown): Generator<Uint8Array> {
    if (typeof chunk === "string") {
      for (let begin = 0; begin < chunk.length; begin += PIECE_LENGTH) {
        yield this.#encode(chunk.slice(begin, begin + PIECE_LENGTH));
      }
      return;
    }
    const bytes = chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk;
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`chunks of the source must be Uint8Array or string, got ${describeValue(chunk)}`);
    }
    yield* this.rest();
    for (let begin = 0; begin < bytes.length; begin += PIECE_LENGTH) {
      yield bytes.subarray(begin, begin + PIECE_LENGTH);
    }
  }

  /** What waited for more that did not come. */
  *rest(): Generator<Uint8Array> {
    if (this.#pending === "") return;
    yield this.#encoder.encode(this.#pending);
    this.#pending = "";
  }

  #encode(piece: string): Uint8Array {
    const text = this.#pending + piece;
    const last = text.charCodeAt(text.length - 1);
    const cut = last >= 0xd800 && last < 0xdc00 ? text.length - 1 : text.length;
    this.#pending = text.slice(cut);
    return this.#encoder.encode(text.slice(0, cut));
  }
}
