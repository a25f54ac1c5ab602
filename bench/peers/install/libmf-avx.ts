/** LIBMF from the source that its package for Python carries, compiled as LIBMF's own makefile says for AVX. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PEERS } from "../peers.js";
import { command } from "./command.js";
import type { InstalledPeer } from "./install.js";
import { interpreterOf } from "./python.js";

const FLAGS = ["-O3", "-std=c++11", "-march=native", "-mavx", "-DUSEAVX", "-fopenmp", "-DUSEOMP", "-pthread", "-fPIC"];

/** @returns the shared library. @throws if it cannot be built here. */
export async function buildLibmf({ folder }: InstalledPeer): Promise<string> {
  const library = join(folder, "libmf-avx.so");
  if (existsSync(library)) return library;
  const [requirement] = PEERS["libmf (PyPI)"].packages;
  const download = ["download", "--quiet", "--no-deps", "--no-binary", ":all:"];
  await command(interpreterOf(folder), ["-m", "pip", ...download, requirement, "--dest", folder]);
  const archive = readdirSync(folder).find((name) => name.endsWith(".tar.gz"))!;
  await command("tar", ["xzf", archive], folder);
  const sources = join(folder, archive.slice(0, -".tar.gz".length), "src_cpp");
  const files = ["mf.cpp", "libmf_interface.cpp"].map((name) => join(sources, name));
  await command("g++", [...FLAGS, "-shared", "-o", library, ...files]);
  return library;
}

/** The shared library as pip built it. @throws if it is not there. */
export function libmfAsInstalled(folder: string): string {
  const lib = join(folder, "lib");
  const packages = readdirSync(lib).map((python) => join(lib, python, "site-packages"));
  const path = packages.flatMap((site) => readdirSync(site).map((name) => join(site, name)));
  const library = path.find((name) => /libmf[^/]*\.so$/.test(name));
  if (library === undefined) throw new Error(`no libmf*.so in ${packages.join(", ")}`);
  return library;
}
