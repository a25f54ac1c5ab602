/** Symmetric positive definite systems A x = b that programs solve over and over, and how well they solved them. */
import { readFileSync, writeFileSync } from "node:fs";
import { RandomStream } from "../../src/data/random.js";
import { readFloats } from "./data-sets.js";

/** What a program that solves systems is told. */
export interface SystemsRequest {
  /** Rows of A. */
  size: number;
  /** A file of float32, A (row by row) and b of each system in turn. */
  systems: string;
  /** Where to write each system's x, float64. */
  solutions: string;
  /** How many times to measure, and about how long each time. */
  batches: number;
  batchMs: number;
}

export interface SystemsResult {
  /** Seconds a system, one number a batch. */
  seconds: number[];
}

export interface System {
  matrix: Float32Array;
  right: Float32Array;
}

const PURPOSE = 1004;
/** Until V8 has compiled everything for good. */
const WARM_UP_BATCHES = 10;
/** Rows in the sum of products that a matrix is made of, for each of its own. */
const ROWS_EACH = 2;

/** Writes systems as a row's solution has them: Gram matrices of rows uniform in ±½, and 1 on the diagonal. */
export function writeSystems(path: string, size: number, count: number): void {
  const random = new RandomStream(size, PURPOSE);
  const draw = () => random.nextUniform() - 0.5;
  const numbers = new Float32Array(count * size * (size + 1));
  for (let system = 0; system < count; system++) {
    const begin = system * size * (size + 1);
    const sums = new Float64Array(size * size);
    for (let row = 0; row < ROWS_EACH * size; row++) {
      const q = Array.from({ length: size }, draw);
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sums[i * size + j]! += q[i]! * q[j]!;
    }
    for (let i = 0; i < size; i++) sums[i * (size + 1)]! += 1;
    numbers.set(sums, begin);
    for (let at = begin + size * size; at < begin + size * (size + 1); at++) numbers[at] = draw();
  }
  writeFileSync(path, numbers);
}

export function readSystems(path: string, size: number): System[] {
  const numbers = readFloats(path);
  const each = size * (size + 1);
  return Array.from({ length: numbers.length / each }, (_, system) => ({
    matrix: numbers.subarray(system * each, system * each + size * size),
    right: numbers.subarray(system * each + size * size, (system + 1) * each),
  }));
}

/** Solves all systems in turn, some batches to warm up and then those that count. @returns seconds a system. */
export function timeBatches(
  { batches, batchMs }: SystemsRequest,
  systems: number,
  solve: (at: number) => void,
): number[] {
  const timeTurns = (turns: number): number => {
    const begin = performance.now();
    for (let turn = 0; turn < turns; turn++) for (let at = 0; at < systems; at++) solve(at);
    return performance.now() - begin;
  };
  let turns = 1;
  while (timeTurns(turns) < batchMs) turns *= 2;
  for (let batch = 0; batch < WARM_UP_BATCHES; batch++) timeTurns(turns);
  return Array.from({ length: batches }, () => timeTurns(turns) / (turns * systems) / 1e3);
}

/** The largest ‖A x − b‖ / ‖b‖ of all systems, in doubles. */
export function largestResidual(systems: readonly System[], solutionsPath: string): number {
  const solutions = new Float64Array(new Uint8Array(readFileSync(solutionsPath)).buffer);
  let largest = 0;
  for (const [system, { matrix, right }] of systems.entries()) {
    const size = right.length;
    const x = solutions.subarray(system * size, (system + 1) * size);
    if (x.length !== size) throw new Error(`${solutionsPath}: ends before system ${system}`);
    let [errors, all] = [0, 0];
    for (const [row, b] of right.entries()) {
      const image = x.reduce((sum, number, column) => sum + matrix[row * size + column]! * number, 0);
      errors += (image - b) ** 2;
      all += b ** 2;
    }
    largest = Math.max(largest, Math.sqrt(errors / all));
  }
  return largest;
}
