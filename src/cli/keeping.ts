/** Commands that make a store, look after it and serve it. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { SCOPES } from "../access/index.js";
import { DEFAULT_PORT, startServer } from "../http/index.js";
import { init, restore } from "../instance/index.js";
import { notTwoPeople, operatorsFolder } from "../operator/index.js";
import { MAX_ACCOUNTS, MIN_ACCOUNTS, writeWorld } from "../world/index.js";
import { collected, define, group, wholeNumber } from "./define.js";
import { EXIT } from "./error.js";
import { count, counted, table } from "./terminal.js";

export function addKeepingCommands(program: Command): void {
  define<{ operator?: string[]; operatorKey?: string[]; checkpoint?: string }>(program, {
    usage: "init",
    about: "Make a store: data folder, keys, the first operators, the source `local`.",
    example: "solely init --operator alice --operator bob",
    options: (command) =>
      command
        .option("--operator <name>", "an operator whose key is made here; may be repeated", collected)
        .option("--operator-key <file.pub>", "an operator whose key was made elsewhere; may be repeated", collected)
        .option(
          "--checkpoint <file>",
          "where the newest checkpoint is kept, outside the data folder; default: DATA.checkpoint",
        ),
    async work({ data, databaseUrl, terminal }, _, { operator = [], operatorKey = [], checkpoint }) {
      const made = await init({
        ...{ data, databaseUrl, operators: operator, checkpoint, actor: "cli:init" },
        operatorKeys: operatorKey.map((file) => resolve(file)),
      });
      terminal.result(made, () => [
        `made a store in ${made.data}`,
        `operators: ${made.operators.join(", ")}`,
        ...(made.operatorsFolder === null ? [] : [`their private keys: ${made.operatorsFolder}`]),
        ...(made.checkpoint === null ? [] : [`its newest checkpoint is kept in ${made.checkpoint}`]),
        "source local: vouches that contacts are verified, and has no limit on what it may newly permit",
        "next: solely notice propose FILE --as NAME",
      ]);
      if (operator.length > 1) {
        terminal.warn(`not two people: this user can read the private keys of ${operator.join(" and ")}`);
      }
    },
  });

  const advertiser = group(program, "advertiser", "whose lists are matched");
  define<{ entity?: string }>(advertiser, {
    usage: "add <name>",
    about: "Register an advertiser, with the legal entity that answers for it.",
    example: 'solely advertiser add acme --entity "Acme GmbH"',
    options: (command) => command.option("--entity <entity>", "legal entity; default: the name"),
    async work(session, [name], { entity }) {
      const added = await session.run("advertiserAdd", { name: name!, entity });
      session.terminal.result(added, () => [`registered ${added.name} (${added.entity})`]);
    },
  });
  define(advertiser, {
    usage: "list [name]",
    about: "Advertisers.",
    example: "solely advertiser list",
    async work(session, [name]) {
      const all = await session.run("advertisers", {});
      const advertisers = name === undefined ? all : all.filter((one) => one.name === name);
      session.terminal.result({ advertisers }, () =>
        table(
          ["advertiser", "entity", "since"],
          advertisers.map(({ name, entity, createdAt }) => [name, entity, createdAt]),
          "no advertisers; solely match registers one, or solely advertiser add",
        ),
      );
    },
  });

  define(advertiser, {
    usage: "invite <name> <login>",
    about: "Invite somebody to a login of an advertiser; an invitation of one that is there is a new way in.",
    example: "solely advertiser invite acme jane",
    async work(session, [advertiser, login]) {
      const invited = await session.run("loginInvite", { advertiser: advertiser!, login: login! });
      session.terminal.result(invited, () => [
        `invited ${invited.login} of ${invited.advertiser} until ${invited.expiresAt}; pass this on, it is good once:`,
        invited.url,
      ]);
    },
  });
  define(advertiser, {
    usage: "logins [name]",
    about: "Logins of advertisers, and how each is opened.",
    example: "solely advertiser logins acme",
    async work(session, [advertiser]) {
      const logins = await session.run("logins", { advertiser });
      session.terminal.result({ logins }, () =>
        table(
          ["advertiser", "login", "password", "passkeys", "since", "invited until"],
          logins.map(({ advertiser, login, hasPassword, passkeys, createdAt, invitedUntil }) => [
            ...[advertiser, login, hasPassword ? "yes" : "no", String(passkeys), createdAt, invitedUntil ?? ""],
          ]),
          "no logins; solely advertiser invite makes one",
        ),
      );
    },
  });
  define(advertiser, {
    usage: "end-login <name> <login>",
    about: "End a login with all that opens it; whoever is signed in with it is out.",
    example: "solely advertiser end-login acme jane",
    async work(session, [advertiser, login]) {
      const ended = await session.run("loginEnd", { advertiser: advertiser!, login: login! });
      session.terminal.result(ended, () => [`ended ${ended.login} of ${ended.advertiser}`]);
    },
  });

  const key = group(program, "key", "API keys");
  define<KeyOptions>(key, {
    usage: "create",
    about: `Make an API key; it is shown this once. Scopes: ${SCOPES.join(", ")}.`,
    example: "solely key create --scope lists --advertiser acme",
    options: (command) =>
      command
        .requiredOption("--scope <scope>", "what it opens; may be repeated", collected)
        .option("--advertiser <name>", "whose lists it may send; with the scope lists")
        .option("--source <name>", "as which source it feeds; with the scope contacts")
        .option("--purpose <purpose>", "what it is told contacts for; with the scope reveal")
        .option(
          "--per-minute <n>",
          "contacts that it may ask for in a minute; past it the key is stopped",
          wholeNumber(1),
        )
        .option("--per-day <n>", "contacts that it may ask for in a day; past it the key is stopped", wholeNumber(1)),
    async work(session, _, { scope, data: _data, json: _json, ...bound }) {
      const made = await session.run("keyCreate", { scopes: scope, ...bound });
      session.terminal.result(made, () => [
        `key ${made.id} for ${made.scopes.join(", ")}; it is not shown again:`,
        made.secret,
      ]);
    },
  });
  define(key, {
    usage: "list",
    about: "API keys, without their secrets.",
    example: "solely key list",
    async work(session) {
      const keys = await session.run("apiKeys", {});
      session.terminal.result({ keys }, () =>
        table(
          ["key", "scopes", "bound to", "made", "revoked"],
          keys.map(({ id, scopes, advertiser, source, reveals, createdAt, revokedAt, stopped }) => [
            id,
            scopes.join(", "),
            [advertiser, source, reveals?.purpose].filter((one) => one !== undefined).join(", "),
            createdAt,
            stopped === undefined ? (revokedAt ?? "") : `${revokedAt}, stopped: ${stopped}`,
          ]),
          "no API keys; solely key create makes one",
        ),
      );
    },
  });
  define(key, {
    usage: "revoke <id>",
    about: "Revoke an API key; it opens nothing from now on.",
    example: "solely key revoke 3fa04b1c99d2",
    async work(session, [id]) {
      const revoked = await session.run("keyRevoke", { id: id! });
      session.terminal.result(revoked, () => [`revoked ${revoked.id}`]);
    },
  });

  const keys = group(program, "keys", "keys of purposes");
  define(keys, {
    usage: "list",
    about: "The keys of purposes and their files; never a key itself.",
    example: "solely keys list",
    async work(session) {
      const list = await session.run("purposeKeys", {});
      session.terminal.result({ keys: list }, () =>
        table(
          ["purpose", "for", "epoch", "file", "rotation"],
          list.map(({ purpose, use, epoch, file, rotatingTo }) => [
            purpose,
            use,
            String(epoch),
            file,
            rotatingTo === null ? "" : `under way to ${rotatingTo}`,
          ]),
          "no keys",
        ),
      );
    },
  });
  define(keys, {
    usage: "rotate <purpose>",
    about:
      "Put a new key in the place of a purpose's, or of mask's; online: tokens are made from the old ones, what is sealed is wrapped and sealed anew; goes on where it was cut off.",
    example: "solely keys rotate ads.match",
    async work(session, [purpose]) {
      const rotated = await session.run("rotate", { purpose: purpose! });
      const what = rotated.purpose === "ads.match" ? "rows of tokens" : "chunks";
      session.terminal.result(rotated, () => [
        `${rotated.purpose}: epoch ${rotated.from} to ${rotated.to}, ${count(rotated.rewritten)} ${what} rewritten`,
      ]);
    },
  });

  define(program, {
    usage: "backup <file>",
    about: "Write the database and the configuration to one file, online; the keys are not in it: keep them apart.",
    example: "solely backup solely-2026-11-25.backup",
    async work(session, [file]) {
      const made = await session.run("backupStore", { out: resolve(file!) });
      session.terminal.result(made, () => [
        `position ${made.position}, ${counted(made.bytes, "byte")} in ${made.out}`,
        `the keys are not in it: ${resolve(session.data, "keys")}`,
      ]);
    },
  });
  define<{ checkpoint?: string }>(program, {
    usage: "restore <file>",
    about: "Make a store of a backup, in a new data folder (and the empty database of DATABASE_URL).",
    example: "solely restore solely-2026-11-25.backup --data restored",
    options: (command) =>
      command.option(
        "--checkpoint <file>",
        "where its newest checkpoint is kept; default: where the backup's store did",
      ),
    async work({ data, databaseUrl, terminal }, [file], { checkpoint }) {
      const made = await restore({ file: resolve(file!), data, databaseUrl, checkpoint });
      terminal.result(made, () => [`restored position ${made.position}, as of ${made.madeAt}, in ${made.data}`]);
      terminal.warn("what was erased or withdrawn after the backup was made has to be told again: feed those events");
      if (made.standing !== null && made.standing !== "current")
        terminal.warn(`it serves nothing until it is recovered: ${made.told}`);
      if (!made.hasKeys)
        terminal.warn(
          `its keys are missing: put them into ${resolve(data, "keys")}; then solely recover tells how it stands`,
        );
    },
  });

  define(program, {
    usage: "doctor",
    about: "Compare the running state with a fresh fold of the facts, and say what an operator should know.",
    example: "solely doctor",
    async work(session) {
      const diagnosis = await session.run("health", {});
      session.terminal.result(diagnosis, () => [
        ...diagnosis.findings.map(({ level, what }) => `${level.padEnd(8)} ${what}`),
        "",
        `${counted(diagnosis.contactPoints, "contact point")} of ${counted(diagnosis.accounts, "account")}, ` +
          `${count(diagnosis.permitted)} permitted for ads.match; ${counted(diagnosis.tokens, "token")}, ` +
          `${counted(diagnosis.audiences, "audience")}; ${counted(diagnosis.vaultBytes, "byte")} sealed; position ${diagnosis.position}`,
      ]);
      if (!diagnosis.isHealthy) process.exitCode = EXIT.refused;
    },
  });

  define<{ port: number; host?: string; cleanStart: boolean }>(program, {
    usage: "serve",
    about: "Serve the API until it is stopped; other solely commands on this data folder go through it.",
    example: "solely serve --port 7400",
    options: (command) =>
      command
        .option("--port <n>", "0 for any free one", wholeNumber(0), DEFAULT_PORT)
        .option("--host <address>", "other than loopback: put a proxy with TLS before it")
        .option(
          "--clean-start",
          `of a sample: lets operators leave it from the console; ends with ${EXIT.sampleEnded} then, for a store to be made`,
          false,
        ),
    async work(session, _, { port, host, cleanStart }) {
      const solely = await session.open();
      session.terminal.endProgress();
      try {
        const { operators } = solely.decisions;
        const names = await notTwoPeople(operatorsFolder(process.env), operators.list());
        if (names.length > 1)
          session.terminal.warn(`not two people: this user can read the private keys of ${names.join(" and ")}`);
        const { kept } = solely;
        if (!kept.isCurrent) session.terminal.warn(`nothing is served until the store is recovered: ${kept.told}`);
        let onSampleEnd: (() => void) | undefined;
        const sampleEnd = new Promise<number>((resolve) => {
          if (cleanStart) onSampleEnd = () => resolve(EXIT.sampleEnded);
        });
        const server = await startServer(solely, { port, host, log: process.stderr, onSampleEnd });
        session.terminal.result({ url: server.url, origin: server.origin, pid: process.pid }, () => [
          `serving at ${server.url}, the console at ${server.origin}; stop with Ctrl-C`,
        ]);
        process.exitCode = await Promise.race([stopSignal().then(() => EXIT.done), sampleEnd]);
        await server.close();
      } finally {
        await solely.close();
      }
    },
  });

  define<{ accounts: number; seed: number; out: string; rows?: number; lists: "all" | "bench"; incidents: boolean }>(
    program,
    {
      usage: "world",
      about: "Write a sample world: contacts, events, lists of nobody, and the truth of who may match.",
      example: "solely world --accounts 100000 --seed 7 --out world",
      options: (command) =>
        command
          .requiredOption(
            "--accounts <n>",
            `${count(MIN_ACCOUNTS)} to ${count(MAX_ACCOUNTS)}`,
            wholeNumber(MIN_ACCOUNTS),
          )
          .requiredOption("--seed <n>", "the same seed makes the same bytes", wholeNumber(0))
          .requiredOption("--out <dir>", "folder to write to")
          .option("--rows <n>", "rows a list", wholeNumber(1))
          .addOption(new Option("--lists <which>", "which lists").choices(["all", "bench"]).default("all"))
          .option(
            "--incidents",
            "with mistakes upstream, the claims of incidents about them, and whom they affect",
            false,
          ),
      async work({ terminal }, _, { accounts, seed, out, rows, lists, incidents }) {
        const summary = await writeWorld({
          ...{ accounts, seed, out: resolve(out), lists, incidents },
          ...(rows === undefined ? {} : { rows }),
          progress: (done, of) => terminal.progress("accounts", done, done / of),
        });
        terminal.endProgress();
        terminal.result(summary, () => [
          `${counted(summary.contactPoints, "contact point")} of ${counted(accounts, "account")} in ${out}; ` +
            `${count(summary.permitted)} may be matched, ${count(summary.securityOnly)} were given for security alone`,
          ...Object.entries(summary.lists).map(
            ([name, { rows, members }]) =>
              `  ${name}: ${counted(rows, "row")}, ${counted(members, "account")} may be reached`,
          ),
        ]);
      },
    },
  );
}

interface KeyOptions {
  readonly scope: string[];
  readonly advertiser?: string;
  readonly source?: string;
  readonly purpose?: string;
  readonly perMinute?: number;
  readonly perDay?: number;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // Asked twice, as by a terminal and by whoever started it, it still ends in order.
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
}
