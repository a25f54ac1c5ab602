/**
 * The best items of users in plain JavaScript, as a careful programmer writes it without WebAssembly: typed arrays,
 * nothing allocated in the loops, a bit for what is seen, a short sorted list with a threshold for the best.
 * For many users: tiles of 3 × 3 over doubles, row by row, in blocks of items that stay in cache; among the fastest of the
 * forms tried on V8 11.3 and 13.6 (one pair a turn; tiles of 1 × 4 to 4 × 4; packed factor by factor or row by row; f32,
 * doubles, `Math.fround` throughout). For one user: four items a turn over f32 into an array, then the
 * best of it: doubles and one item a turn were slower; entering scores as they come is as fast, once it is compiled, but
 * one large function runs many queries before it is.
 */

/** score = offset + userBiases[u] + itemBiases[i] + userFactors[u] · itemFactors[i] */
export interface RankingModel {
  /** Floats in a row of factors. */
  stride: number;
  /** f32[users × stride] */
  userFactors: Float32Array;
  /** f32[items × stride] */
  itemFactors: Float32Array;
  /** f32[users] */
  userBiases: Float32Array;
  /** f32[items] */
  itemBiases: Float32Array;
  offset: number;
  /** The items that each user has seen, left out: those of user u from offsets[u] to offsets[u + 1]. */
  seen: { offsets: Uint32Array; columns: Uint32Array };
}

/** Lists of queries: list q is the first counts[q] of the `width` places from q × width, best first. */
export interface BaselineLists {
  width: number;
  /** u32[queries × width] */
  indices: Uint32Array;
  /** f64[queries × width] */
  scores: Float64Array;
  /** u32[queries] */
  counts: Uint32Array;
}

/** Users whose bits of seen items lie in cache beside a block of items. */
const USERS_PER_BLOCK = 96;
const ITEMS_PER_BLOCK = 192;
const TILE = 3;

function emptyLists(queries: number, width: number): BaselineLists {
  return {
    width,
    indices: new Uint32Array(queries * width),
    scores: new Float64Array(queries * width).fill(-Infinity),
    counts: new Uint32Array(queries),
  };
}

/** Enters an item into list `query`, which is sorted; returns the score that the next one must be above. */
function enter({ width, indices, scores, counts }: BaselineLists, query: number, item: number, score: number): number {
  const first = query * width;
  if (counts[query]! < width) counts[query]!++;
  let place = first + counts[query]! - 1;
  while (place > first && score > scores[place - 1]!) {
    scores[place] = scores[place - 1]!;
    indices[place] = indices[place - 1]!;
    place--;
  }
  scores[place] = score;
  indices[place] = item;
  return counts[query] === width ? scores[first + width - 1]! : -Infinity;
}

/** Rows of floats as doubles, and rows of zeros behind them to a whole number of tiles. */
function widened(rows: Float32Array, stride: number): Float64Array {
  const all = new Float64Array(Math.ceil(rows.length / stride / TILE) * TILE * stride);
  all.set(rows);
  return all;
}

/** tile[3 r + c] ← row r · column c, for three rows of users and three of items. */
function scoreTile(users: Float64Array, u: number, items: Float64Array, i: number, stride: number, tile: Float64Array) {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  const u1 = u + stride;
  const u2 = u1 + stride;
  const i1 = i + stride;
  const i2 = i1 + stride;
  for (let f = 0; f < stride; f++) {
    const x0 = users[u + f]!;
    const x1 = users[u1 + f]!;
    const x2 = users[u2 + f]!;
    const y0 = items[i + f]!;
    const y1 = items[i1 + f]!;
    const y2 = items[i2 + f]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s10;
  tile[4] = s11;
  tile[5] = s12;
  tile[6] = s20;
  tile[7] = s21;
  tile[8] = s22;
}

/** The best `count` items of every user of a list, those seen left out; ties by item. */
export function recommendMany(model: RankingModel, users: Uint32Array, count: number): BaselineLists {
  const { stride, userFactors, itemFactors, userBiases, itemBiases, offset, seen } = model;
  const numItems = itemBiases.length;
  const lists = emptyLists(users.length, Math.min(count, numItems));
  const items = widened(itemFactors, stride);
  const rows = new Float64Array(USERS_PER_BLOCK * stride);
  const words = Math.ceil(numItems / 32);
  const masks = new Int32Array(USERS_PER_BLOCK * words);
  const thresholds = new Float64Array(USERS_PER_BLOCK);
  const bases = new Float64Array(USERS_PER_BLOCK);
  const tile = new Float64Array(TILE * TILE);
  for (let begin = 0; begin < users.length; begin += USERS_PER_BLOCK) {
    const size = Math.min(USERS_PER_BLOCK, users.length - begin);
    masks.fill(0);
    thresholds.fill(-Infinity);
    for (let place = 0; place < size; place++) {
      const user = users[begin + place]!;
      rows.set(userFactors.subarray(user * stride, (user + 1) * stride), place * stride);
      bases[place] = offset + userBiases[user]!;
      for (let at = seen.offsets[user]!; at < seen.offsets[user + 1]!; at++) {
        const item = seen.columns[at]!;
        masks[place * words + (item >> 5)]! |= 1 << (item & 31);
      }
    }
    for (let first = 0; first < numItems; first += ITEMS_PER_BLOCK) {
      const last = Math.min(first + ITEMS_PER_BLOCK, numItems);
      for (let place = 0; place < size; place += TILE) {
        for (let item = first; item < last; item += TILE) {
          scoreTile(rows, place * stride, items, item * stride, stride, tile);
          for (let row = place; row < place + TILE && row < size; row++) {
            for (let column = item; column < item + TILE && column < last; column++) {
              const score = bases[row]! + itemBiases[column]! + tile[(row - place) * TILE + column - item]!;
              if (!(score > thresholds[row]!)) continue;
              if ((masks[row * words + (column >> 5)]! >> (column & 31)) & 1) continue;
              thresholds[row] = enter(lists, begin + row, column, score);
            }
          }
        }
      }
    }
  }
  return lists;
}

/** What queries of one user at a time keep. */
export interface QueryScratch {
  /** u32[items]: the last query that left an item out. */
  stamps: Uint32Array;
  /** f64[items]: the products of the user's factors with all items'. */
  products: Float64Array;
  query: number;
}

export function queryScratch(numItems: number): QueryScratch {
  return { stamps: new Uint32Array(numItems), products: new Float64Array(numItems), query: 0 };
}

/** products[i] ← row · item i, four items a turn. */
function multiplyRow(row: Float32Array, items: Float32Array, stride: number, products: Float64Array): void {
  const numItems = products.length;
  let item = 0;
  for (; item + 4 <= numItems; item += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const i0 = item * stride;
    const i1 = i0 + stride;
    const i2 = i1 + stride;
    const i3 = i2 + stride;
    for (let f = 0; f < stride; f++) {
      const x = row[f]!;
      s0 += x * items[i0 + f]!;
      s1 += x * items[i1 + f]!;
      s2 += x * items[i2 + f]!;
      s3 += x * items[i3 + f]!;
    }
    products[item] = s0;
    products[item + 1] = s1;
    products[item + 2] = s2;
    products[item + 3] = s3;
  }
  for (; item < numItems; item++) {
    let sum = 0;
    for (let f = 0; f < stride; f++) sum += row[f]! * items[item * stride + f]!;
    products[item] = sum;
  }
}

/** The best `count` items of one user, those seen left out; ties by item. */
export function recommendOne(model: RankingModel, scratch: QueryScratch, user: number, count: number): BaselineLists {
  const { stride, userFactors, itemFactors, itemBiases, seen } = model;
  const { stamps, products } = scratch;
  const numItems = itemBiases.length;
  const lists = emptyLists(1, Math.min(count, numItems));
  const query = ++scratch.query;
  for (let at = seen.offsets[user]!; at < seen.offsets[user + 1]!; at++) stamps[seen.columns[at]!] = query;
  multiplyRow(userFactors.slice(user * stride, (user + 1) * stride), itemFactors, stride, products);
  const base = model.offset + model.userBiases[user]!;
  let threshold = -Infinity;
  for (let item = 0; item < numItems; item++) {
    const score = base + itemBiases[item]! + products[item]!;
    if (score > threshold && stamps[item] !== query) threshold = enter(lists, 0, item, score);
  }
  return lists;
}

/** What makes similarity by cosine a ranking: rows of unit length on both sides, each leaving itself out. */
export function cosineModel(factors: Float32Array, stride: number): RankingModel {
  const size = factors.length / stride;
  const units = factors.slice();
  for (let row = 0; row < size; row++) {
    let squares = 0;
    for (let f = row * stride; f < (row + 1) * stride; f++) squares += units[f]! * units[f]!;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let f = row * stride; f < (row + 1) * stride; f++) units[f]! *= scale;
  }
  const biases = new Float32Array(size);
  const offsets = Uint32Array.from({ length: size + 1 }, (_, row) => row);
  const seen = { offsets, columns: offsets.subarray(0, size) };
  return { stride, userFactors: units, itemFactors: units, userBiases: biases, itemBiases: biases, offset: 0, seen };
}
