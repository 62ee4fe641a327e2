/** The audit of a platform that doesn't run Solely is held against every history that its records allow, one by one. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { audit, type Finding, type FoundCounts } from "../src/audit/index.js";
import type { AffectedCounts } from "../src/incident/index.js";
import { type AuditRecords, auditByModel, type ModelCounts } from "./audit-model.js";
import { auditRecords, writeAuditRecords } from "./audit-records.js";

/** Tight ones, in the form that both have. */
const tight = ({ people, contactPoints, byPurpose, byKind, byDay, byCountry }: AffectedCounts | ModelCounts) => ({
  ...{ people, contactPoints, byPurpose, byKind, byDay, byCountry },
});

/** Those that are bounds, and need not be reached. */
const loose = (counts: AffectedCounts | ModelCounts | FoundCounts): Record<string, number> => ({
  ...{ showings: counts.showings, campaigns: counts.campaigns, alsoMatchedRightly: counts.alsoMatchedRightly },
  ...{ permittedOtherwise: counts.permittedOtherwise, latePeople: counts.lateFacts.people },
  latePoints: counts.lateFacts.contactPoints,
  ...("lists" in counts ? { audiences: counts.audiences, lists: counts.lists, advertisers: counts.advertisers } : {}),
});

function assertHolds(
  finding: { atLeast: AffectedCounts; atMost: AffectedCounts },
  model: { atLeast: ModelCounts; atMost: ModelCounts },
) {
  assert.deepEqual(tight(finding.atLeast), tight(model.atLeast));
  assert.deepEqual(tight(finding.atMost), tight(model.atMost));
  const [least, most] = [loose(finding.atLeast), loose(finding.atMost)];
  for (const [name, value] of Object.entries(loose(model.atLeast)))
    assert.ok(least[name]! <= value, `${name}: ${least[name]} <= ${value}`);
  for (const [name, value] of Object.entries(loose(model.atMost)))
    assert.ok(most[name]! >= value, `${name}: ${most[name]} >= ${value}`);
}

/** Several platforms as one, with the claim of the first: each audit has a thread to start. */
const manyRecords = fc.array(auditRecords, { minLength: 1, maxLength: 12, size: "max" }).map((all): AuditRecords => {
  const rows = <Row extends { readonly account: string }>(of: (one: AuditRecords) => readonly Row[]): Row[] =>
    all.flatMap((one, i) => of(one).map((row) => ({ ...row, account: `${i} ${row.account}` })));
  const countries = all.flatMap((one, i) => Object.entries(one.countries).map(([name, of]) => [`${i} ${name}`, of]));
  return {
    ...all[0]!,
    ...{ contacts: rows((one) => one.contacts), events: rows((one) => one.events) },
    ...{ matches: rows((one) => one.matches), showings: rows((one) => one.showings) },
    countries: Object.fromEntries(countries),
  };
});

test("the bounds are the least and the most of all histories that the records allow", async () => {
  await fc.assert(
    fc.asyncProperty(manyRecords, fc.nat(), async (records, seed) => {
      const dir = mkdtempSync(join(tmpdir(), "audit-"));
      try {
        const { until } = writeAuditRecords(dir, records, seed);
        const untilMs = until === undefined ? undefined : Date.parse(until);
        const finding: Finding = await audit({ dir, claim: records.claim, untilMs, threads: 1 });
        const model = auditByModel(records);
        assert.equal(
          finding.tables.reduce((sum, { refused }) => sum + refused, 0),
          0,
        );
        assert.equal(finding.tangled, 0);
        assert.deepEqual(finding.unexplained, model.unexplained);
        assert.equal(finding.matchedPeople, model.matchedPeople);
        assertHolds(finding, model);
        for (const one of model.lists) {
          const found = finding.lists.find(
            ({ list, advertiser }) => list === one.list && advertiser === one.advertiser,
          );
          if (found === undefined) assert.equal(one.atMost.people, 0);
          else {
            assert.equal(found.matched, one.matched);
            assertHolds(found, one);
          }
        }
      } finally {
        rmSync(dir, { recursive: true });
      }
    }),
    // What failed is told, however long a smaller one would be looked for.
    { numRuns: 12, interruptAfterTimeLimit: 5 * 60_000 },
  );
});
