/**
 * Commands about what is kept: what an operator reveals, a person's own data, backups, what was erased.
 */
import { z } from "zod";
import { GrantError } from "../grant/index.js";
import { backup, compact } from "../instance/index.js";
import { parseSigned } from "../operator/index.js";
import { exportPerson } from "../person/index.js";
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

const PERSON_MINUTES = 10;

/**
 * A link that lets one into a made-up person's own page, once. Of real people only the platform, with whom they are signed in,
 * can say who they are: it asks with a key.
 */
export const personLink = command(
  z.strictObject({ account: z.string() }),
  ({ config, contacts, links }, { account: name }) => {
    if (!config.sample) {
      throw new CommandError(
        "no-sample",
        "this is no sample",
        "the platform asks for links: POST /v1/people/ACCOUNT/link",
      );
    }
    if (links.origin === undefined) {
      throw new CommandError("not-served", "no server runs on this store, so there is no console", "solely serve");
    }
    const account = contacts.account(name);
    const token = links.make({ is: "person", account }, PERSON_MINUTES, () => !contacts.accounts.isNameless(account));
    return { url: `${links.origin}/#person=${token}`, minutes: PERSON_MINUTES };
  },
);
