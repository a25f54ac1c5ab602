/**
 * The binary interface: compute over the caller's memory. Pointers are byte addresses, strides and sizes count
 * elements, ranges are half open. A kernel returns one f64: a sum, a count, or 0. It allocates nothing and keeps
 * nothing; all the kernels that fill or update rows use no atomics, so the module also runs over unshared memory.
 */

/** The number of this interface: it changes when a kernel's arguments or meaning do. */
export const INTERFACE_VERSION: i32 = 3;
export { adagradRows } from "./kernels/adagrad";
export { adamRows } from "./kernels/adam";
export { countBeyond } from "./kernels/beyond";
export { conjugateGradientRows } from "./kernels/conjugate-gradient-rows";
export { explainEntries } from "./kernels/explain-entries";
export { fillNormalRows } from "./kernels/fill-normal";
export { gradientRows } from "./kernels/gradient-rows";
export { gramRows, mergeGrams } from "./kernels/gram-rows";
export { lossRows, penaltyRows } from "./kernels/loss-rows";
export { accumulateSlice, mergeSlices } from "./kernels/row-slices";
export { addScaled, scaleValues } from "./kernels/scale";
export { scoreColumns, scorePairs } from "./kernels/score";
export { sgdRows } from "./kernels/sgd";
export { similarityRows } from "./kernels/similarity";
export { solveMerged, solveRows } from "./kernels/solve-rows";
export { squaredErrorPairs } from "./kernels/squared-error";
export { subspaceRows } from "./kernels/subspace-rows";
export { packPanels, topColumns } from "./kernels/top-columns";
export { selectTop } from "./kernels/top-k";
