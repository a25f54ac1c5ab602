/** Numbers as people read them. */

/** 100836 → "100,836" */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** "1 rating", "2 ratings" */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
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

/** What a training minimises, six figures of it: "1,234.56" */
export function objectiveSize(value: number): string {
  if (!(value >= 1e-3 && value < 1e12)) return value.toExponential(5);
  return value.toLocaleString("en-US", { minimumSignificantDigits: 6, maximumSignificantDigits: 6 });
}

/** "12.3 M ratings/s" @param noun what is counted, such as "rating" */
export function rate(perSecond: number, noun: string): string {
  if (!Number.isFinite(perSecond)) return `– ${noun}s/s`;
  return `${(perSecond / 1e6).toPrecision(3)} M ${noun}s/s`;
}
