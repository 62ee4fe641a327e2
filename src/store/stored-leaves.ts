/**
 * Everything that is stored of the log's leaves, as of one instant: what a leaf should have, and what nobody should.
 */
import { decodeRows, type Shape } from "./copy.js";
import type { Session } from "./session.js";

/** The rows of one position and part; a leaf without any row of facts is told with part 0. */
export interface StoredRow {
  readonly position: number;
  readonly part: number;
  readonly leaf: Uint8Array | undefined;
  readonly fact: { readonly kind: number; readonly timeMs: number; readonly body: Uint8Array } | undefined;
  readonly keys: Uint8Array | undefined;
  /** Hashes of erased facts: u32 the fact's number, big-endian, and 32 bytes each, by number. */
  readonly erased: Uint8Array;
}

/** Ends that are left out are open. */
export interface PositionRange {
  readonly from?: number | undefined;
  /** The first position behind it. */
  readonly to?: number | undefined;
}

const ROW: Shape = { widths: [8, 4, 4, 2, 8], bodies: 4 };
const HAS = { leaf: 1, fact: 2, keys: 4 } as const;

/** Rows whose position is in the range, in order. */
export async function* readStoredRows(session: Session, { from, to }: PositionRange): AsyncGenerator<StoredRow> {
  const where = `WHERE position >= ${bound(from ?? -(2 ** 53))} AND position < ${bound(to ?? 2 ** 53)}`;
  const query = `SELECT position, coalesce(part, 0), (leaf.body IS NOT NULL)::int * ${HAS.leaf}
      + (rows.body IS NOT NULL)::int * ${HAS.fact} + (keys IS NOT NULL)::int * ${HAS.keys},
      coalesce(kind, 0::smallint), coalesce(time, 0), coalesce(leaf.body, ''), coalesce(rows.body, ''),
      coalesce(keys, ''), coalesce(erased, '')
    FROM (SELECT * FROM solely.leaf ${where}) AS leaf FULL JOIN (
      SELECT * FROM (SELECT * FROM solely.fact ${where}) AS fact
      FULL JOIN (SELECT position, part, body AS keys FROM solely.fact_key ${where}) AS fact_key USING (position, part)
      FULL JOIN (SELECT position, 0 AS part, string_agg(int4send(fact) || hash, ''::bytea ORDER BY fact) AS erased
        FROM solely.erased_fact ${where} GROUP BY position) AS erased_fact USING (position, part)
    ) AS rows USING (position) ORDER BY position, 2`;
  const rows = decodeRows(ROW, session.copyOut(`COPY (${query}) TO STDOUT (FORMAT binary)`));
  for await (const { numbers, bodies } of rows) {
    const [position, part, has, kind, timeMs] = numbers as [number, number, number, number, number];
    const [leaf, body, keys, erased] = bodies as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    yield {
      ...{ position, part, erased },
      leaf: (has & HAS.leaf) === 0 ? undefined : leaf,
      fact: (has & HAS.fact) === 0 ? undefined : { kind, timeMs, body },
      keys: (has & HAS.keys) === 0 ? undefined : keys,
    };
  }
}

/** COPY takes no parameters: only whole numbers go into its text. */
const bound = (value: number): string => BigInt(value).toString();
