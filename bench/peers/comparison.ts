/** What is compared with what, and how: cases of contenders that do the same work. */
import type { InstalledPeer } from "./install/install.js";
import type { PeerName } from "./peers.js";

/** What one run of one contender came to. */
export interface Measured {
  /** The seconds that are compared, one for each repeat of the same work in the run (an epoch, say). */
  seconds: number[];
  /** Numbers worth telling: what was reached (`testRmse`, `objective`), in what (`peakMemoryMB`). */
  facts: Record<string, number>;
}

/** One way to do the work of a case, in a fresh process at each run. */
export interface Contender {
  name: string;
  peer: PeerName | "lowrank";
  /** What a reader must know to judge it fairly. */
  note?: string;
  run(): Promise<Measured>;
}

/** A peer's contender, made of the peer as it was installed. */
export interface PeerContender extends Omit<Contender, "run"> {
  peer: PeerName;
  /** Once before the first run: what else it needs. */
  prepare?(installed: InstalledPeer): Promise<void>;
  run(installed: InstalledPeer): Promise<Measured>;
}

/** Ours against theirs; the ratio is their time over our time in the same round. */
export interface Comparison {
  ours: string;
  theirs: string;
  /** The ratio that was set as a goal. */
  goal?: number;
  /** Why ours is slower, or short of the goal, where it is. */
  why?: string;
}

export interface PeerCase {
  name: string;
  /** The data, in words. */
  size: string;
  /** What a number of `seconds` is the time of: "an epoch". */
  unit: string;
  /** What all contenders have in common, in words. */
  heldEqual: string;
  ours: readonly Contender[];
  theirs: readonly PeerContender[];
  comparisons: readonly Comparison[];
  /** Why two contenders did not do the same work, if they did not: then they are not compared. */
  difference(ours: Measured, theirs: Measured): string | undefined;
}

export interface PeerContext {
  /** Toy sizes: to see that everything works, not how fast. */
  quick: boolean;
}

export interface Scenario {
  /** One line on what is measured. */
  about: string;
  /** Rounds unless `--rounds` says otherwise. */
  rounds?: number;
  cases(context: PeerContext): Iterable<PeerCase> | AsyncIterable<PeerCase>;
}

/** Ours must have reached what theirs did, by a number that is better the smaller it is. */
export function noWorse(fact: string, tolerance: number): PeerCase["difference"] {
  return (ours, theirs) => {
    const [reached, asked] = [ours.facts[fact]!, theirs.facts[fact]!];
    if (reached <= asked * (1 + tolerance)) return undefined;
    return `${fact} ${reached} against ${asked}: ours must be within ${100 * tolerance} %`;
  };
}
