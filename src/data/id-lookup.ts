import type { Id } from "./id-index.js";

/** V8 refuses a Map of more than 2^24 entries, so a large index is spread over several. */
const ENTRIES_PER_MAP = 2 ** 23;

/** id → index, over as many Maps as the number of ids needs. */
export class IdLookup {
  readonly #maps: Map<Id, number>[] = [new Map()];
  readonly #entriesPerMap: number;

  /** @param entriesPerMap ids in one Map before the next is begun (for tests). */
  constructor(entriesPerMap = ENTRIES_PER_MAP) {
    this.#entriesPerMap = entriesPerMap;
  }

  /** The index of an id, or −1. */
  get(id: Id): number {
    for (const map of this.#maps) {
      const index = map.get(id);
      if (index !== undefined) return index;
    }
    return -1;
  }

  /** `add`, and whether the id was new; one that was not may have taken the new index. */
  addDistinct(id: Id, index: number): boolean {
    const last = this.#maps[this.#maps.length - 1]!;
    const isFull = last.size === this.#entriesPerMap;
    if (this.#maps.length > 1 || isFull) {
      const isNew = this.get(id) < 0;
      if (isNew) this.add(id, index);
      return isNew;
    }
    const { size } = last;
    last.set(id, index); // one look-up instead of two
    return last.size > size;
  }

  /** Adds an id that is not in yet. */
  add(id: Id, index: number): void {
    let last = this.#maps[this.#maps.length - 1]!;
    if (last.size === this.#entriesPerMap) {
      last = new Map();
      this.#maps.push(last);
    }
    last.set(id, index);
  }
}
