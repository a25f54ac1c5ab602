export type { Id } from "./data/id-index.js";
export { Interactions } from "./data/interactions.js";
export { configure } from "./engine/engine.js";
export { MATRIX_FACTORIZATION_DEFAULTS, MatrixFactorization } from "./models/matrix-factorization.js";
