/**
 * Everything leaves a trace: every command that changes or gives out anything is a leaf with its actor and the time the
 * system learned it, beside the time it was so in the world; one that only asks leaves none.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type CommandName, commands, runCommand } from "../../src/command/index.js";
import { ingest, matchList } from "../../src/index.js";
import {
  decodeLeaf,
  formatNote,
  formatVerifier,
  LeafKind,
  parseNote,
  SIGNATURE_TYPE,
  signerOf,
  signNote,
} from "../../src/ledger/index.js";
import { readOperatorKey, signApproval, signProposal, signSignIn } from "../../src/operator/index.js";
import { takeShowings } from "../../src/showing/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const ACTOR = "cli:tester";

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
});
after(() => store.remove());

/** Runs a command; the leaves that it left. */
async function leavesOf(name: CommandName, input: unknown, bytes?: AsyncIterable<Uint8Array>) {
  const { solely } = store;
  const from = solely.log.position;
  const result = await runCommand(solely, name, input, { actor: ACTOR, input: bytes });
  const leaves: { kind: number; body: Buffer; timeMs: number; leafTimeMs: number }[] = [];
  const committed: number[] = [];
  for await (const { body } of solely.log.store.leaves(from)) committed.push(decodeLeaf(body).timeMs);
  for await (const { kind, body, timeMs, position } of solely.log.store.facts(from)) {
    leaves.push({ kind, body: Buffer.from(body), timeMs, leafTimeMs: committed[position - from]! });
  }
  assert.equal(leaves.length, solely.log.position - from);
  return { result, leaves };
}

const at = "2024-01-01T00:00:00Z";
const grant = { account: "u1", kind: "email", value: "a@example.com", notice: "ads", given_at: at };
const file = "-";

/** What changes or gives out something, in an order in which it can; with the kind of leaf that it leaves. */
const changing: readonly (readonly [
  CommandName,
  keyof typeof LeafKind,
  () => Promise<unknown> | unknown,
  (() => AsyncIterable<Uint8Array>)?,
])[] = [
  ["propose", "proposal", async () => ({ signed: await proposal() })],
  ["approve", "approval", async () => ({ signed: await approval() })],
  ["advertiserAdd", "advertiser", () => ({ name: "acme" })],
  ["loginInvite", "key", () => ({ advertiser: "acme", login: "jane" })],
  ["loginEnd", "key", () => ({ advertiser: "acme", login: "jane" })],
  ["keyCreate", "key", () => ({ scopes: ["serve"] })],
  ["keyRevoke", "key", () => ({ id: store.solely.access.keys()[0]!.id })],
  ["ingestContacts", "contacts", () => ({ file, format: "ndjson" }), () => ndjson([grant])],
  ["accounts", "accounts", () => ({ file, format: "ndjson" }), () => ndjson([{ account: "u1", country: "DE" }])],
  ["match", "list", () => ({ file, advertiser: "acme", name: "list" }), () => streamOf("email\na@example.com\n")],
  [
    "showings",
    "showings",
    async () => {
      // What was shown of an audience that is not served would be an alarm, too.
      await store.release();
      return { file, format: "ndjson" };
    },
    () => {
      const [audience] = store.solely.audiences.list();
      const at = new Date().toISOString();
      return ndjson([{ advertiser: "acme", campaign: "c", audience: audience!.id, account: "u1", at }]);
    },
  ],
  ["canaryCheck", "canary", () => ({})],
  [
    "canaryRegister",
    "canary",
    async () => {
      await store.adopt({ id: "mfa", purposes: ["security.mfa"], exclusive: true });
      const phone = { account: "u2", kind: "phone", value: "+12025550111", notice: "mfa", given_at: at };
      await ingest(store.solely, ndjson([phone]), { source: "local", format: "ndjson", actor: ACTOR });
      return { account: "u2", contacts: [{ kind: "phone", value: phone.value, for: "security" }] };
    },
  ],
  ["alarmSeen", "alarm", async () => ({ alarm: await alarmed(), by: "alice" })],
  [
    "exportAudience",
    "export",
    () => ({ audience: store.solely.audiences.list()[0]!.id, out: join(store.folder, "x.csv") }),
  ],
  ["combine", "list", async () => ({ advertiser: "acme", name: "both", include: await twoAudiences() })],
  ["deleteOne", "list", () => ({ audience: store.solely.audiences.find("acme", "both")!.id })],
  ["reveal", "reveal", async () => ({ signed: await revealRequest() })],
  ["personExport", "export", () => ({ account: "u1" })],
  [
    "ledgerFactProof",
    "export",
    () => ({ account: "u1", position: store.solely.contacts.arrivals.ofPoint(0).position }),
  ],
  [
    "incidentOpen",
    "incident",
    () => ({
      claim: {
        ...{ id: "wrong", title: "Wrong", purpose: "ads.match" },
        claims: [
          {
            notice: "ads",
            given_from: at,
            given_to: "2025-01-01T00:00:00Z",
            corrected: { purposes: ["service.account"], exclusive: false },
          },
        ],
      },
    }),
  ],
  ["incidentTell", "export", () => letters()],
  ["incidentEvidence", "export", () => ({ incident: "wrong", out: join(store.folder, "evidence") })],
  ["backupStore", "export", () => ({ out: join(store.folder, "x.backup") })],
  ["events", "events", () => ({ file }), () => ndjson([{ type: "withdraw", account: "u1", at }])],
  ["rotate", "rotation", () => ({ purpose: "ads.match" })],
  ["compaction", "compaction", () => ({})],
];
const asking: readonly (readonly [CommandName, unknown, (() => AsyncIterable<Uint8Array>)?])[] = [
  ["proposals", {}],
  ["decided", {}],
  ["noticeCheck", { notice: { id: "signup" } }],
  ["glance", {}],
  ["notices", {}],
  ["notice", { notice: "ads" }],
  ["sources", {}],
  ["refusedRun", { source: "local", digest: "00" }],
  ["operators", {}],
  ["signingFrame", {}],
  ["operatorSignIn", () => signIn()],
  ["logins", {}],
  ["personLink", () => samplePerson()],
  ["advertisers", {}],
  ["apiKeys", {}],
  ["purposeKeys", {}],
  ["health", {}],
  ["recovery", {}],
  ["audiences", {}],
  ["audience", () => ({ audience: store.solely.audiences.list()[0]!.id })],
  ["budgets", {}],
  ["changes", { since: 0 }],
  ["ledgerAudit", {}],
  ["explainAccount", { account: "u1" }],
  ["accountView", { account: "u1" }],
  ["intakeRuns", {}],
  ["alarms", {}],
  ["canaries", {}],
  ["incidents", {}],
  ["incidentAssess", { incident: "wrong" }],
  ["incidentReport", { incident: "wrong" }],
  ["incidentReportPage", { incident: "wrong" }],
  ["incident", { incident: "wrong" }],
  ["rescanIncident", async () => contained()],
  ["ledgerHead", {}],
  ["ledgerProof", { position: 0 }],
  ["ledgerExport", () => ({ out: join(store.folder, "log") })],
  ["ledgerWitness", async () => witnessed()],
  ["contactNumbers", { account: "u1", kind: "email" }],
  ["shadow", { file, format: "csv" }, () => streamOf("advertiser,list,account\nacme,list,u1\n")],
];

async function twoAudiences(): Promise<string[]> {
  const list = { advertiser: "acme", name: "other", actor: ACTOR };
  await matchList(store.solely, streamOf("email\na@example.com\n"), list);
  return store.solely.audiences.list().map(({ id }) => id);
}

/** The alarm of a showing before there was any list. */
async function alarmed() {
  const [audience] = store.solely.audiences.list();
  const showing = { advertiser: "acme", campaign: "c", audience: audience!.id, account: "u1", at };
  await takeShowings(store.solely, ndjson([showing]), { actor: ACTOR });
  return store.solely.alarms.open()[0]!.id;
}

/** Letters, once the configuration says whom they are from. */
function letters() {
  Object.assign(store.solely.config, {
    letters: { platform: "Chirper", ask: "privacy@example.com", tellsLists: false },
  });
  return { incident: "wrong", out: join(store.folder, "letters") };
}

/** An incident of a time when nothing was given, contained. */
async function contained() {
  const corrected = { purposes: ["service.account"], exclusive: false };
  const claims = [{ notice: "ads", given_from: "1990-01-01T00:00:00Z", given_to: at, corrected }];
  const claim = { id: "contained", title: "Before all", purpose: "ads.match", claims };
  const { id: incident, digest } = await store.solely.incidents.open(store.solely, claim, ACTOR);
  await store.decide({ type: "incident.contain", incident, claim: digest });
  return { incident };
}

/** The newest checkpoint as a witness signs it. */
async function witnessed() {
  const { checkpoints } = store.solely;
  await checkpoints.signNow();
  const witness = signerOf("witness", SIGNATURE_TYPE.cosignature, Buffer.alloc(32, 5));
  const { text, signatures } = parseNote(checkpoints.newest.note);
  const note = formatNote({ text, signatures: [...signatures, signNote(text, witness, Date.now())] });
  return { note, witness: formatVerifier(witness.verifier) };
}

async function proposal() {
  const { privateKey: key } = await readOperatorKey(store.operators, "alice");
  const notice = {
    ...{
      id: "ads",
      surface: "s",
      version: 1,
      language: "en",
      text: "We show you ads.",
      purposes: ["service.account", "ads.match"],
    },
    effective_from: "2000-01-01T00:00:00Z",
  };
  const frame = { name: "alice", storeId: store.solely.config.root, atMs: Date.now() };
  return signProposal({ ...frame, key, action: { type: "notice.adopt", notice } });
}

/** Alice, while there is a console to be let into. */
async function signIn() {
  const { privateKey: key } = await readOperatorKey(store.operators, "alice");
  store.solely.links.origin = "http://localhost";
  return { signed: signSignIn({ key, name: "alice", storeId: store.solely.config.root, atMs: Date.now() }) };
}

/** Somebody made up, while there is a console to be let into. */
function samplePerson() {
  store.solely.links.origin = "http://localhost";
  Object.defineProperty(store.solely.config, "sample", { value: true });
  return { account: "u1" };
}

async function revealRequest() {
  const { privateKey: key } = await readOperatorKey(store.operators, "bob");
  const frame = { name: "bob", storeId: store.solely.config.root, atMs: Date.now() };
  const contacts = store.solely.contacts.pointsOf(store.solely.contacts.account("u1"));
  const action = { type: "contact.reveal", contacts, purpose: "service.account", reason: "test" } as const;
  return signProposal({ ...frame, key, action });
}

async function approval() {
  const { privateKey: key } = await readOperatorKey(store.operators, "bob");
  const [waiting] = store.solely.decisions.operators.proposals();
  return signApproval({ key, name: "bob", storeId: store.solely.config.root, atMs: Date.now(), proposal: waiting!.id });
}

test("each command is either one that leaves a trace or one that only asks", () => {
  const named = [...changing.map(([name]) => name), ...asking.map(([name]) => name)];
  assert.deepEqual(named.sort(), Object.keys(commands).sort());
});

for (const [name, kind, input, bytes] of changing) {
  test(`${name} is a leaf with its actor and the time it was learned`, async () => {
    const from = Date.now();
    const { leaves } = await leavesOf(name, await input(), bytes?.());
    assert.ok(leaves.length > 0);
    for (const leaf of leaves) {
      assert.equal(leaf.kind, LeafKind[kind]);
      // Statements name the operator who signed them.
      const actor =
        kind === "proposal"
          ? '"operator":"alice"'
          : kind === "approval" || kind === "reveal"
            ? '"operator":"bob"'
            : `"actor":"${ACTOR}"`;
      assert.ok(leaf.body.includes(actor), leaf.body.toString("latin1"));
      assert.ok(leaf.timeMs >= from && leaf.timeMs <= Date.now());
      assert.equal(leaf.leafTimeMs, leaf.timeMs);
    }
  });
}

for (const [name, input, bytes] of asking) {
  test(`${name} only asks, and leaves nothing`, async () => {
    const { leaves } = await leavesOf(name, typeof input === "function" ? await input() : input, bytes?.());
    assert.equal(leaves.length, 0);
  });
}

test("both times are told: when it was so in the world, and when the system learned it", async () => {
  const from = Date.now();
  const { result } = await leavesOf("explainAccount", { account: "u1" });
  const { contactPoints } = result as {
    contactPoints: { history: { entry: string; at: string; learnedAt: string; actor: string }[] }[];
  };
  const history = contactPoints[0]!.history;
  assert.deepEqual(
    history.map(({ entry, at, actor }) => [entry, at, actor]),
    [
      ["grant", "2024-01-01T00:00:00.000Z", ACTOR],
      ["withdraw", "2024-01-01T00:00:00.000Z", ACTOR],
    ],
  );
  for (const { learnedAt } of history) assert.ok(Date.parse(learnedAt) > from - 60_000);
});
