/** Puts each peer into a folder of its own, once, so that the needs of one do not break another. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PEERS, type Peer, type PeerName } from "../peers.js";
import { errorLine } from "../program.js";
import { installJavascript } from "./javascript.js";
import { installPython } from "./python.js";

/** Everything that the command downloads and makes; never committed. */
export const WORK_FOLDER = fileURLToPath(new URL("../../../build/peers/", import.meta.url));

/** A peer that is there. */
export interface InstalledPeer {
  /** The folder that holds it and nothing else. */
  folder: string;
  /** Its packages with their versions. */
  packages: readonly string[];
  /** What runs it: "Python 3.11.7"; nothing where it is this process's Node. */
  interpreter?: string;
  /** Bytes on disk that came with it: itself and all that it needs, the interpreter left out. */
  installBytes: number;
}

/** A peer that is there, or why it is not. */
export type Installation = InstalledPeer | { missing: string };

export const isInstalled = (installation: Installation): installation is InstalledPeer => !("missing" in installation);

const RECORD = "installed.json";

/** Installs a peer unless it is there at the versions asked for. What goes wrong is told, not thrown. */
export async function install(name: PeerName, extras: readonly string[]): Promise<Installation> {
  const peer: Peer = PEERS[name];
  if (peer.brings && !extras.includes(peer.brings)) {
    return { missing: `needs ${peer.brings}, some gigabytes: ask for it with --with ${peer.brings}` };
  }
  const folder = join(WORK_FOLDER, name.replace(/[^\w.-]+/g, "-").replace(/-$/, ""));
  const known = recorded(folder);
  if (known && known.packages.join() === peer.packages.join()) return known;
  console.log(`installing ${peer.packages.join(" ")}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const put = peer.language === "python" ? installPython : installJavascript;
    const installed: InstalledPeer = { folder, packages: peer.packages, ...(await put(folder, peer.packages)) };
    writeFileSync(join(folder, RECORD), JSON.stringify(installed));
    return installed;
  } catch (error) {
    return { missing: `did not install: ${reasonOf(error)}` };
  }
}

function recorded(folder: string): InstalledPeer | undefined {
  const path = join(folder, RECORD);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as InstalledPeer) : undefined;
}

/** What a failed command said, or the message. */
export function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return errorLine(stderr ?? "") ?? message ?? String(error);
}
