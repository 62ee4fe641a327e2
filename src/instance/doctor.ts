/**
 * Doctor: holds the running state against a fresh fold of the facts, and says what an operator should know.
 */
import { stat } from "node:fs/promises";
import { keysInOneHand } from "./decisions.js";
import type { Solely } from "./solely.js";
import { State } from "./state.js";

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
  readonly findings: readonly Finding[];
}

/** Looks at everything; changes nothing. */
export async function doctor(solely: Solely, onProgress?: (done: number, total: number) => void): Promise<Diagnosis> {
  return solely.writer.exclusiveSettled(async () => {
    const findings: Finding[] = [];
    const { state } = solely;
    const fresh = new State(solely.config.root);
    await fresh.fold(solely.store, onProgress);
    const compare = (what: string, is: boolean) =>
      findings.push(
        is
          ? { level: "ok", what: `${what}: as a fresh fold of the facts` }
          : { level: "error", what: `${what}: not as a fresh fold of the facts; restart, and the state is rebuilt` },
      );
    compare("ledger position", fresh.position === state.position);
    compare(
      "contact points",
      fresh.contacts.points.count === state.contacts.points.count &&
        fresh.contacts.accounts.count === state.contacts.accounts.count,
    );
    compare("permission", fresh.contacts.permitted.equals(state.contacts.permitted));
    compare("audiences", sameAudiences(fresh, state));
    const indexed = await solely.matcher.ordinals();
    const strangers = indexed.reduce((count, ordinal) => count + (fresh.contacts.permitted.has(ordinal) ? 0 : 1), 0);
    findings.push(
      strangers === 0
        ? { level: "ok", what: "absence: every token in the ads index is of a permitted contact point" }
        : {
            level: "error",
            what: `absence: ${strangers} tokens in the ads index are of contact points that are not permitted`,
          },
    );
    findings.push(...(await notes(solely)));
    const { rejectedCount } = state.control.operators;
    if (rejectedCount > 0)
      findings.push({ level: "warning", what: `${rejectedCount} operators' facts did not hold and were passed over` });
    for (const { position, reason } of state.control.withoutEffect)
      findings.push({ level: "warning", what: `leaf ${position} took no effect: ${reason}` });
    return {
      isHealthy: findings.every(({ level }) => level !== "error"),
      position: state.position,
      contactPoints: state.contacts.points.count,
      permitted: state.contacts.permitted.size,
      accounts: state.contacts.accounts.count,
      tokens: await solely.matcher.size(),
      audiences: state.audiences.list().length,
      findings,
    };
  });
}

function sameAudiences(fresh: State, state: State): boolean {
  fresh.audiences.prune();
  state.audiences.prune();
  const ids = state.audiences.list().map(({ id }) => id);
  return (
    ids.length === fresh.audiences.list().length &&
    ids.every((id) => fresh.audiences.get(id).matched.equals(state.audiences.get(id).matched))
  );
}

async function notes(solely: Solely): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { control } = solely.state;
  for (const { name, vouches, freedLimit } of control.sources.list()) {
    if (freedLimit === null)
      findings.push({
        level: "note",
        what: `source ${name} has no limit on what it may newly permit${vouches ? ", and vouches that contacts are verified" : ""}`,
      });
  }
  const names = await keysInOneHand(solely);
  if (names.length > 0)
    findings.push({
      level: "warning",
      what: `not two people: this user can read the private keys of ${names.join(" and ")}`,
    });
  if (control.rotation !== undefined)
    findings.push({
      level: "warning",
      what: "a rotation of the ads key was cut off; solely keys rotate ads.match ends it",
    });
  for (const name of solely.keys.names()) {
    const { mode } = await stat(`${solely.keys.folder}/${name}.key`);
    if ((mode & 0o077) !== 0)
      findings.push({ level: "warning", what: `the key file ${name}.key can be read by others; chmod 600` });
  }
  return findings;
}
