/** The reference implementation reads what is written here, and what it writes is read here. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AutoRec, type AutoRecOptions, MatrixFactorization, syntheticRatings } from "../../src/index.js";
import { encodeModel } from "../../src/storage/encode-model.js";
import { writeModelFile } from "../../src/storage/model-sink.js";
import { exampleParts, readAllOf, SMALL } from "./model-parts.js";

function python(...args: string[]) {
  return spawnSync(process.env["LOWRANK_PYTHON"] ?? "python3", args, { encoding: "utf8", timeout: 45_000 });
}

const isThere = python("-c", "import numpy, safetensors.numpy").status === 0;

const SCRIPT = `
import json, sys
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
tensors = load_file(sys.argv[1])
with safe_open(sys.argv[1], framework="numpy") as file:
    metadata = file.metadata()
save_file(tensors, sys.argv[2], metadata=metadata)
shapes = {name: [str(tensor.dtype), list(tensor.shape)] for name, tensor in tensors.items()}
text = tensors["user_ids.utf8"].tobytes()
ends = tensors["user_ids.offsets"]
users = [text[begin:end].decode() for begin, end in zip(ends[:-1], ends[1:])]
print(json.dumps({"metadata": metadata, "shapes": shapes, "users": users,
  "items": tensors["item_ids"].tolist(), "factors": tensors["user_factors"].tolist(),
  "seen": [tensors["seen." + part].tolist() for part in ("offsets", "items", "values")]}))
`;

test.skipIf(!isThere).each([false, true])(
  "safetensors for Python reads and writes it, float16: %s",
  async (float16) => {
    const folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
    try {
      const parts = exampleParts(SMALL);
      const [ours, theirs] = [join(folder, "ours.safetensors"), join(folder, "theirs.safetensors")];
      await writeModelFile(ours, encodeModel(parts, { float16 }));
      const { stdout, stderr } = python("-c", SCRIPT, ours, theirs);
      expect(stderr).toBe("");
      const told = JSON.parse(stdout);
      expect(told.metadata).toMatchObject({
        format: "lowrank",
        model: "MatrixFactorization",
        lowrank_version: "1.2.3",
      });
      const type = float16 ? "float16" : "float32";
      expect(told.shapes).toEqual({
        "user_ids.offsets": ["int64", [6]],
        "user_ids.utf8": ["uint8", [12]],
        "user_ids.is_number": ["uint8", [5]],
        item_ids: ["int64", [3]],
        "seen.offsets": ["int64", [6]],
        "seen.items": ["uint32", [12]],
        "seen.values": ["float32", [12]],
        user_counts: ["uint32", [5]],
        item_counts: ["uint32", [3]],
        user_factors: [type, [5, 3]],
        item_factors: [type, [3, 3]],
        user_bias: ["float32", [5]],
        item_bias: ["float32", [3]],
      });
      expect(told.users).toEqual(["a", "é", "🎬", "7", "-0.5"]);
      expect(told.items).toEqual(SMALL.items);
      const { stride, values } = parts.matrices.user_factors!;
      expect(told.factors).toEqual([0, 1, 2, 3, 4].map((row) => [...values.subarray(row * stride, row * stride + 3)]));
      const { offsets, columns, values: ratings } = parts.seen!;
      expect(told.seen).toEqual([[...offsets], [...columns], [...ratings]]);
      expect(await readAllOf(theirs)).toEqual(await readAllOf(ours));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

const SIZE = { numUsers: 60, numItems: 40, numRatings: 900, names: true, seed: 3 };
const QUICK: Partial<AutoRecOptions> = { hidden: 9, epochs: 3 };
const MODELS: [name: string, create: () => MatrixFactorization | AutoRec][] = [
  ["MatrixFactorization", () => new MatrixFactorization({ factors: 9, epochs: 3 })],
  ["MatrixFactorization without a range", () => new MatrixFactorization({ factors: 9, epochs: 3, clip: false })],
  ["AutoRec", () => new AutoRec(QUICK)],
  ["AutoRec, of users", () => new AutoRec({ ...QUICK, orientation: "user", clip: false })],
  ["AutoRec, sigmoid", () => new AutoRec({ ...QUICK, outputActivation: "sigmoid" })],
  ["AutoRec, tanh", () => new AutoRec({ ...QUICK, outputActivation: "tanh", orientation: "user" })],
  ["AutoRec, relu", () => new AutoRec({ ...QUICK, outputActivation: "relu", clip: false })],
];

test.skipIf(!isThere).each(MODELS)("examples/read_model.py predicts and recommends what %s does", async (_, create) => {
  const folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
  try {
    const { interactions } = syntheticRatings(SIZE);
    const model = await create().fit(interactions);
    const path = join(folder, "model.safetensors");
    await model.save(path);
    const { stdout, stderr } = python("examples/read_model.py", path, "user-5", "item-7");
    expect(stderr).toBe("");
    const [predicted, ...list] = stdout.trimEnd().split("\n");
    expect(Number(predicted!.split("\t")[0])).toBeCloseTo(model.predict("user-5", "item-7"), 5);
    const expected = model.recommend("user-5", { count: 10 });
    expect(list.map((line) => line.split("\t")[1])).toEqual(expected.map(({ itemId }) => itemId));
    for (const [at, { score }] of expected.entries()) expect(Number(list[at]!.split("\t")[0])).toBeCloseTo(score, 5);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
