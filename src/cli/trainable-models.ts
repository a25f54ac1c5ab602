/** The models that the commands train, and the words they are spoken of in. */
import {
  ALTERNATING_LEAST_SQUARES_DEFAULTS,
  AlternatingLeastSquares,
  type AlternatingReport,
  AUTOREC_DEFAULTS,
  AutoRec,
  type EpochReport,
  type FitOptions,
  IMPLICIT_ALS_DEFAULTS,
  ImplicitALS,
  type ImplicitReport,
  type Interactions,
  MATRIX_FACTORIZATION_DEFAULTS,
  MatrixFactorization,
  type Model,
} from "../index.js";

/** What `--model` takes. */
export type ModelName = "mf" | "als" | "autorec" | "implicit-als";

/** What an epoch tells, of one model or another. */
export type TrainingReport = EpochReport | AlternatingReport | ImplicitReport;

export interface TrainableModel extends Model {
  readonly options: { readonly epochs: number; readonly seed: number };
  fit(train: Interactions, options?: FitOptions<TrainingReport>): Promise<this>;
}

/** What a model learns from, and what users have done to what they know. */
export interface InputWords {
  entry: "rating" | "interaction";
  done: "rated" | "interacted with";
}

/** What a model learns, and how to ask for less of it. */
export interface UnitWords {
  name: string;
  fewer: string;
}

export interface ModelKind {
  name: ModelName;
  /** The class as files and JSON name it, whatever a bundler makes of it. */
  className: string;
  Class: new (options: object) => TrainableModel;
  defaults: object;
  /** The row of a table that it gets. */
  title: string;
  /** Whether its scores are ratings, so that there is an error to measure. */
  predictsRatings: boolean;
  words: InputWords;
  units: UnitWords;
}

const FACTORS: UnitWords = { name: "factors", fewer: "fewer --factors" };

const HIDDEN_UNITS: UnitWords = { name: "hidden units", fewer: "a smaller --hidden" };

export const RATING_WORDS: InputWords = { entry: "rating", done: "rated" };

const INTERACTION_WORDS: InputWords = { entry: "interaction", done: "interacted with" };

export const MODEL_KINDS: Record<ModelName, ModelKind> = {
  mf: {
    name: "mf",
    className: "MatrixFactorization",
    Class: MatrixFactorization,
    defaults: MATRIX_FACTORIZATION_DEFAULTS,
    title: "matrix factorisation",
    predictsRatings: true,
    words: RATING_WORDS,
    units: FACTORS,
  },
  als: {
    name: "als",
    className: "AlternatingLeastSquares",
    Class: AlternatingLeastSquares,
    defaults: ALTERNATING_LEAST_SQUARES_DEFAULTS,
    title: "alternating least squares",
    predictsRatings: true,
    words: RATING_WORDS,
    units: FACTORS,
  },
  autorec: {
    name: "autorec",
    className: "AutoRec",
    Class: AutoRec,
    defaults: AUTOREC_DEFAULTS,
    title: "AutoRec",
    predictsRatings: true,
    words: RATING_WORDS,
    units: HIDDEN_UNITS,
  },
  "implicit-als": {
    name: "implicit-als",
    className: "ImplicitALS",
    Class: ImplicitALS,
    defaults: IMPLICIT_ALS_DEFAULTS,
    title: "implicit ALS",
    predictsRatings: false,
    words: INTERACTION_WORDS,
    units: FACTORS,
  },
};

/** In the order of the help. */
export const ALL_MODELS = Object.keys(MODEL_KINDS) as ModelName[];

/** Those of which there is an error to measure. */
export const RATING_MODELS = ALL_MODELS.filter((name) => MODEL_KINDS[name].predictsRatings);

/** The words for a model of a file, by its class. */
export function wordsOfClass(className: string): Pick<ModelKind, "words" | "units"> {
  const kind = Object.values(MODEL_KINDS).find((each) => each.className === className);
  return kind ?? { words: RATING_WORDS, units: FACTORS };
}
