/**
 * Commands that look after a store: advertisers, API keys, the ads key, health.
 */
import { z } from "zod";
import { addAdvertiser, createKey, revokeKey } from "../access/index.js";
import type { Standing } from "../checkpoint/index.js";
import { doctor } from "../instance/index.js";
import { decodeLeaf } from "../ledger/index.js";
import { rotateAdsKey } from "../match/index.js";
import type { Action } from "../operator/index.js";
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

/** A store and the checkpoint that is kept of it, as `recovery` shows them. */
export interface RecoveryView {
  readonly isCurrent: boolean;
  readonly standing: Standing["is"];
  readonly told: string;
  /** Where the checkpoint is kept; null for nowhere. */
  readonly file: string | null;
  readonly kept: { readonly size: number; readonly root: string; readonly keptAt: string | null } | null;
  /** The ledger as it is here, and up to when it has learned. */
  readonly here: { readonly position: number; readonly root: string; readonly learnedUpTo: string };
  /** What two operators would sign; null while nothing is to be recovered. */
  readonly action: Extract<Action, { type: "store.recover" }> | null;
}

/** How the store stands to its kept checkpoint; changes nothing. */
export const recovery = command(z.strictObject({}), async (solely): Promise<RecoveryView> => {
  const { kept, checkpoints, log } = solely;
  await kept.look();
  const { file, standing, kept: checkpoint, digest, keptAtMs, failure } = kept.status();
  const { position } = log;
  const root = hex(await checkpoints.rootAt(position));
  const last = await log.store.leaf(position - 1);
  const givenUp = digest === null ? null : { digest, size: checkpoint?.size ?? null };
  return {
    isCurrent: kept.isCurrent,
    standing: standing.is,
    told: failure === undefined ? kept.told : `${kept.told} (${failure.reason})`,
    file,
    kept:
      checkpoint === null
        ? null
        : {
            size: checkpoint.size,
            root: hex(checkpoint.root),
            keptAt: keptAtMs === null ? null : new Date(keptAtMs).toISOString(),
          },
    here: { position, root, learnedUpTo: new Date(last === undefined ? 0 : decodeLeaf(last).timeMs).toISOString() },
    action: kept.isCurrent ? null : { type: "store.recover", position, root, givenUp },
  };
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export const health = command(z.strictObject({}), (solely, _, { onProgress }) =>
  doctor(solely, (done, total) => onProgress?.("leaves", done, done / total)),
);
