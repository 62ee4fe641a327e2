/**
 * Commands about what is kept: what an operator reveals, a person's own data, backups, what was erased.
 */
import { z } from "zod";
import { GrantError } from "../grant/index.js";
import { backup, compact } from "../instance/index.js";
import { parseSigned } from "../operator/index.js";
import { exportPerson, linkToPerson } from "../person/index.js";
import { pointsOf, revealToOperator } from "../vault/index.js";
import { CommandError, command } from "./command.js";

const contactInput = z.strictObject({ account: z.string(), kind: z.string() });

/** Numbers of the contacts that a request names, for the operator to sign. */
export const contactNumbers = command(contactInput, ({ contacts }, { account, kind }) => {
  contacts.account(account);
  const numbers = pointsOf(contacts, account, kind);
  if (numbers.length > 0) return numbers;
  throw new GrantError("unknown-contact-point", "the account has no contact of this kind");
});

const signed = z.unknown().transform((value) => parseSigned(value));

/** Reveals contacts to the operator who signed for it. */
export const reveal = command(z.strictObject({ signed }), (solely, input) => revealToOperator(solely, input.signed));

/** What a person may ask for: everything that is known of an account. */
export const personExport = command(z.strictObject({ account: z.string() }), (solely, { account }, { actor }) =>
  exportPerson(solely, { account, actor }),
);

/** Writes a backup to an absolute path. */
export const backupStore = command(z.strictObject({ out: z.string() }), (solely, { out }, { actor }) =>
  backup(solely, { out, actor }),
);

/** Takes what was erased out of the bytes on disk. */
export const compaction = command(z.strictObject({}), (solely, _, { actor }) => compact(solely, actor));

/** A link that lets one into a made-up person's own page, once; for real people the platform asks, with a key. */
export const personLink = command(z.strictObject({ account: z.string() }), (solely, { account }) => {
  if (!solely.config.sample) {
    throw new CommandError(
      "no-sample",
      "this is no sample",
      "the platform asks for links: POST /v1/people/ACCOUNT/link",
    );
  }
  const { origin } = solely.links;
  if (origin === undefined) {
    throw new CommandError("not-served", "no server runs on this store, so there is no console", "solely serve");
  }
  return linkToPerson(solely, account, origin);
});
