/**
 * Grants: a batch of rows from a source becomes one leaf of facts and what it changes.
 *
 * `plan` resolves accounts and contact points, leaves out what is known already, and applies the rest to
 * the hot state as a change. `tokenRequest` then says which rows' digests may become tokens: only those of
 * contact points that are permitted by a grant that stands. `settleTokens` gives every spelling its tag.
 * A row repeats a known grant when account, identity, notice version, time and giver are the same; what
 * such a row supplies (verification, another spelling's token) is kept as an entry of its own.
 */
import { grown, Scratch, TOUCHED_AT_ONCE } from "../column/index.js";
import { NOTICE_CLASS, type NoticeBook } from "../purpose/index.js";
import { viewU32 } from "../store/index.js";
import { sameBytes } from "./account-table.js";
import type { ContactColumns } from "./batch.js";
import type { Change, Contacts } from "./contacts.js";
import { WHAT } from "./history.js";
import { FLAG, NO_GRANT } from "./point-table.js";
import { identityDigests, nameDigests, type Tombstones } from "./tombstones.js";

/** Rows that will be kept, column by column. */
export interface GrantRows {
  count: number;
  number: Uint32Array;
  what: Uint8Array;
  notice: Uint16Array;
  givenAtMs: Float64Array;
  verifiedAtMs: Float64Array;
  giver: Uint32Array;
  /** Row of the batch that each comes from. */
  batchRow: Uint32Array;
}

export interface GrantPlan {
  readonly change: Change;
  readonly batch: ContactColumns;
  readonly rows: GrantRows;
  /** Good rows that added no grant. */
  duplicates: number;
  /** Rows of the batch that are left out: given before they were erased. */
  readonly erased: number[];
  /** By row of the batch: contact point (2^32 - 1 for a row that is left out), and entry in `more` (-1: first grant, -2: nothing added). */
  readonly numberOfRow: Uint32Array;
  readonly entryOfRow: Int32Array;
  /** By row of the batch: its row in `rows` + 1, 0 for none. */
  readonly keptOfRow: Uint32Array;
}

/** Digests that may become tokens. */
export interface TokenRequest {
  readonly count: number;
  /** Form of the batch that each is. */
  readonly form: Uint32Array;
  readonly digests: Uint8Array;
  readonly kinds: Uint8Array;
  /** Ordinal that each would stand for. */
  readonly ordinals: Uint32Array;
  /** Schemes whose form each is. */
  readonly schemes: Uint8Array;
  /** Ordinals that may have one of these tokens already. */
  readonly mayBeKnown: readonly number[];
}

/** Tokens that were made, for the facts and for the index. */
export interface NewTokens {
  readonly count: number;
  readonly number: Uint32Array;
  readonly ordinal: Uint32Array;
  /** Schemes | tag << 4. */
  readonly mark: Uint8Array;
  readonly kind: Uint8Array;
  readonly token: Uint8Array;
}

const NOTHING_ADDED = -2;
const LEFT_OUT = 2 ** 32 - 1;
const UNKNOWN_TAG = 255;
const SCHEME_BITS = 0x0f;
const TAG_SHIFT = 4;
const TOKEN_BYTES = 16;

const ACCOUNT_SUMS = new Scratch(Uint32Array);

/** @param tombstoneKey key of the digests of what was erased */
export function planGrants(
  contacts: Contacts,
  book: NoticeBook,
  change: Change,
  batch: ContactColumns,
  tombstoneKey: Uint8Array,
): GrantPlan {
  const erasedUpTo = erasedInstants(contacts.tombstones, batch, tombstoneKey);
  const n = batch.rows;
  const plan: GrantPlan = {
    change,
    batch,
    rows: emptyRows(n),
    duplicates: 0,
    erased: [],
    numberOfRow: new Uint32Array(n),
    entryOfRow: new Int32Array(n).fill(NOTHING_ADDED),
    keptOfRow: new Uint32Array(n),
  };
  const { accounts, points } = contacts;
  const identities = new Uint32Array(batch.identity.buffer, batch.identity.byteOffset, n * 4);
  let account = -1;
  let from = 0;
  let before = 0;
  let given = 0;
  const sums = ACCOUNT_SUMS.of(n);
  for (let row = 0; row < n; row++) {
    if (row % TOUCHED_AT_ONCE === 0) {
      const end = Math.min(row + TOUCHED_AT_ONCE, n);
      accounts.hashes(batch.accountBytes, batch.accountEnds, row, end, sums);
      points.touch(identities, row, end);
    }
    const to = batch.accountEnds[row]!;
    const isGiven = given < batch.givenByRow.length && batch.givenByRow[given] === row;
    const gift = given;
    if (isGiven) given++;
    if (erasedUpTo !== undefined && batch.givenAt[row]! <= erasedUpTo[row]!) {
      plan.erased.push(row);
      plan.numberOfRow[row] = LEFT_OUT;
      account = -1;
      from = to;
      continue;
    }
    if (account < 0 || !sameBytes(batch.accountBytes, before, from, to)) {
      account = accounts.findOrAdd(batch.accountBytes, from, to, sums[row]);
    }
    before = from;
    from = to;
    let giver = account;
    if (isGiven) {
      const start = gift === 0 ? 0 : batch.givenByEnds[gift - 1]!;
      giver = accounts.findOrAdd(batch.givenByBytes, start, batch.givenByEnds[gift]!);
    }
    let number = points.find(identities, row);
    const isNew = number < 0;
    if (isNew) number = contacts.addPoint(identities, row, account, batch.kind[row]!);
    plan.numberOfRow[row] = number;
    const verifiedAtMs = batch.verifiedAt[row]!;
    const what =
      WHAT.noTag |
      (Number.isNaN(verifiedAtMs) ? 0 : WHAT.verified) |
      (giver === account ? 0 : WHAT.byOther) |
      (batch.byId[row] === 1 ? WHAT.byId : 0);
    const notice = batch.notice[row]!;
    const givenAtMs = batch.givenAt[row]!;
    if (!isNew) {
      const known = knownGrant(contacts, book, number, notice, what, givenAtMs, giver);
      if (known !== undefined) {
        plan.duplicates++;
        batch.notice[row] = known.notice;
        if (known.isVerified || (what & WHAT.verified) === 0) continue;
      }
    }
    keep(contacts, plan, row, number, batch.notice[row]!, what, givenAtMs, verifiedAtMs, giver);
  }
  contacts.settle(change);
  return plan;
}

/**
 * For each row the instant up to which its account, its contact point or its giver was erased, -1 for none; undefined
 * while nothing was ever erased.
 */
function erasedInstants(tombstones: Tombstones, batch: ContactColumns, key: Uint8Array): Float64Array | undefined {
  if (tombstones.count === 0) return undefined;
  const accounts = nameDigests(key, batch.accountBytes, batch.accountEnds);
  const identities = identityDigests(key, batch.identity);
  const instants = new Float64Array(batch.rows);
  for (let row = 0; row < batch.rows; row++) {
    instants[row] = Math.max(tombstones.find(accounts, row), tombstones.find(identities, row));
  }
  const givers = nameDigests(key, batch.givenByBytes, batch.givenByEnds);
  batch.givenByRow.forEach((row, i) => {
    instants[row] = Math.max(instants[row]!, tombstones.find(givers, i));
  });
  return instants;
}

/** Which forms may become tokens: of verified grants for ads by the account itself that stand. */
export function tokenRequest(contacts: Contacts, plan: GrantPlan): TokenRequest {
  const { batch } = plan;
  const forms = batch.formRow.length;
  const form = new Uint32Array(forms);
  const kinds = new Uint8Array(forms);
  const ordinals = new Uint32Array(forms);
  const schemes = new Uint8Array(forms);
  let count = 0;
  let lastRow = -1;
  let stands = false;
  const mayBeKnown: number[] = [];
  for (let f = 0; f < forms; f++) {
    const row = batch.formRow[f]!;
    const number = plan.numberOfRow[row]!;
    if (number === LEFT_OUT) continue;
    if (row !== lastRow) {
      lastRow = row;
      const mayMatch =
        (contacts.corrections.classOf(batch.notice[row]!, batch.givenAt[row]!) & NOTICE_CLASS.namesAds) !== 0 &&
        !Number.isNaN(batch.verifiedAt[row]!);
      const isOnlyGrant = plan.entryOfRow[row] === -1 && (contacts.points.flags[number]! & FLAG.more) === 0;
      stands =
        mayMatch &&
        contacts.isPermitted(number) &&
        (isOnlyGrant || contacts.isLaterThanPromises(number, batch.givenAt[row]!));
    }
    if (!stands) continue;
    form[count] = f;
    kinds[count] = batch.kind[row]!;
    ordinals[count] = contacts.ordinalOf(number);
    schemes[count] = batch.formMask[f]!;
    const isOnlyGrant = plan.entryOfRow[row] === -1 && (contacts.points.flags[number]! & FLAG.more) === 0;
    if (!isOnlyGrant) mayBeKnown.push(ordinals[count]!);
    count++;
  }
  const digests = new Uint8Array(count * TOKEN_BYTES);
  const from = new Uint32Array(batch.formDigest.buffer, batch.formDigest.byteOffset, forms * 4);
  const to = new Uint32Array(digests.buffer);
  for (let i = 0; i < count; i++) {
    const at = 4 * form[i]!;
    to[4 * i] = from[at]!;
    to[4 * i + 1] = from[at + 1]!;
    to[4 * i + 2] = from[at + 2]!;
    to[4 * i + 3] = from[at + 3]!;
  }
  return {
    count,
    form: form.subarray(0, count),
    digests,
    kinds: kinds.slice(0, count),
    ordinals: ordinals.slice(0, count),
    schemes: schemes.slice(0, count),
    mayBeKnown,
  };
}

/** Brings what the index knew of a request's tokens to what it will know when a planned batch has got there. */
export function noteKnown(
  known: Uint8Array,
  { ordinals, schemes, mayBeKnown }: TokenRequest,
  tokens: Uint8Array,
  change: Change,
  fresh: NewTokens | undefined,
): void {
  if (mayBeKnown.length === 0) return;
  const rowsOf = new Map<number, number[]>(mayBeKnown.map((ordinal) => [ordinal, []]));
  for (let row = 0; row < ordinals.length; row++) rowsOf.get(ordinals[row]!)?.push(row);
  for (const [i, ordinal] of change.droppedOrdinals.entries()) {
    for (const row of rowsOf.get(ordinal) ?? NO_ROWS) {
      const isDropped = known[row] !== UNKNOWN_TAG && (change.droppedTags[i]! & (1 << known[row]!)) !== 0;
      if (isDropped) known[row] = UNKNOWN_TAG;
    }
  }
  if (fresh === undefined) return;
  for (let i = 0; i < fresh.count; i++) {
    for (const row of rowsOf.get(fresh.ordinal[i]!) ?? NO_ROWS) {
      const isSame = schemes[row] === (fresh.mark[i]! & SCHEME_BITS) && sameToken(tokens, row, fresh.token, i);
      if (isSame) known[row] = fresh.mark[i]! >> TAG_SHIFT;
    }
  }
}

const NO_ROWS: readonly number[] = [];

const sameToken = (a: Uint8Array, i: number, b: Uint8Array, j: number): boolean =>
  Buffer.compare(
    a.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES),
    b.subarray(j * TOKEN_BYTES, (j + 1) * TOKEN_BYTES),
  ) === 0;

/**
 * Gives the spellings their tags.
 * @param tokens 16 bytes each, of the request's digests
 * @param known tag under which each ordinal has the token already, as a form of the same schemes; 255 for none
 * @returns the tokens that are new
 */
export function settleTokens(
  contacts: Contacts,
  plan: GrantPlan,
  request: TokenRequest,
  tokens: Uint8Array,
  known: Uint8Array,
): NewTokens {
  const fresh = new Uint32Array(request.count);
  const mark = new Uint8Array(request.count);
  const number = new Uint32Array(request.count);
  let count = 0;
  const spellings = new Map<number, { token: string; schemes: number; tag: number }[]>();
  for (let i = 0; i < request.count; ) {
    const row = plan.batch.formRow[request.form[i]!]!;
    let end = i + 1;
    while (end < request.count && plan.batch.formRow[request.form[end]!] === row) end++;
    const point = plan.numberOfRow[row]!;
    const isOnlyGrant = plan.entryOfRow[row] === -1 && (contacts.points.flags[point]! & FLAG.more) === 0;
    let tag = isOnlyGrant ? 0 : known[i]!;
    let isFresh = isOnlyGrant;
    if (!isOnlyGrant && tag === UNKNOWN_TAG) {
      const token = Buffer.from(tokens.buffer, tokens.byteOffset + i * TOKEN_BYTES, TOKEN_BYTES).toString("latin1");
      const ofPoint = spellings.get(point) ?? [];
      const schemes = request.schemes[i]!;
      const same = ofPoint.find((spelling) => spelling.token === token && spelling.schemes === schemes);
      tag = same?.tag ?? contacts.spellings.freeTag(point);
      isFresh = same === undefined && tag !== WHAT.noTag;
      if (isFresh) spellings.set(point, [...ofPoint, { token, schemes, tag }]);
    }
    if (tag !== WHAT.noTag) tagRow(contacts, plan, row, point, tag);
    for (; i < end; i++) {
      if (!isFresh) continue;
      fresh[count] = i;
      number[count] = point;
      mark[count] = request.schemes[i]! | (tag << TAG_SHIFT);
      count++;
    }
  }
  const token = new Uint8Array(count * TOKEN_BYTES);
  const ordinal = new Uint32Array(count);
  const kind = new Uint8Array(count);
  const [from, to] = [viewU32(tokens), viewU32(token)];
  for (let k = 0; k < count; k++) {
    const at = 4 * fresh[k]!;
    to[4 * k] = from[at]!;
    to[4 * k + 1] = from[at + 1]!;
    to[4 * k + 2] = from[at + 2]!;
    to[4 * k + 3] = from[at + 3]!;
    ordinal[k] = request.ordinals[fresh[k]!]!;
    kind[k] = request.kinds[fresh[k]!]!;
  }
  contacts.dropDeadSpellings(plan.change);
  return { count, number: number.slice(0, count), ordinal, mark: mark.slice(0, count), kind, token };
}

/** Puts a tag on the entry that the row made, or keeps the row as one that supplies a spelling. */
function tagRow(contacts: Contacts, plan: GrantPlan, row: number, number: number, tag: number): void {
  const { batch, rows } = plan;
  const entry = plan.entryOfRow[row]!;
  if (entry !== NOTHING_ADDED) {
    const column = entry === -1 ? contacts.points.what : contacts.more.what;
    const at = entry === -1 ? number : entry;
    column[at] = (column[at]! & ~WHAT.tagMask) | tag;
    rows.what[plan.keptOfRow[row]! - 1] = column[at]!;
    return;
  }
  const what = WHAT.verified | tag | (batch.byId[row] === 1 ? WHAT.byId : 0);
  const [notice, givenAtMs] = [batch.notice[row]!, batch.givenAt[row]!];
  if (hasTaggedGrant(contacts, number, notice, givenAtMs, tag)) return;
  keep(contacts, plan, row, number, notice, what, givenAtMs, batch.verifiedAt[row]!, contacts.points.account[number]!);
  contacts.settle(plan.change);
}

/** Whether an entry of the current stretch holds this spelling of a grant. */
function hasTaggedGrant(contacts: Contacts, number: number, notice: number, givenAtMs: number, tag: number): boolean {
  const { points, more } = contacts;
  const isIt = (entryNotice: number, what: number, atMs: number) =>
    (what & WHAT.event) === 0 && entryNotice === notice && atMs === givenAtMs && (what & WHAT.tagMask) === tag;
  const stretchLeaf = contacts.stretchLeaf(number);
  if (stretchLeaf === 0 && isIt(points.notice[number]!, points.what[number]!, points.givenAtMs(number))) return true;
  for (let entry = more.newest(number); entry >= 0; entry = more.older(entry)) {
    const isOfStretch = more.leaf[entry]! >= stretchLeaf;
    if (isOfStretch && isIt(more.notice[entry]!, more.what[entry]!, more.atMs[entry]!)) return true;
  }
  return false;
}

function keep(
  contacts: Contacts,
  plan: GrantPlan,
  row: number,
  number: number,
  notice: number,
  what: number,
  givenAtMs: number,
  verifiedAtMs: number,
  giver: number,
): void {
  const { rows } = plan;
  if (rows.count === rows.number.length) growRows(rows);
  const k = rows.count++;
  rows.number[k] = number;
  rows.what[k] = what;
  rows.notice[k] = notice;
  rows.givenAtMs[k] = givenAtMs;
  rows.verifiedAtMs[k] = verifiedAtMs;
  rows.giver[k] = giver;
  rows.batchRow[k] = row;
  plan.keptOfRow[row] = k + 1;
  plan.entryOfRow[row] = contacts.addGrant(plan.change, number, notice, what, givenAtMs, giver);
}

/** The grant that a row repeats: the version it was resolved to at first, and whether any entry of it is verified. */
function knownGrant(
  contacts: Contacts,
  book: NoticeBook,
  number: number,
  notice: number,
  what: number,
  givenAtMs: number,
  giver: number,
): { notice: number; isVerified: boolean } | undefined {
  const { points, more } = contacts;
  let known = -1;
  let isVerified = false;
  const isSame = (entryNotice: number, entryWhat: number) =>
    entryNotice === notice ||
    ((entryWhat & what & WHAT.byId) !== 0 && book.version(entryNotice).notice.id === book.version(notice).notice.id);
  if (points.notice[number] !== NO_GRANT && (what & WHAT.byOther) === 0 && points.givenAtMs(number) === givenAtMs) {
    if (isSame(points.notice[number]!, points.what[number]!)) {
      known = points.notice[number]!;
      isVerified = (points.what[number]! & WHAT.verified) !== 0;
    }
  }
  const newest = (points.flags[number]! & FLAG.more) === 0 ? -1 : more.newest(number);
  for (let entry = newest; entry >= 0; entry = more.older(entry)) {
    const entryWhat = more.what[entry]!;
    if ((entryWhat & WHAT.event) !== 0 || more.atMs[entry] !== givenAtMs || more.giver[entry] !== giver) continue;
    if (!isSame(more.notice[entry]!, entryWhat)) continue;
    known = more.notice[entry]!;
    isVerified ||= (entryWhat & WHAT.verified) !== 0;
  }
  return known < 0 ? undefined : { notice: known, isVerified };
}

function emptyRows(n: number): GrantRows {
  return {
    count: 0,
    number: new Uint32Array(n),
    what: new Uint8Array(n),
    notice: new Uint16Array(n),
    givenAtMs: new Float64Array(n),
    verifiedAtMs: new Float64Array(n),
    giver: new Uint32Array(n),
    batchRow: new Uint32Array(n),
  };
}

/** More room: a row can both verify a grant and supply a spelling, so that more are kept than came. */
function growRows(rows: GrantRows): void {
  const length = rows.count + 1;
  rows.number = grown(rows.number, length);
  rows.what = grown(rows.what, length);
  rows.notice = grown(rows.notice, length);
  rows.givenAtMs = grown(rows.givenAtMs, length);
  rows.verifiedAtMs = grown(rows.verifiedAtMs, length);
  rows.giver = grown(rows.giver, length);
  rows.batchRow = grown(rows.batchRow, length);
}
