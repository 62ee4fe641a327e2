/**
 * Two people: whatever loosens something waits until another operator signs, with the key that is in force then, what
 * was shown and nothing else; and where one user holds two keys, that is said.
 *
 * Alice, bob and carol have a key folder each here, as on machines of their own; `both` holds alice's and bob's.
 */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makePasskey } from "../authenticator.js";
import { CommandLine, contactsCsv, type Failure, type Outcome, type Serving } from "./command-line.js";

interface Proposal {
  readonly proposal: string;
  readonly waiting?: boolean;
  readonly action: { readonly type: string; readonly freed?: number; readonly freedLimit?: number };
  readonly review?: { readonly changes: readonly unknown[]; readonly toConfirm: readonly string[] };
}
interface Approved {
  readonly type: string;
  readonly proposedBy: string;
  readonly approvedBy: string;
  readonly notTwoPeople: readonly string[];
}
interface Operator {
  readonly name: string;
  readonly fingerprint: string;
  readonly passkey: { readonly credential: string; readonly host: string } | null;
  readonly toPosition: number | null;
}

const solely = new CommandLine();
const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => solely.keyOf(name)) as [Key, Key, Key];
type Key = ReturnType<CommandLine["keyOf"]>;
const keys = { alice, bob, carol };
const both = { SOLELY_OPERATORS: join(solely.folder, "both") };
let server: Serving;

before(async () => {
  solely.keyOf("nobody", "both");
  for (const name of ["alice", "bob"]) {
    for (const suffix of ["pem", "pub"])
      copyFileSync(join(solely.folder, name, `${name}.${suffix}`), join(solely.folder, "both", `${name}.${suffix}`));
  }
});
after(async () => {
  await server?.stop();
  await solely.remove();
});

/** Proposes something on the operator's own machine. */
async function propose(as: keyof typeof keys, ...args: readonly string[]): Promise<Proposal> {
  const outcome = await solely.run<Proposal>([...args, "--as", as, "--json"], keys[as]);
  assert.equal(outcome.status, 1, `${outcome} does not wait: ${outcome.stderr}`);
  assert.equal(outcome.json.waiting, true);
  return outcome.json;
}

const approve = (as: keyof typeof keys, { proposal }: Proposal): Promise<Approved> =>
  solely.done<Approved>(["approve", proposal, "--as", as], keys[as]);

const refuses = async (as: keyof typeof keys, { proposal }: Proposal): Promise<string> =>
  (await solely.refused(["approve", proposal, "--as", as], keys[as])).code;

/** Everything that decisions change. */
const state = () =>
  Promise.all(
    [["operator", "list"], ["source", "list"], ["notice", "list"], ["proposals"]].map((args) =>
      solely.done<Record<string, unknown>>(args),
    ),
  );

const waiting = async (): Promise<string[]> =>
  (await solely.done<{ proposals: Proposal[] }>(["proposals"])).proposals.map(({ proposal }) => proposal);

const inForce = async (): Promise<string[]> =>
  (await solely.done<{ operators: Operator[] }>(["operator", "list"])).operators
    .filter(({ toPosition }) => toPosition === null)
    .map(({ name }) => name)
    .sort();

const warnsOfOneHand = ({ warnings }: Outcome<unknown>): boolean =>
  warnings.some((warning) => warning.startsWith("warning: not two people: ") && /alice and bob$/.test(warning));

/** What doctor says of it, of the user whose folder is given; not through a server, which is another's. */
async function doctorWarnsOfOneHand(of: CommandLine, env: Readonly<Record<string, string>>): Promise<boolean> {
  const { findings } = await of.done<{ findings: { level: string; what: string }[] }>(["doctor"], { env });
  return findings.some(({ level, what }) => level === "warning" && /^not two people: .*alice and bob$/.test(what));
}

describe("keys made in one place, and elsewhere", { concurrency: true }, () => {
  test("where init makes both keys, it says that this is not two people, and so does doctor", async () => {
    const tried = new CommandLine();
    try {
      const made = await tried.run<{ operatorsFolder: string }>([
        "init",
        "--operator",
        "alice",
        "--operator",
        "bob",
        "--json",
      ]);
      assert.equal(made.status, 0);
      assert.ok(warnsOfOneHand(made), made.stderr);
      assert.equal(made.json.operatorsFolder, tried.operators);
      assert.ok(await doctorWarnsOfOneHand(tried, {}));
    } finally {
      await tried.remove();
    }
  });

  test("a store of keys that were made elsewhere takes public keys alone, and is two people's", async () => {
    const privateKey = join(solely.folder, "alice", "alice.pem");
    const misled = await solely.refused(["init", "--operator-key", privateKey, "--operator-key", bob.publicKey], alice);
    assert.deepEqual([misled.code, misled.message], ["malformed-key", `${privateKey} is a private key`]);
    const args = ["init", "--operator-key", alice.publicKey, "--operator-key", bob.publicKey, "--json"];
    const made = await solely.run<{ operators: string[]; operatorsFolder: null }>(args, alice);
    assert.deepEqual([made.status, made.warnings], [0, []]);
    assert.deepEqual([made.json.operators, made.json.operatorsFolder], [["alice", "bob"], null]);
    assert.ok(!(await doctorWarnsOfOneHand(solely, alice.env)));
    assert.ok(await doctorWarnsOfOneHand(solely, both));
    server = await solely.serve(alice.env);
  });
});

test("a notice is proposed by one and in force by another; one user with both keys is told, in JSON too", async () => {
  const file = solely.notices({ id: "ads", purposes: ["ads.match"], sources: ["local", "app"] });
  await solely.done(["notice", "propose", file, "--as", "alice"], alice);
  assert.deepEqual(await solely.done(["notice", "list"]), { notices: [] });
  const same = await solely.refused(["notice", "approve", "ads", "--as", "alice"], alice);
  assert.equal(same.code, "same-operator");
  assert.deepEqual(await solely.done(["notice", "list"]), { notices: [] });
  const outcome = await solely.run<{ approved: unknown[]; notTwoPeople: string[] }>(
    ["notice", "approve", "ads", "--as", "bob", "--json"],
    { env: both },
  );
  assert.equal(outcome.status, 0);
  assert.ok(warnsOfOneHand(outcome), outcome.stderr);
  assert.deepEqual(outcome.json.notTwoPeople, ["alice", "bob"]);
  assert.equal(outcome.json.approved.length, 1);
});

test("a third operator comes in by two signatures, and then proposes and approves", async () => {
  const added = await propose("alice", "operator", "add", "carol", "--key", carol.publicKey);
  assert.deepEqual(await inForce(), ["alice", "bob"]);
  const early = await solely.refused(["source", "add", "early", "--as", "carol"], carol);
  assert.equal(early.code, "unknown-operator");
  const outcome = await solely.run<Approved>(["approve", added.proposal, "--as", "bob", "--json"], bob);
  assert.deepEqual([outcome.status, outcome.stderr], [0, ""]);
  const { type, proposedBy, approvedBy, notTwoPeople } = outcome.json;
  assert.deepEqual([type, proposedBy, approvedBy, notTwoPeople], ["operator.add", "alice", "bob", []]);
  assert.deepEqual(await inForce(), ["alice", "bob", "carol"]);
  const crm = await propose("carol", "source", "add", "crm");
  const inOneHand = await solely.run<Approved>(["approve", crm.proposal, "--as", "alice", "--json"], { env: both });
  assert.deepEqual([inOneHand.status, inOneHand.json.notTwoPeople], [0, ["alice", "bob"]]);
  assert.ok(warnsOfOneHand(inOneHand), inOneHand.stderr);
  await approve("carol", await propose("bob", "source", "add", "app", "--vouches", "--freed-limit", "1"));
});

test("a passkey comes in by its enrolment's file, and goes, by two signatures", async () => {
  const { credential, publicKey, host } = makePasskey();
  const file = join(solely.folder, "bob.passkey");
  writeFileSync(file, JSON.stringify({ operator: "bob", credential, publicKey, host }));
  await approve("bob", await propose("alice", "operator", "passkey", file));
  const passkeys = async () =>
    (await solely.done<{ operators: Operator[] }>(["operator", "list"])).operators.filter(
      ({ passkey, toPosition }) => passkey !== null && toPosition === null,
    );
  const [bobs] = await passkeys();
  assert.deepEqual([bobs?.name, bobs?.passkey], ["bob", { credential, host }]);
  const again = await solely.refused(["operator", "passkey", file, "--as", "alice"], alice);
  assert.equal(again.code, "key-already-used");
  writeFileSync(file, JSON.stringify({ operator: "bob", credential, publicKey: carol.publicKey, host }));
  assert.equal((await solely.refused(["operator", "passkey", file, "--as", "alice"], alice)).code, "malformed-key");
  const fingerprint = bobs!.fingerprint.slice(0, 12);
  assert.equal(
    (await solely.refused(["operator", "end-passkey", "alice", fingerprint, "--as", "bob"], bob)).code,
    "refused",
  );
  await approve("alice", await propose("bob", "operator", "end-passkey", "bob", fingerprint));
  assert.deepEqual(await passkeys(), []);
});

test("an operator is let into the console by their own key file, through the running server alone", async () => {
  const { url } = await solely.done<{ url: string }>(["operator", "sign-in", "--as", "alice"], alice);
  assert.match(url, /^http:\/\/localhost:\d+\/#enter=[\w-]{43}$/);
  const { origin, hash } = new URL(url);
  const open = () =>
    fetch(`${origin}/v1/session/link`, {
      ...{ method: "POST", headers: { origin, "content-type": "application/json" } },
      body: JSON.stringify({ token: hash.slice("#enter=".length) }),
    });
  const opened = await open();
  const said = opened.headers.get("set-cookie") ?? "";
  assert.match(said, /^solely=[\w-]{43}; .*HttpOnly; SameSite=Strict/);
  const seen = await fetch(`${origin}/v1/session`, { headers: { cookie: said.split(";")[0]! } });
  assert.deepEqual(((await seen.json()) as { visitor: unknown }).visitor, { is: "operator", name: "alice" });
  assert.equal((await open()).status, 410);
  const stranger = await solely.refused(["operator", "sign-in", "--as", "carol"], solely.keyOf("carol", "stranger"));
  assert.equal(stranger.code, "bad-signature");
});

test("whoever proposed it can't approve it too, whatever it is, and nothing changes by trying", async () => {
  const dave = solely.keyOf("dave");
  const file = solely.notices({ id: "later", purposes: ["service.account"] });
  const [{ proposals }, ...others] = await Promise.all([
    solely.done<{ proposals: [Proposal] }>(["notice", "propose", file, "--as", "bob"], bob),
    propose("bob", "operator", "add", "dave", "--key", dave.publicKey),
    propose("bob", "operator", "remove", "carol"),
    propose("bob", "operator", "replace", "alice", "--key", dave.publicKey),
    propose("bob", "source", "add", "local", "--freed-limit", "none"),
    propose("bob", "notice", "retire", "ads"),
  ]);
  const tried = [proposals[0], ...others];
  assert.equal(new Set(tried.map(({ action }) => action.type)).size, 6);
  const before = await state();
  const codes = await Promise.all(tried.map((one) => refuses("bob", one)));
  assert.deepEqual([...new Set(codes)], ["same-operator"]);
  assert.deepEqual(await state(), before);
});

test("a key that was replaced signs no more, neither proposals nor approvals", async () => {
  const renewed = solely.keyOf("carol", "carol-2026");
  const pending = await propose("alice", "source", "add", "shop");
  const old = await propose("carol", "source", "add", "old");
  await approve("bob", await propose("alice", "operator", "replace", "carol", "--key", renewed.publicKey));
  const [proposing, approving] = await Promise.all([
    solely.refused(["source", "add", "new", "--as", "carol"], carol),
    refuses("carol", pending),
  ]);
  assert.deepEqual([proposing.code, approving], ["bad-signature", "bad-signature"]);
  assert.ok(!(await waiting()).includes(old.proposal), "what the old key proposed still waits");
  await solely.done(["approve", pending.proposal, "--as", "carol"], renewed);
  const reused = await solely.refused(
    ["operator", "replace", "carol", "--key", carol.publicKey, "--as", "alice"],
    alice,
  );
  assert.equal(reused.code, "key-already-used");
  keys.carol = renewed;
});

test("what an operator proposed lapses when the operator is removed, and the name signs no more", async () => {
  const proposal = await propose("carol", "source", "add", "parting");
  const others = (await waiting()).filter((id) => id !== proposal.proposal);
  await approve("alice", await propose("bob", "operator", "remove", "carol"));
  assert.deepEqual(await inForce(), ["alice", "bob"]);
  // Bob's own wish to remove her, of the test before, waits still, and can't be carried out.
  assert.deepEqual((await waiting()).sort(), others.sort());
  assert.equal(await refuses("bob", proposal), "no-such-proposal");
  const late = await solely.refused(["source", "add", "late", "--as", "carol"], keys.carol);
  assert.equal(late.code, "unknown-operator");
  const few = await solely.refused(["operator", "remove", "bob", "--as", "alice"], alice);
  assert.equal(few.code, "too-few-operators");
});

test("a proposal whose action was altered on the way is shown to nobody and not signed", async () => {
  const proposal = await propose("alice", "source", "add", "cheap", "--freed-limit", "7");
  const lying = await Lying.before(solely, (proposals) => {
    for (const { action } of proposals) if (action.freedLimit === 7) Object.assign(action, { freedLimit: 0 });
  });
  try {
    const outcome = await solely.run<Failure>(["approve", proposal.proposal, "--as", "bob", "--json"], bob);
    assert.deepEqual([outcome.status, outcome.json.error.code], [1, "altered"]);
    assert.equal((await solely.refused(["proposals"])).code, "altered");
  } finally {
    await lying.end();
  }
  assert.ok(lying.asked.includes("proposals") && !lying.asked.includes("approve"), String(lying.asked));
  assert.ok((await waiting()).includes(proposal.proposal));
  await approve("bob", proposal);
});

/** Stands between the command line and its server, and changes the proposals that it tells of. */
class Lying {
  /** Commands that were asked for. */
  readonly asked: string[] = [];

  private constructor(
    readonly alter: (proposals: Proposal[]) => void,
    readonly end: () => Promise<void>,
  ) {}

  static async before({ data }: CommandLine, alter: (proposals: Proposal[]) => void): Promise<Lying> {
    const file = join(data, "run", "server.json");
    const truly = readFileSync(file, "utf8");
    const { url, ...rest }: { url: string; pid: number; key: string } = JSON.parse(truly);
    const between = createServer((asked, answer) => {
      const headers = { ...asked.headers };
      const on = request(new URL(asked.url ?? "", url), { method: asked.method ?? "GET", headers }, async (told) => {
        answer.writeHead(told.statusCode ?? 500, { "content-type": told.headers["content-type"] ?? "" });
        answer.end(lying.told(asked.url ?? "", await textOf(told)));
      });
      asked.pipe(on);
    });
    await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
    const { port } = between.address() as AddressInfo;
    const lying = new Lying(alter, () => {
      writeFileSync(file, truly);
      return new Promise((resolve) => between.close(() => resolve()));
    });
    writeFileSync(file, JSON.stringify({ ...rest, url: `http://127.0.0.1:${port}` }));
    return lying;
  }

  told(path: string, text: string): string {
    const command = /\/v1\/commands\/(\w+)/.exec(path)?.[1];
    if (command !== undefined) this.asked.push(command);
    if (command !== "proposals") return text;
    const answer: { result: Proposal[] } = JSON.parse(text);
    this.alter(answer.result);
    return `${JSON.stringify(answer)}\n`;
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const block of message.setEncoding("utf8")) text += block;
  return text;
}

describe("what an approver is shown and decides of a notice", { concurrency: true }, () => {
  test("an ads purpose that the text never mentions needs the approver's confirmation by name", async () => {
    const text = "We use this to sign you in.";
    const file = solely.notices({ id: "quiet", text, purposes: ["service.account", "ads.match", "ads.measure"] });
    const { proposals } = await solely.done<{ proposals: [Proposal] }>(
      ["notice", "propose", file, "--as", "alice"],
      alice,
    );
    assert.deepEqual(proposals[0].review?.toConfirm, ["ads.match", "ads.measure"]);
    const sign = ["notice", "approve", "quiet", "--as", "bob"];
    assert.equal((await solely.refused(sign, bob)).code, "unconfirmed-purpose");
    assert.equal((await solely.refused([...sign, "--confirm", "ads.match"], bob)).code, "unconfirmed-purpose");
    assert.equal((await solely.refused(["notice", "show", "quiet"])).code, "unknown-notice");
    const confirmed = await solely.run([...sign, "--confirm", "ads.match", "--confirm", "ads.measure"], bob);
    assert.equal(confirmed.status, 0);
    assert.match(confirmed.stdout, /The text never mentions advertising; --confirm ads\.match/);
    const { notice } = await solely.done<{ notice: string }>(["notice", "show", "quiet"]);
    assert.equal(notice, "quiet@1");
  });

  test("the approver of a new version sees its text beside its terms, and what changes", async () => {
    const first = { id: "profile", text: "Tell us how to reach you.", purposes: ["service.message"] };
    await solely.adopt([first], keys);
    const second = { ...first, version: 2, text: "Advertisers may match it too.", sources: ["local", "crm"] };
    const file = solely.notices({ ...second, purposes: ["service.message", "ads.match"] });
    await solely.done(["notice", "propose", file, "--as", "alice"], alice);
    const { status, stdout } = await solely.run(["notice", "approve", "profile@2", "--as", "bob"], bob);
    assert.equal(status, 0);
    for (const beside of [/^TEXT \(en\) +│ PURPOSES$/m, /^Advertisers may match it too\. +│ service\.message: /m])
      assert.match(stdout, beside);
    assert.match(stdout, /│ SOURCES {2}local, crm$/m);
    const [, changes = ""] = stdout.split("CHANGES against the version before\n");
    for (const change of [
      /^ {2}text\n {4}- Tell us how to reach you\.\n {4}\+ Advertisers may match it too\.$/m,
      /^ {2}purposes\n {4}- service\.message\n {4}\+ service\.message, ads\.match$/m,
      /^ {2}sources\n {4}- local\n {4}\+ local, crm$/m,
    ])
      assert.match(changes, change);
    const again = await solely.refused(["notice", "propose", file, "--as", "alice"], alice);
    assert.equal(again.code, "version-exists");
  });

  test("a retired notice counts for what was given before, and for nothing after", async () => {
    await solely.adopt([{ id: "old", purposes: ["ads.match"] }], keys);
    const past = await solely.refused(
      ["notice", "retire", "old", "--from", "2020-01-01T00:00:00Z", "--as", "alice"],
      alice,
    );
    assert.equal(past.code, "retire-in-past");
    const beforeIt = new Date(Date.now() - 60_000).toISOString();
    await approve("bob", await propose("alice", "notice", "retire", "old"));
    const { to } = await solely.done<{ to: string | null }>(["notice", "show", "old"]);
    assert.ok(to !== null && Date.parse(to) <= Date.now() && to > beforeIt);
    const row = (n: number, notice: string, at: string): string => `r${n},email,r${n}@example.com,${notice},${at}`;
    const rows = [row(1, "old", beforeIt), row(2, "old", to), row(3, "old@1", to), row(4, "ads", to)];
    const file = solely.write("retired.csv", contactsCsv(...rows));
    const { accepted, refused } = await solely.done<{ accepted: number; refused: number }>(["ingest", file]);
    assert.deepEqual([accepted, refused], [2, 2]);
    const reasons = readFileSync(`${file}.rejects.csv`, "utf8").trimEnd().split("\n").slice(1);
    assert.deepEqual(
      reasons.map((line) => line.split(",").slice(0, 3).join()),
      ["3,notice,notice-not-in-force", "4,notice,notice-not-in-force"],
    );
  });
});

test("a run past its source's limit waits for two signatures on its digest, and then the same bytes go in", async () => {
  await solely.adopt([{ id: "two-factor", purposes: ["security.mfa"], exclusive: true }], keys);
  const rows = (notice: string, year: number, upTo: number): string[] =>
    Array.from({ length: upTo }, (_, n) => `f${n},email,f${n}@example.com,${notice},${year}-01-01T00:00:00Z`);
  await solely.done(["ingest", solely.write("security.csv", contactsCsv(...rows("two-factor", 2021, 3)))]);
  const bytes = contactsCsv(...rows("ads", 2022, 4));
  const feed = (...options: readonly string[]) => ["ingest", "-", "--source", "app", ...options];
  const health = () => solely.done<{ position: number; permitted: number }>(["doctor"]);

  const before = await health();
  const dry = await solely.run(feed("--dry-run"), { stdin: bytes });
  assert.equal(dry.status, 0);
  const [first, second] = dry.stdout.split("\n");
  assert.match(first!, /\b3\b.*security/);
  assert.match(second!, /^4 rows: 4 would be accepted/);
  const told = await solely.done<{ freed: number; accepted: number }>(feed("--dry-run"), { stdin: bytes });
  assert.deepEqual([told.freed, told.accepted], [3, 4]);
  assert.deepEqual(await health(), before);

  const refused = await solely.refused(feed(), { stdin: bytes });
  const digest = String(refused.details?.digest);
  assert.equal(refused.code, "freed-limit");
  assert.deepEqual([refused.details?.freed, refused.details?.limit], [3, 1]);
  assert.ok(refused.fix?.includes(`solely source free app ${digest} `), refused.fix);
  assert.equal((await health()).permitted, before.permitted);
  const none = await solely.run(["source", "free", "app", "0".repeat(64), "--as", "alice"], alice);
  assert.notEqual(none.status, 0);

  const free = await propose("alice", "source", "free", "app", digest);
  assert.equal(free.action.freed, 3);
  assert.equal(await refuses("alice", free), "same-operator");
  assert.equal((await solely.refused(feed(), { stdin: bytes })).code, "freed-limit");
  const shown = await solely.run(["approve", free.proposal, "--as", "bob"], bob);
  assert.equal(shown.status, 0);
  assert.match(shown.stdout, /would newly permit 3 security contacts; the source's limit is 1/);

  const others = contactsCsv(...rows("ads", 2022, 3), "f9,email,f9@example.com,ads,2022-01-01T00:00:00Z");
  assert.equal((await solely.refused(feed(), { stdin: others })).code, "freed-limit");
  const taken = await solely.done<{ freed: number; accepted: number }>(feed(), { stdin: bytes });
  assert.deepEqual([taken.freed, taken.accepted], [3, 4]);
  assert.equal((await health()).permitted, before.permitted + 4);
});
