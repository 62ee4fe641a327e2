/**
 * Operators: the fold of genesis, proposals and approvals into who the operators are and what two of them decided.
 *
 * Same facts, same state. Every signature is checked on every fold against the key its operator had then, along
 * the chain from the genesis whose fingerprint the configuration holds; a fact that does not hold is passed over
 * with a note, and changes nothing. What an approved action does elsewhere (a notice, a source) is for the
 * caller, who checks it before making the decision durable and again on folding it.
 */
import type { Action } from "./action.js";
import { OperatorError, type OperatorErrorCode } from "./error.js";
import { decodeGenesis, type Genesis, genesisFingerprint } from "./genesis.js";
import { MAX_PENDING_PROPOSALS, MAX_REJECTED_FACTS_KEPT, MIN_PROPOSAL_PREFIX_HEX } from "./limits.js";
import { type Operator, type OperatorTerm, type Passkey, Roster } from "./roster.js";
import { keyThatSigned } from "./scheme.js";
import { decodeSigned, parseApproval, parseProposal, parseSignIn, type Signed, statementId } from "./statement.js";

export type ProposalState = "pending" | "approved" | "lapsed";

export interface Proposal {
  /** SHA-256 of the signed bytes, hex. */
  readonly id: string;
  readonly action: Action;
  readonly by: string;
  /** The key it was signed with, of the key file or a passkey: SPKI, base64. */
  readonly publicKey: string;
  /** The proposer's own clock, RFC 3339. */
  readonly at: string;
  readonly position: number;
  readonly signed: Signed;
}

export interface Approval {
  readonly by: string;
  readonly publicKey: string;
  /** Purposes that the approver confirmed by name. */
  readonly confirm: readonly string[];
  readonly at: string;
  readonly position: number;
  readonly signed: Signed;
}

/** What two operators signed. */
export interface Decision {
  readonly proposal: Proposal;
  readonly approval: Approval;
}

export type OperatorFactKind = "genesis" | "proposal" | "approval";

/** What an accepted fact did. */
export type OperatorEffect =
  | { readonly type: "genesis"; readonly genesis: Genesis }
  | { readonly type: "proposal"; readonly proposal: Proposal }
  | ({ readonly type: "approval" } & Decision);

export interface RejectedFact {
  readonly position: number;
  readonly kind: OperatorFactKind;
  readonly code: OperatorErrorCode;
  readonly reason: string;
}

/** What waits no more. */
export interface Decided {
  readonly proposal: Proposal;
  /** Undefined: it lapsed. */
  readonly approval: Approval | undefined;
  /** The decision that it lapsed by; undefined where its proposer's key ended. */
  readonly overtakenBy: Decision | undefined;
}

interface Entry {
  readonly proposal: Proposal;
  state: ProposalState;
  approval?: Approval;
  overtakenBy?: Decision;
}

type Unplaced<T> = Omit<T, "position">;

interface UnplacedDecision {
  readonly proposal: Proposal;
  readonly approval: Unplaced<Approval>;
}

export class Operators {
  /** Fingerprint of the genesis, from the configuration. */
  readonly storeId: string;
  readonly #roster = new Roster();
  readonly #entries = new Map<string, Entry>();
  /** Ids of pending proposals by proposer. */
  readonly #pending = new Map<string, Set<string>>();
  readonly #rejected: RejectedFact[] = [];
  #rejectedCount = 0;

  /** @param rootFingerprint from the configuration, never from the database */
  constructor(rootFingerprint: string) {
    this.storeId = rootFingerprint;
  }

  /**
   * Begins the chain.
   * @throws {OperatorError} codes `already-begun`, `wrong-genesis`, and those of a malformed one
   */
  genesis(bytes: Uint8Array, position = 0): Genesis {
    if (this.hasBegun) throw new OperatorError("already-begun", "the store has its genesis already");
    if (genesisFingerprint(bytes) !== this.storeId) {
      throw new OperatorError(
        "wrong-genesis",
        "the first operators in the database are not those of the configuration",
        "check that the configuration belongs to this database",
      );
    }
    const genesis = decodeGenesis(bytes);
    for (const { name, publicKey } of genesis.operators) this.#roster.begin(name, publicKey, position);
    return genesis;
  }

  get hasBegun(): boolean {
    return !this.#roster.isEmpty;
  }

  /**
   * What `propose` would do, without doing it: to be asked before the fact is made durable.
   * @throws {OperatorError} `malformed`, `wrong-store`, `not-begun`, `unknown-operator`, `bad-signature`, `repeated`,
   * `too-many-pending`, and why an `operator.*` action could not take effect
   */
  checkProposal(signed: Signed): Unplaced<Proposal> {
    const statement = parseProposal(signed);
    const publicKey = this.#keyOf(signed, statement.store);
    const id = statementId(signed);
    if (this.#entries.has(id))
      throw new OperatorError("repeated", `proposal ${id.slice(0, MIN_PROPOSAL_PREFIX_HEX)} was made before`);
    if ((this.#pending.get(statement.by)?.size ?? 0) >= MAX_PENDING_PROPOSALS) {
      throw new OperatorError(
        "too-many-pending",
        `${statement.by} has ${MAX_PENDING_PROPOSALS} proposals that wait for a second signature`,
      );
    }
    this.#roster.check(statement.action);
    return { id, action: statement.action, by: statement.by, publicKey, at: statement.at, signed };
  }

  /**
   * Takes a proposal in.
   * @throws {OperatorError} as `checkProposal`
   */
  propose(signed: Signed, position: number): Proposal {
    const proposal = { ...this.checkProposal(signed), position };
    this.#entries.set(proposal.id, { proposal, state: "pending" });
    const pending = this.#pending.get(proposal.by);
    if (pending === undefined) this.#pending.set(proposal.by, new Set([proposal.id]));
    else pending.add(proposal.id);
    return proposal;
  }

  /**
   * What `approve` would decide, without deciding it.
   * @throws {OperatorError} `malformed`, `wrong-store`, `not-begun`, `unknown-operator`, `bad-signature`,
   * `unknown-proposal`, `already-decided`, `lapsed`, `same-operator`, and why an `operator.*` action can't take effect
   */
  checkApproval(signed: Signed): UnplacedDecision {
    const decision = this.#approvalOf(signed);
    const { overtakenBy } = this.#entries.get(decision.proposal.id)!;
    if (overtakenBy === undefined) return decision;
    const { proposal, approval } = overtakenBy;
    throw new OperatorError(
      "lapsed",
      `the proposal lapsed by a later decision: ${proposal.action.type}, which ${proposal.by} proposed and ${approval.by} ` +
        `approved at position ${approval.position}`,
      "look how it stands since then; if it is still wanted, propose it again",
    );
  }

  /** Facts of a time when nothing lapsed by a later decision still count: the fold asks no more than this. */
  #approvalOf(signed: Signed): UnplacedDecision {
    const statement = parseApproval(signed);
    const publicKey = this.#keyOf(signed, statement.store);
    const entry = this.#entries.get(statement.proposal);
    if (entry === undefined)
      throw new OperatorError("unknown-proposal", "no such proposal", "solely proposals lists those that wait");
    const { proposal, state } = entry;
    if (state === "approved") throw new OperatorError("already-decided", "the proposal is approved already");
    if (state === "lapsed" && entry.overtakenBy === undefined) {
      throw new OperatorError("lapsed", `the proposal lapsed when ${proposal.by}'s key ended`, "propose it again");
    }
    if (statement.by === proposal.by || publicKey === proposal.publicKey) {
      throw new OperatorError(
        "same-operator",
        `${proposal.by} proposed this and can't approve it too`,
        "ask another operator to approve",
      );
    }
    this.#roster.check(proposal.action);
    return {
      proposal,
      approval: { by: statement.by, publicKey, confirm: statement.confirm, at: statement.at, signed },
    };
  }

  /**
   * Decides a proposal; `operator.*` actions take effect here and now.
   * @throws {OperatorError} as `checkApproval`, but for what a later decision overtook
   */
  approve(signed: Signed, position: number): Decision {
    const { proposal, approval } = this.#approvalOf(signed);
    const entry = this.#entries.get(proposal.id)!;
    entry.state = "approved";
    delete entry.overtakenBy;
    entry.approval = { ...approval, position };
    this.#pending.get(proposal.by)?.delete(proposal.id);
    const ended = this.#roster.apply(proposal.action, position);
    if (ended.length > 0) this.#lapse(ended);
    return { proposal, approval: { ...approval, position } };
  }

  /** What waits, and counts no more since a decision came into force, lapses. */
  overtake(decision: Decision, isOvertaken: (waiting: Action) => boolean): void {
    for (const ids of this.#pending.values()) {
      for (const id of ids) {
        const entry = this.#entries.get(id)!;
        if (!isOvertaken(entry.proposal.action)) continue;
        entry.state = "lapsed";
        entry.overtakenBy = decision;
        ids.delete(id);
      }
    }
  }

  /**
   * Whose word it is that they want into the console, and when it was signed: with the key file in force, and it alone.
   * @throws {OperatorError} `malformed`, `wrong-store`, `not-begun`, `unknown-operator`, `bad-signature`
   */
  checkSignIn(signed: Signed): { readonly operator: Operator; readonly atMs: number } {
    const statement = parseSignIn(signed);
    const key = this.#keyOf(signed, statement.store);
    const operator = this.operator(statement.by);
    if (key !== operator.publicKey) throw new OperatorError("bad-signature", "not signed with the key file");
    return { operator, atMs: Date.parse(statement.at) };
  }

  /** Takes a kept fact in; one that does not hold is noted in `rejectedFacts`, and undefined returned. */
  fold(kind: OperatorFactKind, bytes: Uint8Array, position: number): OperatorEffect | undefined {
    try {
      if (kind === "genesis") return { type: kind, genesis: this.genesis(bytes, position) };
      if (kind === "proposal") return { type: kind, proposal: this.propose(decodeSigned(bytes), position) };
      return { type: kind, ...this.approve(decodeSigned(bytes), position) };
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      this.#rejectedCount++;
      if (this.#rejected.length < MAX_REJECTED_FACTS_KEPT) {
        this.#rejected.push({ position, kind, code: error.code, reason: error.message });
      }
      return undefined;
    }
  }

  /** The first facts that the fold passed over; how many there were in all is `rejectedCount`. */
  get rejectedFacts(): readonly RejectedFact[] {
    return this.#rejected;
  }

  get rejectedCount(): number {
    return this.#rejectedCount;
  }

  /** Those in force, by name. */
  list(): Operator[] {
    return this.#roster.list();
  }

  /** Every key that ever signed here, in the order of coming into force. */
  terms(): OperatorTerm[] {
    return this.#roster.terms();
  }

  /**
   * An operator in force.
   * @throws {OperatorError} code `unknown-operator`
   */
  operator(name: string): Operator {
    return this.#roster.operator(name);
  }

  /** Passkeys in force, in the order of coming into force. */
  passkeys(): Passkey[] {
    return this.#roster.passkeys();
  }

  /** The passkey in force that has this credential (base64url). */
  passkey(credential: string): Passkey | undefined {
    return this.#roster.passkey(credential);
  }

  /** Proposals in one state, in the order made. */
  proposals(state: ProposalState = "pending"): Proposal[] {
    return [...this.#entries.values()].filter((entry) => entry.state === state).map(({ proposal }) => proposal);
  }

  /** What waits no more, in the order proposed. */
  decided(): Decided[] {
    return [...this.#entries.values()]
      .filter(({ state }) => state !== "pending")
      .map(({ proposal, approval, overtakenBy }) => ({ proposal, approval, overtakenBy }));
  }

  /**
   * The proposal whose id begins so, with its state.
   * @param idPrefix at least 8 hex digits
   * @throws {OperatorError} codes `unknown-proposal`, `ambiguous-proposal`
   */
  proposal(idPrefix: string): { readonly proposal: Proposal; readonly state: ProposalState } {
    const prefix = idPrefix.toLowerCase();
    if (prefix.length < MIN_PROPOSAL_PREFIX_HEX) {
      throw new OperatorError(
        "unknown-proposal",
        `a proposal is named by at least ${MIN_PROPOSAL_PREFIX_HEX} digits of its id`,
      );
    }
    const found = [...this.#entries.values()].filter(({ proposal }) => proposal.id.startsWith(prefix));
    if (found.length > 1)
      throw new OperatorError("ambiguous-proposal", "several proposals begin so", "give more digits of the id");
    const entry = found[0];
    if (entry === undefined)
      throw new OperatorError("unknown-proposal", "no such proposal", "solely proposals lists those that wait");
    return { proposal: entry.proposal, state: entry.state };
  }

  /** The signer's key that this was signed with. */
  #keyOf(signed: Signed, storeId: string): string {
    if (!this.hasBegun) throw new OperatorError("not-begun", "the store has no operators yet");
    if (storeId !== this.storeId) throw new OperatorError("wrong-store", "signed for another store");
    const { name, publicKey } = this.operator(signed.operator);
    const keys = { publicKey, passkeys: this.#roster.passkeysOf(name) };
    const key = keyThatSigned(signed.scheme, keys, signed.statement, signed.signature);
    if (key !== undefined) return key;
    throw new OperatorError(
      "bad-signature",
      `not signed with a key of ${name}'s that is in force`,
      "sign with the key file, or a passkey, that is in force",
    );
  }

  /** What was signed with a key that has ended, and waits, lapses. */
  #lapse(ended: readonly string[]): void {
    for (const ids of this.#pending.values()) {
      for (const id of ids) {
        const entry = this.#entries.get(id)!;
        if (!ended.includes(entry.proposal.publicKey)) continue;
        entry.state = "lapsed";
        ids.delete(id);
      }
    }
  }
}
