/**
 * The form of a finding in JSON: what `--report FILE.json` writes, for programs that read it.
 */
import { z } from "zod";
import { claimSchema } from "../incident/index.js";
import { affectedForm, noticeForm } from "../report/index.js";
import { AUDIT_FORMAT, AUDIT_TABLES, type Finding } from "./finding.js";

const count = z.int().min(0);
const counts = z.record(z.string(), count);
const instant = z.iso.datetime();
const affected = { ...affectedForm, byDay: counts, byCountry: counts };
const found = z.strictObject({ ...affected, audiences: count, lists: count, advertisers: count });

export const findingSchema = z.strictObject({
  format: z.literal(AUDIT_FORMAT),
  madeAt: instant,
  until: instant,
  claim: claimSchema.nullable(),
  atLeast: found,
  atMost: found,
  certain: z.strictObject({ byIdentifier: count, byEveryContact: count }),
  open: z.strictObject({ identifierMissing: count, valueMissing: count, endMissing: count }),
  unexplained: z.strictObject({ people: count, matches: count }),
  tangled: count,
  matchedPeople: count,
  tables: z.array(
    z.strictObject({ table: z.enum(AUDIT_TABLES), sources: count, rows: count, refused: count, reasons: counts }),
  ),
  notices: z.array(
    z.strictObject({ ...noticeForm, from: instant, isForAds: z.boolean(), isUnmentioned: z.boolean(), rows: count }),
  ),
  lists: z.array(
    z.strictObject({
      list: z.string(),
      advertiser: z.string(),
      matched: count,
      atLeast: z.strictObject(affected),
      atMost: z.strictObject(affected),
    }),
  ),
  assumptions: z.array(z.string()),
}) satisfies z.ZodType<Finding>;
