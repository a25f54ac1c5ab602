/**
 * What one core can do at most: chains of c ← c·x + y in four f32 lanes, as many side by side as hide the latency, in
 * the build of each kernel variant: a multiplication and an addition (strict), or one instruction (relaxed).
 */
import asc from "assemblyscript/asc";
import type { Variant } from "../../src/engine/kernels.js";

/** Fewer leave units idle, more go to memory: which is best depends on the engine and the processor. */
const CHAINS = [8, 10, 12, 14];
/** A multiplication and an addition in each lane. */
const FLOPS_PER_STEP = 8;
const CALLS = 3;
const WARM_UP_MS = 60;
const WARM_UP_STEPS = 50_000;
/** Fewer do not bring the chains to their end: a machine that was busy at the first look would ask for them. */
const LEAST_STEPS = 2000;
/** Chains end at y / (1 − x), far from where numbers become denormal. */
const X = 0.99;
const Y = 0.01;

type Loop = (steps: number, x: number, y: number) => number;

/** One core's peak in GFLOP/s, the best of some calls. */
export type PeakMeter = () => number;

/** x and y are parameters: constants are loaded anew in every turn of a loop. Chains that begin alike could be merged. */
function sourceOf(chains: number): string {
  const each = (write: (chain: number) => string) => Array.from({ length: chains }, (_, chain) => write(chain));
  return `export function chains${chains}(steps: i32, xs: f32, ys: f32): f32 {
  const x = f32x4.splat(xs);
  const y = f32x4.splat(ys);
  ${each((chain) => `let c${chain} = f32x4.splat(${chain});`).join(" ")}
  for (let step = 0; step < steps; step++) {
    ${each((chain) => `c${chain} = multiplyAdd(c${chain}, x, y);`).join(" ")}
  }
  return ${each((chain) => `f32x4.extract_lane(c${chain}, 0)`).join(" + ")};
}`;
}

const SOURCE = `// @ts-ignore: decorator
@inline function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
${CHAINS.map(sourceOf).join("\n")}
`;

async function compile(variant: Variant): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const features = variant === "relaxed" ? "simd,relaxed-simd" : "simd";
  const { error, stderr } = await asc.main(
    [
      ...["peak.ts", "-o", "peak.wasm", "--runtime", "stub", "--enable", features],
      ...["--noAssert", "--uncheckedBehavior", "always", "-O3", "--converge"],
    ],
    {
      readFile: (name) => (name === "peak.ts" ? SOURCE : null),
      writeFile: (name, contents) => {
        if (name === "peak.wasm" && typeof contents !== "string") binary = Uint8Array.from(contents);
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`the peak's loops do not compile: ${error?.message}\n${stderr}`);
  return binary;
}

/** A meter for one variant, warmed up, with calls of so many ms; undefined where the engine does not run it. */
export async function openPeak(variant: Variant, callMs = 10): Promise<PeakMeter | undefined> {
  const binary = await compile(variant);
  if (!WebAssembly.validate(binary)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary));
  const loops = CHAINS.map((chains) => ({ chains, loop: exports[`chains${chains}`] as Loop }));
  for (const { loop } of loops) {
    for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) loop(WARM_UP_STEPS, X, Y);
    await new Promise((resolve) => setTimeout(resolve)); // the optimised code arrives between tasks
  }
  return () => Math.max(...loops.map(({ chains, loop }) => measure(chains, loop, callMs)));
}

function measure(chains: number, loop: Loop, callMs: number): number {
  const gflopsOf = (steps: number) => {
    const begin = performance.now();
    const sum = loop(steps, X, Y);
    const ms = performance.now() - begin;
    if (!(Math.abs(sum - chains) < 0.01 * chains)) throw new Error(`the peak's sum must be ${chains}, got ${sum}`);
    return (steps * chains * FLOPS_PER_STEP) / ms / 1e6;
  };
  const wanted = Math.ceil((gflopsOf(WARM_UP_STEPS) * callMs * 1e6) / (chains * FLOPS_PER_STEP));
  const steps = Math.max(wanted, LEAST_STEPS);
  let best = 0;
  for (let call = 0; call < CALLS; call++) best = Math.max(best, gflopsOf(steps));
  return best;
}
