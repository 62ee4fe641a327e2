/**
 * The process that `killed.test.ts` kills: opens the store, says what is there of the plan so far, and goes on with it,
 * step by step, saying what was acknowledged. It ends only by being killed.
 *
 * Step k: 40 contacts of accounts of its own (`ingest`), a list that reaches them and ten strangers (`match`), a showing to
 * each (`show`), withdrawals of the first 15 (`withdraw`), erasures of the last 5 (`erase`), and the containment of an
 * incident that says of all of them that they were given for security (`contain`).
 */
import { writeSync } from "node:fs";
import { ingest, matchList, Solely, takeEvents } from "../../src/index.js";
import { operatorsFolder, readOperatorKey, signApproval, signProposal } from "../../src/operator/index.js";
import { takeShowings } from "../../src/showing/index.js";
import { ndjson, streamOf } from "../fresh-store.js";

export const CONTACTS = 40;
export const WITHDRAWN = 15;
export const ERASED = 5;

/** What is there of one step. */
export interface StepState {
  /** Contacts of accounts whose names are there. */
  readonly known: number;
  /** Masks of these that the vault has. */
  readonly masked: number;
  readonly permitted: number;
  /** Accounts that its audience may be served to; -1: there is none. */
  readonly served: number;
  /** Showings through its audience. */
  readonly shown: number;
  /** Whether two operators' containment of it is there. */
  readonly isContained: boolean;
}

type Work = "ingest" | "match" | "show" | "withdraw" | "erase" | "contain";

export type Said =
  | { readonly opened: readonly StepState[] }
  | { readonly done: Work; readonly step: number }
  | { readonly failed: string; readonly step: number };

const say = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`);
/** Each step's contacts were given in a minute of their own. */
const minute = (step: number): string => new Date(Date.UTC(2024, 0, 1) + step * 60_000).toISOString();
const email = (step: number, i: number): string => `p${i}@step${step}.example`;
const rows = <T>(count: number, row: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => row(i));

async function run(data: string, databaseUrl: string | undefined, next: number): Promise<void> {
  const solely = await Solely.open({ data, databaseUrl });
  say({ opened: await Promise.all(rows(next, (step) => stateOf(solely, step))) });
  for (let step = next; ; step++) {
    await attempt("ingest", step, () => ingestStep(solely, step));
    await attempt("match", step, () => matchStep(solely, step));
    await attempt("show", step, () => showStep(solely, step));
    await attempt("withdraw", step, () => withdrawStep(solely, step));
    await attempt("erase", step, () => eraseStep(solely, step));
    await attempt("contain", step, () => containStep(solely, step));
  }
}

async function attempt(what: Work, step: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    say({ done: what, step });
  } catch (error) {
    say({ failed: `${what}: ${error instanceof Error ? error.message : String(error)}`, step });
  }
}

async function ingestStep(solely: Solely, step: number): Promise<void> {
  const grants = rows(CONTACTS, (i) => ({
    ...{ account: `s${step}-${i}`, kind: "email", value: email(step, i), notice: "ads" },
    given_at: minute(step),
  }));
  await ingest(solely, ndjson(grants), { source: "local", actor: "test", format: "ndjson" });
}

async function matchStep(solely: Solely, step: number): Promise<void> {
  const cells = rows(CONTACTS + 10, (i) => (i < CONTACTS ? email(step, i) : `stranger${i}@step${step}.example`));
  await matchList(solely, streamOf(`email\n${cells.join("\n")}\n`), {
    ...{ advertiser: "acme", name: `step ${step}`, operation: "replace", actor: "test" },
  });
}

async function showStep(solely: Solely, step: number): Promise<void> {
  const { id: audience } = solely.audiences.find("acme", `step ${step}`) ?? {};
  const showings = rows(CONTACTS, (i) => ({
    ...{ advertiser: "acme", campaign: "killed", audience, account: `s${step}-${i}`, at: "2024-05-01T00:00:00Z" },
  }));
  const { accepted } = await takeShowings(solely, ndjson(showings), { actor: "test" });
  if (accepted !== CONTACTS) throw new Error(`${accepted} showings were taken`);
}

async function withdrawStep(solely: Solely, step: number): Promise<void> {
  const events = rows(WITHDRAWN, (i) => ({
    ...{ type: "withdraw", account: `s${step}-${i}`, at: "2024-06-01T00:00:00Z" },
  }));
  await takeEvents(solely, ndjson(events), { actor: "test" });
}

async function eraseStep(solely: Solely, step: number): Promise<void> {
  const events = rows(ERASED, (i) => ({ type: "erase", account: `s${step}-${CONTACTS - 1 - i}` }));
  await takeEvents(solely, ndjson(events), { actor: "test" });
}

async function containStep(solely: Solely, step: number): Promise<void> {
  const { incidents, decisions, log, config } = solely;
  const corrected = { purposes: ["security.mfa"], exclusive: true };
  const claims = [{ notice: "ads@1", given_from: minute(step), given_to: minute(step + 1), corrected }];
  const claim = { id: `step-${step}`, title: "Given for security", purpose: "ads.match", claims };
  const { id: incident, digest } = await incidents.open(solely, claim, "test");
  const sign = async (name: string) => {
    const { privateKey: key } = await readOperatorKey(operatorsFolder(process.env), name);
    return { key, name, storeId: config.root, atMs: Date.now() };
  };
  const action = { type: "incident.contain", incident, claim: digest } as const;
  const { id: proposal } = await decisions.propose(log, signProposal({ ...(await sign("alice")), action }));
  await decisions.approve(log, signApproval({ ...(await sign("bob")), proposal }));
}

export async function stateOf(
  { contacts, audiences, gate, vault, showings, containments }: Solely,
  step: number,
): Promise<StepState> {
  const numbers = rows(CONTACTS, (i) => contacts.findAccount(`s${step}-${i}`)).filter((number) => number !== undefined);
  const points = numbers.flatMap((number) => contacts.pointsOf(number));
  const audience = audiences.find("acme", `step ${step}`);
  return {
    known: points.length,
    masked: (await vault.masks(points)).size,
    permitted: points.filter((point) => contacts.isPermitted(point)).length,
    served: audience === undefined ? -1 : audiences.members(gate.permit("ads.match"), audience).size,
    shown: audience === undefined ? 0 : [...showings.days(audience.id)].reduce((sum, day) => sum + day.showings, 0),
    isContained: containments.state(`step-${step}`)?.isContained ?? false,
  };
}

const [, script, data, databaseUrl, next] = process.argv;
if (script === new URL(import.meta.url).pathname) await run(data!, databaseUrl || undefined, Number(next));
