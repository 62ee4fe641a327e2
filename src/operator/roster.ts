/**
 * The roster: who is an operator, with which key, from and until when; and what an `operator.*` action changes.
 *
 * A key belongs to one operator only, ever: one that has ended never signs again, for nobody. There are never
 * fewer than two operators, else nothing could be decided any more.
 */
import type { Action } from "./action.js";
import { OperatorError } from "./error.js";
import { MAX_OPERATORS, MIN_OPERATORS } from "./limits.js";

export interface Operator {
  readonly name: string;
  /** SPKI, base64. */
  readonly publicKey: string;
  /** Ledger position from which this key signs for the operator. */
  readonly fromPosition: number;
}

/** Which key signed for whom, and when; one per key that was ever in force. */
export interface OperatorTerm extends Operator {
  /** Undefined while it is in force. */
  readonly toPosition: number | undefined;
}

export class Roster {
  readonly #inForce = new Map<string, Operator>();
  readonly #terms = new Map<string, OperatorTerm>();

  get isEmpty(): boolean {
    return this.#terms.size === 0;
  }

  /** Those in force, by name. */
  list(): Operator[] {
    return [...this.#inForce.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Every key that was ever in force, in the order of coming into force. */
  terms(): OperatorTerm[] {
    return [...this.#terms.values()];
  }

  /** @throws {OperatorError} code `unknown-operator` */
  operator(name: string): Operator {
    const operator = this.#inForce.get(name);
    if (operator !== undefined) return operator;
    throw new OperatorError(
      "unknown-operator",
      `no operator ${JSON.stringify(name.slice(0, 64))} is in force`,
      "solely operator list shows those in force",
    );
  }

  /**
   * Whether an action could change the roster now; actions of other types always could.
   * @throws {OperatorError} codes `name-taken`, `too-many-operators`, `key-already-used`, `unknown-operator`,
   * `too-few-operators`
   */
  check(action: Action): void {
    switch (action.type) {
      case "operator.add":
        if (this.#inForce.has(action.name)) {
          throw new OperatorError("name-taken", `there is an operator ${action.name}`, "choose another name");
        }
        if (this.#inForce.size >= MAX_OPERATORS) {
          throw new OperatorError("too-many-operators", `a store has at most ${MAX_OPERATORS} operators`);
        }
        this.#checkKeyIsNew(action.publicKey);
        break;
      case "operator.remove":
        this.operator(action.name);
        if (this.#inForce.size <= MIN_OPERATORS) {
          throw new OperatorError(
            "too-few-operators",
            `a store keeps at least ${MIN_OPERATORS} operators`,
            "add another first, or replace this one's key",
          );
        }
        break;
      case "operator.replace":
        this.operator(action.name);
        this.#checkKeyIsNew(action.publicKey);
        break;
    }
  }

  #checkKeyIsNew(publicKey: string): void {
    const term = this.#terms.get(publicKey);
    if (term === undefined) return;
    throw new OperatorError("key-already-used", `this key is or was ${term.name}'s`, "make a new key");
  }

  /** Applies a checked action, and returns the name of the operator whose key has ended by it. */
  apply(action: Action, position: number): string | undefined {
    switch (action.type) {
      case "operator.add":
        this.begin(action.name, action.publicKey, position);
        return undefined;
      case "operator.remove":
        this.#end(action.name, position);
        return action.name;
      case "operator.replace":
        this.#end(action.name, position);
        this.begin(action.name, action.publicKey, position);
        return action.name;
      default:
        return undefined;
    }
  }

  begin(name: string, publicKey: string, position: number): void {
    const operator = { name, publicKey, fromPosition: position };
    this.#inForce.set(name, operator);
    this.#terms.set(publicKey, { ...operator, toPosition: undefined });
  }

  #end(name: string, position: number): void {
    const operator = this.operator(name);
    this.#inForce.delete(name);
    this.#terms.set(operator.publicKey, { ...operator, toPosition: position });
  }
}
