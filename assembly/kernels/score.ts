import { baseScore, bilinearScore, UNKNOWN } from "../linalg/bilinear";
import { eightDots, fourDots } from "../linalg/ordered-dot";

/**
 * scores[t] ← offset + b_row + b_column + p·q for the pairs [begin, end). rowsPtr, columnsPtr u32[], 2^32 − 1 for an
 * unknown one, which adds nothing · rowFactorsPtr, columnFactorsPtr f32[× stride], rowBiasPtr, columnBiasPtr f32[] ·
 * stride in floats · scoresPtr f32[], written. Returns 0.
 */
export function scorePairs(
  begin: u32,
  end: u32,
  rowsPtr: usize,
  columnsPtr: usize,
  rowFactorsPtr: usize,
  columnFactorsPtr: usize,
  rowBiasPtr: usize,
  columnBiasPtr: usize,
  stride: i32,
  offset: f32,
  scoresPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  let t = <usize>begin;
  while (t < <usize>end) {
    const rows = rowsPtr + (t << 2);
    const columns = columnsPtr + (t << 2);
    if (t + 4 <= <usize>end && areKnown(rows) && areKnown(columns)) {
      const dots = fourDots(
        rowFactorsPtr + <usize>load<u32>(rows) * strideBytes,
        rowFactorsPtr + <usize>load<u32>(rows, 4) * strideBytes,
        rowFactorsPtr + <usize>load<u32>(rows, 8) * strideBytes,
        rowFactorsPtr + <usize>load<u32>(rows, 12) * strideBytes,
        columnFactorsPtr + <usize>load<u32>(columns) * strideBytes,
        columnFactorsPtr + <usize>load<u32>(columns, 4) * strideBytes,
        columnFactorsPtr + <usize>load<u32>(columns, 8) * strideBytes,
        columnFactorsPtr + <usize>load<u32>(columns, 12) * strideBytes,
        strideBytes,
      );
      const bases = f32x4(
        baseScore(load<u32>(rows), load<u32>(columns), rowBiasPtr, columnBiasPtr, offset),
        baseScore(load<u32>(rows, 4), load<u32>(columns, 4), rowBiasPtr, columnBiasPtr, offset),
        baseScore(load<u32>(rows, 8), load<u32>(columns, 8), rowBiasPtr, columnBiasPtr, offset),
        baseScore(load<u32>(rows, 12), load<u32>(columns, 12), rowBiasPtr, columnBiasPtr, offset),
      );
      v128.store(scoresPtr + (t << 2), f32x4.add(bases, dots));
      t += 4;
      continue;
    }
    const row = load<u32>(rows);
    const column = load<u32>(columns);
    const score = bilinearScore(
      row,
      column,
      rowFactorsPtr,
      columnFactorsPtr,
      rowBiasPtr,
      columnBiasPtr,
      strideBytes,
      offset,
    );
    store<f32>(scoresPtr + (t << 2), score);
    t++;
  }
  return 0;
}

/** Whether none of four indices is UNKNOWN. */
function areKnown(indices: usize): bool {
  return !v128.any_true(i32x4.eq(v128.load(indices), i32x4.splat(-1)));
}

/** `scorePairs` of one row, 2^32 − 1 for an unknown one, with every column in [begin, end); scoresPtr f32[end]. */
export function scoreColumns(
  begin: u32,
  end: u32,
  row: u32,
  rowFactorsPtr: usize,
  columnFactorsPtr: usize,
  rowBiasPtr: usize,
  columnBiasPtr: usize,
  stride: i32,
  offset: f32,
  scoresPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  let column = begin;
  if (row !== UNKNOWN) {
    const p = rowFactorsPtr + <usize>row * strideBytes;
    const offsets = f32x4.splat(offset);
    const bias = v128.load32_splat(rowBiasPtr + ((<usize>row) << 2));
    for (; column + 8 <= end; column += 8) {
      const scores = scoresPtr + ((<usize>column) << 2);
      const biases = columnBiasPtr + ((<usize>column) << 2);
      eightDots(p, columnFactorsPtr + <usize>column * strideBytes, strideBytes, scores);
      const base0 = f32x4.add(offsets, f32x4.add(bias, v128.load(biases)));
      const base1 = f32x4.add(offsets, f32x4.add(bias, v128.load(biases, 16)));
      v128.store(scores, f32x4.add(base0, v128.load(scores)));
      v128.store(scores, f32x4.add(base1, v128.load(scores, 16)), 16);
    }
  }
  for (; column < end; column++) {
    const score = bilinearScore(
      row,
      column,
      rowFactorsPtr,
      columnFactorsPtr,
      rowBiasPtr,
      columnBiasPtr,
      strideBytes,
      offset,
    );
    store<f32>(scoresPtr + ((<usize>column) << 2), score);
  }
  return 0;
}
