import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

/** From the bottom up: a file may import from its own layer and from those before it. Files beside them stand on top. */
const LAYERS = [
  "platform.ts",
  "data",
  "engine",
  "storage",
  "ranking",
  "models",
  "evaluation",
  "load.ts",
  "index.ts",
  "cli",
];

function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(root, path));
}

/** Every module that a file names in an import or export, but for types from packages. */
function importsOf(path: string): string[] {
  const code = readFileSync(path, "utf8");
  return [...code.matchAll(/^\s*(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\s*\(\s*"([^"]+)"\s*\)/gm)].map(
    (match) => (match[1] ?? match[2])!,
  );
}

const layerOf = (path: string): number => LAYERS.indexOf(relative("src", path).split(/[\\/]/)[0]!);

test("imports in src/ only point down", () => {
  const files = sourceFiles("src");
  expect(files.length).toBeGreaterThan(20);
  const upward = files.flatMap((path) =>
    importsOf(path)
      .filter((name) => name.startsWith(".") && !name.endsWith("/package.json"))
      .map((name) => join(dirname(path), name.replace(/\.js$/, ".ts")))
      .filter((target) => layerOf(target) < 0 || layerOf(target) > layerOf(path))
      .map((target) => `${path} → ${target}`),
  );
  expect(files.filter((path) => layerOf(path) < 0)).toEqual([]);
  expect(upward).toEqual([]);
});

test("only platform.ts and cli/ touch node:*, and the core's one dependency is the loader", () => {
  const outside = sourceFiles("src")
    .filter((path) => layerOf(path) !== LAYERS.indexOf("cli"))
    .flatMap((path) =>
      importsOf(path)
        .filter((name) => !name.startsWith("."))
        .map((name) => `${relative("src", path)}: ${name}`),
    )
    .filter((line) => !line.startsWith("platform.ts: node:") && !line.endsWith(": @assemblyscript/loader"));
  expect(outside).toEqual([]);
});

test("the command line uses the public names only", () => {
  const reached = sourceFiles("src/cli")
    .flatMap((path) =>
      importsOf(path)
        .filter((name) => name.startsWith(".") && !name.endsWith("/package.json"))
        .map((name) => join(dirname(path), name)),
    )
    .filter((target) => !target.startsWith(join("src", "cli")) && target !== join("src", "index.js"));
  expect(reached).toEqual([]);
});

test("a kernel imports from linalg only, and linalg from itself", () => {
  const wrong = sourceFiles("assembly").flatMap((path) => {
    const allowed = path.includes("linalg") ? /^\.\/[\w-]+$/ : /^\.\.\/linalg\/[\w-]+$/;
    if (path === join("assembly", "index.ts") || dirname(path) === join("assembly", "families")) return [];
    return importsOf(path)
      .filter((name) => !allowed.test(name))
      .map((name) => `${path} → ${name}`);
  });
  expect(wrong).toEqual([]);
});

test("no folder or file is called utils, helpers, common or manager", () => {
  const names = ["src", "assembly", "test", "bench", "scripts"].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" }),
  );
  expect(names.filter((name) => /(^|[\\/])(utils?|helpers?|common|managers?)([\\/.]|$)/.test(name))).toEqual([]);
});
