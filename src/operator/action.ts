/**
 * What operators decide together: the closed union of actions. Form only; whether a notice is one that may be
 * adopted is the purpose room's matter, whether an operator may be removed is the fold's.
 */
import { z } from "zod";
import { credentialSchema, hostSchema, passkeyKeySchema } from "./passkey.js";
import { isPublicKey } from "./public-key.js";

export const operatorNameSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9._-]{0,63}$/,
    "an operator's name is a-z, 0-9, dot, dash, underscore, a letter first; at most 64",
  );

/** RFC 3339 in UTC to the millisecond: one spelling of one instant. */
export const instantSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "a time is RFC 3339 in UTC to the millisecond")
  .refine((text) => Number.isFinite(Date.parse(text)) && new Date(text).toISOString() === text, "no such time");

export const publicKeySchema = z.string().max(100).refine(isPublicKey, "not an Ed25519 public key (SPKI in base64)");

const sourceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "a source's name is a-z, 0-9, dot, dash, underscore; at most 64");

const incidentId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "an incident's id is a-z, 0-9, dot, dash, underscore; at most 64");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "SHA-256 in lower-case hex");

export const actionSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("notice.adopt"), notice: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    type: z.literal("notice.retire"),
    /** `id` or `id@version`. */
    id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}(@[1-9][0-9]{0,6})?$/, "a notice is named as id or id@version"),
    from: instantSchema,
  }),
  z.strictObject({
    type: z.literal("source.set"),
    name: sourceName,
    vouches: z.boolean(),
    /** Contact points in 30 days; null: no limit. */
    freedLimit: z.int().min(0).nullable(),
  }),
  z.strictObject({
    type: z.literal("run.free"),
    source: sourceName,
    /** Keyed digest of the run's bytes, hex. */
    digest: z.string().regex(/^[0-9a-f]{32,128}$/, "a digest is lower-case hex"),
    freed: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("contact.reveal"),
    /** Numbers of contact points: an account's name would outlive its erasure here. */
    contacts: z
      .array(
        z
          .int()
          .min(0)
          .max(2 ** 32 - 1),
      )
      .min(1)
      .max(100),
    purpose: z
      .string()
      .regex(/^[a-z]+(\.[a-z-]+)+$/, "not a purpose's name")
      .max(64),
    reason: z.string().trim().min(1).max(200),
  }),
  /** `claim` is the SHA-256 of the incident's claim: what is signed is what was claimed. */
  z.strictObject({ type: z.literal("incident.contain"), incident: incidentId, claim: sha256 }),
  z.strictObject({ type: z.literal("incident.undo"), incident: incidentId, claim: sha256 }),
  /** An operator's word, by itself, that letters may go to a contact that was given for security: it is the only channel. */
  z.strictObject({ type: z.literal("incident.tell"), incident: incidentId, claim: sha256 }),
  z.strictObject({
    type: z.literal("store.recover"),
    /** The first so many leaves, and their root in hex: what is accepted. */
    position: z.int().min(0),
    root: sha256,
    /** The kept checkpoint that is given up: SHA-256 of its bytes, its leaves if they can be told; null where none is kept. */
    givenUp: z.strictObject({ digest: sha256, size: z.int().min(0).nullable() }).nullable(),
  }),
  /** Matching goes on, which a canary halted; `halt` is the position of the leaf that did. */
  z.strictObject({ type: z.literal("matching.resume"), halt: z.int().min(0) }),
  z.strictObject({ type: z.literal("operator.add"), name: operatorNameSchema, publicKey: publicKeySchema }),
  z.strictObject({ type: z.literal("operator.remove"), name: operatorNameSchema }),
  z.strictObject({ type: z.literal("operator.replace"), name: operatorNameSchema, publicKey: publicKeySchema }),
  /** Its id, its COSE key in base64url, and the host that it is for. */
  z.strictObject({
    type: z.literal("operator.passkey"),
    name: operatorNameSchema,
    credential: credentialSchema,
    publicKey: passkeyKeySchema,
    host: hostSchema,
  }),
  z.strictObject({ type: z.literal("operator.passkey-end"), name: operatorNameSchema, credential: credentialSchema }),
]);

export type Action = z.infer<typeof actionSchema>;
export type ActionType = Action["type"];
