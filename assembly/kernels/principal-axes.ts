import { accumulateVectors, diagonalizeTridiagonal, tridiagonalize } from "../linalg/eigen";
import { multiplyAdd } from "../linalg/lanes";
import { paddedSize } from "../linalg/panel";

/**
 * The principal axes of a Gram matrix G = V diag(values) Vᵀ; begin and end are those of a job of one piece, and not looked
 * at. gramPtr f32[size × size], both triangles, size the stride rounded up to a multiple of 8 · vectorsPtr
 * f32[stride × stride], written: V, an axis a column · valuesPtr f32[stride], written: in the order of the axes ·
 * workspacePtr f64[2 stride² + 4 stride]. Returns 0, or 1 if the axes could not be found.
 */
export function principalAxes(
  _begin: u32,
  _end: u32,
  gramPtr: usize,
  stride: i32,
  vectorsPtr: usize,
  valuesPtr: usize,
  workspacePtr: usize,
): f64 {
  const width = <usize>stride;
  const gramLineBytes = (<usize>paddedSize(stride)) << 2;
  const lineBytes = width << 3;
  const a = workspacePtr;
  const axes = a + width * lineBytes;
  const diagonal = axes + width * lineBytes;
  const beside = diagonal + lineBytes;
  const factors = beside + lineBytes;
  const work = factors + lineBytes;
  for (let i: usize = 0; i < width; i++) {
    for (let j: usize = 0; j < width; j++) {
      store<f64>(a + i * lineBytes + (j << 3), load<f32>(gramPtr + i * gramLineBytes + (j << 2)));
    }
  }
  tridiagonalize(a, stride, diagonal, beside, factors, work);
  accumulateVectors(a, stride, factors, axes, work);
  transpose64(axes, width);
  if (!diagonalizeTridiagonal(diagonal, beside, stride, axes)) return 1;
  for (let f: usize = 0; f < width; f++) {
    store<f32>(valuesPtr + (f << 2), <f32>load<f64>(diagonal + (f << 3)));
    for (let i: usize = 0; i < width; i++) {
      store<f32>(vectorsPtr + ((i * width + f) << 2), <f32>load<f64>(axes + f * lineBytes + (i << 3)));
    }
  }
  return 0;
}

/** f64[width × width], in place. */
function transpose64(matrix: usize, width: usize): void {
  for (let i: usize = 1; i < width; i++) {
    for (let j: usize = 0; j < i; j++) {
      const below = matrix + ((i * width + j) << 3);
      const above = matrix + ((j * width + i) << 3);
      const held = load<f64>(below);
      store<f64>(below, load<f64>(above));
      store<f64>(above, held);
    }
  }
}

/**
 * Rows [rowBegin, rowEnd) of factors along the axes: to ← from V. fromPtr, toPtr f32[rows × stride] · vectorsPtr
 * f32[stride × stride]. Four rows by four axes at a time; each number is one chain over the factors in their order.
 * Returns 0.
 */
export function rotateRows(
  rowBegin: u32,
  rowEnd: u32,
  fromPtr: usize,
  stride: i32,
  vectorsPtr: usize,
  toPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  const last = rowEnd - 1;
  for (let row = rowBegin; row < rowEnd; row += 4) {
    const at0 = <usize>row * strideBytes;
    const at1 = <usize>min(row + 1, last) * strideBytes; // behind the end the last row comes again
    const at2 = <usize>min(row + 2, last) * strideBytes;
    const at3 = <usize>min(row + 3, last) * strideBytes;
    for (let o: usize = 0; o < strideBytes; o += 16) {
      let sum0 = f32x4.splat(0);
      let sum1 = f32x4.splat(0);
      let sum2 = f32x4.splat(0);
      let sum3 = f32x4.splat(0);
      let axes = vectorsPtr + o;
      for (let f: usize = 0; f < strideBytes; f += 4, axes += strideBytes) {
        const shares = v128.load(axes);
        sum0 = multiplyAdd(v128.load32_splat(fromPtr + at0 + f), shares, sum0);
        sum1 = multiplyAdd(v128.load32_splat(fromPtr + at1 + f), shares, sum1);
        sum2 = multiplyAdd(v128.load32_splat(fromPtr + at2 + f), shares, sum2);
        sum3 = multiplyAdd(v128.load32_splat(fromPtr + at3 + f), shares, sum3);
      }
      v128.store(toPtr + at0 + o, sum0);
      v128.store(toPtr + at1 + o, sum1);
      v128.store(toPtr + at2 + o, sum2);
      v128.store(toPtr + at3 + o, sum3);
    }
  }
  return 0;
}
