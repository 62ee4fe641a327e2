/**
 * Expressions: an audience that is made of others of the same advertiser, and of what the platform says of accounts.
 *
 * It is a chain of steps: who is in any of the included audiences, without whoever is in an excluded one, then with each of
 * some attributes, then without each of others. What a step keeps and what it takes away are both counted when the size is
 * released, and all must be large enough: else the difference of two audiences that may be served could be one person.
 * What is excluded is excluded by contacts that may be used for ads, too: to leave somebody out is a use.
 */
import { setImmediate as othersTurn } from "node:timers/promises";
import type { AccountFacts, Contacts } from "../grant/index.js";
import { type Permit, requirePermit } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import type { Audiences } from "./audiences.js";
import type { Expression } from "./list-facts.js";

export interface ExpressionRooms {
  readonly contacts: Contacts;
  readonly accountFacts: AccountFacts;
  readonly audiences: Audiences;
}

/** Accounts that one node of an expression holds. */
export interface ExpressionNode {
  readonly node: string;
  readonly accounts: OrdinalSet;
}

export interface Evaluated {
  /** Ordinals of the included audiences whose account is in the whole. */
  readonly members: OrdinalSet;
  /** The union, of several; then of each step what it keeps, and what it takes away. */
  readonly nodes: readonly ExpressionNode[];
}

/** How many nodes are counted and drawn: one included audience has a size of its own, several have a union. */
export const drawsOf = (expression: Expression): number =>
  (expression.include.length > 1 ? 1 : 0) + 2 * stepsOf(expression);

/** Place among the draws of the whole: what the last step keeps comes before what it takes away. */
export const wholeIn = (expression: Expression): number => (stepsOf(expression) === 0 ? 0 : drawsOf(expression) - 2);

const stepsOf = (expression: Expression): number =>
  (expression.exclude.length > 0 ? 1 : 0) + expression.with.length + expression.without.length;

/** Ordinals that are looked at before others get their turn. */
const SLICE_ORDINALS = 1 << 18;

/** The accounts of some ordinals, each once. Millions take a second, in which other work goes on. */
export async function accountSet(contacts: Contacts, ordinals: ReadonlyOrdinalSet): Promise<OrdinalSet> {
  const accounts = OrdinalSet.empty();
  const all = ordinals.toArray();
  for (let from = 0; from < all.length; from += SLICE_ORDINALS) {
    const { account } = contacts.points;
    accounts.addAll(all.subarray(from, from + SLICE_ORDINALS).map((ordinal) => account[ordinal]!));
    await othersTurn();
  }
  return accounts;
}

/**
 * What an expression comes to as of the call, of what may be served of its operands. The sets are the caller's own.
 * @throws {PurposeError} where the permit is none
 */
export async function evaluate(
  rooms: ExpressionRooms,
  expression: Expression,
  permit: Permit<"ads.match">,
): Promise<Evaluated> {
  requirePermit(permit, "ads.match");
  const { contacts, accountFacts, audiences } = rooms;
  const included = servedOfAny(audiences, expression.include, permit);
  const excluded = servedOfAny(audiences, expression.exclude, permit);
  const leftOut = await accountSet(contacts, excluded);
  const nobody = OrdinalSet.empty();
  let whole = await accountSet(contacts, included);
  const nodes: ExpressionNode[] = [{ node: "include", accounts: whole }];
  const step = (node: string, accounts: ReadonlyOrdinalSet, isKept: boolean): void => {
    const [inside, outside] = [whole.and(accounts), whole.andNot(accounts)];
    whole = isKept ? inside : outside;
    nodes.push({ node, accounts: whole }, { node: `${node}, left out`, accounts: isKept ? outside : inside });
  };
  if (expression.exclude.length > 0) step("exclude", leftOut, false);
  for (const name of expression.with) step(`with ${name}`, accountFacts.attributes.get(name) ?? nobody, true);
  for (const name of expression.without) step(`without ${name}`, accountFacts.attributes.get(name) ?? nobody, false);
  const members = OrdinalSet.empty();
  const all = included.toArray();
  for (let from = 0; from < all.length; from += SLICE_ORDINALS) {
    const { account } = contacts.points;
    members.addAll(all.subarray(from, from + SLICE_ORDINALS).filter((ordinal) => whole.has(account[ordinal]!)));
    await othersTurn();
  }
  for (const set of [included, excluded, leftOut, nobody]) set.dispose();
  if (expression.include.length === 1) nodes.shift()!.accounts.dispose();
  return { members, nodes };
}

/** What may be served of any of some audiences now; the caller's own. */
export function servedOfAny(audiences: Audiences, ids: readonly string[], permit: Permit<"ads.match">): OrdinalSet {
  const all = OrdinalSet.empty();
  for (const id of ids) {
    const served = audiences.served(permit, audiences.get(id));
    all.addSet(served);
    served.dispose();
  }
  return all;
}
