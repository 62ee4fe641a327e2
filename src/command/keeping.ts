/**
 * Commands that look after a store: advertisers, API keys, the ads key, health.
 */
import { z } from "zod";
import { addAdvertiser, createKey, revokeKey } from "../access/index.js";
import { doctor } from "../instance/index.js";
import { rotateAdsKey } from "../match/index.js";
import { keyName } from "../token/index.js";
import { COMPARTMENTS, keyFamily, parseCompartment, rotateSealingKey } from "../vault/index.js";
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
  purpose: z.string().optional(),
  perMinute: z.int().min(1).optional(),
  perDay: z.int().min(1).optional(),
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

export interface RotatedKey {
  readonly purpose: string;
  readonly from: number;
  readonly to: number;
  /** Rows of tokens, or chunks of the vault, that are under the new key. */
  readonly rewritten: number;
}

const ADS = "ads.match";

export const rotate = command(
  z.strictObject({ purpose: z.string() }),
  async (solely, { purpose }, { actor, onProgress }): Promise<RotatedKey> => {
    if (purpose === ADS) {
      return rotateAdsKey(solely, { actor, onProgress: (done, total) => onProgress?.("tokens", done, done / total) });
    }
    const { from, to, resealed } = await rotateSealingKey(solely, parseCompartment(purpose), {
      actor,
      onProgress: (chunks) => onProgress?.("chunks", chunks, 0),
    });
    return { purpose, from, to, rewritten: resealed };
  },
);

/** The keys of purposes and of masks, their files and epochs; never a key itself. */
export const purposeKeys = command(z.strictObject({}), ({ keyHistory, keys }) =>
  ([ADS, ...COMPARTMENTS] as const).map((purpose) => {
    const family = purpose === ADS ? ADS : keyFamily(purpose);
    const epoch = keyHistory.epochOf(family);
    const rotatingTo = keyHistory.rotationOf(family)?.to ?? null;
    return {
      purpose,
      use: purpose === ADS ? "tokens" : "sealing",
      epoch,
      file: keys.file(keyName(family, epoch)),
      rotatingTo,
    };
  }),
);

export const health = command(z.strictObject({}), (solely, _, { onProgress }) =>
  doctor(solely, (done, total) => onProgress?.("leaves", done, done / total)),
);
