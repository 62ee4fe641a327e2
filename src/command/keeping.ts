/**
 * Commands that look after a store: advertisers, API keys, the ads key, health.
 */
import { z } from "zod";
import { addAdvertiser, createKey, revokeKey } from "../access/index.js";
import { doctor } from "../instance/index.js";
import { rotateAdsKey } from "../match/index.js";
import { command } from "./command.js";

const advertiserInput = z.strictObject({ name: z.string(), entity: z.string().optional() });

export const advertiserAdd = command(advertiserInput, async (solely, input, { actor }) => {
  const { name, entity } = await addAdvertiser(solely, { ...input, actor });
  return { name, entity };
});

export const advertisers = command(z.strictObject({}), (solely) =>
  solely.access.advertisers().map(({ name, entity, createdAtMs }) => ({
    name,
    entity,
    createdAt: new Date(createdAtMs).toISOString(),
  })),
);

const keyInput = z.strictObject({
  scopes: z.array(z.string()),
  advertiser: z.string().optional(),
  source: z.string().optional(),
});

export const keyCreate = command(keyInput, (solely, input, { actor }) =>
  createKey(solely, { ...input, actor }, (source) => void solely.sources.get(source)),
);

export const keyRevoke = command(z.strictObject({ id: z.string() }), async (solely, { id }, { actor }) => {
  await revokeKey(solely, id, actor);
  return { id, revoked: true };
});

export const apiKeys = command(z.strictObject({}), (solely) =>
  solely.access.keys().map(({ createdAtMs, revokedAtMs, ...key }) => ({
    ...key,
    createdAt: new Date(createdAtMs).toISOString(),
    revokedAt: revokedAtMs === undefined ? null : new Date(revokedAtMs).toISOString(),
  })),
);

export const rotate = command(z.strictObject({}), (solely, _, { actor, onProgress }) =>
  rotateAdsKey(solely, { actor, onProgress: (done, total) => onProgress?.("tokens", done, done / total) }),
);

/** The keys of purposes, their files and epochs; never a key itself. */
export const purposeKeys = command(z.strictObject({}), ({ keyHistory, keys }) => [
  {
    purpose: "ads.match",
    epoch: keyHistory.epoch,
    file: keys.file(`ads.match.${keyHistory.epoch}`),
    rotatingTo: keyHistory.rotation?.to ?? null,
  },
]);

export const health = command(z.strictObject({}), (solely, _, { onProgress }) =>
  doctor(solely, (done, total) => onProgress?.("leaves", done, done / total)),
);
