/**
 * An incident on the command line: what one operator proposes waits; the other sees what it claims and does, and signs;
 * a re-scan proves it; and undoing takes two again.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CommandLine, contactsCsv } from "./command-line.js";

let solely: CommandLine;
before(async () => {
  solely = await CommandLine.withStore();
  await solely.adopt([{ id: "signup", purposes: ["ads.match"] }]);
  const rows = ["u1,2015", "u2,2016", "u3,2020"].map((row) => {
    const [account, year] = row.split(",");
    return `${account},email,${account}@example.com,signup,${year}-01-01T00:00:00Z`;
  });
  await solely.done(["ingest", solely.write("contacts.csv", contactsCsv(...rows))]);
  const list = solely.write("list.csv", "email\nu1@example.com\nu2@example.com\nu3@example.com\n");
  await solely.done(["match", list, "--advertiser", "acme", "--name", "all"]);
  const claim = {
    ...{ id: "unlock-2014", title: "Unlock fed as sign-up", purpose: "ads.match" },
    claims: [
      {
        ...{ notice: "signup@1", given_from: "2014-01-01T00:00:00Z", given_to: "2019-09-17T00:00:00Z" },
        corrected: { purposes: ["security.unlock"], exclusive: true },
      },
    ],
  };
  await solely.done(["incident", "open", solely.write("unlock.yaml", JSON.stringify(claim)), "--as", "alice"]);
});
after(() => solely.remove());

interface Scanned {
  readonly isClean: boolean;
  readonly denied: number;
}
const propose = async (what: "contain" | "undo") => {
  const outcome = await solely.run<{ waiting: boolean }>(["incident", what, "unlock-2014", "--as", "alice", "--json"]);
  assert.deepEqual([outcome.status, outcome.json.waiting], [1, true], outcome.stderr);
};

test("contained by two: the second sees the claim and what it takes away, and a re-scan finds nothing left", async () => {
  assert.equal((await solely.refused(["incident", "rescan", "unlock-2014"])).code, "not-contained");
  assert.equal((await solely.refused(["incident", "undo", "unlock-2014", "--as", "alice"])).code, "not-contained");
  await propose("contain");
  assert.equal((await solely.refused(["incident", "approve", "unlock-2014", "--as", "alice"])).code, "same-operator");
  const signed = await solely.run(["incident", "approve", "unlock-2014", "--as", "bob", "--yes"]);
  assert.equal(signed.status, 0, signed.stderr);
  const told = signed.stdout + signed.stderr;
  assert.match(told, /Unlock fed as sign-up/);
  assert.match(told, /"purposes":\["security.unlock"\]/);
  assert.match(told, /takes permission from 2 contact points; 1 audience loses 2 members; 2 accounts in all/);
  const { isClean, denied } = await solely.done<Scanned>(["incident", "rescan", "unlock-2014"]);
  assert.deepEqual([isClean, denied], [true, 2]);
  assert.equal((await solely.refused(["incident", "contain", "unlock-2014", "--as", "bob"])).code, "already-contained");
  const explained = await solely.run(["explain", "--account", "u1"]);
  assert.match(explained.stdout, /correction of incident unlock-2014 .*no longer permitted/);
});

test("letters need the platform's word of whom they are from, and an operator's to use a security contact", async () => {
  const tell = ["incident", "tell", "unlock-2014", "--out", "letters"];
  assert.equal((await solely.refused(tell)).code, "letters-not-set");
  const config = join(solely.data, "solely.json");
  const letters = { platform: "Chirper", ask: "privacy@example.com" };
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), letters }));
  assert.equal((await solely.run([...tell, "--only-channel"])).status, 2);
  const told = await solely.done<{ people: number; addressed: number }>(tell);
  assert.deepEqual([told.people, told.addressed], [2, 0]);
  const template = solely.write("letter.md", "# {{platform}}\n");
  const own = ["--template", template, "--only-channel", "--as", "bob"];
  const all = await solely.done<{ out: string; addressed: number }>([...tell.slice(0, 4), "own", ...own]);
  assert.equal(all.addressed, 2);
  const [line] = readFileSync(join(all.out, "letters.ndjson"), "utf8").split("\n");
  assert.equal(readFileSync(join(all.out, JSON.parse(line!).text), "utf8"), "Chirper\n");
});

test("undone by two", async () => {
  await propose("undo");
  const undone = await solely.run(["incident", "approve", "unlock-2014", "--as", "bob", "--yes"]);
  assert.equal(undone.status, 0, undone.stderr);
  const told = undone.stdout + undone.stderr;
  assert.match(told, /gives permission back to 2 contact points/);
  assert.doesNotMatch(told, /rescan/, "a re-scan is of what is contained");
  assert.equal((await solely.refused(["incident", "approve", "unlock-2014", "--as", "bob"])).code, "no-such-proposal");
});

test("what both proposed is in force once; the other's proposal lapses, waits no more, and says by what", async () => {
  await propose("contain");
  const bobs = await solely.run<{ proposal: string }>(["incident", "contain", "unlock-2014", "--as", "bob", "--json"]);
  const { position } = await solely.done<{ position: number }>(["incident", "approve", "unlock-2014", "--as", "bob"]);
  assert.deepEqual(await solely.done(["proposals"]), { proposals: [] });
  await propose("undo");
  await solely.done(["incident", "approve", "unlock-2014", "--as", "bob"]);
  const none = await solely.refused(["incident", "approve", "unlock-2014", "--as", "alice"]);
  assert.deepEqual([none.code, /has lapsed/.test(none.fix ?? "")], ["no-such-proposal", true]);
  const lapsed = await solely.refused(["approve", bobs.json.proposal.slice(0, 12), "--as", "alice"]);
  assert.equal(lapsed.code, "lapsed");
  assert.ok(lapsed.message.endsWith(`which alice proposed and bob approved at position ${position}`), lapsed.message);
});

test("a claim of a match that there never was is refused, and the ids are those of the audience", async () => {
  const { audiences } = await solely.done<{ audiences: { audience: string }[] }>(["audience", "list"]);
  const shown = ["audience", "show", audiences[0]!.audience];
  const { matches } = await solely.done<{ matches: { match: string; at: string }[] }>(shown);
  const open = (...ids: string[]) => {
    const claim = { id: "broker", title: "A broker's list", purpose: "ads.match" };
    const claims = [{ matches: ids, reason: "it was another's" }];
    return ["incident", "open", solely.write("broker.yaml", JSON.stringify({ ...claim, claims })), "--as", "alice"];
  };
  const { code, message, fix } = await solely.refused(open(matches[0]!.match, "m0123456789abcdef"));
  assert.deepEqual(
    [code, message],
    ["malformed-claim", "claim: claims.0.matches: there is no match m0123456789abcdef"],
  );
  assert.match(fix!, /solely audience show/);
  await solely.done(open(...matches.map(({ match }) => match)));
});

test("a claim with an alias within what it names is told as malformed", async () => {
  const claim = solely.write("itself.yaml", "claims: &claims [*claims]\n");
  const outcome = await solely.run(["incident", "open", claim, "--as", "alice"]);
  assert.equal(outcome.status, 1);
  assert.match(outcome.stderr, /itself\.yaml: an alias stands within what it names/);
});
