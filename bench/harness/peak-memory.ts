import { existsSync, readFileSync } from "node:fs";

const STATUS = "/proc/self/status";

/**
 * Peak resident memory of this process in bytes. Linux keeps it with the process's memory, and beside it, as
 * `resourceUsage` tells, with what the parent had when it started this one: a large parent would hide a small child.
 */
export function peakMemory(): number {
  const own = existsSync(STATUS) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(STATUS, "utf8")) : null;
  return 1024 * (own ? Number(own[1]) : process.resourceUsage().maxRSS);
}
