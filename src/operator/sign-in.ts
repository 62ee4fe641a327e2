/**
 * Signing in with a key file: an operator's signed word that they want into the console of this store, good for five
 * minutes, and once. It is how an operator without a passkey gets to where one is made, and it can decide nothing.
 *
 * Nothing of it is kept: what was used is remembered in memory while it would still be good, and a word from before this
 * process began is not good any more.
 */
import { OperatorError } from "./error.js";
import type { Operators } from "./operators.js";
import type { Operator } from "./roster.js";
import { type Signed, statementId } from "./statement.js";

const GOOD_FOR_MS = 5 * 60_000;
/** The signer's clock may be that much ahead. */
const AHEAD_MS = 30_000;

export class SignIns {
  readonly #operators: Operators;
  readonly #beganMs: number;
  /** Ids of the statements that were used, and until when they would be good. */
  readonly #used = new Map<string, number>();

  constructor(operators: Operators, beganMs = Date.now()) {
    this.#operators = operators;
    this.#beganMs = beganMs;
  }

  /**
   * Uses an operator's word, once.
   * @throws {OperatorError} codes `malformed`, `wrong-store`, `not-begun`, `unknown-operator`, `bad-signature`, `stale`,
   * `repeated`
   */
  use(signed: Signed, nowMs = Date.now()): Operator {
    const { operator, atMs } = this.#operators.checkSignIn(signed);
    if (atMs < Math.max(nowMs - GOOD_FOR_MS, this.#beganMs) || atMs > nowMs + AHEAD_MS) {
      throw new OperatorError("stale", "it was not signed just now", "sign in again, with the clock set right");
    }
    for (const [id, untilMs] of this.#used) if (untilMs < nowMs) this.#used.delete(id);
    const id = statementId(signed);
    if (this.#used.has(id)) throw new OperatorError("repeated", "it was used before", "sign in again");
    this.#used.set(id, atMs + GOOD_FOR_MS);
    return operator;
  }
}
