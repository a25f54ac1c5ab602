import Table from "cli-table3";

export interface TableColumn {
  name: string;
  align?: "left" | "right";
}

export interface TableStyle {
  /** Lines around the cells and a bold head, for a terminal; else columns and spaces, for files and other programs. */
  boxed: boolean;
  /** Whether the head may be bold. */
  colored: boolean;
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

/** A table as text, with a line break at its end. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: TableStyle,
): string {
  const { boxed, colored } = style;
  const table = new Table({
    head: columns.map(({ name }) => (boxed && colored ? `\u001b[1m${name}\u001b[22m` : name)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    chars: boxed ? {} : NO_LINES,
    style: { head: [], border: [], compact: true, ...(boxed ? {} : { "padding-left": 0, "padding-right": 2 }) },
  });
  table.push(...rows.map((row) => [...row]));
  const text = table.toString();
  return `${boxed ? text : text.replace(/[ ]+$/gm, "")}\n`;
}
