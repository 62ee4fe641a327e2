/** A fresh store behind a running server, and a client of its API. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Server, startServer } from "../../src/http/index.js";
import { addAdvertiser, createKey, type Solely } from "../../src/index.js";
import { FreshStore } from "../fresh-store.js";

export type Json = Record<string, unknown>;

export class Answer {
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly bytes: Buffer,
    /** From the asking to the last byte. */
    readonly ms: number,
  ) {}

  get text(): string {
    return this.bytes.toString("utf8");
  }

  get json(): Json {
    const value: Json = JSON.parse(this.text);
    return value;
  }

  /** All that was said, but for the server's clock. */
  get whole(): string {
    const headers = [...this.headers].filter(([name]) => name !== "date");
    return [this.status, ...headers.map((header) => header.join(": ")), "", this.text].join("\n");
  }
}

export interface Asked {
  readonly key?: string | undefined;
  readonly body?: string | Buffer | FormData | ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Long enough for a server on this machine to see the beginning of a request, or its end. */
const SEEN_MS = 150;

export class ServedStore {
  private constructor(
    readonly store: FreshStore,
    readonly server: Server,
  ) {}

  /**
   * With notices `ads`, and `mfa` that promised to be for nothing else.
   * @param sizes terms of releases, where everybody is not to count
   */
  static async make(log?: NodeJS.WritableStream, sizes?: Json): Promise<ServedStore> {
    const store = await FreshStore.make(sizes);
    await store.adopt({ id: "ads", purposes: ["ads.match"] });
    await store.adopt({ id: "mfa", purposes: ["security.mfa"], exclusive: true });
    return new ServedStore(store, await startServer(store.solely, { port: 0, log }));
  }

  get solely(): Solely {
    return this.store.solely;
  }

  async remove(): Promise<void> {
    await this.server.close();
    await this.store.remove();
  }

  /** Secret of a new key. */
  async key(
    scope: string,
    bound: { advertiser?: string; source?: string; purpose?: string; perMinute?: number } = {},
  ): Promise<string> {
    const { secret } = await createKey(this.solely, { scopes: [scope], ...bound, actor: "test" }, () => {});
    return secret;
  }

  /** A new advertiser's key for its lists. */
  async advertiser(name: string): Promise<string> {
    await addAdvertiser(this.solely, { name, actor: "test" });
    return this.key("lists", { advertiser: name });
  }

  /** @param what method and path, such as `GET /v1/health` */
  async ask(what: string, { key, body, headers = {} }: Asked = {}): Promise<Answer> {
    const [, method, path] = /^(\S+) (.*)$/.exec(what) ?? [];
    const askedAt = performance.now();
    const answer = await fetch(this.server.url + path, {
      method,
      headers: { ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      ...(body === undefined ? {} : { body, duplex: "half" }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return new Answer(answer.status, answer.headers, bytes, performance.now() - askedAt);
  }

  /** Sends the beginning of a body, then hangs up. */
  async hangUp(path: string, { key, body = "", headers = {} }: Asked & { body?: string }): Promise<void> {
    const { hostname, port } = new URL(this.server.url);
    const sent = request({
      hostname,
      port,
      path,
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${key}` },
    });
    sent.on("error", () => {});
    sent.write(body);
    await sleep(SEEN_MS);
    sent.destroy();
    await sleep(SEEN_MS);
  }

  /** Names of the accounts that are in an audience and may be used for ads now. */
  members(audience: unknown): string[] {
    const { audiences, gate, contacts } = this.solely;
    const members = audiences.members(gate.permit("ads.match"), audiences.get(String(audience)));
    return Array.from(contacts.accountsOf(members.toArray()), (account) => contacts.accountName(account));
  }
}

export const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** A contact given in 2024; for ads unless said otherwise. */
export const contact = (account: string, value: string, over: Json = {}): Json => ({
  ...{ account, kind: "email", value, notice: "ads", given_at: "2024-01-01T00:00:00Z" },
  ...over,
});

/** A list with the header `email`. */
export const emails = (...values: readonly (string | readonly string[])[]): string =>
  ["email", ...values.flat(), ""].join("\n");

/** The answer is this problem, in the form of RFC 9457. */
export function assertProblem(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json\b/);
  const { type, title, detail, ...rest } = answer.json;
  assert.deepEqual({ status: rest.status, code: rest.code }, { status, code });
  assert.equal(type, `urn:solely:problem:${code}`);
  for (const text of [title, detail]) assert.ok(typeof text === "string" && text !== "");
  assert.equal(answer.headers.get("www-authenticate"), status === 401 ? "Bearer" : null);
}
