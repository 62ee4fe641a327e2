/** API keys of an advertiser, for who is signed in for it: keys for its own lists, and no others. */
import { type ApiKey, createKey, revokeKey } from "../access/index.js";
import { HttpError } from "./problem.js";
import { type Call, type Route, route } from "./route.js";

const iso = (ms: number): string => new Date(ms).toISOString();

const viewKey = ({ id, scopes, createdAtMs, revokedAtMs }: ApiKey) => ({
  ...{ id, scopes, createdAt: iso(createdAtMs) },
  revokedAt: revokedAtMs === undefined ? null : iso(revokedAtMs),
});

const ownKeys = ({ solely, params }: Call<unknown>): ApiKey[] =>
  solely.access.keys().filter(({ advertiser }) => advertiser === params.advertiser);

/** Live keys that one advertiser may have. */
const MOST_KEYS = 100;

export const keyRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/advertisers/:advertiser/keys",
    scope: "advertiser",
    about: "The advertiser's API keys, revoked ones included; never their secrets.",
    answers: { 200: "`keys`: of each `id, scopes, createdAt, revokedAt`" },
    handle: (call) => ({ keys: ownKeys(call).map(viewKey) }),
  }),
  route({
    method: "POST",
    path: "/v1/advertisers/:advertiser/keys",
    scope: "advertiser",
    about: "Makes an API key for the advertiser's lists. Its secret is told this once.",
    answers: { 200: "`id, secret, scopes`", 409: "`too-many-keys`: revoke one that nobody uses" },
    async handle(call) {
      const { solely, actor, params } = call;
      if (ownKeys(call).filter(({ revokedAtMs }) => revokedAtMs === undefined).length >= MOST_KEYS) {
        throw new HttpError(409, "too-many-keys", `there are ${MOST_KEYS} keys`, "revoke one that nobody uses");
      }
      return createKey(solely, { scopes: ["lists"], advertiser: params.advertiser!, actor }, () => {});
    },
  }),
  route({
    method: "DELETE",
    path: "/v1/advertisers/:advertiser/keys/:key",
    scope: "advertiser",
    about: "Revokes one of the advertiser's API keys, at once.",
    answers: { 200: "`id, isRevoked`" },
    async handle(call) {
      const { solely, actor, params } = call;
      if (!ownKeys(call).some(({ id }) => id === params.key)) {
        throw new HttpError(404, "unknown-key", "there is no such key", "the list of keys shows those that exist");
      }
      await revokeKey(solely, params.key!, actor);
      return { id: params.key, isRevoked: true };
    },
  }),
];
