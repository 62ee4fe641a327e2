/**
 * Canaries through this very server: the lists that carry them as advertisers send theirs, in requests to its own address,
 * as a raw body, as a form and in parts, with a key that lives as long as the check.
 */
import { randomUUID } from "node:crypto";
import { type OutgoingHttpHeaders, request } from "node:http";
import { CANARY_ADVERTISER, type CanaryEntrance, type CanaryList, csvOf } from "../canary/index.js";
import type { Solely } from "../instance/index.js";
import { DIGEST_FORM_TYPE, encodeDigests, ListReader } from "../list/index.js";

interface Sent {
  readonly query?: Readonly<Record<string, string>>;
  readonly body: string | FormData | Buffer<ArrayBuffer>;
  /** Of a body that doesn't tell it. */
  readonly type?: string;
}

export const canaryEntrance = ({ access }: Solely, url: string): CanaryEntrance => ({
  open() {
    const key = access.lend("canary", { scopes: ["lists"], advertiser: CANARY_ADVERTISER });
    const send = async ({ query = {}, body, type: ofBody = "text/csv" }: Sent): Promise<void> => {
      const path = `/v1/advertisers/${CANARY_ADVERTISER}/lists?${new URLSearchParams(query)}`;
      // Gives a form its boundary; sent by hand, since `fetch` knows ports that it won't go to, and proxies.
      const form = new Response(body);
      const type = body instanceof FormData ? form.headers.get("content-type")! : ofBody;
      const bytes = Buffer.from(await form.arrayBuffer());
      const headers = { authorization: `Bearer ${key.secret}`, "content-type": type, "content-length": bytes.length };
      const status = await post(new URL(path, url), headers, bytes);
      if (status !== 200) throw new Error(`a list with canaries was answered with ${status}`);
    };
    const ways = WAYS.map(([name, requests]) => ({
      name,
      // One after the other: a later part adds to what the first one made.
      send: async (list: CanaryList) => {
        for (const one of requests(list)) await send(one);
      },
    }));
    return { ways, close: key.end };
  },
});

/** @returns the status of the answer */
function post(url: URL, headers: OutgoingHttpHeaders, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "POST", headers }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0)).once("error", reject);
    });
    asked.once("error", reject);
    asked.end(body);
  });
}

/** As an advertiser's browser sends it. */
function digestsOf({ lines, scheme }: CanaryList): Buffer<ArrayBuffer> {
  const reader = new ListReader({ scheme });
  const batches = [...reader.push(Buffer.from(csvOf(lines))), ...reader.end().batches];
  return Buffer.from(encodeDigests(batches).buffer);
}

const queryOf = ({ name, scheme }: CanaryList) => ({ name, scheme, operation: "replace" });

/** What each way sends of a list. */
const WAYS: readonly (readonly [string, (list: CanaryList) => Sent[]])[] = [
  ["HTTP body", (list) => [{ query: queryOf(list), body: csvOf(list.lines) }]],
  [
    "HTTP form",
    (list) => {
      const body = new FormData();
      for (const [field, value] of Object.entries(queryOf(list))) body.set(field, value);
      body.set("file", new Blob([csvOf(list.lines)]), "list.csv");
      return [{ body }];
    },
  ],
  ["HTTP digests", (list) => [{ query: queryOf(list), body: digestsOf(list), type: DIGEST_FORM_TYPE }]],
  [
    "HTTP parts",
    (list) => {
      const session = randomUUID();
      const [header, ...rows] = list.lines;
      const half = Math.ceil(rows.length / 2);
      return [rows.slice(0, half), rows.slice(half)]
        .filter((part) => part.length > 0)
        .map((part, i) => ({
          query: { ...queryOf(list), session, part: String(i + 1) },
          body: csvOf([header!, ...part]),
        }));
    },
  ],
];
