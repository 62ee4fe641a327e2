/**
 * What is made of others is as wrong as they are: a claimed match of one audience counts in what was made of it, in the
 * assessment and when it is contained.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeList } from "../../src/audience/index.js";
import { assess, rescan } from "../../src/incident/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { takeShowings } from "../../src/showing/index.js";
import { EVERYBODY_COUNTS, ndjson } from "../fresh-store.js";
import { HOUR_MS, SizedStore } from "../sized-store.js";

let sized: SizedStore;
let [made, match] = ["", ""];
before(async () => {
  sized = await SizedStore.make(40, EVERYBODY_COUNTS);
  const [own, broker, others] = [
    await sized.list("own", [0, 20]),
    await sized.list("broker's", [10, 30]),
    await sized.list("others", [0, 5]),
  ];
  await sized.list("broker's", [30, 35], { operation: "append" });
  made = await sized.combine("made", { include: [own, broker], exclude: [others] });
  await sized.pass(2 * HOUR_MS);
  assert.equal(sized.view(made).status, "ready");
  for await (const { body } of sized.solely.store.facts(0, { kinds: [LeafKind.list] })) {
    const { header } = decodeList(body);
    if (header.audience === broker && header.operation === "create") match = header.match;
  }
});
after(() => sized.remove());

test("who came into an audience by a claimed match of another is affected there, and nobody who was in it by another", async () => {
  const { solely } = sized;
  const shown = ndjson(
    [12, 25, 7, 39].map((i) => ({
      ...{ advertiser: "acme", campaign: "spring", audience: made, account: `u${i}`, at: new Date().toISOString() },
    })),
  );
  const { ineligible, accepted } = await takeShowings(solely, shown, { actor: "test" });
  assert.deepEqual([accepted, ineligible], [4, 1], "one was never in it");
  const claims = [{ matches: [match], reason: "the broker's list was another's" }];
  await solely.incidents.open(solely, { id: "broker", title: "A wrong list", purpose: "ads.match", claims }, "test");
  const rows: string[] = [];
  const assessed = await assess(solely, {
    incident: "broker",
    onAudience: ({ name, people, showings }) => void rows.push(`${name}: ${people} people, ${showings} showings`),
  });
  assert.deepEqual(rows.sort(), ["broker's: 20 people, 0 showings", "made: 10 people, 1 showings"]);
  assert.deepEqual([assessed.people, assessed.audiences, assessed.showings], [20, 2, 1]);
});

test("contained, they leave it at once; who is in it by another list, too, comes back with the next release", async () => {
  const { solely } = sized;
  assert.ok(sized.isServed(25, made) && sized.isServed(12, made));
  await sized.store.decide({
    type: "incident.contain",
    incident: "broker",
    claim: solely.incidents.get("broker").digest,
  });
  assert.deepEqual(
    [25, 12, 7].map((account) => sized.isServed(account, made)),
    [false, false, true],
  );
  assert.ok((await rescan(solely, "broker")).isClean);
  await sized.nextEpoch();
  await sized.store.reopen("facts");
  assert.deepEqual(
    [25, 12, 7].map((account) => sized.isServed(account, made)),
    [false, true, true],
  );
});
