/**
 * How near intake comes to the database: its rate as a share of that of binary COPY alone, of the very same bytes into the
 * same tables, by the same driver in the same transactions, with nothing of ours computed. Both in one run, in turn.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ingest, type Solely } from "../src/index.js";
import { type Append, Store } from "../src/store/index.js";
import type { Setting, Taken } from "./job.js";
import { discard, vaultStore } from "./vault.js";

const ROUNDS = 3;
const ACTOR = "bench";

/** @param keepsValues whether the vault keeps values, or masks alone */
export async function copyShare(setting: Setting, keepsValues: boolean): Promise<Taken> {
  const appended = await appendsOf(setting, keepsValues);
  const bytes = appended.flat().reduce((sum, entry) => sum + bytesOf(entry), 0);
  const [ours, copy]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(setting.contactRows / (await intakeSeconds(setting, keepsValues)));
    copy.push(setting.contactRows / (await copySeconds(setting, appended)));
  }
  const [intakeRate, copyRate] = [median(ours), median(copy)];
  return {
    value: (100 * intakeRate) / copyRate,
    details: {
      "intake, rows/s": Math.round(intakeRate),
      "COPY alone, rows/s": Math.round(copyRate),
      "bytes a row": Math.round(bytes / setting.contactRows),
    },
  };
}

const median = (rates: readonly number[]): number => rates.toSorted((a, b) => a - b)[rates.length >> 1]!;

/** What intake of the world's contacts appends, transaction by transaction. */
async function appendsOf(setting: Setting, keepsValues: boolean): Promise<Append[][]> {
  const solely = await vaultStore(setting, keepsValues);
  const { store } = solely;
  const appended: Append[][] = [];
  const append = store.append.bind(store);
  store.append = (first, entries) => {
    // Its memory is given away.
    appended.push(structuredClone([...entries]));
    return append(first, entries);
  };
  await take(solely, setting);
  await discard(solely, setting);
  return appended;
}

async function intakeSeconds(setting: Setting, keepsValues: boolean): Promise<number> {
  const solely = await vaultStore(setting, keepsValues);
  const seconds = await timed(() => take(solely, setting));
  await discard(solely, setting);
  return seconds;
}

async function copySeconds({ scratchDir }: Setting, appended: readonly Append[][]): Promise<number> {
  const dataDir = join(scratchDir, "copy");
  const store = await Store.open({ dataDir });
  await store.acquireWriter({ pid: process.pid });
  const copies = structuredClone(appended);
  let position = 0;
  const seconds = await timed(async () => {
    for (const entries of copies) {
      await store.append(position, entries);
      position += entries.length;
    }
  });
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
  return seconds;
}

async function take(solely: Solely, { worldDir }: Setting): Promise<void> {
  await ingest(solely, join(worldDir, "contacts.csv"), { source: "local", actor: ACTOR });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

function bytesOf({ leaf, facts, tokens, sealed }: Append): number {
  const bodies = [leaf, ...[...facts, ...tokens].flatMap(({ body, keys }) => [body, keys ?? new Uint8Array(0)])];
  const chunks = sealed === undefined ? 0 : sealed.bodies.byteLength + sealed.wrapped.byteLength;
  return bodies.reduce((sum, { byteLength }) => sum + byteLength, chunks);
}
