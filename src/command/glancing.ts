/**
 * The command behind an operator's first page: how everything stands now, and what came in within a day.
 *
 * It reads the hot state alone. Contacts by purpose are counted once and kept up (`PurposeCounts`), permitted ones are the
 * size of a bitmap; what else there is, is short.
 */
import { z } from "zod";
import { CANARY_ADVERTISER } from "../canary/index.js";
import type { PurposeCount } from "../grant/index.js";
import type { Solely } from "../instance/index.js";
import { type AudienceStatus, audienceStatus } from "../size/index.js";
import { command } from "./command.js";
import { DAY_MS, type RefusalsView, type RunView, viewRefusals, viewRun } from "./run-view.js";

/** Lists and runs that are named; of more the latest. */
const MAX_NAMED = 20;

export interface GlanceView {
  readonly contacts: {
    /** Ledger position that was counted at. */
    readonly asOf: number;
    readonly all: number;
    readonly byPurpose: readonly PurposeCount[];
    /** Ordinals that may be used for ads now. */
    readonly permitted: number;
  };
  /** Lists that came within a day, the latest first; but for those that carry canaries. */
  readonly lists: readonly {
    readonly audience: string;
    readonly name: string;
    readonly advertiser: string;
    readonly at: string;
    readonly rows: number;
    readonly usable: number;
    readonly refused: number;
    readonly status: AudienceStatus;
  }[];
  readonly listsInAll: number;
  /** Runs of sources within a day, the latest first. */
  readonly runs: readonly RunView[];
  readonly runsInAll: number;
  readonly refusals: RefusalsView;
  readonly canaries: {
    readonly count: number;
    readonly lastCheckAt: string | null;
    /** Lists of the last check that did not come through. */
    readonly failed: number;
    /** Position of the leaf that halted matching. */
    readonly halt: number | null;
    readonly everyHours: number;
  };
  readonly openAlarms: number;
  readonly waiting: number;
  readonly ledger: {
    readonly position: number;
    /** Base64. */
    readonly root: string;
    readonly signedAt: string;
    readonly witness: { readonly name: string; readonly position: number; readonly at: string } | null;
    readonly kept: { readonly isCurrent: boolean; readonly told: string };
  };
}

/** Today at a glance; changes nothing. */
export const glance = command(z.strictObject({}), async (solely, _, { onProgress }): Promise<GlanceView> => {
  const { contacts, purposeCounts, log, canaries, alarms, decisions, config } = solely;
  const counted = await purposeCounts.count(log.writer, (done, total) => onProgress?.("contacts", done, done / total));
  const nowMs = Date.now();
  const lists = listsOf(solely, nowMs);
  const runs = solely.grants.feeds.recent.lastDay(nowMs).toSorted((a, b) => b.toMs - a.toMs);
  return {
    contacts: {
      asOf: counted.asOf,
      all: counted.contacts,
      byPurpose: counted.purposes,
      permitted: contacts.permitted.size,
    },
    lists: lists.slice(0, MAX_NAMED),
    listsInAll: lists.length,
    runs: runs.slice(0, MAX_NAMED).map(viewRun),
    runsInAll: runs.length,
    refusals: viewRefusals(solely, nowMs),
    canaries: {
      count: canaries.list().length,
      lastCheckAt: canaries.lastCheckMs === 0 ? null : instant(canaries.lastCheckMs),
      failed: canaries.failed.length,
      halt: canaries.halt ?? null,
      everyHours: config.canaryHours,
    },
    openAlarms: alarms.open().length,
    waiting: decisions.operators.proposals().length,
    ledger: await ledgerOf(solely),
  };
});

function listsOf(solely: Solely, nowMs: number): GlanceView["lists"] {
  return solely.audiences
    .list()
    .filter(({ advertiser, receivedAtMs, expression }) => {
      const isSent = expression === undefined && advertiser !== CANARY_ADVERTISER;
      return isSent && receivedAtMs > nowMs - DAY_MS;
    })
    .sort((a, b) => b.receivedAtMs - a.receivedAtMs)
    .map((audience) => {
      const { id, name, advertiser, receivedAtMs, rows, usable, refused } = audience;
      const at = instant(receivedAtMs);
      return { audience: id, name, advertiser, at, rows, usable, refused, status: audienceStatus(solely, audience) };
    });
}

async function ledgerOf({ checkpoints, kept }: Solely): Promise<GlanceView["ledger"]> {
  await checkpoints.signNow();
  const { size, root } = checkpoints.newest.checkpoint;
  const { lastWitness: witness } = checkpoints;
  return {
    position: size,
    root: Buffer.from(root).toString("base64"),
    signedAt: instant(checkpoints.signedAtMs),
    witness: witness === undefined ? null : { name: witness.name, position: witness.size, at: instant(witness.atMs) },
    kept: { isCurrent: kept.isCurrent, told: kept.told },
  };
}

const instant = (ms: number): string => new Date(ms).toISOString();
