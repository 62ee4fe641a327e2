/**
 * Canaries: real accounts that the platform's own people made through its own surfaces, with contacts given for security
 * alone, which must never be matched, and contacts given for ads, which must be.
 *
 * What is known of them here are numbers. Their contacts, without which no list could carry them, belong to the
 * platform's staff; they lie in one file each, sealed (AES-256-GCM) under a key of their own, apart from the vault, which
 * opens nothing for ads. A fold of the facts of canaries: who they are, when they were last checked, and whether matching
 * is halted until two operators resume it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contacts, identityOf, standingGrants } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import { type Fold, type Log, payloadOf } from "../log/index.js";
import type { Action, ActionHandler } from "../operator/index.js";
import type { FactRow } from "../store/index.js";
import type { KeyFolder } from "../token/index.js";
import { CanaryError } from "./error.js";

/** A contact of a canary as it is registered. */
export interface CanaryContact {
  readonly kind: string;
  readonly value: string;
  readonly region?: string | undefined;
  readonly for: "security" | "ads";
}

export interface Canary {
  readonly id: string;
  /** Number of the account. */
  readonly account: number;
  /** Numbers of its contact points, and what they were given for. */
  readonly contacts: readonly { readonly number: number; readonly for: "security" | "ads" }[];
  readonly registeredAtMs: number;
}

export type CanaryFact =
  | ({ readonly type: "canary"; readonly actor: string } & Omit<Canary, "registeredAtMs">)
  | {
      readonly type: "checked";
      readonly actor: string;
      readonly at: string;
      readonly alarms: number;
      readonly failed?: readonly string[];
    }
  | { readonly type: "halt"; readonly actor: string };

export interface CanaryRooms {
  readonly log: Log;
  readonly data: string;
  readonly keys: KeyFolder;
  readonly contacts: Contacts;
  readonly identityKey: Uint8Array;
}

const [IV_BYTES, TAG_BYTES] = [12, 16];
const CIPHER = "aes-256-gcm";

export class Canaries implements Fold {
  readonly kinds = [LeafKind.canary];
  readonly #byId = new Map<string, Canary>();
  #halt: number | undefined;
  /** When they were last checked; 0 for never. */
  lastCheckMs = 0;
  /** Lists of the last check that did not come through. */
  failed: readonly string[] = [];

  apply({ body, timeMs, position }: FactRow): void {
    const fact: CanaryFact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    if (fact.type === "halt") this.#halt = position;
    else if (fact.type === "checked") {
      this.lastCheckMs = Date.parse(fact.at);
      this.failed = fact.failed ?? [];
    } else {
      const { id, account, contacts } = fact;
      this.#byId.set(id, { id, account, contacts, registeredAtMs: timeMs });
    }
  }

  list(): Canary[] {
    return [...this.#byId.values()];
  }

  /** Numbers of their accounts, which never appear in counts of people. */
  get accounts(): ReadonlySet<number> {
    return new Set(this.list().map(({ account }) => account));
  }

  /** Position of the leaf that halted matching, while it is halted. */
  get halt(): number | undefined {
    return this.#halt;
  }

  /** @throws {CanaryError} code `matching-halted` */
  requireOpen(): void {
    if (this.#halt === undefined) return;
    throw new CanaryError(
      "matching-halted",
      "a canary tripped: nothing is matched or served",
      "solely alarms says why; once it is mended, solely canary resume --as NAME, and another operator approves",
    );
  }

  /** Carries out what two operators signed: matching goes on. */
  readonly handler: ActionHandler<Extract<Action, { type: "matching.resume" }>> = {
    check: ({ halt }) => {
      if (this.#halt === halt) return;
      throw new CanaryError("not-halted", "matching is not halted by that", "solely canary list says how it stands");
    },
    apply: () => {
      this.#halt = undefined;
    },
  };

  /**
   * Registers an account that is known already, with contacts that it gave.
   * @throws {GrantError} codes `unknown-account`, `malformed-value`
   * @throws {CanaryError} code `malformed-canary`
   */
  async register(
    rooms: CanaryRooms,
    { account, contacts, actor }: { account: string; contacts: readonly CanaryContact[]; actor: string },
  ): Promise<Canary> {
    const { log, contacts: known, identityKey } = rooms;
    const id = `c${randomBytes(8).toString("hex")}`;
    const number = known.account(account);
    const points = contacts.map((contact) => {
      const point = known.points.find(identityOf(identityKey, account, contact), 0);
      if (point < 0) throw malformed("a contact that the account did not give: feed it through its surface first");
      const isForAds = standingGrants(known, point, "ads.match").length > 0;
      if (isForAds !== (contact.for === "ads")) {
        throw malformed(`contact #${point} is ${isForAds ? "" : "not "}permitted for ads, against what is said of it`);
      }
      return { number: point, for: contact.for };
    });
    if (points.every((point) => point.for === "ads")) throw malformed("a canary needs a contact given for security");
    seal(rooms, id, contacts);
    const fact: CanaryFact = { type: "canary", actor, id, account: number, contacts: points };
    await log.record(LeafKind.canary, () => Buffer.from(JSON.stringify(fact)));
    return this.#byId.get(id)!;
  }
}

const malformed = (what: string): CanaryError =>
  new CanaryError("malformed-canary", what, "docs/operations.md says how canaries are made");

const fileOf = (data: string, id: string): string => join(data, "canaries", id);

function seal({ data, keys }: CanaryRooms, id: string, contacts: readonly CanaryContact[]): void {
  const key = keys.has("canary") ? keys.read("canary") : keys.create("canary");
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(id));
  const plain = Buffer.from(JSON.stringify(contacts));
  const sealed = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  plain.fill(0);
  mkdirSync(join(data, "canaries"), { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(data, id), sealed, { mode: 0o600, flag: "wx", flush: true });
}

/** The contacts of a canary, in the order of its numbers. */
export function openCanary({ data, keys }: Pick<CanaryRooms, "data" | "keys">, { id }: Canary): CanaryContact[] {
  const sealed = readFileSync(fileOf(data, id));
  const end = sealed.length - TAG_BYTES;
  const cipher = createDecipheriv(CIPHER, keys.read("canary"), sealed.subarray(0, IV_BYTES)).setAAD(Buffer.from(id));
  cipher.setAuthTag(sealed.subarray(end));
  return JSON.parse(Buffer.concat([cipher.update(sealed.subarray(IV_BYTES, end)), cipher.final()]).toString("utf8"));
}
