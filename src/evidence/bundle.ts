/**
 * Evidence bundle: what the answer about an incident rests on, in files that a stranger checks offline (docs/evidence.md).
 *
 * It holds leaves, proofs, commitments, sets of numbers and the assessment, and no contact and no account's name. Leaves of
 * people are there without their facts: these are keyed and personal, and can be proved one by one. What is
 * written last is the manifest, so that a bundle that was cut off has none. That it was made is a leaf of its own.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Checkpoints } from "../checkpoint/index.js";
import { type Contacts, FLAG } from "../grant/index.js";
import { type AssessRooms, assess, correctionsOf, IncidentError } from "../incident/index.js";
import { formatVerifier, LeafKind, SALT_BYTES } from "../ledger/index.js";
import { payloadOf } from "../log/index.js";
import { type Decisions, decodeSigned, parseApproval } from "../operator/index.js";
import { type ReportedAudience, reported } from "../report/index.js";
import { OrdinalSet } from "../set/index.js";
import { decodeColumns, type FactRow } from "../store/index.js";
import { hasKeys } from "./facts-of.js";
import { FORMAT } from "./verify.mjs";

export interface BundleRooms extends AssessRooms {
  readonly contacts: Contacts;
  readonly decisions: Decisions;
  readonly checkpoints: Checkpoints;
}

export interface BundleOptions {
  readonly incident: string;
  /** A folder that is empty or not there yet. */
  readonly out: string;
  readonly actor: string;
  /** A ledger position or an instant; default: now. */
  readonly asKnownAt?: string | undefined;
  readonly onProgress?: ((what: "leaves" | "audiences", done: number, total: number) => void) | undefined;
}

export interface Bundle {
  readonly out: string;
  readonly incident: string;
  readonly asKnownAt: number;
  readonly people: number;
  readonly files: number;
  readonly leaves: number;
  /** SHA-256 of the manifest, hex: names the bundle with all that is in it. */
  readonly digest: string;
}

/** Leaves that are read at once. */
const BATCH_LEAVES = 256;

/**
 * Writes the evidence of an incident.
 * @throws {IncidentError} codes `unknown-incident`, `unwritable-file`
 * @throws {LogError} codes `malformed-instant`, `not-yet-known`
 */
export async function writeEvidence(rooms: BundleRooms, options: BundleOptions): Promise<Bundle> {
  const { log, contacts, checkpoints } = rooms;
  const { incident, out, actor, asKnownAt, onProgress } = options;
  const files = await Files.in(out);
  const affected = OrdinalSet.empty();
  const audiences: ReportedAudience[] = [];
  const assessment = await assess(rooms, {
    ...{ incident, asKnownAt, onProgress },
    onAudience: async (row, points) => {
      audiences.push(reported(row));
      affected.addSet(points);
      await files.write(`sets/affected-${row.audience}.roaring`, points.toBytes());
    },
  });
  const numbers = affected.toArray();
  affected.dispose();
  const people = OrdinalSet.from(numbers.map((number) => contacts.points.account[number]!));
  await files.write("sets/people.roaring", people.toBytes());
  people.dispose();
  await files.write("assessment.json", lines({ assessment, audiences }));

  const { asKnownAt: position } = assessment;
  await log.record(LeafKind.export, () =>
    Buffer.from(JSON.stringify({ type: "evidence", actor, incident, asKnownAt: position })),
  );
  await checkpoints.signNow();
  const { note, checkpoint } = checkpoints.newest;
  await files.write("checkpoint", Buffer.from(note));
  await files.write("verifier", Buffer.from(`${formatVerifier(checkpoints.verifier)}\n`));

  const made = new Set(audiences.map(({ audience }) => audience));
  const lists = await listLeaves(rooms, position, made);
  const positions = new Set([
    ...(await decisionLeaves(rooms, incident)),
    ...lists.positions,
    ...leavesOf(contacts, numbers, position),
  ]);
  const ordered = [...positions].sort((a, b) => a - b);
  const shown: string[] = [];
  for (let at = 0; at < ordered.length; at += BATCH_LEAVES) {
    for await (const row of log.store.factsAt(ordered.slice(at, at + BATCH_LEAVES))) {
      const [leaf, path] = await Promise.all([
        log.store.leaf(row.position),
        checkpoints.inclusion(row.position, checkpoint.size),
      ]);
      const line = { position: row.position, leaf: base64(leaf!), path: path.map(base64) };
      shown.push(JSON.stringify({ ...line, ...(await shownFact(files, row)) }));
    }
    onProgress?.("leaves", Math.min(at + BATCH_LEAVES, ordered.length), ordered.length);
  }
  await files.write("leaves.ndjson", Buffer.from(shown.map((line) => `${line}\n`).join("")));
  await files.write("stretches.json", lines(lists.stretches));
  const verifier = await readFile(new URL("./verify.mjs", import.meta.url), "utf8");
  await files.write("verify.mjs", Buffer.from(verifier.replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n")));
  const digest = await files.finish({ incident, asKnownAt: position });
  return {
    out,
    incident,
    asKnownAt: position,
    people: assessment.people,
    files: files.count,
    leaves: shown.length,
    digest,
  };
}

/** The one fact of a leaf with its salt, and its sets as files; of those whose facts are about people nothing. */
async function shownFact(files: Files, { kind, position, body }: FactRow): Promise<object> {
  if (hasKeys(kind)) return {};
  if (kind !== LeafKind.list && kind !== LeafKind.correction)
    return { salt: base64(body.subarray(0, SALT_BYTES)), fact: base64(payloadOf(body)) };
  const [salt, header, ...sets] = decodeColumns(body);
  for (const [i, set] of sets.entries()) await files.write(`sets/leaf-${position}-${i}.roaring`, set);
  const fact = Buffer.concat([header!, ...sets.map((set) => createHash("sha256").update(set).digest())]);
  return { salt: base64(salt!), fact: base64(fact), sets: sets.length };
}

/** The incident, what was decided about it, and how the notices that it is about came into force. */
async function decisionLeaves(rooms: BundleRooms, id: string): Promise<number[]> {
  const { log, incidents, notices, decisions, contacts } = rooms;
  const { claim, position } = incidents.get(id);
  const claimed = new Set(correctionsOf(claim, notices).map(({ notice }) => notice));
  const corrections = contacts.corrections.steps.filter(({ incident }) => incident === id);
  const approvals = [
    ...[...claimed].map((notice) => notices.version(notice).adoptedAt),
    // A correction lies right behind its approval.
    ...corrections.map((step) => step.position - 1),
  ];
  const proposals: number[] = [];
  for await (const { body } of log.store.factsAt([...new Set(approvals)].sort((a, b) => a - b))) {
    const { proposal } = parseApproval(decodeSigned(payloadOf(body)));
    proposals.push(decisions.operators.proposal(proposal).proposal.position);
  }
  return [position, ...approvals, ...proposals, ...corrections.map((step) => step.position)];
}

/** Leaves of the lists and corrections of audiences, and which later ordinals in them are whose. */
async function listLeaves({ log, contacts: { points } }: BundleRooms, to: number, audiences: ReadonlySet<string>) {
  const positions: number[] = [];
  const stretches = new Map<number, number>();
  for await (const { position, kind, body } of log.store.facts(0, {
    to,
    kinds: [LeafKind.list, LeafKind.correction],
  })) {
    const [, text, added] = decodeColumns(body);
    const header: { audience?: string; audiences?: string[] } = JSON.parse(Buffer.from(text!).toString("utf8"));
    const isConcerned = [header.audience, ...(header.audiences ?? [])].some((one) => audiences.has(one ?? ""));
    if (!isConcerned) continue;
    positions.push(position);
    if (kind !== LeafKind.list) continue;
    const ordinals = OrdinalSet.fromBytes(added!);
    for (const ordinal of ordinals.toArray())
      if (points.isLaterOrdinal(ordinal)) stretches.set(ordinal, points.numberOf(ordinal));
    ordinals.dispose();
  }
  return { positions, stretches: [...stretches].sort(([a], [b]) => a - b) };
}

/** Leaves before a position by which something was learned of contact points and their accounts. */
function leavesOf(contacts: Contacts, numbers: Uint32Array, to: number): Set<number> {
  const { points, more, accountEvents } = contacts;
  const leaves = new Set<number>();
  const addHistory = (history: typeof more, key: number): void => {
    for (let entry = history.newest(key); entry >= 0; entry = history.older(entry)) {
      if (history.leaf[entry]! < to) leaves.add(history.leaf[entry]!);
    }
  };
  for (const number of numbers) {
    leaves.add(contacts.arrivals.ofPoint(number).position);
    if ((points.flags[number]! & FLAG.more) !== 0) addHistory(more, number);
    addHistory(accountEvents, points.account[number]!);
  }
  return leaves;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const lines = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

/** Files of one folder, each with its hash. */
class Files {
  readonly #files = new Map<string, { readonly bytes: number; readonly sha256: string }>();

  private constructor(readonly folder: string) {}

  /** @throws {IncidentError} code `unwritable-file` unless the folder is new or empty */
  static async in(folder: string): Promise<Files> {
    try {
      await mkdir(join(folder, "sets"), { recursive: true, mode: 0o700 });
      const names = await readdir(folder);
      if (names.join() === "sets" && (await readdir(join(folder, "sets"))).length === 0) return new Files(folder);
    } catch {
      throw unwritable(folder);
    }
    throw new IncidentError("unwritable-file", `${folder} is not empty`, "name a new folder");
  }

  get count(): number {
    return this.#files.size;
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.folder, path), bytes, { mode: 0o600 }).catch(() => {
      throw unwritable(this.folder);
    });
    this.#files.set(path, { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
  }

  /** Writes the manifest; its SHA-256 names the bundle. */
  async finish(about: { readonly incident: string; readonly asKnownAt: number }): Promise<string> {
    const files = Object.fromEntries([...this.#files].sort(([a], [b]) => (a < b ? -1 : 1)));
    const text = `${JSON.stringify({ format: FORMAT, ...about, files }, null, 2)}\n`;
    await this.write("manifest.json", Buffer.from(text));
    return this.#files.get("manifest.json")!.sha256;
  }
}

const unwritable = (folder: string): IncidentError =>
  new IncidentError("unwritable-file", `${folder} can't be written`, "check its permissions and its room");
