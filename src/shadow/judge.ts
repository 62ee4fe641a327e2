/**
 * What decides about an account that another system matched: of the contact that matched there where it is known, else of
 * each that it may have been.
 *
 * A list names there whom it names here, so a contact that is permitted would have matched here, too: where one that is not
 * permitted may have been it, those that are permitted are passed over.
 */
import { type Contacts, Decision, NO_GRANT } from "../grant/index.js";
import { LOST_RULES, type LostRule } from "./result.js";
import { isNotFound, isOpen, kindsOf, UNKNOWN_ACCOUNTS } from "./there.js";

/** `kind` of what is not known to be of one kind. */
const NO_KIND = 0xff;

/** One thing that decides. */
export interface Decided {
  /** Place in LOST_RULES. */
  rule: number;
  /** Code of the contact's kind, or NO_KIND. */
  kind: number;
  /** Notice version of the grant, or NO_GRANT. */
  notice: number;
  /** -1 without a grant. */
  givenAtMs: number;
}

const ruleOf = (rule: LostRule): number => LOST_RULES.indexOf(rule);
const UNKNOWN_ACCOUNT = ruleOf("unknown-account");
const UNKNOWN_CONTACT = ruleOf("unknown-contact");

export class Judge {
  readonly #contacts: Contacts;
  readonly #decision: Decision;
  /** Set anew each time, then told. */
  readonly #decided: Decided = { rule: 0, kind: NO_KIND, notice: NO_GRANT, givenAtMs: -1 };

  constructor(contacts: Contacts) {
    this.#contacts = contacts;
    this.#decision = new Decision(contacts);
  }

  /**
   * Why an account that was matched there is not matched here.
   * @returns how many things may decide
   */
  lost(account: number, match: number, tell: (decided: Decided) => void): number {
    if (account >= UNKNOWN_ACCOUNTS) return this.#tell(UNKNOWN_ACCOUNT, match, tell);
    if (isNotFound(match)) return this.#tell(UNKNOWN_CONTACT, match, tell);
    if (!isOpen(match)) return this.#tellPoint(match, tell);
    const told = this.#tellPoints(account, match, false, tell) || this.#tellPoints(account, match, true, tell);
    return told || this.#tell(UNKNOWN_CONTACT, match, tell);
  }

  /** The contact points that it may have been, those that are permitted or those that are not. */
  #tellPoints(account: number, match: number, permitted: boolean, tell: (decided: Decided) => void): number {
    const { accounts, points } = this.#contacts;
    let told = 0;
    for (let point = accounts.firstPoint[account]! - 1; point >= 0; point = points.next[point]! - 1) {
      if ((kindsOf(match) & (1 << points.kind(point))) === 0) continue;
      const { rule, isPermitted } = this.#decision.of(point);
      if (rule !== "never-given" && isPermitted === permitted) told += this.#tellDecision(point, tell);
    }
    return told;
  }

  /** By which grant a contact point of here is permitted. */
  gained(point: number, tell: (decided: Decided) => void): void {
    this.#tellPoint(point, tell);
  }

  #tellPoint(point: number, tell: (decided: Decided) => void): number {
    this.#decision.of(point);
    return this.#tellDecision(point, tell);
  }

  #tellDecision(point: number, tell: (decided: Decided) => void): number {
    const { rule, notice, givenAtMs } = this.#decision;
    const decided = this.#decided;
    if (rule === "never-given") decided.rule = UNKNOWN_CONTACT;
    else decided.rule = ruleOf(rule === "permitted" ? "permitted-but-not-matched" : rule);
    decided.kind = this.#contacts.points.kind(point);
    decided.notice = notice;
    decided.givenAtMs = givenAtMs;
    tell(decided);
    return 1;
  }

  /** Where no contact point of here decides. */
  #tell(rule: number, match: number, tell: (decided: Decided) => void): number {
    const decided = this.#decided;
    decided.rule = rule;
    // Of one kind where one bit is set.
    const kinds = isOpen(match) || isNotFound(match) ? kindsOf(match) : 0;
    decided.kind = kinds !== 0 && (kinds & (kinds - 1)) === 0 ? 31 - Math.clz32(kinds) : NO_KIND;
    decided.notice = NO_GRANT;
    decided.givenAtMs = -1;
    tell(decided);
    return 1;
  }
}
