/**
 * Which columns of a list hold identifiers, and of which kind: told by the header if there is one, else by
 * the values of the first records.
 *
 * The first record is a header if one of its cells is a known name and none looks like an identifier. A column
 * of digests only has no kind that could be seen; its digests are tried as each kind that a list may hold as
 * digests. What was found is said in notes; they name columns by number, and texts of a header only when they
 * are known names, so that no value gets into them.
 */
import { HASHABLE, KIND_CODES, type Kind, type KindCode, Messages, type Normaliser } from "../contact/index.js";
import { INPUT_LIMITS } from "../input/index.js";
import { type CsvScanner, DIGEST_DIGITS, SCAN_PROBLEM, unescapeField } from "../kernel/index.js";
import { isHex } from "./digest.js";
import { ListError } from "./error.js";
import { type ColumnUse, columnUse, HEADER_EXAMPLES } from "./header.js";
import { SAMPLE_RECORDS } from "./limits.js";

/** What the sampled values of a column are. */
export type ColumnForm = "raw" | "digest" | "mixed" | "empty";

/** A column that holds identifiers. */
export interface ListColumn {
  /** From 0. */
  readonly index: number;
  /** Its name as the header has it. */
  readonly header?: string;
  /** `unknown`: digests of a kind that could not be seen. */
  readonly kind: Kind | "unknown";
  readonly form: ColumnForm;
}

export interface ColumnPlan {
  readonly hasHeader: boolean;
  readonly columns: readonly ListColumn[];
  /** Column with the country of a row's phones; -1: none. */
  readonly country: number;
  readonly notes: readonly string[];
}

/** What one value looks like. */
type Look = "email" | "phone" | "maid" | "digest" | "other";

/** Kinds that a value can be seen to be of, the surest first. */
const VISIBLE = ["email", "maid", "phone"] as const satisfies readonly Kind[];

/** A kind is believed when at least half of a column's values are of it, or digests. */
const BELIEVED_SHARE = 0.5;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PHONE_CHARACTERS = /^\+?[\d\s\-.()/]+$/;
const MIN_PHONE_DIGITS = 7;
const MAX_PHONE_DIGITS = 15;

/**
 * Plans the columns of a list by the records that `scanner` found in `block`.
 *
 * @throws {ListError} codes `no-identifier-column`, `too-many-columns`
 */
export function planColumns(
  block: Uint8Array,
  scanner: CsvScanner,
  normaliser: Normaliser,
  region?: string,
): ColumnPlan {
  if (scanner.recordProblem[0] === SCAN_PROBLEM.tooManyColumns && scanner.records > 0) {
    throw new ListError(
      "too-many-columns",
      `the first row has more than ${INPUT_LIMITS.columns} columns`,
      "leave out the columns that hold no identifier",
    );
  }
  const sample = new Sample(block, scanner, normaliser, region);
  if (sample.rows.length === 0 && scanner.records === 0)
    return { hasHeader: false, columns: [], country: -1, notes: [] };
  const isReadable = scanner.recordProblem[0] === SCAN_PROBLEM.none;
  const header = isReadable ? headerUses(sample) : undefined;
  const plan = header === undefined ? planByValues(sample) : planByHeader(sample, header);
  sample.wipe();
  return plan;
}

/** The uses of the first record's cells, if it is a header. */
function headerUses(sample: Sample): (ColumnUse | undefined)[] | undefined {
  const first = sample.rows[0]!;
  const uses = first.map((cell) => columnUse(cell));
  // Names of other columns alone may be values: "St" is a name, too.
  const isNamed = uses.some((use) => use !== undefined && use !== "unused" && use !== "country");
  const isHeader = isNamed && !first.some((cell) => sample.isLikeIdentifier(cell));
  return isHeader ? uses : undefined;
}

function planByHeader(sample: Sample, uses: readonly (ColumnUse | undefined)[]): ColumnPlan {
  const names = sample.rows[0]!;
  const columns: ListColumn[] = [];
  const unused: string[] = [];
  const unknown: number[] = [];
  const notes: string[] = [];
  let country = -1;
  for (const [index, use] of uses.entries()) {
    const header = names[index]!;
    if (use === undefined) unknown.push(index + 1);
    else if (use === "unused") unused.push(header);
    else if (use === "country") {
      if (country < 0) country = index;
      else unused.push(header);
    } else columns.push({ index, header, kind: use, form: formOf(sample.looks(index, 1), use) });
  }
  if (columns.length === 0) throw noIdentifierColumn("no column of the header is known to hold identifiers");
  if (country >= 0 && !columns.some((column) => column.kind === "phone")) {
    unused.push(names[country]!);
    country = -1;
  }
  if (country >= 0) notes.push(`phones without "+" are read as of the row's ${names[country]}, an ISO 3166-1 code`);
  if (unused.length > 0) notes.push(`passed over, since matching does not use it: ${unused.join(", ")}`);
  if (unknown.length > 0) notes.push(`passed over, since the name is not known: column ${unknown.join(", ")}`);
  return { hasHeader: true, columns, country, notes };
}

function planByValues(sample: Sample): ColumnPlan {
  const columns: ListColumn[] = [];
  const passedOver: number[] = [];
  const notes: string[] = [];
  for (let index = 0; index < sample.width; index++) {
    const looks = sample.looks(index, 0);
    const kind = kindOf(looks);
    if (kind === undefined) {
      if (total(looks) > 0) passedOver.push(index + 1);
      continue;
    }
    const form = formOf(looks, kind);
    columns.push({ index, kind, form });
    notes.push(
      kind === "unknown"
        ? `no header: column ${index + 1} holds digests, tried as email, phone, maid and handle`
        : `no header: column ${index + 1} holds ${kind} by its values, ${form}`,
    );
  }
  if (columns.length === 0)
    throw noIdentifierColumn("there is no header, and no column whose values look like identifiers");
  if (passedOver.length > 0) notes.push(`passed over, since the values are not known: column ${passedOver.join(", ")}`);
  return { hasHeader: false, columns, country: -1, notes };
}

function noIdentifierColumn(message: string): ListError {
  return new ListError(
    "no-identifier-column",
    message,
    `name the columns in the first line: ${HEADER_EXAMPLES.join(", ")}, …; phones without a country code need a region too`,
  );
}

type Looks = Record<Look, number>;

const total = (looks: Looks): number => looks.email + looks.phone + looks.maid + looks.digest + looks.other;

/** The kind that most values look like, if they are enough. */
function kindOf(looks: Looks): Kind | "unknown" | undefined {
  let kind: (typeof VISIBLE)[number] = VISIBLE[0];
  for (const other of VISIBLE) if (looks[other] > looks[kind]) kind = other;
  const known = looks[kind] + looks.digest;
  if (known === 0 || known < BELIEVED_SHARE * total(looks)) return undefined;
  return looks[kind] === 0 ? "unknown" : kind;
}

function formOf(looks: Looks, kind: Kind | "unknown"): ColumnForm {
  if (total(looks) === 0) return "empty";
  const mayBeHashed = kind === "unknown" || HASHABLE.some((hashable) => hashable === kind);
  if (looks.digest === 0 || !mayBeHashed) return "raw";
  return looks.digest === total(looks) ? "digest" : "mixed";
}

/** The first records of a list as text. Made once a list, and dropped when the columns are planned. */
class Sample {
  readonly rows: readonly (readonly string[])[];
  /** Cells of the longest row. */
  readonly width: number;
  readonly #normaliser: Normaliser;
  readonly #region: string | undefined;
  readonly #scratch = new Messages();

  constructor(block: Uint8Array, scanner: CsvScanner, normaliser: Normaliser, region?: string) {
    const rows: string[][] = [];
    for (let record = 0; record < scanner.records && rows.length < SAMPLE_RECORDS; record++) {
      if (scanner.recordProblem[record] === SCAN_PROBLEM.none) rows.push(cellsOf(block, scanner, record));
    }
    this.rows = rows;
    this.width = Math.max(0, ...rows.map((row) => row.length));
    this.#normaliser = normaliser;
    this.#region = region;
  }

  /** What the values of a column look like, from row `from` on; empty cells don't count. */
  looks(column: number, from: number): Looks {
    const looks: Looks = { email: 0, phone: 0, maid: 0, digest: 0, other: 0 };
    for (let row = from; row < this.rows.length; row++) {
      const cell = this.rows[row]![column];
      if (cell !== undefined && cell !== "") looks[this.#look(cell)]++;
    }
    return looks;
  }

  /** Whether a cell of the first row is rather an identifier than a name: also a number of which we could not say more. */
  isLikeIdentifier(cell: string): boolean {
    return this.#look(cell) !== "other" || (PHONE_CHARACTERS.test(cell) && digitsOf(cell) >= MIN_PHONE_DIGITS);
  }

  #look(cell: string): Look {
    if (cell.length === DIGEST_DIGITS && isHex(ENCODER.encode(cell), 0, DIGEST_DIGITS)) return "digest";
    if (UUID.test(cell)) return "maid";
    if (cell.includes("@")) return this.#isGood(KIND_CODES.email, cell) ? "email" : "other";
    if (!PHONE_CHARACTERS.test(cell) || (this.#region === undefined && !cell.startsWith("+"))) return "other";
    const digits = digitsOf(cell);
    const isPhone = digits >= MIN_PHONE_DIGITS && digits <= MAX_PHONE_DIGITS && this.#isGood(KIND_CODES.phone, cell);
    return isPhone ? "phone" : "other";
  }

  #isGood(kind: KindCode, cell: string): boolean {
    const bytes = ENCODER.encode(cell);
    this.#scratch.clear();
    return this.#normaliser.form(kind, "plain", bytes, 0, bytes.length, this.#scratch) === 0;
  }

  /** Overwrites the values that were judged last. */
  wipe(): void {
    this.#scratch.wipe();
  }
}

function digitsOf(cell: string): number {
  return cell.replace(/\D/g, "").length;
}

function cellsOf(block: Uint8Array, scanner: CsvScanner, record: number): string[] {
  const cells: string[] = [];
  for (let field = scanner.recordFirstField[record]!; field < scanner.recordFirstField[record + 1]!; field++) {
    const copy = block.slice(scanner.fieldStart[field]!, scanner.fieldEnd[field]!);
    const length = scanner.fieldQuoted[field] === 1 ? unescapeField(copy, 0, copy.length, copy, 0) : copy.length;
    cells.push(DECODER.decode(copy.subarray(0, length)).trim());
    copy.fill(0);
  }
  return cells;
}
