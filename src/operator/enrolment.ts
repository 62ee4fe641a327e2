/**
 * Enrolments: what the page on which an operator made a passkey saves, to be passed on to whoever proposes it. It is a
 * public key and bears no signature: who proposes it compares its fingerprint with the operator's.
 *
 * ```json
 * {"operator":"bob","credential":"…","publicKey":"…","host":"console.example.com"}
 * ```
 */
import { z } from "zod";
import { operatorNameSchema } from "./action.js";
import { OperatorError } from "./error.js";
import { readKeyFile } from "./key.js";
import { credentialSchema, hostSchema, passkeyKeySchema } from "./passkey.js";
import type { Passkey } from "./roster.js";

export const enrolmentSchema = z.strictObject({
  operator: operatorNameSchema,
  credential: credentialSchema,
  publicKey: passkeyKeySchema,
  host: hostSchema,
});

export type Enrolment = z.infer<typeof enrolmentSchema>;

/**
 * Reads a file that an enrolment page saved.
 * @throws {OperatorError} codes `key-missing`, `key-unreadable`, `malformed-key`
 */
export async function readEnrolment(file: string): Promise<Omit<Passkey, "fromPosition">> {
  const text = await readKeyFile(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OperatorError("malformed-key", `${file} is not JSON`, "use the file that the page saved, whole");
  }
  const parsed = enrolmentSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new OperatorError(
      "malformed-key",
      `${file} is not a passkey as the page saves it: ${path.join(".") || "form"}: ${message}`,
      "use the file that the page saved, whole",
    );
  }
  const { operator: name, ...passkey } = parsed.data;
  return { name, ...passkey };
}
