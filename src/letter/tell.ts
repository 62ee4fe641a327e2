/**
 * Tell: a letter for each affected person, as files and as a list for the platform's own sender.
 *
 * `DIR/0/42.md` and `.txt` are the letter of account number 42, never a name in a file's name; `DIR/letters.ndjson` says
 * for each person where the letter may go and why. People are told as they are found, some hundred at a time. That letters
 * were made is a leaf of the ledger with its actor, before the first is written; an operator's word that a security contact
 * is the only channel is signed, and in that leaf.
 */
import { mkdir, open, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import {
  AffectedPeople,
  type AffectedPerson,
  type AssessRooms,
  type Containments,
  correctionsOf,
} from "../incident/index.js";
import { LeafKind } from "../ledger/index.js";
import { payloadOf } from "../log/index.js";
import { type Decisions, type Signed, statementId } from "../operator/index.js";
import type { Vault } from "../vault/index.js";
import { LetterError } from "./error.js";
import { type Address, addressOf, LETTER_NAMES, letterValues, type Telling } from "./letter.js";
import { Template } from "./template.js";
import { type Language, LETTERS } from "./texts.js";

/** What a platform says of its letters in its configuration. */
export interface LetterSettings {
  /** Its name. */
  readonly platform: string;
  /** Whom people may ask, as it stands in the letter. */
  readonly ask: string;
  /** Whether people are told whose lists they were on. */
  readonly tellsLists: boolean;
}

export interface TellRooms extends AssessRooms {
  readonly vault: Vault;
  readonly decisions: Decisions;
  readonly containments: Containments;
  readonly config: { readonly letters?: LetterSettings | undefined };
}

export interface TellOptions {
  readonly incident: string;
  /** A folder that is new or empty. */
  readonly out: string;
  readonly language: Language;
  /** The platform's own template; without it the one that comes with Solely. */
  readonly template?: string | undefined;
  /** An operator's signed word that a security contact is the only channel. */
  readonly onlyChannel?: Signed | undefined;
  readonly actor: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Told {
  readonly incident: string;
  readonly out: string;
  /** Ledger position of the leaf that says so. */
  readonly position: number;
  readonly people: number;
  /** Letters with an address; and people without one, by why. */
  readonly addressed: number;
  readonly withoutAddress: Readonly<Record<Extract<Address, { kind: null }>["why"], number>>;
}

/** People whose letters are made at once. */
const BATCH = 256;
const FOLDER_ACCOUNTS = 1000;

/**
 * @throws {IncidentError} code `unknown-incident`
 * @throws {LetterError} codes `malformed-template`, `letters-not-set`, `unwritable-file`, `claim-changed`, `stale-word`
 * @throws {OperatorError} when the operator's word does not hold
 */
export async function tell(rooms: TellRooms, options: TellOptions): Promise<Told> {
  const { log, grants, notices } = rooms;
  const { incident: id, out, language, onlyChannel, actor, onProgress = () => {} } = options;
  const template = new Template(options.template ?? LETTERS[language], LETTER_NAMES);
  const telling = await tellingOf(rooms, id, language);
  if (onlyChannel !== undefined) requireWord(rooms, id, onlyChannel);
  await requireEmpty(out);
  const people = await AffectedPeople.find(rooms, { incident: id });
  const asOf = people.position;
  const record = { type: "telling", actor, incident: id, asOf, language, onlyChannel: onlyChannel ?? null };
  const position = await log.record(LeafKind.export, () => Buffer.from(JSON.stringify(record)));
  const list = await LetterList.begin(out);
  let batch: AffectedPerson[] = [];
  const flush = async () => {
    const masks = await rooms.vault.masks(batch.flatMap(({ contacts }) => [...contacts.keys()]));
    const letters = batch.map((person) => {
      const address = addressOf({ contacts: grants.contacts, notices }, telling, person, onlyChannel !== undefined);
      const values = letterValues({ contacts: grants.contacts, notices }, telling, person, masks);
      return { person, address, markdown: template.markdown(values), plain: template.plain(values) };
    });
    for (const letter of letters) await list.add(letter, nameOf(rooms, letter.person));
    batch = [];
    onProgress(list.people, people.count);
  };
  try {
    for (const person of people) {
      batch.push(person);
      if (batch.length === BATCH) await flush();
    }
    await flush();
  } finally {
    await list.close();
  }
  const { addressed, withoutAddress } = list;
  await list.finish();
  return { incident: id, out, position, people: list.people, addressed, withoutAddress };
}

function nameOf({ grants }: TellRooms, { account }: AffectedPerson): string {
  const { contacts } = grants;
  return contacts.accounts.isNameless(account) ? "erased" : contacts.accountName(account);
}

async function tellingOf(rooms: TellRooms, id: string, language: Language): Promise<Telling> {
  const { incidents, notices, containments, log } = rooms;
  const { claim } = incidents.get(id);
  const { letters } = rooms.config;
  if (letters === undefined) {
    throw new LetterError(
      "letters-not-set",
      "letters need the platform's name, and whom people may ask",
      'in solely.json: "letters": {"platform": "…", "ask": "…"}',
    );
  }
  const exports = new Map<string, number[]>();
  for await (const { body, timeMs } of log.store.facts(0, { to: log.position, kinds: [LeafKind.export] })) {
    const { type, audience } = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    if (type === "export") exports.set(audience, [...(exports.get(audience) ?? []), timeMs]);
  }
  const state = containments.state(id);
  const wrong = claim.claims.flatMap((one) => ("matches" in one ? [one] : []));
  return {
    ...letters,
    incident: id,
    language,
    atMs: log.writer.nowMs(),
    containedAtMs: state?.isContained === true ? state.atMs : undefined,
    corrections: correctionsOf(claim, notices),
    matches: new Set(wrong.flatMap(({ matches }) => matches)),
    reason: [...new Set(wrong.map(({ reason }) => reason))].join("; "),
    exportsOf: (audience) => exports.get(audience) ?? [],
  };
}

/** Checks an operator's signed word: about this incident, as its claim is, and as it stands. */
function requireWord({ decisions, incidents, containments }: TellRooms, id: string, signed: Signed): void {
  const { action, at } = decisions.operators.checkProposal(signed);
  const { digest } = incidents.get(id);
  if (action.type !== "incident.tell" || action.incident !== id || action.claim !== digest) {
    throw new LetterError(
      "claim-changed",
      `what was signed (${statementId(signed).slice(0, 12)}) is not about incident ${id} and its claim`,
      "sign it again",
    );
  }
  const state = containments.state(id);
  if (state === undefined || Date.parse(at) >= state.atMs) return;
  throw new LetterError(
    "stale-word",
    `what was signed (${statementId(signed).slice(0, 12)}) is older than the decision at position ${state.position}, by which ` +
      `incident ${id} ${state.isContained ? "is contained" : "is contained no more"}`,
    "look how it stands since then, and sign it again",
  );
}

async function requireEmpty(out: string): Promise<void> {
  const there = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw unwritable(out, error);
  });
  if (there.length > 0) {
    throw new LetterError("unwritable-file", `${out} is not empty`, "letters go into a folder of their own");
  }
}

const unwritable = (path: string, cause: unknown): LetterError =>
  new LetterError("unwritable-file", `${path} can't be written`, "check the folder's permissions and its room", {
    cause,
  });

interface Letter {
  readonly person: AffectedPerson;
  readonly address: Address;
  readonly markdown: string;
  readonly plain: string;
}

/** The letters of a folder, and the list of them; the list has its name when it is whole. */
class LetterList {
  people = 0;
  addressed = 0;
  readonly withoutAddress = { erased: 0, "security contact only": 0, "no address": 0 };
  readonly #out: string;
  readonly #file: Awaited<ReturnType<typeof open>>;
  readonly #folders = new Set<string>();

  private constructor(out: string, file: Awaited<ReturnType<typeof open>>) {
    this.#out = out;
    this.#file = file;
  }

  static async begin(out: string): Promise<LetterList> {
    try {
      await mkdir(out, { recursive: true, mode: 0o700 });
      return new LetterList(out, await open(join(out, "letters.ndjson.new"), "wx", 0o600));
    } catch (error) {
      throw unwritable(out, error);
    }
  }

  /** @param account the account's name, for the platform's sender */
  async add({ person, address, markdown, plain }: Letter, account: string): Promise<void> {
    this.people++;
    if (address.kind === null) this.withoutAddress[address.why]++;
    else this.addressed++;
    const number = person.account;
    const isErased = address.kind === null && address.why === "erased";
    const name = `${Math.floor(number / FOLDER_ACCOUNTS)}/${number}`;
    const files = isErased ? {} : { markdown: `${name}.md`, text: `${name}.txt` };
    const line = { account, number, address: address.kind === null ? null : address, why: address.why, ...files };
    try {
      if (!isErased) {
        await this.#write(`${name}.md`, markdown);
        await this.#write(`${name}.txt`, plain);
      }
      await this.#file.write(`${JSON.stringify(line)}\n`);
    } catch (error) {
      throw unwritable(this.#out, error);
    }
  }

  async #write(name: string, text: string): Promise<void> {
    const folder = join(this.#out, name.slice(0, name.indexOf("/")));
    if (!this.#folders.has(folder)) await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#folders.add(folder);
    const file = await open(join(this.#out, name), "wx", 0o600);
    await file.writeFile(text).finally(() => file.close());
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async finish(): Promise<void> {
    await rename(join(this.#out, "letters.ndjson.new"), join(this.#out, "letters.ndjson"));
  }
}
