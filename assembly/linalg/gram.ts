import { multiplyAdd } from "./lanes";

/**
 * G ← G + YᵀY in its upper triangle, by blocks: entries below the diagonal inside a block are written too, the rest is
 * left alone. Y f32[numRows × size], its lines `lineBytes` apart; G f32[size × size], row by row; size a multiple of 8.
 * Each entry is one chain over the rows of Y in their order, so that many short panels give the bits of one long one.
 */
export function addGram(y: usize, lineBytes: usize, numRows: u32, size: i32, gram: usize): void {
  const gramLineBytes = (<usize>size) << 2;
  for (let j: usize = 0; j < gramLineBytes; j += 32) {
    const end = j + 32;
    let i: usize = 0;
    // Where multiply and add are one instruction, six lines a tile are best: fours first, until the rest is sixes.
    const rest = end % 24;
    const fours: usize = SIX_LINES ? (rest === 0 ? 0 : rest === 16 ? 16 : 32) : end;
    for (; i < fours; i += 16) {
      addGramTile4(y + i, y + j, numRows, lineBytes, gram + (i >> 2) * gramLineBytes + j, gramLineBytes);
    }
    for (; i < end; i += 24) {
      addGramTile6(y + i, y + j, numRows, lineBytes, gram + (i >> 2) * gramLineBytes + j, gramLineBytes);
    }
  }
}

/** Whether a tile of six by eight sums fits the registers: not where a product needs one too. */
const SIX_LINES: bool = ASC_FEATURE_RELAXED_SIMD;

/** Four by eight entries: c += aᵀb, a four columns and b eight columns of the same rows. */
function addGramTile4(a: usize, b: usize, numRows: u32, lineBytes: usize, c: usize, gramLineBytes: usize): void {
  const line1 = c + gramLineBytes;
  const line2 = line1 + gramLineBytes;
  const line3 = line2 + gramLineBytes;
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c10 = v128.load(line1);
  let c11 = v128.load(line1, 16);
  let c20 = v128.load(line2);
  let c21 = v128.load(line2, 16);
  let c30 = v128.load(line3);
  let c31 = v128.load(line3, 16);
  for (const end = a + <usize>numRows * lineBytes; a !== end; a += lineBytes, b += lineBytes) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = multiplyAdd(s, b0, c00);
    c01 = multiplyAdd(s, b1, c01);
    s = v128.load32_splat(a, 4);
    c10 = multiplyAdd(s, b0, c10);
    c11 = multiplyAdd(s, b1, c11);
    s = v128.load32_splat(a, 8);
    c20 = multiplyAdd(s, b0, c20);
    c21 = multiplyAdd(s, b1, c21);
    s = v128.load32_splat(a, 12);
    c30 = multiplyAdd(s, b0, c30);
    c31 = multiplyAdd(s, b1, c31);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(line1, c10);
  v128.store(line1, c11, 16);
  v128.store(line2, c20);
  v128.store(line2, c21, 16);
  v128.store(line3, c30);
  v128.store(line3, c31, 16);
}

/** Six by eight entries, likewise. */
function addGramTile6(a: usize, b: usize, numRows: u32, lineBytes: usize, c: usize, gramLineBytes: usize): void {
  const line1 = c + gramLineBytes;
  const line2 = line1 + gramLineBytes;
  const line3 = line2 + gramLineBytes;
  const line4 = line3 + gramLineBytes;
  const line5 = line4 + gramLineBytes;
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  let c10 = v128.load(line1);
  let c11 = v128.load(line1, 16);
  let c20 = v128.load(line2);
  let c21 = v128.load(line2, 16);
  let c30 = v128.load(line3);
  let c31 = v128.load(line3, 16);
  let c40 = v128.load(line4);
  let c41 = v128.load(line4, 16);
  let c50 = v128.load(line5);
  let c51 = v128.load(line5, 16);
  for (const end = a + <usize>numRows * lineBytes; a !== end; a += lineBytes, b += lineBytes) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = multiplyAdd(s, b0, c00);
    c01 = multiplyAdd(s, b1, c01);
    s = v128.load32_splat(a, 4);
    c10 = multiplyAdd(s, b0, c10);
    c11 = multiplyAdd(s, b1, c11);
    s = v128.load32_splat(a, 8);
    c20 = multiplyAdd(s, b0, c20);
    c21 = multiplyAdd(s, b1, c21);
    s = v128.load32_splat(a, 12);
    c30 = multiplyAdd(s, b0, c30);
    c31 = multiplyAdd(s, b1, c31);
    s = v128.load32_splat(a, 16);
    c40 = multiplyAdd(s, b0, c40);
    c41 = multiplyAdd(s, b1, c41);
    s = v128.load32_splat(a, 20);
    c50 = multiplyAdd(s, b0, c50);
    c51 = multiplyAdd(s, b1, c51);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(line1, c10);
  v128.store(line1, c11, 16);
  v128.store(line2, c20);
  v128.store(line2, c21, 16);
  v128.store(line3, c30);
  v128.store(line3, c31, 16);
  v128.store(line4, c40);
  v128.store(line4, c41, 16);
  v128.store(line5, c50);
  v128.store(line5, c51, 16);
}

/** Writes the entries below the diagonal, by symmetry. G f32[size × size]. */
export function mirrorGram(gram: usize, size: i32): void {
  const lineBytes = (<usize>size) << 2;
  for (let i: usize = 4; i < lineBytes; i += 4) {
    const line = gram + (i >> 2) * lineBytes;
    for (let j: usize = 0; j < i; j += 4) store<f32>(line + j, load<f32>(gram + (j >> 2) * lineBytes + i));
  }
}
