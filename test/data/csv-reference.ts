/** A plain reader of CSV text, to compare with: one character at a time, a string and an object for everything. */
export interface ReferenceRow {
  userId: string;
  itemId: string;
  value: number;
  timestamp: number;
}

/** Rows of fields; blank lines left out. */
export function splitReference(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let fields: string[] = [];
  let field = "";
  const endRow = () => {
    fields.push(field);
    if (fields.length > 1 || field !== "") rows.push(fields);
    fields = [];
    field = "";
  };
  let at = 0;
  while (at < text.length) {
    if (field === "" && text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === '"') at++;
        field += text[at];
      }
      at++;
      continue;
    }
    if (text.startsWith(separator, at)) {
      fields.push(field);
      field = "";
      at += separator.length;
    } else if (text[at] === "\n" || text[at] === "\r") {
      endRow();
      at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    } else field += text[at++];
  }
  if (field !== "" || fields.length > 0) endRow();
  return rows;
}

/** The rows of a file whose first row names userId, itemId, rating and timestamp. */
export function readReference(text: string, separator: string): ReferenceRow[] {
  const [header, ...rows] = splitReference(text, separator);
  const column = (name: string) => header!.indexOf(name);
  return rows.map((fields) => ({
    userId: fields[column("userId")]!,
    itemId: fields[column("itemId")]!,
    value: Number(fields[column("rating")]),
    timestamp: Number(fields[column("timestamp")]),
  }));
}
