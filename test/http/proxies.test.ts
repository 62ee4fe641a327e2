/** Where a request comes from: what a proxy says counts if it is one that the configuration names, and nobody else's word. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../../src/http/index.js";
import { ServedStore } from "./served-store.js";

const TRIES = 110;
/** Of one address, in 15 minutes. */
const ALLOWED = 100;
const AT_ONCE = 10;

let served: ServedStore;
before(async () => {
  served = await ServedStore.make();
});
after(() => served.remove());

/** How many of many attempts at passwords, each at another login, are refused as too many of one address. */
async function refused(trustedProxies: readonly string[], forwardedFor: (i: number) => string): Promise<number> {
  Object.assign(served.solely.config.console, { trustedProxies });
  const server = await startServer(served.solely, { port: 0 });
  const codes: unknown[] = [];
  for (let i = 0; i < TRIES; i += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, async (_, n) => {
      const answer = await fetch(`${server.url}/v1/session/password`, {
        method: "POST",
        headers: { origin: server.origin, "x-forwarded-for": forwardedFor(i + n) },
        body: JSON.stringify({ advertiser: "acme", login: forwardedFor(i + n), password: "a guess at a password" }),
      });
      const problem = (await answer.json()) as { code: unknown };
      return problem.code;
    });
    codes.push(...(await Promise.all(some)));
  }
  await server.close();
  return codes.filter((code) => code === "too-many-attempts").length;
}

test("a trusted proxy's word tells browsers apart; what they forged before it does not, nor does anybody else's", async () => {
  assert.equal(await refused(["192.0.2.1"], (i) => `198.51.100.${i}`), TRIES - ALLOWED);
  assert.equal(await refused(["127.0.0.0/8"], (i) => `198.51.101.${i}`), 0);
  assert.equal(await refused(["127.0.0.0/8"], (i) => `198.51.102.${i}, 203.0.113.9`), TRIES - ALLOWED);
});
