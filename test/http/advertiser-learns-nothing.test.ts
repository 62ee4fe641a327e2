/**
 * Two worlds that differ only in whether the people of the lists may be matched: in one they gave their contacts for ads,
 * in the other for the security of their accounts. An advertiser gets the same answers in both, byte for byte but for what
 * is drawn and the clock, at whole seconds; on the terms of releases that are the default, before and after a release.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type Answer, type Asked, contact, emails, type Json, lines, ServedStore } from "./served-store.js";

const TICK_MS = 1000;
/** A timer may fire early by this. */
const EARLY_MS = 2;
const PEOPLE = Array.from({ length: 40 }, (_, i) => ({ account: `u${i}`, value: `u${i}@example.com` }));
const LISTS = "/v1/advertisers/acme/lists";

class World {
  /** Answers to lists. */
  readonly lists: Answer[] = [];

  private constructor(
    readonly served: ServedStore,
    readonly key: string,
    /** Key of an advertiser that comes later. */
    readonly lateKey: string,
  ) {}

  static async make(notice: string): Promise<World> {
    const served = await ServedStore.make(undefined, {});
    const world = new World(served, await served.advertiser("acme"), await served.advertiser("late"));
    const phones = PEOPLE.map(({ account }, i) => contact(account, `+49151123456${10 + i}`, { kind: "phone", notice }));
    const body = lines([...PEOPLE.map(({ account, value }) => contact(account, value, { notice })), ...phones]);
    const taken = await world.#feed("contacts", body);
    assert.equal(taken.json.accepted, 2 * PEOPLE.length);
    return world;
  }

  async #feed(scope: "contacts" | "events", body: string): Promise<Answer> {
    const key = await this.served.key(scope, scope === "contacts" ? { source: "local" } : {});
    return this.served.ask(`POST /v1/${scope}`, { key, body });
  }

  async list(query: string, body: Asked["body"] & {}, key = this.key): Promise<Answer> {
    const answer = await this.served.ask(`POST ${LISTS}?${query}`, { key, body });
    this.lists.push(answer);
    return answer;
  }

  get(path: string, key = this.key): Promise<Answer> {
    return this.served.ask(`GET /v1/advertisers/${path}`, { key });
  }

  combine(name: string, include: readonly string[], exclude: readonly string[] = [], key = this.key): Promise<Answer> {
    const [included, excluded] = [include, exclude].map((names) => names.map((one) => this.idOf(one)));
    const body = JSON.stringify({ name, include: included, exclude: excluded });
    return this.served.ask("POST /v1/advertisers/acme/audiences", { key, body });
  }

  end(name: string): Promise<Answer> {
    return this.served.ask(`DELETE /v1/advertisers/acme/audiences/${this.idOf(name)}`, { key: this.key });
  }

  idOf(name: string): string {
    return this.served.solely.audiences.find("acme", name)?.id ?? "a0123456789abcdef";
  }

  /** How many accounts the audience of a name may be served to. */
  size(name: string): number {
    return this.served.members(this.idOf(name)).length;
  }

  /** The platform learns of events; no advertiser does. */
  async withdraw(...accounts: string[]): Promise<void> {
    await this.#feed("events", lines(accounts.map((account) => ({ type: "withdraw", account }))));
  }
}

let permitted: World;
let guarded: World;
let answers: [Answer[], Answer[]];
before(async () => {
  permitted = await World.make("ads");
  guarded = await World.make("mfa");
  answers = await inBoth(play);
});
after(async () => {
  await permitted.served.remove();
  await guarded.served.remove();
});

const inBoth = <T>(ask: (world: World) => Promise<T>): Promise<[T, T]> => Promise.all([ask(permitted), ask(guarded)]);

const values = PEOPLE.map(({ value }) => value);
const digests = values.map((value) => createHash("sha256").update(value).digest("hex"));
const form = (name: string): FormData => {
  const made = new FormData();
  made.append("name", name);
  made.append("file", new Blob([emails(...values)]), "list.csv");
  return made;
};

/** What an advertiser can ask, one after the other; those of one step at once. */
const script: readonly ((world: World) => Promise<Answer>)[][] = [
  [(world) => world.list("name=raw", emails(...values))],
  [(world) => world.list("name=digests", digests.join("\n"))],
  [
    (world) =>
      world.list("name=mixed", gzipSync(["email,phone", `${values[0]},+4915112345611`, ",x", "x@,"].join("\n"))),
  ],
  [(world) => world.list("", form("formed"))],
  [(world) => world.list("name=parts&session=s&part=2", emails(values[1]!))],
  [
    (world) => world.list("name=raw", emails(...values)),
    (world) => world.list("name=raw&operation=append", emails(...values, "nobody@example.com")),
    (world) => world.list("name=digests&operation=remove", digests.slice(0, 9).join("\n")),
    (world) => world.list("name=mixed&operation=replace", emails(values[2]!, "no one")),
    (world) => world.list("name=parts&session=s&part=2", emails(values[1]!)),
    (world) => world.list("name=none&operation=append", emails(values[3]!)),
    (world) => world.list("name=unreadable", "mary\nann\n"),
    (world) => world.list("name=cut", gzipSync(emails(...values)).subarray(0, -4)),
    (world) => world.list("name=stolen", emails(...values), world.lateKey),
  ],
  [
    (world) => world.list("name=parts&session=s&part=1", emails(values[5]!)),
    (world) => world.list("name=formed&operation=remove", "phone\n+4915112345610\n"),
    (world) => world.list("name=digests&operation=replace", ""),
  ],
  [
    (world) => world.combine("either", ["raw", "formed"]),
    (world) => world.combine("without", ["raw"], ["parts"]),
    (world) => world.combine("of nothing", ["raw", "not there"]),
    (world) => world.combine("raw", ["raw", "formed"]),
    (world) => world.combine("of one", ["raw"]),
    (world) => world.combine("stolen", ["raw", "formed"], [], world.lateKey),
  ],
  [(world) => world.end("parts"), (world) => world.end("mixed"), (world) => world.end("not there")],
  [
    (world) => world.get("acme/audiences"),
    (world) => world.get("acme/budget"),
    (world) => world.get("late/budget", world.lateKey),
    (world) => world.get("acme/audiences/a0123456789abcdef"),
    (world) => world.get("acme/audiences/u1@example.com"),
    (world) => world.get("late/audiences", world.lateKey),
  ],
];

async function play(world: World): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const step of script) answers.push(...(await Promise.all(step.map((ask) => ask(world)))));
  const audiences = (await world.get("acme/audiences")).json.audiences as Json[];
  for (const { audience } of audiences) answers.push(await world.get(`acme/audiences/${audience}`));
  await world.withdraw(...PEOPLE.slice(10).map(({ account }) => account));
  answers.push(await world.get("acme/audiences"));
  answers.push(await world.list("name=raw&operation=append", emails(...values)));
  // Twice: what is made of others is released after those.
  for (const _ of [1, 2]) {
    await world.served.store.release();
    for (const what of ["audiences", "budget"]) answers.push(await world.get(`acme/${what}`));
  }
  for (const { audience } of audiences) answers.push(await world.get(`acme/audiences/${audience}`));
  answers.push(await world.list("name=raw&operation=append", emails(...values)), await world.end("either"));
  return answers;
}

/** Answers with ids told by the order in which they came, and times left out. */
function comparable(answers: readonly Answer[]): string[] {
  const ids = new Map<string, string>();
  const known = (id: string): string => {
    if (!ids.has(id)) ids.set(id, `${id[0]}${ids.size}`);
    return ids.get(id)!;
  };
  return answers.map(({ whole }) =>
    whole.replace(/\b[alm][0-9a-f]{16}\b/g, known).replace(/\d{4}-\d\d-\d\dT[\d:]{8}\.000Z/g, "TIME"),
  );
}

const isList = ({ json }: Answer): boolean => "match" in json;

test("the worlds differ: what the lists reach in one, they don't reach in the other", () => {
  const names = ["raw", "formed", "parts"];
  // Thirty of forty withdrew after the lists were matched.
  assert.deepEqual(
    names.map((name) => permitted.size(name)),
    [10, 9, 2],
  );
  assert.deepEqual(
    names.map((name) => guarded.size(name)),
    [0, 0, 0],
  );
});

test("an advertiser gets the same answers, whether or not anybody of its lists was matched", () => {
  const [one, other] = answers.map(comparable) as [string[], string[]];
  assert.deepEqual(one, other);
  const statuses = new Set(answers[0].map(({ status }) => status));
  assert.deepEqual([...statuses].sort(), [200, 400, 404, 409]);
  assert.equal(answers[0].filter(isList).length, 14);
});

test("no answer has a field for more than what the advertiser sent", () => {
  const fields = new Set(
    answers
      .flat()
      .filter(isList)
      .flatMap(({ json }) => Object.keys(json)),
  );
  assert.deepEqual([...fields].sort(), [
    ...["advertiser", "audience", "columns", "createdAt", "isDuplicate", "list", "match", "name", "nextReleaseAt"],
    ...["notes", "refused", "refusedRows", "rows", "size", "status", "updatedAt", "usable"],
  ]);
  const views = answers
    .flat()
    .flatMap(({ json }) => (json.audiences as Json[] | undefined) ?? ("size" in json ? [json] : []));
  for (const { size } of views) assert.equal(size, null);
  assert.deepEqual(new Set(views.map(({ status }) => status)), new Set(["pending", "too-small"]));
  const budgets = answers.flat().filter(({ json }) => "draw" in json);
  const spent = new Set(budgets.map(({ json }) => (json.month as Json).spent === 0));
  assert.deepEqual(spent, new Set([true, false]), "the releases were charged");
});

test("times in answers are whole seconds", () => {
  const times = answers.flat().flatMap(({ text }) => text.match(/\d{4}-\d\d-\d\dT[^"]*/g) ?? []);
  assert.ok(times.length > 50);
  for (const time of times) assert.match(time, /:\d\d\.000Z$/);
});

test("every list is answered at a whole second after it was asked, whatever became of it", () => {
  for (const { lists } of [permitted, guarded]) {
    assert.deepEqual(new Set(lists.map(({ status }) => status)), new Set([200, 400, 404, 409]));
    for (const { ms } of lists) assert.ok(ms >= TICK_MS - EARLY_MS, `after ${ms} ms`);
  }
});

test("a list that is longer on its way is answered at the next whole second", async () => {
  const slowly = (name: string, value: string) => async (world: World) => {
    const body = new ReadableStream({
      async start(stream) {
        stream.enqueue(Buffer.from("email\n"));
        await sleep(1.2 * TICK_MS);
        stream.enqueue(Buffer.from(`${value}\n`));
        stream.close();
      },
    });
    return world.list(`name=${name}`, body);
  };
  const late = await Promise.all([inBoth(slowly("slow", values[6]!)), inBoth(slowly("slower", "no one"))]);
  for (const { status, ms } of late.flat()) {
    assert.equal(status, 200);
    assert.ok(ms >= 2 * TICK_MS - EARLY_MS, `after ${ms} ms`);
  }
});
