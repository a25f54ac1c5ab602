import { dot } from "./dot";
import { mirrorGram } from "./gram";
import { multiplyAdd } from "./lanes";
import { paddedSize } from "./panel";
import { rightSideOf, totalsOf } from "./row-system";

/** A sweep that moves nothing by more than this share of the largest factor or bias ends the descent: f32 has 24 bits. */
const STILL: f32 = 1e-6;

/**
 * Solves a system, λ on its diagonal, for factors ≥ 0 and a bias of any sign: cyclic coordinate descent, each coordinate to
 * its least (Franc, Hlaváč, Navara 2005), from the factors that are there, at most `sweeps` times over all of them.
 * biasLambda: negative for no bias · factorsPtr f32[stride], none below 0, biasPtr f32[1]: read and written. The system
 * is destroyed. No sweep raises what is to be least.
 */
export function descendNonNegative(
  system: usize,
  stride: i32,
  biasLambda: f32,
  sweeps: u32,
  factorsPtr: usize,
  biasPtr: usize,
): void {
  const size = paddedSize(stride);
  const lineBytes = (<usize>size) << 2;
  const strideBytes = (<usize>stride) << 2;
  const s = rightSideOf(system, size) + lineBytes;
  const totals = totalsOf(system, size);
  const whole = load<f32>(totals) + biasLambda;
  const hasBias = biasLambda >= 0 && whole > 0;
  mirrorGram(system, size);
  // rest ← y − A p − s b: minus half the gradient, kept in step with p and b.
  const rest = rightSideOf(system, size);
  for (let o: usize = 0; o < strideBytes; o += 4) {
    const factor = load<f32>(factorsPtr + o);
    if (factor !== 0) addLine(rest, system + (o >> 2) * lineBytes, -factor, strideBytes);
  }
  if (hasBias) addLine(rest, s, -load<f32>(biasPtr), strideBytes);
  else store<f32>(biasPtr, 0);
  for (let sweep: u32 = 0; sweep < sweeps; sweep++) {
    let largest: f32 = 0;
    let moved: f32 = 0;
    for (let o: usize = 0; o < strideBytes; o += 4) {
      const line = system + (o >> 2) * lineBytes;
      const factor = load<f32>(factorsPtr + o);
      const next = max<f32>(0, factor + load<f32>(rest + o) / load<f32>(line + o));
      const step = next - factor;
      largest = max(largest, next);
      if (step === 0) continue;
      moved = max(moved, abs(step));
      store<f32>(factorsPtr + o, next);
      addLine(rest, line, -step, strideBytes);
    }
    if (hasBias) {
      const bias = (load<f32>(totals, 4) - dot(s, factorsPtr, strideBytes)) / whole;
      const step = bias - load<f32>(biasPtr);
      largest = max(largest, abs(bias));
      moved = max(moved, abs(step));
      store<f32>(biasPtr, bias);
      addLine(rest, s, -step, strideBytes);
    }
    if (!(moved > STILL * largest)) break;
  }
}

/** rest += share · line */
function addLine(rest: usize, line: usize, share: f32, strideBytes: usize): void {
  const shares = f32x4.splat(share);
  for (let o: usize = 0; o < strideBytes; o += 16) {
    v128.store(rest + o, multiplyAdd(shares, v128.load(line + o), v128.load(rest + o)));
  }
}
