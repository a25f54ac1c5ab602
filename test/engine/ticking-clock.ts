import { vi } from "vitest";

/** Lets `performance.now()` go on by so many milliseconds at every look. */
export function tickAtEveryLook(milliseconds: number): void {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += milliseconds;
    return now;
  });
}
