import { checkDuplicates, type DuplicatePolicy } from "./duplicates.js";
import { EntryStore } from "./entry-store.js";
import { badId, type Id, IdIndexBuilder, isId } from "./id-index.js";
import { assembleParts, type InteractionParts } from "./interaction-parts.js";
import { checkKnownOptions, describeValue, reject } from "./options.js";

/** Where a field of an object is: its key, or a function that computes it. */
export type Field<Source, Value> = (string & keyof Source) | ((source: Source) => Value);

/** Options of `Interactions.fromObjects`. */
export interface ObjectsOptions<Source> {
  /** The user's id; default "userId". */
  user?: Field<Source, Id> | undefined;
  /** The item's id; default "itemId". */
  item?: Field<Source, Id> | undefined;
  /** The value, a finite number; default "value" if the first object has one, otherwise each value is 1. */
  value?: Field<Source, number> | undefined;
  /** A finite number in any unit, or a Date (milliseconds); default "timestamp" if the first object has one. */
  timestamp?: Field<Source, number | Date> | undefined;
  /** What to do with repeated (user, item) pairs; default "error". */
  duplicates?: DuplicatePolicy | undefined;
}

type Accessor = (source: unknown) => unknown;

/** A field that is read from each object, with its name for messages. */
interface Reader {
  name: string;
  read: Accessor;
}

/** Objects → the parts of an `Interactions`. Rows in messages count from 0. */
export function readObjects<Source>(source: Iterable<Source>, options: ObjectsOptions<Source>): InteractionParts {
  checkKnownOptions("fromObjects", options, ["user", "item", "value", "timestamp", "duplicates"]);
  if (typeof (source as Partial<Iterable<Source>> | null)?.[Symbol.iterator] !== "function") {
    reject("fromObjects: source", "an iterable of objects", source, "none");
  }
  const { user: userField = "userId", item: itemField = "itemId", duplicates = "error" } = options;
  checkDuplicates(duplicates);
  const users = new IdIndexBuilder();
  const items = new IdIndexBuilder();
  const user = reader("user", userField);
  const item = reader("item", itemField);
  let numbers: NumberFields | undefined;
  let store: EntryStore | undefined;
  let row = 0;
  for (const object of source) {
    if (typeof object !== "object" || object === null) reject(`row ${row}`, "an object", object, "none");
    numbers ??= new NumberFields(options as ObjectsOptions<unknown>, object);
    store ??= new EntryStore(numbers.value !== undefined, numbers.timestamp !== undefined);
    const userIndex = users.add(readId(user, object, row));
    const itemIndex = items.add(readId(item, object, row));
    store.append(userIndex, itemIndex, numbers.readValue(object, row), numbers.readTimestamp(object, row));
    row++;
  }
  const sorted = (store ?? new EntryStore(false, false)).sort(users.size);
  return assembleParts(users.finish(), items.finish(), sorted, duplicates);
}

function reader(role: string, field: unknown): Reader {
  if (typeof field === "function") return { name: role, read: field as Accessor };
  if (typeof field !== "string") reject(`fromObjects: ${role}`, "a key or a function", field, "none");
  return { name: field, read: (source) => (source as Record<string, unknown>)[field] };
}

function readId({ name, read }: Reader, object: unknown, row: number): Id {
  const id = read(object);
  if (!isId(id)) throw badId(`row ${row}, ${JSON.stringify(name)}:`, id);
  return id;
}

/** The value and the timestamp, which must be in every object or in none. */
class NumberFields {
  readonly value: Reader | undefined;
  readonly timestamp: Reader | undefined;
  readonly #absent: Reader[] = [];
  #dates: boolean | undefined;

  /** @param first decides whether the fields that no option names are there. */
  constructor(options: ObjectsOptions<unknown>, first: unknown) {
    this.value = this.#find("value", options.value, first);
    this.timestamp = this.#find("timestamp", options.timestamp, first);
  }

  #find(role: "value" | "timestamp", field: unknown, first: unknown): Reader | undefined {
    const found = reader(role, field === undefined ? role : field);
    if (field !== undefined || found.read(first) !== undefined) return found;
    this.#absent.push(found);
    return undefined;
  }

  readValue(object: unknown, row: number): number {
    for (const { name, read } of this.#absent) {
      if (read(object) === undefined) continue;
      throw new TypeError(`row ${row}, "${name}": must be in every object or in none, got it first here`);
    }
    if (this.value === undefined) return 1;
    const value = this.value.read(object);
    if (typeof value === "number" && Number.isFinite(Math.fround(value))) return value;
    const rule = Number.isFinite(value) ? "a finite 32-bit float" : "a finite number";
    return fail(row, this.value.name, rule, value);
  }

  readTimestamp(object: unknown, row: number): number {
    if (this.timestamp === undefined) return 0;
    const value = this.timestamp.read(object);
    const isDate = value instanceof Date;
    const time = isDate ? value.getTime() : value;
    if (typeof time === "number" && Number.isFinite(time) && isDate === (this.#dates ?? isDate)) {
      this.#dates = isDate; // their units differ, so all must be of one kind
      return time;
    }
    const first = this.#dates ? "a valid Date, as the first" : "a finite number, as the first";
    return fail(row, this.timestamp.name, this.#dates === undefined ? "a finite number or a valid Date" : first, value);
  }
}

function fail(row: number, name: string, rule: string, value: unknown): never {
  const message = `row ${row}, ${JSON.stringify(name)}: must be ${rule}, got ${describeValue(value)}`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}
