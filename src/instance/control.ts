/**
 * Control facts: operators' decisions, advertisers, API keys, key rotations, runs; and their fold.
 *
 * Each is one leaf with one fact: a salt of 16 bytes, then the payload (an operators' statement as it was
 * signed, or JSON). They are few, and are always folded from the first; the signatures are checked again
 * each time, so a row that was slipped in by SQL counts for nothing.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { encodeLeaf, factRoot, LeafKind, newSalts } from "../ledger/index.js";
import { type Action, type Decision, type OperatorFactKind, Operators, type Proposal } from "../operator/index.js";
import { NoticeBook, parseNotice, Sources } from "../purpose/index.js";
import type { Append } from "../store/index.js";
import { InstanceError } from "./error.js";

export const SCOPES = ["contacts", "accounts", "events", "serve", "lists"] as const;
export type Scope = (typeof SCOPES)[number];

export interface Advertiser {
  readonly name: string;
  /** The legal entity that answers for it; budgets are per entity. */
  readonly entity: string;
  readonly createdAtMs: number;
}

export interface ApiKey {
  readonly id: string;
  /** SHA-256 of the secret, hex. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  /** Whose lists it may send, for the scope `lists`. */
  readonly advertiser?: string;
  /** As which source it feeds, for the scope `contacts`. */
  readonly source?: string;
  readonly createdAtMs: number;
  readonly revokedAtMs?: number;
}

export interface RunResult {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly freed: number;
}

/** Payloads of control facts that are JSON. */
export type ControlFact =
  | { readonly type: "setup"; readonly actor: string; readonly keyChecks: Readonly<Record<string, string>> }
  | { readonly type: "advertiser"; readonly actor: string; readonly name: string; readonly entity: string }
  | { readonly type: "key"; readonly actor: string; readonly key: Omit<ApiKey, "createdAtMs" | "revokedAtMs"> }
  | { readonly type: "key-revoked"; readonly actor: string; readonly id: string }
  | {
      readonly type: "rotation-begun" | "rotation-ended";
      readonly actor: string;
      readonly from: number;
      readonly to: number;
      readonly keyCheck: string;
    }
  | { readonly type: "run"; readonly actor: string; readonly idempotencyKey: string; readonly result: RunResult }
  | {
      readonly type: "run-refused";
      readonly actor: string;
      readonly source: string;
      readonly digest: string;
      readonly freed: number;
    }
  | {
      readonly type: "export";
      readonly actor: string;
      readonly audience: string;
      readonly asOf: number;
      readonly expiresAt: string;
    };

const SALT_BYTES = 16;

const leafKindOf: Readonly<Record<ControlFact["type"], LeafKind>> = {
  setup: LeafKind.setup,
  advertiser: LeafKind.advertiser,
  key: LeafKind.key,
  "key-revoked": LeafKind.key,
  "rotation-begun": LeafKind.rotation,
  "rotation-ended": LeafKind.rotation,
  run: LeafKind.run,
  "run-refused": LeafKind.refusedRun,
  export: LeafKind.export,
};

const operatorKindOf: Readonly<Record<number, OperatorFactKind>> = {
  [LeafKind.genesis]: "genesis",
  [LeafKind.proposal]: "proposal",
  [LeafKind.approval]: "approval",
};

/** Fact kinds that `Control` folds. */
export const CONTROL_KINDS: readonly number[] = [
  ...new Set([...Object.values(leafKindOf), ...Object.keys(operatorKindOf).map(Number)]),
];

/** A leaf with one control fact. */
export function controlEntry(kind: LeafKind, payload: Uint8Array, atMs: number): Append {
  const salt = newSalts(1);
  const body = new Uint8Array(SALT_BYTES + payload.length);
  body.set(salt);
  body.set(payload, SALT_BYTES);
  return {
    leaf: encodeLeaf({ kind, timeMs: atMs, root: factRoot(salt, payload, payload.length, 1) }),
    facts: [{ kind, body }],
    tokens: [],
  };
}

export function jsonEntry(fact: ControlFact, atMs: number): Append {
  return controlEntry(leafKindOf[fact.type], Buffer.from(JSON.stringify(fact)), atMs);
}

export class Control {
  readonly operators: Operators;
  readonly notices = new NoticeBook();
  readonly sources = new Sources();
  readonly #advertisers = new Map<string, Advertiser>();
  readonly #keys = new Map<string, ApiKey>();
  readonly #runs = new Map<string, RunResult>();
  readonly #refusedRuns = new Map<string, { source: string; digest: string; freed: number; atMs: number }>();
  /** Check values of the keys, by name. */
  readonly keyChecks = new Map<string, string>();
  /** Epoch of the ads key that tokens are made with. */
  epoch = 1;
  /** A rotation that has begun and not ended. */
  rotation: { from: number; to: number } | undefined;
  /** Decisions that could take no effect, for `doctor`. */
  readonly withoutEffect: { position: number; reason: string }[] = [];

  /** @param rootFingerprint of the first operators, from the configuration */
  constructor(rootFingerprint: string) {
    this.operators = new Operators(rootFingerprint);
  }

  /** Applies a control fact; one that does not hold changes nothing. */
  fold(kind: number, body: Uint8Array, position: number, atMs: number): void {
    const payload = body.subarray(SALT_BYTES);
    const operatorKind = operatorKindOf[kind];
    try {
      if (operatorKind === undefined) {
        this.#apply(JSON.parse(Buffer.from(payload).toString("utf8")), atMs);
        return;
      }
      const effect = this.operators.fold(operatorKind, payload, position);
      if (effect?.type === "genesis") this.sources.set({ name: "local", vouches: true, freedLimit: null });
      if (effect?.type === "approval") this.decide(effect, position, atMs);
    } catch (error) {
      this.withoutEffect.push({ position, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /**
   * Whether an action could take effect now, before it is proposed or approved.
   * @param confirmed purposes that the approver named; undefined while it is only proposed
   */
  check(action: Action, confirmed: readonly string[] | undefined, nowMs: number): void {
    if (action.type === "notice.adopt") this.notices.checkAdoption(parseNotice(action.notice), confirmed);
    if (action.type === "notice.retire") this.notices.find(action.id);
    if (action.type === "notice.retire" && confirmed === undefined)
      this.notices.checkRetirement(action.id, Date.parse(action.from), nowMs);
    if (action.type === "run.free") this.sources.get(action.source);
  }

  /** The effect of what two operators signed. */
  decide({ proposal, approval }: Decision, position: number, atMs: number): void {
    const { action } = proposal;
    switch (action.type) {
      case "notice.adopt":
        this.notices.adopt(parseNotice(action.notice), approval.confirm, position, atMs);
        break;
      case "notice.retire":
        this.notices.retire(action.id, Date.parse(action.from), atMs);
        break;
      case "source.set":
        this.sources.set({ name: action.name, vouches: action.vouches, freedLimit: action.freedLimit });
        break;
      case "run.free":
        this.sources.approveRun(action.source, action.digest);
        break;
      default: // operator.*: took effect in the operators' own fold
    }
  }

  pendingProposals(): Proposal[] {
    return this.operators.proposals();
  }

  advertisers(): Advertiser[] {
    return [...this.#advertisers.values()];
  }

  advertiser(name: string): Advertiser | undefined {
    return this.#advertisers.get(name);
  }

  keys(): ApiKey[] {
    return [...this.#keys.values()];
  }

  /** The live key that a secret `solely_ID_SECRET` opens, compared in constant time. */
  authenticate(secret: string): ApiKey | undefined {
    const [prefix, id, ...rest] = secret.split("_");
    const key = id === undefined ? undefined : this.#keys.get(id);
    if (prefix !== "solely" || key === undefined || key.revokedAtMs !== undefined) return undefined;
    const hash = createHash("sha256").update(rest.join("_")).digest();
    return timingSafeEqual(hash, Buffer.from(key.hash, "hex")) ? key : undefined;
  }

  /** The result of an earlier run under the same idempotency key. */
  run(idempotencyKey: string): RunResult | undefined {
    return this.#runs.get(idempotencyKey);
  }

  refusedRun(digest: string): { source: string; digest: string; freed: number; atMs: number } | undefined {
    return this.#refusedRuns.get(digest);
  }

  #apply(fact: ControlFact, atMs: number): void {
    switch (fact.type) {
      case "setup":
        for (const [name, check] of Object.entries(fact.keyChecks)) this.keyChecks.set(name, check);
        break;
      case "advertiser":
        this.#advertisers.set(fact.name, { name: fact.name, entity: fact.entity, createdAtMs: atMs });
        break;
      case "key":
        this.#keys.set(fact.key.id, { ...fact.key, createdAtMs: atMs });
        break;
      case "key-revoked": {
        const key = this.#keys.get(fact.id);
        if (key === undefined) throw new InstanceError("unknown-key", `no API key ${fact.id}`);
        this.#keys.set(fact.id, { ...key, revokedAtMs: atMs });
        break;
      }
      case "rotation-begun":
        this.rotation = { from: fact.from, to: fact.to };
        this.keyChecks.set(`ads.match.${fact.to}`, fact.keyCheck);
        break;
      case "rotation-ended":
        this.rotation = undefined;
        this.epoch = fact.to;
        break;
      case "run":
        this.#runs.set(fact.idempotencyKey, fact.result);
        break;
      case "run-refused":
        this.#refusedRuns.set(fact.digest, { source: fact.source, digest: fact.digest, freed: fact.freed, atMs });
        break;
      case "export":
        break;
    }
  }
}
