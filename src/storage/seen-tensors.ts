/**
 * The training interactions (users × items) ↔ tensors in compressed rows: `seen.offsets` I64 [m + 1], `seen.items`
 * U32 [nnz], `seen.values` F32 [nnz].
 */
import { SparseMatrix } from "../data/sparse-matrix.js";
import { FLOAT_TYPES, findLargeValue, readFloats } from "./matrix-tensors.js";
import type { TensorReader } from "./model-source.js";
import type { TensorSource } from "./safetensors.js";
import {
  allocate,
  checkedLength,
  int64Tensor,
  readOffsets,
  readUint32,
  vectorTensor,
  WHOLE_TYPES,
} from "./tensor-arrays.js";

const OFFSETS = "seen.offsets";
const ITEMS = "seen.items";
const VALUES = "seen.values";

const MOST_ENTRIES = 2 ** 32 - 1;

/** @throws {RangeError} if an item is there twice in a row, or a value is not finite. */
export function seenTensors(seen: SparseMatrix): TensorSource[] {
  const badItem = findBadItem(seen, seen.numColumns);
  if (badItem !== undefined) throw new RangeError(badItem);
  const badValue = findLargeValue(seen.values, { rows: seen.size, columns: 1, stride: 1 }, Number.MAX_VALUE);
  if (badValue !== undefined) throw new RangeError(`${VALUES}${badValue}`);
  return [
    int64Tensor(OFFSETS, seen.offsets.length, (row) => seen.offsets[row]!),
    vectorTensor(ITEMS, "U32", seen.columns),
    vectorTensor(VALUES, "F32", seen.values),
  ];
}

/**
 * The training interactions; `undefined` if the file has none.
 * @param numUsers, numItems how many ids the file has.
 * @throws {Error} that refuses the file if they are no valid matrix, or have an item twice in a row.
 */
export async function readSeen(
  reader: TensorReader,
  numUsers: number,
  numItems: number,
): Promise<SparseMatrix | undefined> {
  if (![OFFSETS, ITEMS, VALUES].some((name) => reader.tensors.has(name))) return undefined;
  checkedLength(reader, OFFSETS, WHOLE_TYPES, numUsers + 1);
  const size = checkedLength(reader, ITEMS, WHOLE_TYPES);
  if (size > MOST_ENTRIES) throw reader.invalid(`${ITEMS} must have at most ${MOST_ENTRIES} entries, got ${size}`);
  checkedLength(reader, VALUES, FLOAT_TYPES, size);
  const offsets = await readOffsets(reader, OFFSETS, size, numUsers + 1);
  const items = await readUint32(reader, ITEMS, MOST_ENTRIES);
  const values = new Float32Array(allocate(reader, VALUES, 4 * size));
  await readFloats(reader, VALUES, { rows: size, columns: 1, stride: 1 }, values, Number.MAX_VALUE);
  const badItem = findBadItem({ offsets, columns: items }, numItems);
  if (badItem !== undefined) throw reader.invalid(badItem);
  return new SparseMatrix(numUsers, numItems, offsets, items, values);
}

/** The first item that is beyond `numItems` or twice in a row, as a message puts it; if any. */
function findBadItem(
  { offsets, columns }: Pick<SparseMatrix, "offsets" | "columns">,
  numItems: number,
): string | undefined {
  const lastRowOf = new Uint32Array(numItems); // 1 + the row that had the item last
  for (let row = 0; row + 1 < offsets.length; row++) {
    const end = offsets[row + 1]!;
    for (let entry = offsets[row]!; entry < end; entry++) {
      const item = columns[entry]!;
      if (item >= numItems) return `${ITEMS}[${entry}] must be below ${numItems}, got ${item}`;
      if (lastRowOf[item] === row + 1)
        return `${ITEMS} must have an item once in a row, got ${item} again in row ${row}`;
      lastRowOf[item] = row + 1;
    }
  }
  return undefined;
}
