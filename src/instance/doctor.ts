/**
 * Doctor: holds the running state against a fresh fold of the facts, and says what an operator should know.
 */
import { stat } from "node:fs/promises";
import { type Rescan, rescanSettled } from "../incident/index.js";
import { foldFacts } from "../log/index.js";
import { standingTokens } from "../match/index.js";
import { isSecurity } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import { alarmText } from "../showing/index.js";
import { isInside } from "./config.js";
import { type Folds, makeFolds } from "./folds.js";
import type { Solely } from "./solely.js";

export interface Finding {
  readonly level: "ok" | "note" | "warning" | "error";
  readonly what: string;
}

export interface Diagnosis {
  readonly isHealthy: boolean;
  readonly position: number;
  readonly contactPoints: number;
  readonly permitted: number;
  readonly accounts: number;
  readonly tokens: number;
  readonly audiences: number;
  /** What the vault takes on disk. */
  readonly vaultBytes: number;
  readonly findings: readonly Finding[];
}

/** Looks at everything; changes nothing. */
export async function doctor(solely: Solely, onProgress?: (done: number, total: number) => void): Promise<Diagnosis> {
  const { log, store, config, contacts, audiences, matcher } = solely;
  return log.writer.exclusiveSettled(async () => {
    const fresh = makeFolds(config.root);
    await foldFacts(store, fresh.all, { from: 0, length: log.position, onProgress });
    const findings: Finding[] = [...(await comparisons(solely, fresh)), ...(await notes(solely))];
    return {
      isHealthy: findings.every(({ level }) => level !== "error"),
      position: log.position,
      contactPoints: contacts.points.numbered,
      permitted: contacts.permitted.size,
      accounts: contacts.accounts.count,
      tokens: await matcher.size(),
      audiences: audiences.list().length,
      vaultBytes: await store.sealedBytes(),
      findings,
    };
  });
}

async function comparisons(solely: Solely, fresh: Folds): Promise<Finding[]> {
  const { contacts, audiences, log, store, matcher } = solely;
  const compare = (what: string, isSame: boolean): Finding =>
    isSame
      ? { level: "ok", what: `${what}: as a fresh fold of the facts` }
      : {
          level: "error",
          what: `${what}: not as a fresh fold of the facts; remove the snapshots folder and start anew: it is rebuilt`,
        };
  const freshContacts = fresh.grants.contacts;
  const { permitted } = freshContacts;
  const indexed = await matcher.ordinals();
  const standing = await standingCount(solely, fresh);
  const strangers = indexed.reduce((sum, ordinals) => sum + ordinals.length, 0) - permitted.countOf(indexed);
  const proof = proveSecurity(solely, fresh, indexed);
  const contained = solely.containments.contained();
  const rescans = contained.length === 0 ? [] : [rescanFinding(contained, await rescanSettled(solely, contained))];
  return [
    compare("ledger position", log.position === (await store.length())),
    compare(
      "contact points",
      freshContacts.points.count === contacts.points.count && freshContacts.accounts.count === contacts.accounts.count,
    ),
    compare("permission", permitted.equals(contacts.permitted)),
    compare("audiences", sameAudiences(fresh, audiences)),
    compare("showings", solely.showings.equals(fresh.showings)),
    strangers === 0
      ? { level: "ok", what: "absence: every token in the ads index is of a permitted contact point" }
      : {
          level: "error",
          what: `absence: tokens in the ads index whose contact points are not permitted: ${strangers}`,
        },
    standing === (await matcher.size())
      ? { level: "ok", what: "index: every token that stands is in it" }
      : {
          level: "error",
          what: `index: ${await matcher.size()} tokens where ${standing} stand; remove the snapshots folder and start anew`,
        },
    proof,
    ...rescans,
    ...fresh.containments.undecided.map(
      (position): Finding => ({
        level: "warning",
        what: `leaf ${position} is a correction that two operators did not sign; it counts for nothing`,
      }),
    ),
    ...fresh.containments
      .missing()
      .map(
        (position): Finding => ({ level: "error", what: `the decision at position ${position} lacks its correction` }),
      ),
  ];
}

/** Tokens of the store that stand by a fresh fold. */
async function standingCount({ store, log }: Solely, { grants }: Folds): Promise<number> {
  let count = 0;
  for await (const row of store.tokens(0, log.position)) count += standingTokens(grants.contacts, row).ordinals.length;
  return count;
}

/** Of all contact points that were given for security and nothing else: none has a token, none is in an audience. */
function proveSecurity({ audiences }: Solely, fresh: Folds, indexed: readonly Uint32Array[]): Finding {
  const isSecurityOnly = fresh.notices.versions().map(({ notice }) => notice.purposes.every(isSecurity));
  const numbers = fresh.grants.contacts.givenOnlyUnder(isSecurityOnly);
  const securityOnly = OrdinalSet.from(numbers);
  const withToken = securityOnly.countOf(indexed);
  const inAudience = audiences.list().reduce((count, { matched }) => count + matched.andSize(securityOnly), 0);
  securityOnly.dispose();
  const count = (number: number): string => number.toLocaleString("en");
  return {
    level: withToken + inAudience === 0 ? "ok" : "error",
    what:
      `security: contact points given for security alone: ${count(numbers.length)}; ` +
      `with a token: ${count(withToken)}; in an audience: ${count(inAudience)}`,
  };
}

function rescanFinding(
  contained: readonly string[],
  { isClean, denied, permitted, inIndex, inAudiences, ofMatches }: Omit<Rescan, "incident">,
): Finding {
  const which = `${contained.length === 1 ? "incident" : "incidents"} ${contained.slice(0, 5).join(", ")}`;
  if (isClean)
    return { level: "ok", what: `${which}: contained, and nothing of it is in use (contact points: ${denied})` };
  const left = `permitted: ${permitted}, tokens in the index: ${inIndex}, members of audiences: ${inAudiences + ofMatches}`;
  return { level: "error", what: `${which}: contained, and yet in use: ${left}` };
}

function sameAudiences(fresh: Folds, audiences: Solely["audiences"]): boolean {
  fresh.audiences.prune();
  audiences.prune();
  const all = audiences.list();
  return (
    all.length === fresh.audiences.list().length &&
    all.every(({ id, matched, served }) => {
      const other = fresh.audiences.get(id);
      const isServedAlike = served === undefined ? other.served === undefined : other.served?.equals(served) === true;
      return other.matched.equals(matched) && isServedAlike;
    })
  );
}

/** What is kept of the ledger outside the data folder, and whether that is any good. */
function keptFinding({ kept, config, data, log }: Solely): Finding {
  const { file, kept: checkpoint, failure } = kept.status();
  if (file === null) {
    const fix = 'put "checkpoint": "/an/absolute/path" into solely.json, start anew, and solely recover';
    return { level: "warning", what: `checkpoint: ${kept.told}; ${fix}` };
  }
  if (!kept.isCurrent) {
    return { level: "error", what: `checkpoint: nothing is served: ${kept.told} (${file}); solely recover` };
  }
  const size = checkpoint?.size ?? 0;
  if (failure !== undefined) {
    const since = new Date(failure.sinceMs).toISOString();
    const what = `checkpoint: ${file} can't be written since ${since} (${failure.reason}); it has ${size} of ${log.position} leaves`;
    return { level: "error", what };
  }
  if (config.checkpoint !== undefined && isInside(config.checkpoint, data)) {
    return {
      level: "warning",
      what: `checkpoint: ${file} lies in the data folder and is put back with it; keep it elsewhere`,
    };
  }
  return { level: "ok", what: `checkpoint: ${size} of ${log.position} leaves are kept in ${file}` };
}

async function notes(solely: Solely): Promise<Finding[]> {
  const { decisions, sources, keyHistory, keys, access, vault, grants, config, log, paging, store } = solely;
  const findings: Finding[] = [];
  const say = (level: Finding["level"], what: string) => void findings.push({ level, what });
  findings.push(keptFinding(solely));
  for (const { name, vouches, freedLimit } of sources.list()) {
    const vouching = vouches ? ", and vouches that contacts are verified" : "";
    if (freedLimit === null) say("note", `source ${name} has no limit on what it may newly permit${vouching}`);
  }
  const { fsync, synchronousCommit } = await store.durability();
  if (fsync !== "on" || synchronousCommit === "off") {
    say("error", "the database acknowledges what a power loss takes away: set fsync and synchronous_commit on");
  }
  const names = await decisions.keysInOneHand(process.env);
  if (names.length > 0) say("warning", `not two people: this user can read the private keys of ${names.join(" and ")}`);
  if (keyHistory.rotation !== undefined) {
    say("warning", "a rotation of the ads key was cut off; solely keys rotate ads.match ends it");
  }
  for (const { id, stopped } of access.keys()) {
    if (stopped !== undefined) say("warning", `API key ${id} is stopped: ${stopped}; find out who used it`);
  }
  for (const name of vault.keys.unguarded) {
    say("warning", `the key ${name} is not guarded by the key service yet; rotating its purpose puts it there`);
  }
  const { erasedSinceMs } = grants;
  if (erasedSinceMs !== undefined) {
    const by = new Date(erasedSinceMs + config.compactionHours * 3_600_000).toISOString();
    const isLate = Date.parse(by) < Date.now();
    say(isLate ? "warning" : "note", `what was erased is still on disk; a compaction is to see to it by ${by}`);
  }
  for (const name of keys.names()) {
    const { mode } = await stat(`${keys.folder}/${name}.key`);
    if ((mode & 0o077) !== 0) say("warning", `the key file ${name}.key can be read by others: chmod 600 it`);
  }
  for (const alarm of solely.alarms.open()) say("warning", `alarm ${alarm.id}: ${alarmText(alarm)}`);
  if (solely.canaries.halt !== undefined) say("error", "a canary halted matching; solely canary resume --as NAME");
  else if (isCanaryCheckLate(solely))
    say("warning", "canaries are not checked as often as they are to be; solely canary check");
  if (solely.canaries.failed.length > 0)
    say("warning", `canaries did not come through: ${solely.canaries.failed.join(", ")}; solely canary check`);
  const { rejectedCount } = decisions.operators;
  if (paging.failure !== undefined) say("warning", `large columns stay in memory: ${paging.failure}`);
  if (log.snapshotFailure !== undefined) say("warning", `no snapshot could be written: ${log.snapshotFailure}`);
  if (rejectedCount > 0) say("warning", `${rejectedCount} operators' facts did not hold and were passed over`);
  for (const { position, reason } of decisions.withoutEffect)
    say("warning", `leaf ${position} took no effect: ${reason}`);
  return findings;
}

/** Whether two checks of canaries that were due did not come to an end. */
function isCanaryCheckLate({ canaries, config }: Solely): boolean {
  const watchedSinceMs = Math.min(...canaries.list().map(({ registeredAtMs }) => registeredAtMs));
  return Date.now() - Math.max(watchedSinceMs, canaries.lastCheckMs) > 2 * config.canaryHours * 3_600_000;
}
