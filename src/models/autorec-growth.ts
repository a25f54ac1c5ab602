/** AutoRec's partial fit: touched rows are encoded anew, touched inputs' output weights solved for exactly. */
import { AUTOREC_KERNELS } from "../engine/autorec-kernels.js";
import { IDENTITY } from "../ranking/link.js";
import type { AutoRecOptions } from "./autorec-options.js";
import { type AutoRecParts, type FittedAutoRec, sidesOf } from "./autorec-state.js";
import type { Growth } from "./partial-fit.js";
import { solveTouched } from "./touched-rows.js";

/**
 * The rest of the next state. The encoder stays as it is, with new inputs that it does not listen to: only a fit teaches it
 * their weights.
 * @throws as `solveTouched`
 */
export async function growAutoRec(
  growth: Growth<FittedAutoRec>,
  orientation: AutoRecOptions["orientation"],
): Promise<AutoRecParts> {
  const { context, state, scores, grown, slice } = growth;
  const { rows, inputs } = sidesOf(orientation);
  await context.engine.prepare(context.variant, AUTOREC_KERNELS);
  const byInput = inputs === "users" ? grown.matrix : grown.matrix.transpose();
  const touched = rows === "users" ? grown.touchedUsers : grown.touchedItems;
  const centering = await state.centering.grown(byInput, slice);
  const rowBias = await centering.rowBiases(byInput, slice);
  const encoder = state.encoder.grown(scores, byInput.numRows);
  await encoder.encodeRows(context, byInput, touched, { centering, rowBias }, scores.table(rows), slice);
  if (scores.link === IDENTITY) {
    const biases = rows === "users" ? scores.userBias : scores.itemBias;
    for (const row of touched) biases[row] = rowBias[row]!;
  }
  await solveTouched(growth, state.equations, [inputs]);
  return { encoder, centering, equations: state.equations };
}
