import { philox4x32 } from "../linalg/random";

/** Bytes of a Philox block, at the front of the workspace. */
const WORDS_BYTES: usize = 16;

/**
 * Sorts the entries of the rows [rowBegin, rowEnd), a band of a matrix in compressed rows, into blocks by the panel of
 * their column, in the place where they lie: first all of panel 0, row by row, then panel 1, and so on. A value v becomes
 * (v − offset) / scale. A row's entries come into each block in the order of one shuffle of the whole row (Fisher, Yates)
 * by the Philox stream (seed, purpose, row), as `RandomStream.nextBelow` of src/data/random.ts draws.
 *
 * blockOffsetsPtr u32[numPanels × (rowEnd − rowBegin + 1)], written: for each panel where its entries of each row begin,
 * and where those of the last end · rowOffsetsPtr u32[rows + 1] · columnsPtr u32[entries], valuesPtr f32[entries] of the
 * whole matrix, those of the band written · panelOfPtr u8[columns], each below numPanels · workspacePtr: 16 bytes, 4 a
 * panel and 8 an entry of the band. Returns 0.
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
  const cursorsPtr = workspacePtr + WORDS_BYTES;
  const cutColumns = cursorsPtr + ((<usize>numPanels) << 2);
  const cutValues = cutColumns + bandBytes;
  const panelOffsetsBytes = (<usize>(rowEnd - rowBegin + 1)) << 2;
  placePanels(cursorsPtr, numPanels, bandColumns, bandBytes, panelOfPtr);
  let rowAt: usize = 0;
  for (let row = rowBegin; row < rowEnd; row++) {
    writeOffsets(blockOffsetsPtr, panelOffsetsBytes, cursorsPtr, numPanels, begin);
    blockOffsetsPtr += 4;
    const rowBytes = ((<usize>(load<u32>(rowOffsetsPtr + ((<usize>row) << 2), 4) - begin)) << 2) - rowAt;
    shuffle(bandColumns + rowAt, bandValues + rowAt, rowBytes, row, purpose, seedLow, seedHigh, workspacePtr);
    for (const rowEndAt = rowAt + rowBytes; rowAt < rowEndAt; rowAt += 4) {
      const column = load<u32>(bandColumns + rowAt);
      const cursorAt = cursorsPtr + ((<usize>load<u8>(panelOfPtr + <usize>column)) << 2);
      const at = load<u32>(cursorAt);
      store<u32>(cursorAt, at + 1);
      store<u32>(cutColumns + ((<usize>at) << 2), column);
      const value = (<f64>load<f32>(bandValues + rowAt) - offset) / scale;
      store<f32>(cutValues + ((<usize>at) << 2), <f32>value);
    }
  }
  writeOffsets(blockOffsetsPtr, panelOffsetsBytes, cursorsPtr, numPanels, begin);
  memory.copy(bandColumns, cutColumns, bandBytes);
  memory.copy(bandValues, cutValues, bandBytes);
  return 0;
}

/** cursorsPtr u32[numPanels] ← where each panel's entries begin, from the band's first. */
function placePanels(cursorsPtr: usize, numPanels: u32, columnsPtr: usize, bytes: usize, panelOfPtr: usize): void {
  const cursorsEnd = cursorsPtr + ((<usize>numPanels) << 2);
  memory.fill(cursorsPtr, 0, cursorsEnd - cursorsPtr);
  for (let o: usize = 0; o < bytes; o += 4) {
    const cursorAt = cursorsPtr + ((<usize>load<u8>(panelOfPtr + <usize>load<u32>(columnsPtr + o))) << 2);
    store<u32>(cursorAt, load<u32>(cursorAt) + 1);
  }
  let before: u32 = 0;
  for (let at = cursorsPtr; at < cursorsEnd; at += 4) {
    const count = load<u32>(at);
    store<u32>(at, before);
    before += count;
  }
}

/** Writes where each panel's entries go on, counted from the matrix's first, to its offset of one row. */
function writeOffsets(offsetsPtr: usize, panelBytes: usize, cursorsPtr: usize, numPanels: u32, begin: u32): void {
  for (let panel: usize = 0; panel < <usize>numPanels; panel++) {
    store<u32>(offsetsPtr + panel * panelBytes, begin + load<u32>(cursorsPtr + (panel << 2)));
  }
}

/** Fisher and Yates over the `bytes` / 4 entries of a row. */
function shuffle(
  columnsPtr: usize,
  valuesPtr: usize,
  bytes: usize,
  row: u32,
  purpose: u32,
  seedLow: u32,
  seedHigh: u32,
  wordsPtr: usize,
): void {
  let block: u32 = 0;
  let used = WORDS_BYTES;
  for (let last = bytes - 4; <isize>last > 0; last -= 4) {
    const bound = <u32>(last >> 2) + 1;
    let product: u64;
    do {
      if (used === WORDS_BYTES) {
        philox4x32(block++, row, 0, purpose, seedLow, seedHigh, wordsPtr);
        used = 0;
      }
      product = <u64>load<u32>(wordsPtr + used) * <u64>bound;
      used += 4;
    } while (isInShortCell(<u32>product, bound));
    swap(columnsPtr, last, (<usize>(product >> 32)) << 2);
    swap(valuesPtr, last, (<usize>(product >> 32)) << 2);
  }
}

/** Whether a draw below `bound` must be made anew, not to favour some numbers (Lemire 2019). */
function isInShortCell(low: u32, bound: u32): bool {
  return low < bound && low < (0 - bound) % bound;
}

function swap(ptr: usize, one: usize, other: usize): void {
  const held = load<u32>(ptr + one);
  store<u32>(ptr + one, load<u32>(ptr + other));
  store<u32>(ptr + other, held);
}
