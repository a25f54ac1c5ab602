import { type DuplicatePolicy, mergeDuplicates } from "./duplicates.js";
import type { IdIndex } from "./id-index.js";
import type { SortedEntries } from "./row-sorter.js";
import { SparseMatrix } from "./sparse-matrix.js";

/** What an `Interactions` is made of. */
export interface InteractionParts {
  users: IdIndex;
  items: IdIndex;
  /** users × items */
  matrix: SparseMatrix;
  /** f64[matrix.size], aligned with the matrix's entries, if there are any. */
  timestamps?: Float64Array | undefined;
  /** Rows of the source that were left out because they were invalid; default 0. */
  skippedRows?: number | undefined;
}

/** Sorted entries and their ids, repeated pairs merged, as the parts of an `Interactions`. */
export function assembleParts(
  users: IdIndex,
  items: IdIndex,
  sorted: SortedEntries,
  duplicates: DuplicatePolicy,
  skippedRows = 0,
): InteractionParts {
  const merged = mergeDuplicates(sorted, users, items, duplicates);
  const matrix = new SparseMatrix(users.size, items.size, merged.offsets, merged.columns, merged.values);
  return { users, items, matrix, timestamps: merged.timestamps, skippedRows };
}
