/** Models in files: what is asked of a program that saves one or loads one. */

export interface ModelSizes {
  numUsers: number;
  numItems: number;
  factors: number;
}

export interface ModelFileRequest extends ModelSizes {
  action: "save" | "load";
  /** The model's file. */
  path: string;
  /** The factors to save, float32; not for a library that takes none. */
  userFactors: string;
  itemFactors: string;
  /** How often to save. */
  saves: number;
  /** What the model answered before it was saved; the program fails if the loaded one answers otherwise. */
  expected: Answer;
}

/** Of the first user: the best items and their scores, or predictions for items 0, 1, 2 … */
export interface Answer {
  items: number[];
  scores: number[];
}

export interface SavingResult {
  seconds: number[];
  answer: Answer;
  fileBytes: number;
  peakMemoryBytes: number;
}

export interface LoadingResult {
  /** Seconds from the call to the first answer. */
  seconds: number;
  peakMemoryBytes: number;
}

/** Items of an answer. */
export const ANSWER_COUNT = 10;

/** @throws if a loaded model does not answer what the saved one did, each score within a share of the largest. */
export function checkAnswer(got: Answer, expected: Answer, tolerance: number): void {
  const allowed = tolerance * Math.max(...expected.scores.map(Math.abs));
  const isSame =
    String(got.items) === String(expected.items) &&
    got.scores.every((score, at) => Math.abs(score - expected.scores[at]!) <= allowed);
  if (!isSame) {
    throw new Error(`a loaded model must answer ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
  }
}
