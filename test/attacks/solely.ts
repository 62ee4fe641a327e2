/**
 * Solely as a test bed: a real store behind its real server, with the defaults of its configuration. What is simulated is the
 * clock of the job that releases sizes, which takes any instant from a test.
 */

import { existsSync, statfsSync } from "node:fs";
import { startServer } from "../../src/http/index.js";
import { addAdvertiser, createKey, ingest, takeAccounts, takeEvents } from "../../src/index.js";
import { releaseDue } from "../../src/size/index.js";
import { boundsOf, shownSize, sizeRange } from "../../src/size/shown.js";
import { budgetOf, sizesSchema, varianceOf } from "../../src/size/terms.js";
import { FreshStore, ndjson } from "../fresh-store.js";
import { Advertiser } from "./advertiser.js";
import type { AccountFacts, Bed, Contact, ContactSource, DeliveryRow, Stretch } from "./bed.js";
import { Mechanism, shownOf } from "./mechanism.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NEVER = 1e9;
const ACTOR = "attacks";

/** Who uploaded the address books. */
const FRIEND = "friend-with-an-address-book";

/** The notice that each source's contacts come under. */
const NOTICES: Readonly<Record<ContactSource, { readonly id: string } & Readonly<Record<string, unknown>>>> = {
  profile: { id: "profile", purposes: ["ads.match"] },
  "two-factor": { id: "two-factor", purposes: ["security.mfa"], exclusive: true },
  "login-alert": { id: "login-alert", purposes: ["security.login-alert"], exclusive: true },
  messenger: { id: "messenger", purposes: ["service.account"], exclusive: true },
  "address-book": { id: "address-book", purposes: ["service.account"], subject: "other" },
  "linked-service": { id: "linked-service", purposes: ["service.account"] },
};

const MEMORY = "/dev/shm";
/** Bytes that a store and its database need for a long run. */
const ROOM = 4 * 2 ** 30;

/** Memory in place of a disk, where there is enough: durability is not what is attacked, and its waits are long. */
function preferMemory(): void {
  if (!existsSync(MEMORY)) return;
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize > ROOM) process.env.TMPDIR ??= MEMORY;
}

export async function openBed(sizes: Readonly<Record<string, unknown>>): Promise<Bed> {
  preferMemory();
  const store = await FreshStore.make(sizes);
  for (const { purposes, ...notice } of Object.values(NOTICES)) {
    await store.adopt({ ...notice, purposes: purposes as string[] });
  }
  const { solely } = store;
  const server = await startServer(solely, { port: 0 });
  const { url } = server;
  const newKey = async (options: { readonly scopes: readonly string[]; readonly advertiser?: string }) =>
    (await createKey(solely, { ...options, actor: ACTOR }, () => {})).secret;
  const platform = new Advertiser({ url, name: "platform", key: await newKey({ scopes: ["serve"] }) });
  const terms = sizesSchema.parse(sizes);
  let nowMs = Date.now();
  // The store's own job would take what is new for long due, once simulated time is ahead of the clock.
  const firstReleaseAfter = (minutes: number): void => {
    (solely.config.sizes as { firstReleaseMinutes: number }).firstReleaseMinutes = minutes;
  };
  firstReleaseAfter(NEVER);

  async function taken(what: Promise<{ readonly refused: number }>): Promise<void> {
    const { refused } = await what;
    if (refused > 0) throw new Error(`${refused} rows were refused`);
  }

  return {
    name: "Solely",
    url,
    mechanism: mechanismOf(terms),
    feed: (contacts) =>
      taken(ingest(solely, ndjson(contacts.map(rowOf)), { source: "local", actor: ACTOR, format: "ndjson" })),
    describe: (accounts) =>
      taken(takeAccounts(solely, ndjson(accounts.map(factsOf)), { actor: ACTOR, format: "ndjson" })),
    withdraw: (accounts) => {
      const events = accounts.map((account) => ({ type: "withdraw", account, at: new Date().toISOString() }));
      return taken(takeEvents(solely, ndjson(events), { actor: ACTOR, format: "ndjson" }));
    },
    async advertiser(name, entity) {
      await addAdvertiser(solely, { name, entity, actor: ACTOR });
      return { url, name, key: await newKey({ scopes: ["lists"], advertiser: name }) };
    },
    // There is one way in, whoever sends.
    brokerPath: ({ name }) => `/v1/advertisers/${name}/lists`,
    async pass(stretch: Stretch) {
      const epochMs = terms.epochHours * HOUR_MS;
      nowMs =
        stretch === "epoch"
          ? (Math.floor(nowMs / epochMs) + 1) * epochMs
          : Math.max(nowMs, Date.now() + (terms.firstReleaseMinutes + 1) * MINUTE_MS);
      firstReleaseAfter(terms.firstReleaseMinutes);
      await releaseDue(solely, nowMs);
      firstReleaseAfter(NEVER);
      solely.releases.show();
    },
    async show(accounts) {
      const impressions = new Map<string, number>();
      const shownTo = async (account: string) => {
        const { audiences } = (await platform.ask("GET", `/v1/accounts/${account}/audiences`)).json as {
          audiences: string[];
        };
        for (const audience of audiences) impressions.set(audience, (impressions.get(audience) ?? 0) + 1);
      };
      await Promise.all(accounts.map(shownTo));
      return [...impressions].map(([audience, times]): DeliveryRow => {
        return { advertiser: solely.audiences.get(audience).advertiser, audience, impressions: times };
      });
    },
    async spent(credentials) {
      const answer = await new Advertiser(credentials).ask("GET", `/v1/advertisers/${credentials.name}/budget`);
      return (answer.json as { year: { spent: number } }).year.spent;
    },
    async close() {
      await server.close();
      await store.remove();
    },
  };
}

/** As docs/sizes.md has it. */
function mechanismOf(terms: ReturnType<typeof sizesSchema.parse>): Mechanism {
  const budget = budgetOf(terms);
  const variance = varianceOf(budget);
  return new Mechanism({
    sigma: Math.sqrt(Number(variance.numerator) / Number(variance.denominator)),
    releases: budget.releases,
    holdsEveryNode: true,
    shown: (noisy) => {
      if (noisy < terms.floor) return shownOf(null);
      return shownOf({ value: shownSize(noisy), ...boundsOf(noisy, variance), range: sizeRange(noisy) });
    },
  });
}

function rowOf({ account, kind, value, source }: Contact) {
  const row = { account, kind, value, notice: NOTICES[source].id, given_at: "2024-01-01T00:00:00Z" };
  return source === "address-book" ? { ...row, given_by: FRIEND } : row;
}

function factsOf({ account, createdAt, lastActiveAt, cohort, likesSports }: AccountFacts) {
  return {
    ...{ account, created_at: createdAt.toISOString(), last_active_at: lastActiveAt.toISOString() },
    ...(cohort === undefined ? {} : { cohort }),
    ...(likesSports === undefined ? {} : { likes_sports: likesSports ? "yes" : "no" }),
  };
}
