/**
 * Compares what another system matched with the audiences of the same lists here: who is matched on one side alone, by
 * which rule, and by which grant.
 *
 * Lists are paired by advertiser, and by audience id, list id or name, whichever is equal; those that find no pair are told.
 * "Here" is who is in the audience and permitted now; whether its size is released is another question. Canaries are on
 * neither side.
 */
import { type InputFormat, inLineOrder, type RejectOptions, Rejects, tableBatches } from "../input/index.js";
import { NamedRows, requireCsv, writeNamed } from "./named-rows.js";
import { type ReckoningRooms, reckon } from "./reckoning.js";
import { shadowRefusals } from "./refusal.js";
import { type Comparison, SHADOW_FORMAT } from "./result.js";
import { ThereRows } from "./rows.js";
import { There } from "./there.js";

export interface ShadowRooms extends ReckoningRooms {
  readonly identityKey: Uint8Array;
}

export interface CompareOptions extends RejectOptions {
  readonly actor: string;
  readonly format?: InputFormat | undefined;
  /** Home of phones that have no country code. */
  readonly region?: string | undefined;
  /** Absolute path of a `.csv` for who is on one side alone. */
  readonly people?: string | undefined;
  /** @param share how much of it is done, 0 to 1; 0 while it is not known */
  readonly onProgress?: ((what: "rows" | "lists", done: number, share: number) => void) | undefined;
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/** Bytes that are read before others get their turn. */
const BATCH_BYTES = 1024 * 1024;

/**
 * @param input a file, or a stream of CSV or NDJSON
 * @example await compare(solely, "matched.csv", { actor: "job" })
 * @throws {InputError} while it is read
 * @throws {ShadowError | ServeError} code `unwritable-file`; and what the gate throws while nothing may be used
 */
export async function compare(
  rooms: ShadowRooms,
  input: string | AsyncIterable<Uint8Array>,
  { actor, people: out, onProgress, ...options }: CompareOptions,
): Promise<Comparison> {
  // What would be refused at the end is refused before a long file is read.
  if (out !== undefined) requireCsv(out);
  rooms.gate.permit("ads.match");
  const there = new There(rooms.contacts);
  const read = await readThere(rooms, input, there, { ...options, onProgress });
  const named = out === undefined ? undefined : new NamedRows();
  const reckoned = await rooms.log.writer.exclusiveSettled(() =>
    reckon(rooms, there, { named, onProgress: (done, total) => onProgress?.("lists", done, done / total) }),
  );
  if (out !== undefined && named !== undefined) {
    await writeNamed(rooms, named, { out, there, actor, asKnownAt: reckoned.position });
  }
  return { format: SHADOW_FORMAT, madeAt: new Date().toISOString(), ...read, ...reckoned };
}

async function readThere(
  { log, contacts, identityKey }: ShadowRooms,
  input: string | AsyncIterable<Uint8Array>,
  there: There,
  { format, region, onProgress, onWarning, ...rejecting }: Omit<CompareOptions, "actor" | "people">,
): Promise<Pick<Comparison, "rows" | "refused" | "rejectFile" | "refusedRows">> {
  const rejects = new Rejects(shadowRefusals, rejecting);
  let [rows, refused, share] = [0, 0, 0];
  try {
    const reading = { format, onWarning, batchBytes: BATCH_BYTES, onShare: (read: number) => void (share = read) };
    for await (const batch of tableBatches(input, new ThereRows(identityKey, region), reading)) {
      // Alone, so that no account is taken for known that is planned and never comes to be.
      const late = await log.writer.exclusiveSettled(() => there.take(contacts, batch));
      rows += batch.totalRows;
      refused += batch.refusals.count + late.count;
      await rejects.add(inLineOrder(batch.refusals, late));
      onProgress?.("rows", rows, share);
    }
  } finally {
    await rejects.close();
  }
  return { rows, refused, rejectFile: rejects.file, refusedRows: rejects.kept };
}
