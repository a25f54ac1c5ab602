/** Lists of answers as text: CSV, NDJSON or tables; and as parts of a JSON document. */
import type { Id } from "../index.js";
import type { AnswerList } from "./answer-lists.js";
import type { Side } from "./known-ids.js";
import { renderTable, type TableStyle } from "./table.js";
import type { Titles } from "./titles.js";

export const LIST_FORMATS = ["table", "csv", "ndjson"] as const;

export type ListFormatName = (typeof LIST_FORMATS)[number];

/** What lists are of, and what they are called. */
export interface ListWords {
  /** Whom or what they are for. */
  query: Side;
  /** What stands in them. */
  entry: Side;
  /** The key of a list in JSON. */
  list: "recommendations" | "similar";
  /** The second column in CSV. */
  entryColumn: string;
  /** Above a table. */
  heading(query: string): string;
}

/** Lists → text. */
export interface ListFormat {
  /** Before the first list. */
  head: string;
  text(list: AnswerList): string;
}

/** `user,item,rank,score` and a row an entry; `title` behind them where there are titles. */
export function csvFormat({ query, entryColumn }: ListWords, titles: Titles | undefined): ListFormat {
  const columns = [query, entryColumn, "rank", "score", ...(titles ? ["title"] : [])];
  return {
    head: `${columns.join(",")}\n`,
    text: ({ id, entries }) => {
      const first = csvField(id);
      let text = "";
      for (const [index, { id: entryId, score }] of entries.entries()) {
        const title = titles ? `,${csvField(titles.get(String(entryId)) ?? "")}` : "";
        text += `${first},${csvField(entryId)},${index + 1},${score}${title}\n`;
      }
      return text;
    },
  };
}

/** A field as RFC 4180 has it; spaces at its ends are kept by quotes, too, as some readers strip them. */
function csvField(value: Id): string {
  if (typeof value === "number") return String(value);
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A JSON object a line: `{"userId":…,"recommendations":[{"itemId":…,"score":…}]}`. */
export function ndjsonFormat(words: ListWords, titles: Titles | undefined): ListFormat {
  return { head: "", text: (list) => `${JSON.stringify(listObject(list, words, titles))}\n` };
}

function listObject({ id, entries }: AnswerList, words: ListWords, titles: Titles | undefined): object {
  const objects = entries.map(({ id: entryId, score }) => {
    return { [`${words.entry}Id`]: entryId, score, ...titleOf(entryId, titles) };
  });
  return { [`${words.query}Id`]: id, [words.list]: objects };
}

/** A list as a part of the document that --json prints. */
export function listDocument({ id, entries }: AnswerList, words: ListWords, titles: Titles | undefined): object {
  const ranked = entries.map(({ id: entryId, score }, index) => {
    return { rank: index + 1, [`${words.entry}Id`]: entryId, ...titleOf(entryId, titles), score };
  });
  return { [`${words.query}Id`]: id, [words.list]: ranked };
}

function titleOf(id: Id, titles: Titles | undefined): { title?: string } {
  const title = titles?.get(String(id));
  return title === undefined ? {} : { title };
}

/** Cells of the table that are not a title: rank, id, score, lines and spaces. */
const COLUMNS_BESIDE_TITLE = 34;
const SHORTEST_TITLE = 20;

/** A table a list, for people. @param columns of the terminal */
export function tableFormat(
  words: ListWords,
  titles: Titles | undefined,
  { columns, style }: { columns: number; style: TableStyle },
): ListFormat {
  const room = Math.max(SHORTEST_TITLE, columns - COLUMNS_BESIDE_TITLE);
  const titled = (id: Id): string => (titles && words.query === "item" ? (titles.get(String(id)) ?? "") : "");
  const head = [
    { name: "rank", align: "right" as const },
    { name: words.entry, align: "right" as const },
    ...(titles ? [{ name: "title" }] : []),
    { name: "score", align: "right" as const },
  ];
  return {
    head: "",
    text: ({ id, entries }) => {
      const title = titled(id);
      const rows = entries.map(({ id: entryId, score }, index) => [
        String(index + 1),
        String(entryId),
        ...(titles ? [shortened(titles.get(String(entryId)) ?? "", room)] : []),
        score.toFixed(3),
      ]);
      const heading = words.heading(`${id}${title && `, ${title}`}`);
      return `${heading}\n${renderTable(head, rows, style)}`;
    },
  };
}

function shortened(text: string, length: number): string {
  const letters = [...text];
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join("")}…`;
}
