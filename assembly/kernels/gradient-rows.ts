import { dot } from "../linalg/dot";
import { multiplyAdd } from "../linalg/lanes";
import { paddedSize } from "../linalg/panel";
import { gramOf, lambdaOf, pullOf, weightOf } from "../linalg/row-parameters";
import { factorsOf } from "../linalg/side";

/**
 * Half the gradient of what solveRows brings to its least, for rows [rowBegin, rowEnd) of a chunk of confidences as they
 * are: (G + λ_row I) p + Σ (w (p·q) − y) q. Arguments as in lossRows · gradientPtr f32[rows × stride], written. Returns 0.
 */
export function gradientRows(
  rowBegin: u32,
  rowEnd: u32,
  offsetsPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  rowSidePtr: usize,
  columnSidePtr: usize,
  stride: i32,
  parametersPtr: usize,
  gradientPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  const gramLineBytes = (<usize>paddedSize(stride)) << 2;
  const gram = gramOf(parametersPtr);
  const fixed = factorsOf(columnSidePtr);
  for (let row = rowBegin; row < rowEnd; row++) {
    const begin = load<u32>(offsetsPtr + ((<usize>row) << 2));
    const end = load<u32>(offsetsPtr + ((<usize>row) << 2), 4);
    const p = factorsOf(rowSidePtr) + <usize>row * strideBytes;
    const gradient = gradientPtr + <usize>row * strideBytes;
    const lambda = lambdaOf(parametersPtr, row, end - begin);
    for (let o: usize = 0; o < strideBytes; o += 4) {
      store<f32>(gradient + o, dot(gram + (o >> 2) * gramLineBytes, p, strideBytes) + lambda * load<f32>(p + o));
    }
    for (let t = begin; t < end; t++) {
      const q = fixed + <usize>load<u32>(columnsPtr + ((<usize>t) << 2)) * strideBytes;
      const value = load<f32>(valuesPtr + ((<usize>t) << 2));
      const share = f32x4.splat(weightOf(value) * dot(p, q, strideBytes) - pullOf(parametersPtr, value));
      for (let o: usize = 0; o < strideBytes; o += 16) {
        v128.store(gradient + o, multiplyAdd(share, v128.load(q + o), v128.load(gradient + o)));
      }
    }
  }
  return 0;
}
