import assert from "node:assert/strict";
import { test } from "node:test";
import { LeafKind } from "../ledger/index.js";
import { type AlarmAbout, Alarms, alarmEntry } from "./alarms.js";

const about: AlarmAbout = { alarm: "canary-unmatched", canary: "c0", contacts: [1], ways: ["file"] };
const MOST = 10_000;

test("of more alarms than are kept those that were noted leave first, then the oldest, over a restart too", () => {
  let alarms = new Alarms();
  const apply = (position: number, body: Uint8Array) =>
    alarms.apply({ position, timeMs: position, part: 0, kind: LeafKind.alarm, body, keys: new Uint8Array(0) });
  const raise = (position: number) => apply(position, alarmEntry(about, "test", position).facts[0]!.body);
  const note = (position: number, alarm: number) => {
    const fact = { type: "seen", actor: "test", by: "alice", alarm };
    apply(position, Buffer.concat([Buffer.alloc(16), Buffer.from(JSON.stringify(fact))]));
  };
  const ids = () => alarms.list().map(({ id }) => id);
  for (let at = 0; at < MOST; at++) raise(at);
  for (const [i, noted] of [7000, 500, 500, 3].entries()) note(MOST + i, noted);
  raise(20_000);
  const sections = new Map(
    (alarms.kept.save() as { name: string; bytes: Uint8Array }[]).map(({ name, bytes }) => [name, bytes]),
  );
  alarms = new Alarms();
  alarms.kept.restore(sections);
  for (let at = 20_001; at < 20_005; at++) raise(at);
  // 3, 500 and 7000 were noted, the one that came first before the others; then 0 and 1 are the oldest.
  const left = new Set([3, 500, 7000, 0, 1]);
  const expected = [...Array(MOST).keys()]
    .filter((at) => !left.has(at))
    .concat([20_000, 20_001, 20_002, 20_003, 20_004]);
  assert.deepEqual(ids(), expected);
  assert.equal(alarms.open().length, MOST);
});
