/**
 * The naive platform behind the same HTTP API, as a test bed: to show that each attack works.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Expression } from "./advertiser.js";
import type { Bed, DeliveryRow } from "./bed.js";
import { Mechanism, shownOf } from "./mechanism.js";
import {
  type Flaws,
  NAIVE_FLOOR,
  NAIVE_SIGMA,
  type NaiveAudience,
  type NaiveExpression,
  NaivePlatform,
  rounded,
} from "./naive-platform.js";

export async function openNaive(flaws: Flaws): Promise<Bed> {
  const platform = new NaivePlatform(flaws);
  const api = new NaiveApi(platform);
  const server = createServer((request, response) => {
    api.answer(request).then(
      (body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body)),
      (error: Error) => {
        response.statusCode = error instanceof Refusal ? error.status : 500;
        response.end(JSON.stringify({ error: error.message }));
      },
    );
  });
  // It never hangs up: attackers do, when they have done.
  Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    name: "naive",
    url,
    mechanism: mechanismOf(flaws),
    feed: async (contacts) => {
      for (const contact of contacts) platform.learn(contact);
    },
    describe: async (accounts) => {
      for (const facts of accounts) platform.describe(facts);
    },
    withdraw: async (accounts) => {
      for (const account of accounts) platform.withdraw(account);
    },
    advertiser: async (name) => ({ url, name, key: api.newKey(name) }),
    brokerPath: (broker, advertiser) =>
      flaws.areBrokersUnchecked === true
        ? `/v1/brokers/${broker.name}/lists-for/${advertiser.name}`
        : `/v1/advertisers/${broker.name}/lists`,
    // Sizes are counted as they are read.
    pass: async () => {},
    show: async (accounts) => deliveryRows(platform, accounts),
    spent: async () => null,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What its papers say: of the off-by-one they know nothing. */
function mechanismOf({ noise, isFloorOnRows, areBrokersUnchecked }: Flaws): Mechanism {
  const floor = isFloorOnRows === true || areBrokersUnchecked === true ? 0 : NAIVE_FLOOR;
  return new Mechanism({
    sigma: noise === undefined ? 0 : NAIVE_SIGMA,
    isStickyBySet: noise === "per-set",
    shown: (count) => shownOf(count < floor ? null : { value: noise === undefined ? rounded(count) : count }),
  });
}

/** One line for each audience through which somebody was shown an ad. */
function deliveryRows(platform: NaivePlatform, accounts: readonly string[]): DeliveryRow[] {
  const rows: DeliveryRow[] = [];
  for (const audience of platform.audiences.values()) {
    const members = platform.membersOf(audience);
    const impressions = accounts.filter((account) => members.has(account)).length;
    if (impressions > 0 && platform.isReady(audience)) {
      rows.push({ advertiser: audience.advertiser, audience: audience.id, impressions });
    }
  }
  return rows;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

class NaiveApi {
  readonly #advertisers = new Map<string, string>();
  readonly #byAdvertiser = new Map<string, Map<string, NaiveAudience>>();
  #lastId = 0;

  constructor(readonly platform: NaivePlatform) {}

  newKey(advertiser: string): string {
    const key = randomBytes(16).toString("hex");
    this.#advertisers.set(key, advertiser);
    this.#byAdvertiser.set(advertiser, new Map());
    return key;
  }

  async answer(request: IncomingMessage): Promise<unknown> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://naive");
    const [, , kind, name = "", what, id] = pathname.split("/");
    const caller = this.#advertisers.get(request.headers.authorization?.replace("Bearer ", "") ?? "");
    if (caller !== name) throw new Refusal(401, "no valid key");
    const body = await bodyOf(request);
    const asked = `${request.method} ${kind}/${what}`;
    if (asked === "POST advertisers/lists") return this.#takeList(caller, searchParams, body, false);
    if (asked === "POST brokers/lists-for") return this.#takeList(id!, searchParams, body, true);
    const own = this.#byAdvertiser.get(caller)!;
    if (asked === "POST advertisers/audiences") return this.#combine(caller, JSON.parse(body));
    if (asked === "GET advertisers/audiences" && id === undefined) {
      return { audiences: [...own.values()].map((audience) => this.platform.view(audience)) };
    }
    const audience = this.platform.audiences.get(id ?? "");
    if (audience?.advertiser !== caller) throw new Refusal(404, "no such audience");
    if (asked === "GET advertisers/audiences") return this.platform.view(audience);
    if (asked !== "DELETE advertisers/audiences") throw new Refusal(404, "no such route");
    own.delete(audience.name);
    this.platform.audiences.delete(audience.id);
    return { audience: audience.id, deleted: true };
  }

  #takeList(advertiser: string, query: URLSearchParams, body: string, isUnchecked: boolean) {
    const name = query.get("name") ?? "";
    const operation = query.get("operation") ?? "create";
    const known = this.#byAdvertiser.get(advertiser)?.get(name);
    if ((known === undefined) !== (operation === "create")) throw new Refusal(409, "name");
    const audience = known ?? this.#create(advertiser, name, isUnchecked);
    const rows = body.split("\n").slice(1);
    const unmatched = this.platform.take(audience, rows, operation);
    return { ...this.platform.view(audience), rows: rows.length, unmatchedRows: unmatched.slice(0, 100) };
  }

  #combine(advertiser: string, { name, include, exclude = [], with: has = [], without = [] }: Expression) {
    const find = (id: string): NaiveAudience => {
      const audience = this.platform.audiences.get(id);
      if (audience?.advertiser !== advertiser) throw new Refusal(404, "no such audience");
      return audience;
    };
    const expression = { include: include.map(find), exclude: exclude.map(find), with: has, without };
    return this.platform.view(this.#create(advertiser, name, false, expression));
  }

  #create(advertiser: string, name: string, isUnchecked: boolean, expression?: NaiveExpression): NaiveAudience {
    const audience: NaiveAudience = {
      ...{ id: `a${++this.#lastId}`, advertiser, name, isUnchecked },
      ...(expression === undefined ? {} : { expression }),
      ...{ members: new Set<string>(), sent: new Set<string>(), breakdown: new Map<string, number>(), changes: 0 },
    };
    this.platform.audiences.set(audience.id, audience);
    this.#byAdvertiser.get(advertiser)?.set(name, audience);
    return audience;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
