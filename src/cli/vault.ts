/** Commands about the vault: reveals, a person's own data, what was erased. */

import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type CommandResult, problemOf } from "../command/index.js";
import { define, group } from "./define.js";
import { CliError } from "./error.js";
import { waiting } from "./operators.js";
import type { Session } from "./session.js";
import { handIn, signedAction } from "./signing.js";
import { counted, table } from "./terminal.js";

interface RevealOptions {
  readonly account: string;
  readonly kind: string;
  readonly purpose: string;
  readonly reason: string;
  readonly as: string;
}

type Revealed = CommandResult<"reveal">;

export function addVaultCommands(program: Command): void {
  define<RevealOptions>(program, {
    usage: "reveal",
    about:
      "Show an account's contacts of a kind in the clear, for a purpose that they were given for; recorded with its reason.",
    example: 'solely reveal --account u42 --kind phone --purpose security.mfa --reason "ticket 12" --as alice',
    options: (command) =>
      command
        .requiredOption("--account <account>", "whose it is")
        .requiredOption("--kind <kind>", "kind of the contacts")
        .requiredOption("--purpose <purpose>", "what it is needed for")
        .requiredOption("--reason <text>", "why; stays in the ledger, so no contact in it")
        .requiredOption("--as <operator>", "the operator who signs, whose key SOLELY_OPERATORS holds"),
    async work(session, _, { account, kind, purpose, reason, as }) {
      const contacts = await session.run("contactNumbers", { account, kind });
      const revealed = await revealOrPropose(session, as, { contacts, purpose, reason });
      if (revealed === undefined) return;
      session.terminal.result(revealed, () => [
        ...table(
          ["contact", "given"],
          revealed.revealed.flatMap((one) => one.contacts.map(({ value, givenAt }) => [value, givenAt])),
          "the vault keeps no value of it",
        ),
        `recorded at position ${revealed.position}`,
      ]);
    },
  });

  const person = group(program, "person", "what one person may ask for");
  define(person, {
    usage: "link <account>",
    about:
      "In a sample: a link into a made-up person's own page, which opens once. Elsewhere the platform asks for links.",
    example: "solely person link u42",
    async work(session, [account]) {
      const link = await session.run("personLink", { account: account! });
      session.terminal.result(link, () => [link.url, `opens once, until ${link.expiresAt}`]);
    },
  });
  define<{ account: string; out?: string; clear: boolean; as?: string }>(person, {
    usage: "export",
    about:
      "Everything that is known of an account, as JSON: contacts, notices with their text, matches; for requests of access.",
    example: "solely person export --account u42 --out u42.json",
    options: (command) =>
      command
        .requiredOption("--account <account>", "whose data")
        .option("--out <file>", "write it here, readable by its owner only; default: stdout")
        .option("--clear", "with the contacts in the clear, for the person; each purpose is a reveal", false)
        .option("--as <operator>", "who signs the reveals, with --clear"),
    async work(session, _, { account, out, clear, as }) {
      const exported = await session.run("personExport", { account });
      const values = clear ? await valuesOf(session, exported, as) : new Map<number, Record<string, string>>();
      const contacts = exported.contacts.map(({ number, ...contact }) => {
        const own = values.get(number);
        return own === undefined ? contact : { ...contact, values: own };
      });
      const whole = { ...exported, contacts };
      if (out === undefined) {
        session.terminal.result(whole, () => [JSON.stringify(whole, null, 2)]);
        return;
      }
      await writeFile(resolve(out), `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600 });
      session.terminal.result({ out: resolve(out), contacts: contacts.length }, () => [
        `${counted(contacts.length, "contact")} of ${account} in ${out}`,
      ]);
    },
  });

  define(program, {
    usage: "compact",
    about: "Take what was erased out of the bytes on disk now; a server does so by itself within the configured hours.",
    example: "solely compact",
    async work(session) {
      const done = await session.run("compaction", {});
      session.terminal.result(done, () => [
        `whatever was erased before position ${done.upTo} has left the disk; ${done.seconds} s`,
      ]);
      if (!done.isLogClean) {
        session.terminal.warn("the server's write-ahead log is its operator's to see to: see docs/vault.md");
      }
    },
  });
}

/** Past the operator's limit the very same request is proposed to another operator; undefined then. */
async function revealOrPropose(
  session: Session,
  as: string,
  request: { readonly contacts: number[]; readonly purpose: string; readonly reason: string },
): Promise<Revealed | undefined> {
  const signed = await signedAction(session, as, { type: "contact.reveal", ...request });
  try {
    return await session.run("reveal", { signed }, { as });
  } catch (error) {
    if (problemOf(error).code !== "reveal-limit") throw error;
    waiting(session, await handIn(session, as, signed));
    return undefined;
  }
}

/** The person's contacts in the clear, by contact point and purpose. */
async function valuesOf(
  session: Session,
  { contacts }: CommandResult<"personExport">,
  as: string | undefined,
): Promise<Map<number, Record<string, string>>> {
  if (as === undefined) throw new CliError("usage", "--clear needs --as", "name the operator who signs the reveals");
  const values = new Map<number, Record<string, string>>();
  const purposes = new Set(contacts.flatMap((contact) => contact.purposes));
  for (const purpose of [...purposes].filter((one) => !/^(ads|share)\./.test(one))) {
    const numbers = contacts.filter((contact) => contact.purposes.includes(purpose)).map(({ number }) => number);
    const request = { contacts: numbers, purpose, reason: "the person's own data" };
    const revealed = await revealOrPropose(session, as, request);
    if (revealed === undefined)
      throw new CliError("waiting", "a reveal waits for a second signature", "then ask again");
    revealed.revealed.forEach((one, i) => {
      const [latest] = one.contacts;
      if (latest !== undefined) values.set(numbers[i]!, { ...values.get(numbers[i]!), [purpose]: latest.value });
    });
  }
  return values;
}
