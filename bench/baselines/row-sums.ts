/**
 * Sums of rows over the entries of one input: four entries at a time, so that a number of the input's own row, or of its
 * sum, is loaded once for four of them.
 */

/** out[slot] += weight · row over the entries [begin, end). */
export function scatter(
  rows: Float32Array,
  row: number,
  hidden: number,
  slots: Uint32Array,
  weights: Float32Array,
  begin: number,
  end: number,
  out: Float32Array,
): void {
  const rowEnd = row + hidden;
  let entry = begin;
  for (; entry + 4 <= end; entry += 4) {
    const a = weights[entry]!;
    const b = weights[entry + 1]!;
    const c = weights[entry + 2]!;
    const d = weights[entry + 3]!;
    let atA = slots[entry]! * hidden;
    let atB = slots[entry + 1]! * hidden;
    let atC = slots[entry + 2]! * hidden;
    let atD = slots[entry + 3]! * hidden;
    for (let at = row; at < rowEnd; at++) {
      const value = rows[at]!;
      out[atA++]! += a * value;
      out[atB++]! += b * value;
      out[atC++]! += c * value;
      out[atD++]! += d * value;
    }
  }
  for (; entry < end; entry++) {
    const weight = weights[entry]!;
    for (let at = row, to = slots[entry]! * hidden; at < rowEnd; at++, to++) out[to]! += weight * rows[at]!;
  }
}

/** sums ← Σ weight · from[slot] over the entries [begin, end). */
export function gather(
  from: Float32Array,
  hidden: number,
  slots: Uint32Array,
  weights: Float32Array,
  begin: number,
  end: number,
  sums: Float64Array,
): void {
  sums.fill(0);
  let entry = begin;
  for (; entry + 4 <= end; entry += 4) {
    const a = weights[entry]!;
    const b = weights[entry + 1]!;
    const c = weights[entry + 2]!;
    const d = weights[entry + 3]!;
    let atA = slots[entry]! * hidden;
    let atB = slots[entry + 1]! * hidden;
    let atC = slots[entry + 2]! * hidden;
    let atD = slots[entry + 3]! * hidden;
    for (let unit = 0; unit < hidden; unit++) {
      sums[unit]! += a * from[atA++]! + b * from[atB++]! + c * from[atC++]! + d * from[atD++]!;
    }
  }
  for (; entry < end; entry++) {
    const weight = weights[entry]!;
    for (let unit = 0, at = slots[entry]! * hidden; unit < hidden; unit++, at++) sums[unit]! += weight * from[at]!;
  }
}

/** out[entry] ← row · codes[slot] of the entries [begin, end). */
export function dots(
  rows: Float32Array,
  row: number,
  hidden: number,
  slots: Uint32Array,
  begin: number,
  end: number,
  codes: Float32Array,
  out: Float32Array,
): void {
  const rowEnd = row + hidden;
  let entry = begin;
  for (; entry + 4 <= end; entry += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let atA = slots[entry]! * hidden;
    let atB = slots[entry + 1]! * hidden;
    let atC = slots[entry + 2]! * hidden;
    let atD = slots[entry + 3]! * hidden;
    for (let at = row; at < rowEnd; at++) {
      const weight = rows[at]!;
      a += weight * codes[atA++]!;
      b += weight * codes[atB++]!;
      c += weight * codes[atC++]!;
      d += weight * codes[atD++]!;
    }
    out[entry] = a;
    out[entry + 1] = b;
    out[entry + 2] = c;
    out[entry + 3] = d;
  }
  for (; entry < end; entry++) {
    let dot = 0;
    for (let at = row, other = slots[entry]! * hidden; at < rowEnd; at++, other++) dot += rows[at]! * codes[other]!;
    out[entry] = dot;
  }
}
