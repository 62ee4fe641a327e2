/**
 * Canaries through this very server: the lists that carry them as advertisers send theirs, in requests to its own address,
 * as a raw body, as a form and in parts, with a key that lives as long as the check.
 */
import { randomUUID } from "node:crypto";
import { CANARY_ADVERTISER, type CanaryEntrance, type CanaryList, csvOf } from "../canary/index.js";
import type { Solely } from "../instance/index.js";

interface Sent {
  readonly query?: Readonly<Record<string, string>>;
  readonly body: string | FormData;
}

export const canaryEntrance = ({ access }: Solely, url: string): CanaryEntrance => ({
  open() {
    const key = access.lend({ scopes: ["lists"], advertiser: CANARY_ADVERTISER });
    const send = async ({ query = {}, body }: Sent): Promise<void> => {
      const path = `/v1/advertisers/${CANARY_ADVERTISER}/lists?${new URLSearchParams(query)}`;
      const headers = { authorization: `Bearer ${key.secret}` };
      const answer = await fetch(`${url}${path}`, { method: "POST", headers, body });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`a list with canaries was answered with ${answer.status}`);
    };
    const ways = WAYS.map(([name, requests]) => ({
      name,
      // One after the other: a later part adds to what the first one made.
      send: async (list: CanaryList) => {
        for (const request of requests(list)) await send(request);
      },
    }));
    return { ways, close: key.end };
  },
});

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
