/**
 * Decisions: what two operators signed, as a fold of genesis, proposals and approvals that hands each approved action
 * to whoever carries it out.
 *
 * A proposal and its approval are signed by the operators themselves, where their keys are; here they are checked,
 * made durable and take effect. Nothing here can sign. A fact that does not hold, because a signature is wrong or its
 * action can't be carried out, changes nothing and is noted.
 *
 * What waits lapses once a decision has changed what it was made about. That is asked when an approval comes in, and not
 * of facts: what counted when it became durable counts at every fold.
 */
import { LeafKind } from "../ledger/index.js";
import { type Fold, type Log, payloadOf, type Sealed } from "../log/index.js";
import type { FactRow } from "../store/index.js";
import type { Action, ActionType } from "./action.js";
import { notTwoPeople, operatorsFolder } from "./key.js";
import { MAX_REJECTED_FACTS_KEPT } from "./limits.js";
import { type Decision, type OperatorFactKind, Operators, type Proposal } from "./operators.js";
import { SignIns } from "./sign-in.js";
import { encodeSigned, type Signed } from "./statement.js";

/** Carries one type of action out. */
export interface ActionHandler<A extends Action = Action> {
  /**
   * Throws if the action could not take effect now.
   * @param confirmed purposes that the approver named; undefined while it is only proposed
   */
  check(action: A, confirmed: readonly string[] | undefined, nowMs: number): void;
  /** Whether a proposal of it that waits counts no more once `decided` is in force, which changes what it was made about. */
  isOvertaken?(waiting: A, decided: Action): boolean;
  /** The effect of what two operators signed; called only after `check`. */
  apply(action: A, decision: Decision, atMs: number): void;
}

/** What two operators sign, as long as its leaf has no place. */
export type PlannedDecision = Omit<Decision, "approval"> & {
  readonly approval: Omit<Decision["approval"], "position">;
};

/** Plans the leaves that are durable, and count, together with an approval; `position` is that of the first of them. */
export type Accompany = (decision: PlannedDecision, position: number, timeMs: number) => Promise<Sealed>;

/** One for each type of action, but for those about the operators themselves. */
export type ActionHandlers = {
  readonly [T in Exclude<ActionType, `operator.${string}`>]: ActionHandler<Extract<Action, { type: T }>>;
};

const FACT_KINDS: ReadonlyMap<number, OperatorFactKind> = new Map([
  [LeafKind.genesis, "genesis"],
  [LeafKind.proposal, "proposal"],
  [LeafKind.approval, "approval"],
]);

export class Decisions implements Fold {
  readonly kinds = [...FACT_KINDS.keys()];
  readonly operators: Operators;
  readonly signIns: SignIns;
  readonly #handlers: ReadonlyMap<string, ActionHandler>;
  readonly #accompany = new Map<ActionType, Accompany>();
  /** Decisions that were signed and could take no effect; the first of them. */
  readonly withoutEffect: { readonly position: number; readonly reason: string }[] = [];

  /** @param rootFingerprint of the first operators, from the configuration */
  constructor(rootFingerprint: string, handlers: ActionHandlers) {
    this.operators = new Operators(rootFingerprint);
    this.signIns = new SignIns(this.operators);
    this.#handlers = new Map<string, ActionHandler>(Object.entries(handlers));
  }

  /** Approvals of a type of action bring leaves of their own, which are in the same transaction. */
  accompany(type: ActionType, plan: Accompany): void {
    this.#accompany.set(type, plan);
  }

  apply({ kind, body, position, timeMs }: FactRow): void {
    const effect = this.operators.fold(FACT_KINDS.get(kind)!, payloadOf(body), position);
    if (effect?.type !== "approval") return;
    const { action } = effect.proposal;
    try {
      this.#check(action, effect.approval.confirm, timeMs);
      this.#handlers.get(action.type)?.apply(action, effect, timeMs);
      this.operators.overtake(
        effect,
        (waiting) => this.#handlers.get(waiting.type)?.isOvertaken?.(waiting, action) ?? false,
      );
    } catch (error) {
      if (this.withoutEffect.length === MAX_REJECTED_FACTS_KEPT) return;
      this.withoutEffect.push({ position, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /**
   * Takes a signed proposal in, if its action could take effect now.
   * @throws {OperatorError}, and what the action's handler throws
   */
  async propose(log: Log, signed: Signed): Promise<Proposal> {
    let id = "";
    await log.record(LeafKind.proposal, (timeMs) => {
      const checked = this.operators.checkProposal(signed);
      this.#check(checked.action, undefined, timeMs);
      id = checked.id;
      return encodeSigned(signed);
    });
    return this.operators.proposal(id).proposal;
  }

  /**
   * Takes a second operator's approval in; the action is in force when this returns.
   * @throws {OperatorError}, and what the action's handler throws
   */
  async approve(log: Log, signed: Signed): Promise<Decision> {
    let decision: PlannedDecision | undefined;
    const make = (timeMs: number) => {
      decision = this.operators.checkApproval(signed);
      this.#check(decision.proposal.action, decision.approval.confirm, timeMs);
      return encodeSigned(signed);
    };
    const position = await log.record(LeafKind.approval, make, async (at, timeMs) =>
      this.#accompany.get(decision!.proposal.action.type)?.(decision!, at, timeMs),
    );
    const { proposal, approval } = decision!;
    return { proposal, approval: { ...approval, position } };
  }

  /** Operators in force whose private keys the current user can read, when these are two or more: not two people. */
  async keysInOneHand(env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
    const names = await notTwoPeople(operatorsFolder(env), this.operators.list());
    return names.length > 1 ? names : [];
  }

  #check(action: Action, confirmed: readonly string[] | undefined, nowMs: number): void {
    this.#handlers.get(action.type)?.check(action, confirmed, nowMs);
  }
}
