/** Tables whose large columns lie in files, beside tables that are all in memory. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Paging } from "../paging/index.js";
import { NoticeBook } from "../purpose/index.js";
import { AccountTable } from "./account-table.js";
import { Contacts, isSeldomLookedAt } from "./contacts.js";
import { PointTable } from "./point-table.js";

const home = mkdtempSync(join(tmpdir(), "solely-paged-"));
after(() => rmSync(home, { recursive: true, force: true }));
const skip = process.platform === "linux" ? false : "memory is mapped on Linux alone";

/** Identities have 36 MiB, which are paged at the third million. */
const POINTS = 3_200_000;
const ACCOUNTS = 2_400_000;
/** Of a folder of its own. */
const newPaging = () => new Paging({ folder: mkdtempSync(join(home, "own-")), fromBytes: 1 });
const isPaged = ({ options }: Paging): boolean => readFileSync("/proc/self/maps", "utf8").includes(options!.folder);

/** Sixteen bytes of each number, that look like a cipher's. */
function identity(number: number): Uint32Array {
  const words = [1, 2, 3, 4].map((salt) => Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(number ^ salt, 0x85ebca6b));
  return Uint32Array.from(words, (word) => Math.imul(word ^ (word >>> 15), 0xc2b2ae35));
}

function* numbers(count: number, step: number): Generator<number> {
  for (let number = 0; number < count; number += step) yield number;
}

test("contact points whose columns are paged are those that are not, through forgetting, undoing and a restart", {
  skip,
}, () => {
  const paging = newPaging();
  const [paged, plain] = [new PointTable(paging), new PointTable()];
  const both = [paged, plain];
  const forgotten: { number: number; identity: Uint32Array }[] = [];
  const add = (number: number) => {
    const words = identity(number);
    for (const table of both) {
      assert.equal(table.add(words, 0, number >> 1, number % 3), number);
      table.setFirstGrant(number, number % 1000, number % 16, 1.2e12 + 1000 * number);
      table.next[number] = number;
    }
  };
  for (const number of numbers(POINTS, 1)) add(number);
  assert.ok(isPaged(paging), "nothing was paged, so nothing is tested");
  for (const number of numbers(POINTS, 4001)) {
    forgotten.push({ number, identity: paged.forget(number) });
    plain.forget(number);
  }
  for (const { number, identity: words } of forgotten.slice(0, 100))
    for (const table of both) table.recall(number, words);
  for (const table of both) table.truncate(POINTS - 500_000);
  for (let number = POINTS - 500_000; number < POINTS - 400_000; number++) add(number);
  const check = (tables: readonly PointTable[]) => {
    const [left, right] = tables as [PointTable, PointTable];
    assert.equal(Buffer.compare(bytesOf(left.identities), bytesOf(right.identities)), 0);
    left.sections().forEach((section, i) => {
      assert.equal(Buffer.compare(bytesOf(section), bytesOf(right.sections()[i]!)), 0, `column ${i}`);
    });
    for (const number of numbers(POINTS, 997)) {
      assert.equal(left.find(identity(number), 0), right.find(identity(number), 0));
      assert.equal(left.givenAtMs(number), right.givenAtMs(number));
    }
    assert.equal(left.find(identity(4001 * 200), 0), -1, "it was forgotten");
    assert.equal(left.find(identity(4001 * 10), 0), 4001 * 10, "it was given back");
  };
  check(both);
  assert.equal(paging.failure, undefined);
  // Identities of a large snapshot come in parts.
  const [again, joined] = [new PointTable(newPaging()), new PointTable()];
  const words = paged.identities;
  again.restore([words.slice(0, 3_000_001), words.slice(3_000_001)], ...paged.sections());
  joined.restore([words], ...plain.sections());
  check([again, joined]);
});

test("of a snapshot those columns are paged that are looked at only where something was found", () => {
  const contacts = new Contacts(new NoticeBook());
  const name = Buffer.from("ann");
  const account = contacts.accounts.findOrAdd(name, 0, name.length);
  for (const number of [0, 1, 2]) {
    contacts.addPoint(identity(number), 0, account, number);
    contacts.points.setFirstGrant(number, 10 + number, 20 + number, 1.2e12 + number);
  }
  const { points, accounts } = contacts;
  const sections = new Map(contacts.save().map((section) => [section.name, section.bytes]));
  const holds = (section: string, column: ArrayBufferView) =>
    assert.equal(Buffer.compare(sections.get(section)!, bytesOf(column)), 0, section);
  const seldom = [...sections.keys()].filter(isSeldomLookedAt);
  assert.deepEqual(seldom, ["accounts.0", "accounts.1", "identities.0", "points.1", "points.5", "points.6"]);
  holds("accounts.0", name);
  holds("accounts.1", Uint32Array.of(name.length));
  holds("identities.0", points.identities);
  holds("points.1", points.next.subarray(0, 3));
  holds(
    "points.5",
    Uint32Array.from([0, 1, 2], (number) => (1.2e12 + number) % 2 ** 32),
  );
  holds(
    "points.6",
    Uint16Array.from([0, 1, 2], (number) => Math.floor((1.2e12 + number) / 2 ** 32)),
  );
  holds("accounts.2", accounts.firstPoint.subarray(0, 1));
});

test("names that are paged are found as those that are not, through forgetting and undoing", { skip }, () => {
  const paging = newPaging();
  const [paged, plain] = [new AccountTable(paging), new AccountTable()];
  const nameOf = (account: number) => Buffer.from(`the account ${account.toString().padStart(7, "0")}`);
  for (const account of numbers(ACCOUNTS, 1)) {
    const name = nameOf(account);
    for (const table of [paged, plain]) assert.equal(table.findOrAdd(name, 0, name.length), account);
  }
  assert.ok(isPaged(paging), "nothing was paged, so nothing is tested");
  for (const account of numbers(ACCOUNTS, 5003)) {
    const name = paged.forget(account);
    assert.deepEqual(Buffer.from(name), nameOf(account));
    plain.forget(account);
    if (account % 2 === 0) for (const table of [paged, plain]) table.recall(account, name);
  }
  for (const table of [paged, plain]) table.truncate(ACCOUNTS - 100_000);
  for (const account of numbers(ACCOUNTS, 1009)) {
    const name = nameOf(account);
    assert.equal(paged.find(name, 0, name.length), plain.find(name, 0, name.length));
    if (account < paged.count) assert.deepEqual(paged.name(account), plain.name(account));
  }
  assert.equal(paging.failure, undefined);
});

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
