/** The public names of lowrank, and nothing else. */
export type { CsvSource } from "./data/csv/byte-source.js";
export type { CsvColumns, CsvOptions, CsvProgress } from "./data/csv/csv-options.js";
export type { DuplicatePolicy } from "./data/duplicates.js";
export { type Id, IdIndex } from "./data/id-index.js";
export { type Interaction, Interactions, type TrainTest } from "./data/interactions.js";
export type { ColumnsOptions, InteractionColumns } from "./data/read-columns.js";
export type { ObjectsOptions } from "./data/read-objects.js";
export { SparseMatrix } from "./data/sparse-matrix.js";
export type { FoldsOptions, LeaveOneOutOptions, SplitByTimeOptions, SplitOptions } from "./data/split.js";
export { type SyntheticOptions, type SyntheticRatings, syntheticRatings } from "./data/synthetic.js";
export { configure, type EngineOptions } from "./engine/engine.js";
export type { Matrix } from "./engine/matrix.js";
export { type BaselineEvaluations, evaluateBaselines } from "./evaluation/baselines.js";
export { type EvaluateOptions, type Evaluation, evaluate, type Metric } from "./evaluation/evaluate.js";
export { mae, r2, rmse } from "./evaluation/metrics.js";
export { inspect, type LoadedModel, type LoadOptions, load, type ModelInfo } from "./load.js";
export {
  type AlternatingFitOptions,
  AlternatingLeastSquares,
  type AlternatingReport,
} from "./models/alternating-least-squares.js";
export {
  ALTERNATING_LEAST_SQUARES_DEFAULTS,
  type AlternatingLeastSquaresOptions,
} from "./models/alternating-least-squares-options.js";
export { AutoRec } from "./models/autorec.js";
export type { CenteringName } from "./models/autorec-centering.js";
export {
  type Activation,
  AUTOREC_DEFAULTS,
  type AutoRecOptimizer,
  type AutoRecOptions,
} from "./models/autorec-options.js";
export { BIAS_MODEL_DEFAULTS, BiasModel, type BiasModelOptions } from "./models/bias-model.js";
export type { FoldedItem, FoldedUser, HistoryOfItem, HistoryOfUser } from "./models/folded.js";
export type { GivenFactors } from "./models/given-factors.js";
export { GlobalMean } from "./models/global-mean.js";
export { ImplicitALS, type ImplicitFitOptions, type ImplicitReport } from "./models/implicit-als.js";
export {
  IMPLICIT_ALS_DEFAULTS,
  IMPLICIT_OBJECTIVES,
  type ImplicitALSOptions,
  type ImplicitSolver,
} from "./models/implicit-als-options.js";
export { MatrixFactorization } from "./models/matrix-factorization.js";
export {
  MATRIX_FACTORIZATION_DEFAULTS,
  type MatrixFactorizationOptions,
} from "./models/matrix-factorization-options.js";
export type {
  Contribution,
  EpochReport,
  EpochTimes,
  Explanation,
  FitOptions,
  HalfStepReport,
  ItemRankings,
  Model,
  RatingReport,
  Recommendation,
  SaveOptions,
  SolverReport,
  UserRankings,
  UserRecommendation,
} from "./models/model.js";
export type { LearningRateSchedule, OptimizerName } from "./models/optimizers.js";
export type { QueryName } from "./models/queries.js";
export type {
  FoldInOptions,
  PredictOptions,
  RecommendAllOptions,
  RecommendOptions,
  RecommendUsersAllOptions,
  SimilarItemsAllOptions,
  SimilarOptions,
  SimilarUsersAllOptions,
  UnknownPolicy,
} from "./models/query-options.js";
export type { ConfidenceKind, ObservedLoss } from "./ranking/confidence.js";
export type { SimilarityMetric } from "./ranking/scores.js";
export type { ModelTarget } from "./storage/model-sink.js";
export type { ModelSource } from "./storage/model-source.js";
