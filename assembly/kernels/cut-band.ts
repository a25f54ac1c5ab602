import { philox4x32OfFour } from "../linalg/random";

/** Bytes of four Philox blocks, at the front of the workspace. */
const WORDS_BYTES: usize = 64;

/**
 * Sorts the entries of the rows [rowBegin, rowEnd), a band of a matrix in compressed rows, into blocks by the panel of
 * their column, in the place where they lie: first all of panel 0, row by row, then panel 1, and so on. A value v becomes
 * (v − offset) / scale. A row's entries come into each block in the order of one shuffle of the whole row (Fisher, Yates)
 * by the Philox stream (seed, purpose, row), as `RandomStream.nextBelow` of src/data/random.ts draws.
 *
 * blockOffsetsPtr u32[numPanels × (rowEnd − rowBegin + 1)], written: for each panel where its entries of each row begin,
 * and where those of the last end · rowOffsetsPtr u32[rows + 1] · columnsPtr u32[entries], valuesPtr f32[entries] of the
 * whole matrix, those of the band written · panelOfPtr u8[columns], each below numPanels · workspacePtr: 64 bytes, 8 an
 * entry of the band and 4 a panel. Returns 0.
 */
export function cutBand(
  rowBegin: u32,
  rowEnd: u32,
  blockOffsetsPtr: usize,
  rowOffsetsPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  panelOfPtr: usize,
  numPanels: u32,
  offset: f64,
  scale: f64,
  seedLow: u32,
  seedHigh: u32,
  purpose: u32,
  workspacePtr: usize,
): f64 {
  const begin = load<u32>(rowOffsetsPtr + ((<usize>rowBegin) << 2));
  const end = load<u32>(rowOffsetsPtr + ((<usize>rowEnd) << 2));
  const bandColumns = columnsPtr + ((<usize>begin) << 2);
  const bandValues = valuesPtr + ((<usize>begin) << 2);
  const bandBytes = (<usize>(end - begin)) << 2;
  const panelBytes = (<usize>(rowEnd - rowBegin + 1)) << 2;
  const entriesPtr = workspacePtr + WORDS_BYTES;
  const cursorsPtr = entriesPtr + (bandBytes << 1);
  const cursorsEnd = cursorsPtr + ((<usize>numPanels) << 2);
  memory.fill(cursorsPtr, 0, cursorsEnd - cursorsPtr);
  for (let o: usize = 0; o < bandBytes; o += 4) {
    const column = load<u32>(bandColumns + o);
    const value = <f32>((<f64>load<f32>(bandValues + o) - offset) / scale);
    store<u32>(entriesPtr + (o << 1), column);
    store<f32>(entriesPtr + (o << 1), value, 4);
    const cursorAt = cursorOf(column, panelOfPtr, cursorsPtr);
    store<u32>(cursorAt, load<u32>(cursorAt) + 1);
  }
  let sum: u32 = 0;
  for (let cursorAt = cursorsPtr; cursorAt < cursorsEnd; cursorAt += 4) {
    sum += load<u32>(cursorAt);
    store<u32>(cursorAt, sum);
  }
  // From behind: Fisher and Yates choose a row's last entry first, and what they have chosen can go where it belongs.
  let rowEndAt = end - begin;
  for (let row = rowEnd; row > rowBegin; row--) {
    const rowOffset = (<usize>(row - rowBegin)) << 2;
    writeOffsets(blockOffsetsPtr + rowOffset, panelBytes, cursorsPtr, cursorsEnd, begin);
    const rowAt = load<u32>(rowOffsetsPtr + ((<usize>row) << 2) - 4) - begin;
    const rowPtr = entriesPtr + ((<usize>rowAt) << 3);
    let block: u32 = 0;
    let used = WORDS_BYTES;
    for (let left = rowEndAt - rowAt; left > 0; left--) {
      let product: u64 = 0;
      if (left > 1) {
        do {
          if (used === WORDS_BYTES) {
            philox4x32OfFour(block, row - 1, 0, purpose, seedLow, seedHigh, workspacePtr);
            block += 4;
            used = 0;
          }
          product = <u64>load<u32>(workspacePtr + used) * <u64>left;
          used += 4;
        } while (isInShortCell(<u32>product, left));
      }
      const chosenPtr = rowPtr + ((<usize>(product >> 32)) << 3);
      const chosen = load<u64>(chosenPtr);
      store<u64>(chosenPtr, load<u64>(rowPtr + ((<usize>left) << 3) - 8));
      const cursorAt = cursorOf(<u32>chosen, panelOfPtr, cursorsPtr);
      const at = load<u32>(cursorAt) - 1;
      store<u32>(cursorAt, at);
      store<u32>(bandColumns + ((<usize>at) << 2), <u32>chosen);
      store<u32>(bandValues + ((<usize>at) << 2), <u32>(chosen >> 32));
    }
    rowEndAt = rowAt;
  }
  writeOffsets(blockOffsetsPtr, panelBytes, cursorsPtr, cursorsEnd, begin);
  return 0;
}

/** The address of the cursor of a column's panel. */
function cursorOf(column: u32, panelOfPtr: usize, cursorsPtr: usize): usize {
  return cursorsPtr + ((<usize>load<u8>(panelOfPtr + <usize>column)) << 2);
}

/** Writes where each panel's entries begin from some row on, counted from the matrix's first, to its offset of that row. */
function writeOffsets(offsetsPtr: usize, panelBytes: usize, cursorsPtr: usize, cursorsEnd: usize, begin: u32): void {
  for (let cursorAt = cursorsPtr; cursorAt < cursorsEnd; cursorAt += 4, offsetsPtr += panelBytes) {
    store<u32>(offsetsPtr, begin + load<u32>(cursorAt));
  }
}

/** Whether a draw below `bound` must be made anew, not to favour some numbers (Lemire 2019). */
function isInShortCell(low: u32, bound: u32): bool {
  return low < bound && low < (0 - bound) % bound;
}
