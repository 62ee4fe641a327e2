/**
 * The reckoning: each list that both have, who is matched on one side alone, and what decides about them; and the whole.
 *
 * Runs while nothing else is written, so that all of it is of one ledger position. Cost: a sort of each list's pairs, and a
 * look at the histories of those who are on one side alone.
 */
import { setImmediate } from "node:timers/promises";
import { type Audience, type Audiences, accountSet } from "../audience/index.js";
import { CANARY_ADVERTISER, type Canaries } from "../canary/index.js";
import { Numbers } from "../column/index.js";
import type { Contacts } from "../grant/index.js";
import type { Log } from "../log/index.js";
import type { NoticeBook, PurposeGate } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { Judge } from "./judge.js";
import { NamedRows } from "./named-rows.js";
import { pairing } from "./pairing.js";
import type { ComparedList, Comparison, UnpairedHere, UnpairedThere } from "./result.js";
import { Sides } from "./sides.js";
import { Notices } from "./tally.js";
import { distinctPairs, type There, type ThereList } from "./there.js";

export interface ReckoningRooms {
  readonly log: Log;
  readonly gate: PurposeGate;
  readonly contacts: Contacts;
  readonly notices: NoticeBook;
  readonly audiences: Audiences;
  readonly canaries: Canaries;
}

/** What is found beside what is said of the file itself. */
export type Reckoned = Omit<Comparison, "format" | "madeAt" | "rows" | "refused" | "rejectFile" | "refusedRows">;

/** Pairs that are judged before others get their turn. */
const PAIRS_A_TURN = 1 << 16;
const PERMITTED_HERE = -1;

/**
 * @param named gets a row for whatever decides about somebody, unless it is left out
 * @param onProgress lists that are done, and all of them
 * @throws what the gate throws while nothing may be used
 */
export async function reckon(
  rooms: ReckoningRooms,
  there: There,
  { named, onProgress }: { named?: NamedRows | undefined; onProgress?: (done: number, total: number) => void },
): Promise<Reckoned> {
  const { log, contacts, notices: book, audiences } = rooms;
  const notices = new Notices(book, contacts.corrections.meanings);
  const canaries = OrdinalSet.from(Uint32Array.from(rooms.canaries.accounts));
  there.settle(contacts);
  const ours = audiences.list().filter(({ advertiser }) => advertiser !== CANARY_ADVERTISER);
  const { paired, unpairedThere, unpairedHere } = pairing(there.lists, ours);
  const whole = new Sides(notices);
  try {
    const lists: ComparedList[] = [];
    for (const { audience, lists: theirs } of paired) {
      const pairs = there.pairsOf(theirs);
      const members = audiences.members(rooms.gate.permit("ads.match"), audience);
      const sides = await sidesOf(contacts, notices, pairs, members, canaries);
      try {
        named?.begin(audience);
        await judgeSides(contacts, sides, pairs, members, named);
        lists.push({ ...namesOf(audience), ...sides.counts() });
        whole.join(sides);
      } finally {
        sides.dispose();
        members.dispose();
      }
      onProgress?.(lists.length, paired.length);
    }
    return {
      position: log.position,
      ...whole.counts(),
      lists: lists.sort((a, b) => b.onlyThere - a.onlyThere || order(a, b)),
      unpairedThere: unpairedThere.map((list) => toldThere(there, list, canaries)).sort(byPeople),
      unpairedHere: (await toldHere(rooms, unpairedHere, canaries)).sort(byPeople),
    };
  } finally {
    whole.dispose();
    canaries.dispose();
  }
}

async function sidesOf(
  contacts: Contacts,
  notices: Notices,
  pairs: Uint32Array,
  members: ReadonlyOrdinalSet,
  canaries: OrdinalSet,
): Promise<Sides> {
  const there = OrdinalSet.from(accountsOf(pairs));
  const here = await accountSet(contacts, members);
  there.removeSet(canaries);
  here.removeSet(canaries);
  return new Sides(notices, there, here);
}

/** The distinct accounts of pairs, ascending as these are. */
function accountsOf(pairs: Uint32Array): Uint32Array {
  const accounts = new Uint32Array(pairs.length / 2);
  let used = 0;
  for (let at = 1; at < pairs.length; at += 2) {
    if (used === 0 || accounts[used - 1] !== pairs[at]) accounts[used++] = pairs[at]!;
  }
  return accounts.subarray(0, used);
}

async function judgeSides(
  contacts: Contacts,
  sides: Sides,
  pairs: Uint32Array,
  members: ReadonlyOrdinalSet,
  named: NamedRows | undefined,
): Promise<void> {
  const judge = new Judge(contacts);
  const { lost, gained, onlyThere, onlyHere } = sides;
  const open = new Numbers();
  await forEachPair(pairs, onlyThere, (account, match) => {
    const told = judge.lost(account, match, (decided) => {
      lost.note(account, decided.rule, decided.notice, decided.givenAtMs);
      named?.add(account, decided);
    });
    if (told > 1) open.push(account);
  });
  sides.open.addAll(open.values);
  const { points } = contacts;
  const ordinals = members.toArray();
  const ours = new Uint32Array(2 * ordinals.length);
  ordinals.forEach((ordinal, i) => {
    ours[2 * i] = points.numberOf(ordinal);
    ours[2 * i + 1] = points.account[ordinal]!;
  });
  await forEachPair(distinctPairs(ours), onlyHere, (account, point) =>
    judge.gained(point, (decided) => {
      gained.note(account, PERMITTED_HERE, decided.notice, decided.givenAtMs);
      named?.add(account, decided, NamedRows.HERE);
    }),
  );
}

/** The pairs whose account is one of these, in their order. */
async function forEachPair(
  pairs: Uint32Array,
  accounts: ReadonlyOrdinalSet,
  judge: (account: number, match: number) => void,
): Promise<void> {
  let [last, isOne] = [-1, false];
  for (let at = 0; at < pairs.length; at += 2) {
    const account = pairs[at + 1]!;
    if (account !== last) {
      last = account;
      isOne = accounts.has(account);
    }
    if (isOne) judge(account, pairs[at]!);
    if (at % PAIRS_A_TURN === 0) await setImmediate();
  }
}

const namesOf = ({ id: audience, list, advertiser, name }: Audience) => ({ list, audience, advertiser, name });

function toldThere(there: There, own: ThereList, canaries: ReadonlyOrdinalSet): UnpairedThere {
  const { advertiser, list, rows } = own;
  const accounts = accountsOf(there.pairsOf([own]));
  return { advertiser, list, rows, people: accounts.length - canaries.countOf([accounts]) };
}

async function toldHere(
  { gate, contacts, audiences }: ReckoningRooms,
  unpaired: readonly Audience[],
  canaries: OrdinalSet,
): Promise<UnpairedHere[]> {
  const told: UnpairedHere[] = [];
  for (const audience of unpaired) {
    const members = audiences.members(gate.permit("ads.match"), audience);
    const accounts = await accountSet(contacts, members);
    accounts.removeSet(canaries);
    told.push({ ...namesOf(audience), people: accounts.size });
    members.dispose();
    accounts.dispose();
  }
  return told;
}

const order = (a: { advertiser: string; list: string }, b: { advertiser: string; list: string }): number =>
  a.advertiser < b.advertiser ? -1 : a.advertiser > b.advertiser ? 1 : a.list < b.list ? -1 : 1;

const byPeople = (a: UnpairedThere | UnpairedHere, b: UnpairedThere | UnpairedHere): number =>
  b.people - a.people || order(a, b);
