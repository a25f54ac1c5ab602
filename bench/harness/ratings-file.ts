/** A file of `userId,movieId,rating,timestamp` made by arithmetic, and the sums by which a reader shows what it read. */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Interactions } from "../../src/data/interactions.js";

const RATINGS_PER_USER = 154;
const NUM_ITEMS = 59_053;
const ITEM_ID_STEP = 3;
const FIRST_TIMESTAMP = 1_000_000_000;
const ROWS_PER_WRITE = 20_000;

export interface CheckSums {
  rows: number;
  users: number;
  items: number;
  values: number;
  /** Σ value × ((userId + 17 itemId + timestamp) mod 1009): changes if a column is out of step. */
  mixed: number;
}

function mix(userId: number, itemId: number, value: number, timestamp: number): number {
  return value * ((userId + 17 * itemId + timestamp) % 1009);
}

/** Row r of the file: a user's items are distinct, as NUM_ITEMS is prime. */
function rowAt(row: number): [userId: number, itemId: number, value: number, timestamp: number] {
  const user = Math.floor(row / RATINGS_PER_USER);
  const turn = row % RATINGS_PER_USER;
  const item = (user * 7919 + turn * (1 + (user % 300))) % NUM_ITEMS;
  const value = (1 + ((Math.imul(row, 0x9e3779b1) >>> 0) % 10)) / 2;
  return [user + 1, 1 + item * ITEM_ID_STEP, value, FIRST_TIMESTAMP + ((row * 977) % 600_000_000)];
}

export function writeRatingsFile(path: string, rows: number): CheckSums {
  const file = openSync(path, "w");
  const sums: CheckSums = { rows, users: 0, items: 0, values: 0, mixed: 0 };
  let text = "userId,movieId,rating,timestamp\n";
  for (let row = 0; row < rows; row++) {
    const [userId, itemId, value, timestamp] = rowAt(row);
    text += `${userId},${itemId},${value.toFixed(1)},${timestamp}\n`;
    sums.users += userId;
    sums.items += itemId;
    sums.values += value;
    sums.mixed += mix(userId, itemId, value, timestamp);
    if (row % ROWS_PER_WRITE !== ROWS_PER_WRITE - 1) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
  return sums;
}

export function checkSumsOf({ matrix, users, items, timestamps, size }: Interactions): CheckSums {
  const sums: CheckSums = { rows: size, users: 0, items: 0, values: 0, mixed: 0 };
  for (let user = 0; user < matrix.numRows; user++) {
    const userId = users.idAt(user) as number;
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      const itemId = items.idAt(matrix.columns[entry]!) as number;
      const value = matrix.values[entry]!;
      sums.users += userId;
      sums.items += itemId;
      sums.values += value;
      sums.mixed += mix(userId, itemId, value, timestamps![entry]!);
    }
  }
  return sums;
}
