/** What the vault costs: sealing by itself, intake with it against intake without, one reveal, and bytes on disk. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createKey, ingest, revealToService, Solely } from "../src/index.js";
import { LeafKind, SALT_BYTES } from "../src/ledger/index.js";
import { NoticeBook, parseNotice } from "../src/purpose/index.js";
import { createKeys, firstKeyNames, KeyFolder, KeyHistory } from "../src/token/index.js";
import { COMPARTMENTS, keyFamily, openVault, sealingOrder, sealRows } from "../src/vault/index.js";
import type { Setting } from "./job.js";
import { emptyStore } from "./ours.js";

const ACTOR = "bench";
const VALUES = 250_000;
const REVEALS = 2000;

/**
 * Values sealed in a second of one thread's processor time (what else runs on the machine does not count), for one
 * purpose and the mask each.
 */
export async function sealingRate({ scratchDir }: Setting): Promise<number> {
  const folder = new KeyFolder(await mkdtemp(join(scratchDir, "sealing-")));
  const history = new KeyHistory();
  const setup = createKeys(folder, firstKeyNames(COMPARTMENTS.map(keyFamily)), ACTOR);
  const body = Buffer.concat([new Uint8Array(SALT_BYTES), setup]);
  history.apply({ position: 0, part: 0, kind: LeafKind.setup, timeMs: 0, body, keys: new Uint8Array(0) });
  const notices = new NoticeBook();
  const notice = { ...{ id: "n", surface: "n", version: 1, language: "en", text: "n", purposes: ["security.mfa"] } };
  notices.adopt(parseNotice({ ...notice, effective_from: "2020-01-01T00:00:00Z" }), [], 0, 0);
  const vault = await openVault({ notices } as unknown as Parameters<typeof openVault>[0], {
    folder,
    history,
    keepsValues: true,
  });
  const rows = {
    count: VALUES,
    number: Uint32Array.from({ length: VALUES }, (_, i) => i),
    what: new Uint8Array(VALUES),
    notice: new Uint16Array(VALUES),
    givenAtMs: new Float64Array(VALUES),
    verifiedAtMs: new Float64Array(VALUES),
    giver: new Uint32Array(VALUES),
    batchRow: Uint32Array.from({ length: VALUES }, (_, i) => i),
  };
  let best = 0;
  for (let round = 0; round < 12; round++) {
    const [values, masks] = [column("person.0000000@example.com"), column("p••@e••.com")];
    const columns = {
      ...{ valueBytes: values.bytes, valueEnds: values.ends },
      ...{ maskBytes: masks.bytes, maskEnds: masks.ends },
    };
    const from = process.cpuUsage();
    sealRows(sealingOrder(vault.keys, notices, rows), 1, rows, columns);
    const { user, system } = process.cpuUsage(from);
    best = Math.max(best, (2 * VALUES) / ((user + system) / 1e6));
  }
  return best;
}

function column(text: string): { bytes: Uint8Array; ends: Uint32Array } {
  const one = Buffer.from(text);
  const bytes = new Uint8Array(VALUES * one.length);
  for (let i = 0; i < VALUES; i++) bytes.set(one, i * one.length);
  const ends = Uint32Array.from({ length: VALUES }, (_, i) => (i + 1) * one.length);
  return { bytes, ends };
}

/** The rate of durable intake with the vault, as a share of the rate without values in it, in turn. */
export async function intakeShare(setting: Setting, rounds = 3): Promise<number> {
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [without, whole] = [await intakeSeconds(setting, false), await intakeSeconds(setting, true)];
    process.stderr.write(`intake-with-vault: ${whole.toFixed(2)} s, without ${without.toFixed(2)} s\n`);
    shares.push((100 * without) / whole);
  }
  return shares.toSorted((a, b) => a - b)[rounds >> 1]!;
}

async function intakeSeconds(setting: Setting, keepsValues: boolean): Promise<number> {
  const solely = await vaultStore(setting, keepsValues);
  const from = process.hrtime.bigint();
  await ingest(solely, join(setting.worldDir, "contacts.csv"), { source: "local", actor: ACTOR });
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  await discard(solely, setting);
  return seconds;
}

/** An empty store, `vault` in the scratch folder, whose vault keeps values or masks alone. */
export async function vaultStore(setting: Setting, keepsValues: boolean): Promise<Solely> {
  const made = await emptyStore(setting, "vault");
  if (keepsValues) return made;
  await made.close();
  const file = join(made.data, "solely.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...config, vault: false }));
  return Solely.open({ data: made.data });
}

/** Closes and removes it. */
export async function discard(solely: Solely, { scratchDir }: Setting): Promise<void> {
  await solely.close();
  for (const name of ["vault", "vault-operators"]) await rm(join(scratchDir, name), { recursive: true, force: true });
}

/** The 99th percentile of one service's reveals of one contact, durable in the ledger, in milliseconds. */
export async function revealP99(setting: Setting): Promise<number> {
  const solely = await vaultStore(setting, true);
  await ingest(solely, join(setting.worldDir, "contacts.csv"), { source: "local", actor: ACTOR });
  const options = { scopes: ["reveal"], purpose: "security.mfa", perMinute: 1_000_000, perDay: 1_000_000 };
  const { id } = await createKey(solely, { ...options, actor: ACTOR }, () => {});
  const key = solely.access.keys().find((one) => one.id === id)!;
  const { contacts } = solely;
  const times: number[] = [];
  let told = 0;
  for (let i = 0; i < REVEALS; i++) {
    const account = contacts.accountName(Math.floor((i * contacts.accounts.count) / REVEALS));
    const from = performance.now();
    const { revealed } = await revealToService(
      solely,
      { ...key, reveals: key.reveals! },
      { asked: [{ account, kind: "phone" }], reason: ACTOR },
    );
    times.push(performance.now() - from);
    told += revealed[0]!.contacts.length;
  }
  process.stderr.write(`reveal-p99: ${told} of ${REVEALS} had one\n`);
  await discard(solely, setting);
  return times.toSorted((a, b) => a - b)[Math.floor(0.99 * REVEALS)]!;
}

/** Bytes of the vault's table on disk, with its index, for each contact point. */
export async function vaultBytesPerContact(setting: Setting): Promise<number> {
  const solely = await vaultStore(setting, true);
  await ingest(solely, join(setting.worldDir, "contacts.csv"), { source: "local", actor: ACTOR });
  const bytes = await solely.store.sealedBytes();
  await discard(solely, setting);
  return bytes / setting.contacts;
}
