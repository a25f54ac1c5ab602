import { type Id, type IdIndex, IdIndexBuilder, indexMap } from "./id-index.js";
import type { Interactions } from "./interactions.js";
import { SparseMatrix } from "./sparse-matrix.js";

/** Interactions that grew: old indices stay, new ids stand behind them. */
export interface Grown {
  readonly users: IdIndex;
  readonly items: IdIndex;
  /** users × items; rows keep their order, what is new behind what was there. */
  readonly matrix: SparseMatrix;
  /** Users with something new, by index, rising. */
  readonly touchedUsers: Uint32Array;
  /** Items with something new, by index, rising. */
  readonly touchedItems: Uint32Array;
}

/** Adds interactions to a matrix and its ids. A pair that was there takes its new value. */
export function appendInteractions(
  old: { users: IdIndex; items: IdIndex; matrix: SparseMatrix },
  more: Interactions,
): Grown {
  const touched = { users: touchedRows(more.matrix), items: touchedColumns(more.matrix) };
  const [users, userMap] = extended(old.users, more.users, touched.users);
  const [items, itemMap] = extended(old.items, more.items, touched.items);
  return {
    users,
    items,
    matrix: mergeRows(old.matrix, more.matrix, { userMap, itemMap, numUsers: users.size, numItems: items.size }),
    touchedUsers: touched.users.map((user) => userMap[user]!).sort(),
    touchedItems: touched.items.map((item) => itemMap[item]!).sort(),
  };
}

function touchedRows({ offsets, numRows }: SparseMatrix): Uint32Array {
  return Uint32Array.from({ length: numRows }, (_, row) => row).filter((row) => offsets[row + 1]! > offsets[row]!);
}

function touchedColumns({ columns, numColumns }: SparseMatrix): Uint32Array {
  const touched = new Uint8Array(numColumns);
  for (const column of columns) touched[column] = 1;
  return Uint32Array.from({ length: numColumns }, (_, column) => column).filter((column) => touched[column]);
}

/**
 * An index and, behind its ids, those of another one (at some indices) that it does not know; and where each of those is
 * now, −1 for the rest. What it knows is asked of the index as it was: 31 and "31" are two ids once it has names as well.
 */
function extended(index: IdIndex, other: IdIndex, indices: Uint32Array): [ids: IdIndex, map: Int32Array] {
  if (index === other) return [index, indexMap(other, index)];
  const map = new Int32Array(other.size).fill(-1);
  const fresh: Id[] = [];
  for (const at of indices) {
    const id = other.idAt(at);
    const known = index.indexOf(id);
    const twin = known < 0 ? -1 : other.indexOf(index.idAt(known)); // where 31 and "31" are two there, only one is known
    map[at] = known >= 0 && (twin === at || twin < 0) ? known : index.size + fresh.push(id) - 1;
  }
  if (fresh.length === 0) return [index, map];
  const builder = new IdIndexBuilder();
  for (const id of [...index, ...fresh]) builder.add(id);
  return [builder.finish(), map];
}

/** Where the rows and columns of the new matrix are in the grown one. */
interface Placement {
  readonly userMap: Int32Array;
  readonly itemMap: Int32Array;
  readonly numUsers: number;
  readonly numItems: number;
}

function mergeRows(old: SparseMatrix, more: SparseMatrix, placement: Placement): SparseMatrix {
  const { userMap, itemMap, numUsers, numItems } = placement;
  const moreRowOf = new Int32Array(numUsers).fill(-1);
  for (const [row, user] of userMap.entries()) if (user >= 0) moreRowOf[user] = row;
  const offsets = new Uint32Array(numUsers + 1);
  const columns = new Uint32Array(old.size + more.size);
  const values = new Float32Array(old.size + more.size);
  const placeOf = new Int32Array(numItems).fill(-1); // of an item in the user's row
  let end = 0;
  for (let user = 0; user < numUsers; user++) {
    const begin = end;
    if (user < old.numRows) {
      const [from, to] = [old.offsets[user]!, old.offsets[user + 1]!];
      columns.set(old.columns.subarray(from, to), end);
      values.set(old.values.subarray(from, to), end);
      end += to - from;
    }
    const row = moreRowOf[user]!;
    if (row >= 0 && more.offsets[row + 1]! > more.offsets[row]!) {
      for (let at = begin; at < end; at++) placeOf[columns[at]!] = at;
      for (let entry = more.offsets[row]!; entry < more.offsets[row + 1]!; entry++) {
        const column = itemMap[more.columns[entry]!]!;
        const place = placeOf[column]! >= 0 ? placeOf[column]! : end++;
        columns[place] = column;
        values[place] = more.values[entry]!;
      }
      for (let at = begin; at < end; at++) placeOf[columns[at]!] = -1;
    }
    offsets[user + 1] = end;
  }
  return new SparseMatrix(numUsers, numItems, offsets, columns.slice(0, end), values.slice(0, end));
}
