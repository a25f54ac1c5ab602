/** The prototype's epochs of implicit alternating least squares, with Gram matrices by its own kernel. */
import { type AlsData, type AlsRows, sampleRows } from "./als-data.js";
import { type AlsEpoch, type AlsSolver, CONJUGATE_GRADIENT_STEPS, pullOf } from "./als-epochs.js";
import { ALL, type AlsModel, checkObjective, checkSolvedItems, DAMPING, startModel } from "./als-objective.js";
import { Prototype, type PrototypeKernels } from "./prototype.js";
import { checksum } from "./statistics.js";

/** Rows that the exact kernel gathers at a time. */
const PANEL_ROWS = 128;

type Placed<Numbers> = { ptr: number; view: Numbers };

interface PlacedRows {
  numRows: number;
  offsetsPtr: number;
  columnsPtr: number;
}

/** One call of the prototype's kernel over all rows; its confidences weigh 1. */
type HalfStep = (rows: PlacedRows, fixedPtr: number, solvedPtr: number) => void;

/** Epochs of both solvers, or none where there are no prototypes. */
export async function prototypeEpochs(data: AlsData, factors: number): Promise<Partial<Record<AlsSolver, AlsEpoch>>> {
  const { users, items, interactions } = data;
  const { numUsers, numItems, size } = interactions;
  const panelFloats = factors * Math.max(PANEL_ROWS, users.longest, items.longest);
  const tables = 5 * size + 2 * (numUsers + numItems) + 2 * factors * factors + panelFloats + 3 * factors;
  const opened = await Prototype.open(4 * (tables + 2 * (numUsers + numItems) * factors) + 8192);
  if (!opened) return {};
  const place = ({ matrix }: AlsRows): PlacedRows => {
    const [offsets, columns] = [opened.put(matrix.offsets), opened.put(matrix.columns)];
    return { numRows: matrix.numRows, offsetsPtr: offsets.ptr, columnsPtr: columns.ptr };
  };
  const [byUser, byItem] = [place(users), place(items)];
  const gram = opened.put(new Float32Array(factors * factors));
  const work = opened.put(new Float32Array(factors * factors + panelFloats + 3 * factors));
  const confidences = opened.put(new Float32Array(size).fill(1));
  const { kernels } = opened;
  const { exact, conjugateGradient } = halfSteps(kernels, factors, gram.ptr, work.ptr, confidences.ptr);
  const epoch = (solver: AlsSolver, halfStep: HalfStep): AlsEpoch => {
    const start = startModel(data, factors);
    const [x, y] = [opened.put(start.users.factors), opened.put(start.items.factors)];
    return {
      prepare() {
        x.view.set(start.users.factors);
        y.view.set(start.items.factors);
      },
      run() {
        takeGram(kernels, y, numItems, factors, gram);
        halfStep(byUser, y.ptr, x.ptr);
        takeGram(kernels, x, numUsers, factors, gram);
        halfStep(byItem, x.ptr, y.ptr);
      },
      check: () => check(data, { ...start, ...sidesOf(start, x.view, y.view) }, solver),
    };
  };
  return {
    cholesky: epoch("cholesky", exact),
    conjugateGradient: epoch("conjugateGradient", conjugateGradient),
  };
}

function halfSteps(
  kernels: PrototypeKernels,
  factors: number,
  gramPtr: number,
  workPtr: number,
  confidencesPtr: number,
): { exact: HalfStep; conjugateGradient: HalfStep } {
  return {
    exact({ numRows, offsetsPtr, columnsPtr }, fixedPtr, solvedPtr) {
      const tables = [offsetsPtr, columnsPtr, solvedPtr, fixedPtr, gramPtr] as const;
      const status = kernels.alsExact!(0, numRows, ...tables, factors, workPtr);
      if (status !== 0) throw new Error(`prototype: row ${status - 1} is singular`);
    },
    conjugateGradient({ numRows, offsetsPtr, columnsPtr }, fixedPtr, solvedPtr) {
      const tables = [offsetsPtr, columnsPtr, confidencesPtr, solvedPtr, fixedPtr, gramPtr] as const;
      kernels.alsCg!(0, numRows, ...tables, factors, CONJUGATE_GRADIENT_STEPS, workPtr);
    },
  };
}

function sidesOf(start: AlsModel, users: Float32Array, items: Float32Array): Pick<AlsModel, "users" | "items"> {
  return { users: { ...start.users, factors: users }, items: { ...start.items, factors: items } };
}

function check(data: AlsData, model: AlsModel, solver: AlsSolver): string {
  const name = `prototype ${solver}`;
  checkObjective(data, model, pullOf("implicit", solver), name, `implicit ${solver}`);
  if (solver === "cholesky") checkSolvedItems(data, model, "implicit", sampleRows(data.items.matrix, 1), name);
  return checksum(model.users.factors, model.items.factors);
}

/** gram ← ALL · QᵀQ + δ I, whole: the prototype takes λ with it. */
function takeGram(
  kernels: PrototypeKernels,
  side: Placed<Float32Array>,
  rows: number,
  factors: number,
  { ptr, view }: Placed<Float32Array>,
): void {
  view.fill(0);
  kernels.syrk!(side.ptr, rows, factors, ptr);
  for (let i = 0; i < factors; i++) {
    for (let j = i; j < factors; j++) {
      const entry = ALL * view[i * factors + j]! + (i === j ? DAMPING : 0);
      view[i * factors + j] = entry;
      view[j * factors + i] = entry;
    }
  }
}
