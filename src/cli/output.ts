import { renderTable, type TableColumn } from "./table.js";

export interface OutputOptions {
  /** One JSON document on stdout and nothing else there. */
  json?: boolean | undefined;
  /** No notes and no progress. */
  quiet?: boolean | undefined;
}

/** Where a command's words go: results to stdout, notes and progress to stderr. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;

  constructor({ json = false, quiet = false }: OutputOptions) {
    this.json = json;
    this.quiet = quiet;
  }

  /** Whether progress may be drawn over itself. */
  get drawsProgress(): boolean {
    return !this.quiet && process.stderr.isTTY === true && process.env.TERM !== "dumb";
  }

  /** The width of the terminal that results go to. */
  get columns(): number {
    return process.stdout.columns ?? Number.POSITIVE_INFINITY;
  }

  /** Whether results go to a terminal. */
  get isTerminal(): boolean {
    return process.stdout.isTTY === true && process.env.TERM !== "dumb";
  }

  /** A line of the result. */
  print(line = ""): void {
    process.stdout.write(`${line}\n`);
  }

  table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void {
    const colored = !process.env.NO_COLOR;
    process.stdout.write(renderTable(columns, rows, { boxed: this.isTerminal, colored }));
  }

  document(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** A line beside the result. */
  note(line: string): void {
    if (!this.quiet) process.stderr.write(`${line}\n`);
  }
}

/** What every command gets. */
export interface Context {
  output: Output;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** The flags that were given. */
  given: readonly GivenFlag[];
}

/** A flag that stood on the command line. */
export interface GivenFlag {
  /** Such as "--factors". */
  flag: string;
  /** The heading that help puts it under, such as "Model:". */
  group: string;
}
