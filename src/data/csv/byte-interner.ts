/**
 * Distinct byte strings ↔ keys 0, 1, 2, … in order of first appearance. Open addressing with linear probing over flat
 * arrays: no string and no object per entry.
 */
export class ByteInterner {
  /** 1 + the key, 0 where free; the length is a power of two. */
  #slots = new Uint32Array(2 ** 10);
  /** The hash of each key, so that growing needs no bytes. */
  #hashes = new Uint32Array(2 ** 9);
  /** Key k's bytes are [starts[k], starts[k + 1]). f64: the bytes may be more than 4 GiB. */
  #starts = new Float64Array(2 ** 9 + 1);
  #bytes = new Uint8Array(2 ** 13);
  #size = 0;

  /** How many keys there are. */
  get size(): number {
    return this.#size;
  }

  /** The key of bytes [start, end), or −1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const key = slots[slot]! - 1;
      if (key < 0) return -1;
      if (this.#hashes[key] === hash && this.#equals(key, bytes, start, end)) return key;
    }
  }

  /** Adds bytes [start, end), which `find` does not find. @returns their key */
  add(bytes: Uint8Array, start: number, end: number): number {
    if (this.#size === this.#hashes.length) this.#growKeys();
    const key = this.#size++;
    const begin = this.#starts[key]!;
    const stop = begin + end - start;
    if (stop > this.#bytes.length) this.#bytes = grown(this.#bytes, Math.max(stop, 2 * this.#bytes.length));
    this.#bytes.set(bytes.subarray(start, end), begin);
    this.#starts[key + 1] = stop;
    const hash = hashBytes(bytes, start, end);
    this.#hashes[key] = hash;
    this.#occupy(hash, key);
    return key;
  }

  /** The bytes of a key: a view, good until the next `add`. */
  bytesOf(key: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[key]!, this.#starts[key + 1]!);
  }

  #equals(key: number, bytes: Uint8Array, start: number, end: number): boolean {
    const begin = this.#starts[key]!;
    if (this.#starts[key + 1]! - begin !== end - start) return false;
    const known = this.#bytes;
    for (let offset = 0; start + offset < end; offset++) {
      if (known[begin + offset] !== bytes[start + offset]) return false;
    }
    return true;
  }

  #occupy(hash: number, key: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = key + 1;
  }

  /** Twice the keys; the slots stay at least twice as many. */
  #growKeys(): void {
    const capacity = 2 * this.#hashes.length;
    this.#hashes = grown(this.#hashes, capacity);
    this.#starts = grown(this.#starts, capacity + 1);
    this.#slots = new Uint32Array(2 * capacity);
    for (let key = 0; key < this.#size; key++) this.#occupy(this.#hashes[key]!, key);
  }
}

function grown<Words extends Uint8Array | Uint32Array | Float64Array>(words: Words, length: number): Words {
  const larger = new (words.constructor as new (length: number) => Words)(length);
  larger.set(words);
  return larger;
}

/** FNV-1a over the bytes, then the finalizer of MurmurHash3, as linear probing needs well-mixed low bits. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
