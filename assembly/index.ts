/**
 * The binary interface: compute over the caller's memory. Pointers are byte addresses, strides and sizes count
 * elements, ranges are half open. A kernel returns one f64: a sum, a count, or 0. It allocates nothing and keeps
 * nothing; all the kernels that fill or update rows use no atomics, so the module also runs over unshared memory.
 */

/** The number of this interface: it changes when a kernel's arguments or meaning do. */
export const INTERFACE_VERSION: i32 = 2;
export { adagradRows } from "./kernels/adagrad";
export { adamRows } from "./kernels/adam";
export { countBeyond } from "./kernels/beyond";
export { fillNormalRows } from "./kernels/fill-normal";
export { scaleValues } from "./kernels/scale";
export { scoreColumns, scorePairs } from "./kernels/score";
export { sgdRows } from "./kernels/sgd";
export { similarityRows } from "./kernels/similarity";
export { explainEntries, solveRows } from "./kernels/solve-rows";
export { squaredErrorPairs } from "./kernels/squared-error";
export { packPanels, topColumns } from "./kernels/top-columns";
export { selectTop } from "./kernels/top-k";
