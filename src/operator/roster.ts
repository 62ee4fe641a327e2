/**
 * The roster: who is an operator, with which keys, from and until when; and what an `operator.*` action changes.
 *
 * An operator has one key in a file, and passkeys beside it; with that key they all end. A key belongs to one operator
 * only, ever: one that has ended never signs again, for nobody. There are never fewer than two operators, else nothing
 * could be decided any more.
 */
import type { Action } from "./action.js";
import { OperatorError } from "./error.js";
import { MAX_OPERATORS, MAX_PASSKEYS_PER_OPERATOR, MIN_OPERATORS } from "./limits.js";
import { passkeySpki } from "./passkey.js";

export interface Operator {
  readonly name: string;
  /** That of the key file: SPKI, base64. */
  readonly publicKey: string;
  /** Ledger position from which this key signs for the operator. */
  readonly fromPosition: number;
}

export interface Passkey {
  readonly name: string;
  /** The credential's id, base64url. */
  readonly credential: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  /** The host that it is for. */
  readonly host: string;
  /** Ledger position from which it signs for the operator. */
  readonly fromPosition: number;
}

/** Which key signed for whom, and when; one per key that was ever in force. */
export interface OperatorTerm extends Operator {
  /** Of a passkey; `publicKey` is its key as SPKI, too. */
  readonly passkey?: { readonly credential: string; readonly host: string };
  /** Undefined while it is in force. */
  readonly toPosition: number | undefined;
}

export class Roster {
  readonly #inForce = new Map<string, Operator>();
  /** Those in force, by credential. */
  readonly #passkeys = new Map<string, Passkey>();
  /** By SPKI: every key that there ever was. */
  readonly #terms = new Map<string, OperatorTerm>();
  /** Every credential that there ever was. */
  readonly #credentials = new Set<string>();

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

  /** Passkeys in force, in the order of coming into force. */
  passkeys(): Passkey[] {
    return [...this.#passkeys.values()];
  }

  /** The passkey in force that has this credential. */
  passkey(credential: string): Passkey | undefined {
    return this.#passkeys.get(credential);
  }

  passkeysOf(name: string): Passkey[] {
    return this.passkeys().filter((passkey) => passkey.name === name);
  }

  /**
   * Whether an action could change the roster now; actions of other types always could.
   * @throws {OperatorError} codes `name-taken`, `too-many-operators`, `key-already-used`, `unknown-operator`,
   * `too-few-operators`, `too-many-passkeys`, `unknown-passkey`
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
      case "operator.passkey":
        this.operator(action.name);
        if (this.passkeysOf(action.name).length >= MAX_PASSKEYS_PER_OPERATOR) {
          throw new OperatorError(
            "too-many-passkeys",
            `an operator has at most ${MAX_PASSKEYS_PER_OPERATOR} passkeys`,
            "end one that is not used any more",
          );
        }
        this.#checkKeyIsNew(passkeySpki(action.publicKey));
        if (this.#credentials.has(action.credential)) {
          throw new OperatorError("key-already-used", "this passkey is or was somebody's", "make a new passkey");
        }
        break;
      case "operator.passkey-end":
        if (this.#passkeys.get(action.credential)?.name !== action.name) {
          throw new OperatorError(
            "unknown-passkey",
            `${action.name} has no such passkey`,
            "solely operator list shows those in force",
          );
        }
        break;
    }
  }

  #checkKeyIsNew(publicKey: string): void {
    const term = this.#terms.get(publicKey);
    if (term === undefined) return;
    throw new OperatorError("key-already-used", `this key is or was ${term.name}'s`, "make a new key");
  }

  /** Applies a checked action, and returns the keys (SPKI, base64) that have ended by it. */
  apply(action: Action, position: number): string[] {
    switch (action.type) {
      case "operator.add":
        this.begin(action.name, action.publicKey, position);
        return [];
      case "operator.remove":
        return this.#end(action.name, position);
      case "operator.replace": {
        const ended = this.#end(action.name, position);
        this.begin(action.name, action.publicKey, position);
        return ended;
      }
      case "operator.passkey":
        this.#beginPasskey(action, position);
        return [];
      case "operator.passkey-end":
        return [this.#endPasskey(action.credential, position)];
      default:
        return [];
    }
  }

  begin(name: string, publicKey: string, position: number): void {
    const operator = { name, publicKey, fromPosition: position };
    this.#inForce.set(name, operator);
    this.#terms.set(publicKey, { ...operator, toPosition: undefined });
  }

  #end(name: string, position: number): string[] {
    const { publicKey } = this.operator(name);
    this.#inForce.delete(name);
    this.#endTerm(publicKey, position);
    return [publicKey, ...this.passkeysOf(name).map(({ credential }) => this.#endPasskey(credential, position))];
  }

  #beginPasskey({ name, credential, publicKey, host }: Omit<Passkey, "fromPosition">, position: number): void {
    this.#passkeys.set(credential, { name, credential, publicKey, host, fromPosition: position });
    this.#credentials.add(credential);
    const spki = passkeySpki(publicKey);
    const passkey = { credential, host };
    this.#terms.set(spki, { name, publicKey: spki, passkey, fromPosition: position, toPosition: undefined });
  }

  #endPasskey(credential: string, position: number): string {
    const spki = passkeySpki(this.#passkeys.get(credential)!.publicKey);
    this.#passkeys.delete(credential);
    this.#endTerm(spki, position);
    return spki;
  }

  #endTerm(publicKey: string, position: number): void {
    this.#terms.set(publicKey, { ...this.#terms.get(publicKey)!, toPosition: position });
  }
}
