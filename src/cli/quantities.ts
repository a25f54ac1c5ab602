/** Numbers as people read them. */

/** 100836 → "100,836" */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** "1 rating", "2 ratings" */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** An error in the unit of the ratings: four decimals, or four figures where it is tiny. */
export function errorSize(value: number): string {
  return value > 0 && value < 0.001 ? value.toExponential(3) : value.toFixed(4);
}

/** "13 ms", "0.53 s", "12.3 s", "3 min 05 s", "1 h 02 min" */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${(seconds * 1000).toPrecision(2)} ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** Time left, which is a guess: whole seconds. */
export function timeLeft(seconds: number): string {
  return seconds < 60 ? `${Math.ceil(seconds)} s` : duration(seconds);
}

/** "335 MB": powers of ten, as in folders and on shops' labels. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let scaled = value;
  let unit = 0;
  for (; scaled >= 999.5 && unit < units.length - 1; unit++) scaled /= 1000;
  return `${unit === 0 || scaled >= 99.5 ? Math.round(scaled) : scaled.toPrecision(2)} ${units[unit]}`;
}

/** "12.3 M ratings/s" */
export function rate(ratingsPerSecond: number): string {
  if (!Number.isFinite(ratingsPerSecond)) return "– ratings/s";
  return `${(ratingsPerSecond / 1e6).toPrecision(3)} M ratings/s`;
}
