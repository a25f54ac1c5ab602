/** The kernels that every model is asked and grown with, and those that several trainings share. */
export { INTERFACE_VERSION } from "../interface-version";
export { countBeyond } from "../kernels/beyond";
export { explainEntries } from "../kernels/explain-entries";
export { fillNormalRows } from "../kernels/fill-normal";
export { gramRows, mergeGrams } from "../kernels/gram-rows";
export { accumulateSlice, mergeSlices } from "../kernels/row-slices";
export { scaleValues } from "../kernels/scale";
export { scoreColumns, scorePairs } from "../kernels/score";
export { similarityRows } from "../kernels/similarity";
export { solveMerged, solveRows } from "../kernels/solve-rows";
export { squaredErrorPairs } from "../kernels/squared-error";
export { packPanels, topColumns } from "../kernels/top-columns";
export { selectTop } from "../kernels/top-k";
