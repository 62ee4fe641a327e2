/**
 * The real program, as a script runs it: one data folder, the operators' folder and a working folder of its own, and
 * what each call answered. What is still running when the folder is removed is ended by its process id.
 */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A call that takes longer hangs; another command may hold the store for 30 s. */
const LIMIT_MS = 60_000;

export const program = fileURLToPath(new URL("../../src/cli/program/solely.js", import.meta.url));

export interface CallOptions {
  /** Bytes on stdin; without them stdin is empty. */
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** User and group to run as. */
  readonly user?: number;
}

/** What a call answered. */
export class Outcome<T> {
  constructor(
    readonly args: readonly string[],
    readonly status: number | null,
    readonly stdout: string,
    readonly stderr: string,
  ) {}

  /** The one object on stdout. */
  get json(): T {
    assert.match(this.stdout, /^\{.*\}\n$/, `${this} does not answer one line of JSON:\n${this.stdout}`);
    const value: T = JSON.parse(this.stdout);
    return value;
  }

  /** What stderr tells as warnings. */
  get warnings(): string[] {
    return this.stderr.split("\n").filter((line) => line.startsWith("warning: "));
  }

  toString(): string {
    return `solely ${this.args.join(" ")}`;
  }
}

export interface Failure {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly fix?: string;
    readonly details?: Readonly<Record<string, string | number>>;
  };
}

/** A call under way. */
export interface Call<T> {
  readonly child: ChildProcessWithoutNullStreams;
  readonly outcome: Promise<Outcome<T>>;
  /** Settles when stderr has said so; fails when the call ends before. */
  hasSaid(pattern: RegExp): Promise<void>;
}

export interface Serving {
  readonly url: string;
  readonly pid: number;
  /** As Ctrl-C does; what the server answered and logged. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<Outcome<unknown>>;
}

export class CommandLine {
  readonly folder: string;
  readonly data: string;
  readonly operators: string;
  readonly #running = new Set<ChildProcessWithoutNullStreams>();

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "solely-cli-"));
    this.data = join(this.folder, "data");
    this.operators = join(this.folder, "operators");
  }

  /** A data folder with operators alice and bob, whose keys both lie in the operators' folder. */
  static async withStore(): Promise<CommandLine> {
    const made = new CommandLine();
    await made.done(["init", "--operator", "alice", "--operator", "bob"]);
    return made;
  }

  /** Begins a call; stdin stays open unless bytes for it are given. */
  begin<T = unknown>(args: readonly string[], { stdin, env, cwd, user }: CallOptions = {}): Call<T> {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: cwd ?? this.folder,
      env: { ...process.env, DATABASE_URL: "", SOLELY_DATA: this.data, SOLELY_OPERATORS: this.operators, ...env },
      timeout: args[0] === "serve" ? 0 : LIMIT_MS,
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    this.#running.add(child);
    const said = { stdout: "", stderr: "" };
    const listeners = new Set<() => void>();
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        said[stream] += text;
        for (const listener of listeners) listener();
      });
    }
    child.stdin.on("error", () => {}); // a program that has ended reads no more
    if (stdin !== undefined) child.stdin.end(stdin);
    const outcome = new Promise<Outcome<T>>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => {
        this.#running.delete(child);
        for (const listener of listeners) listener();
        resolve(new Outcome<T>(args, status, said.stdout, said.stderr));
      });
    });
    const hasSaid = (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (pattern.test(said.stderr) || pattern.test(said.stdout)) resolve();
          else if (!this.#running.has(child)) reject(new Error(`ended without ${pattern}: ${said.stderr}`));
        };
        listeners.add(look);
        look();
      });
    return { child, outcome, hasSaid };
  }

  /** Runs a command to its end. */
  run<T = unknown>(args: readonly string[], options: CallOptions = {}): Promise<Outcome<T>> {
    return this.begin<T>(args, { stdin: "", ...options }).outcome;
  }

  /** Runs a command that must be done, and gives its JSON. */
  async done<T>(args: readonly string[], options: CallOptions = {}): Promise<T> {
    const outcome = await this.run<T>([...args, "--json"], options);
    assert.equal(outcome.status, 0, `${outcome} failed:\n${outcome.stderr}`);
    return outcome.json;
  }

  /** Runs a command that must end with 1, and gives why. */
  async refused(args: readonly string[], options: CallOptions = {}): Promise<Failure["error"]> {
    const outcome = await this.run<Failure>([...args, "--json"], options);
    assert.equal(outcome.status, 1, `${outcome} was not refused:\n${outcome.stdout}${outcome.stderr}`);
    return outcome.json.error;
  }

  /** Serves the store; other calls on the folder go through it. */
  async serve(env: Readonly<Record<string, string>> = {}): Promise<Serving> {
    const { child, outcome, hasSaid } = this.begin(["serve", "--port", "0", "--json"], { env });
    const address = new Promise<{ url: string; pid: number }>((resolve) =>
      child.stdout.once("data", (line: string) => resolve(JSON.parse(line))),
    );
    await hasSaid(/"url"/);
    const { url, pid } = await address;
    assert.ok((await fetch(new URL("/v1/health", url))).ok);
    return {
      url,
      pid,
      stop: (signal = "SIGTERM") => {
        process.kill(pid, signal);
        return outcome;
      },
    };
  }

  /** Takes notices into force, alice and bob each with the key that their folder holds. */
  async adopt(notices: readonly Notice[], { alice = {}, bob = {} }: Readonly<Record<string, CallOptions>> = {}) {
    await this.done(["notice", "propose", this.notices(...notices), "--as", "alice"], alice);
    await this.done(["notice", "approve", ...notices.map(({ id }) => id), "--as", "bob"], bob);
  }

  /** Writes a file of notices; what is left out has a default. */
  notices(...notices: readonly Notice[]): string {
    const documents = notices.map((notice) => JSON.stringify({ ...usualNotice, surface: notice.id, ...notice }));
    return this.write(`${notices[0]?.id}@${notices[0]?.version ?? 1}.yaml`, documents.join("\n---\n"));
  }

  /** Writes a file in the working folder. */
  write(name: string, content: string | Uint8Array, mode = 0o644): string {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
    return file;
  }

  /** Makes an operator's keys in a folder of their own, as another person would; the public one is to be passed on. */
  keyOf(name: string, folder = name): { readonly publicKey: string; readonly env: { SOLELY_OPERATORS: string } } {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const publicFile = this.write(`${folder}/${name}.pub`, publicKey.export({ type: "spki", format: "pem" }));
    this.write(`${folder}/${name}.pem`, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
    return { publicKey: publicFile, env: { SOLELY_OPERATORS: join(this.folder, folder) } };
  }

  /** Ends what is running, and removes the folder. */
  async remove(): Promise<void> {
    const running = [...this.#running];
    await Promise.all(
      running.map((child) => {
        const isClosed = new Promise((resolve) => child.once("close", resolve));
        child.kill("SIGTERM");
        return isClosed;
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Notice {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly version?: number;
  readonly text?: string;
  readonly exclusive?: boolean;
  readonly sources?: readonly string[];
  readonly effective_from?: string;
}

const usualNotice = {
  version: 1,
  language: "en",
  text: "We use this to show you ads, as you asked.",
  effective_from: "2000-01-01T00:00:00Z",
};

const CONTACT_COLUMNS = ["account", "kind", "value", "notice", "given_at"];

/** A CSV of contacts: each row `account,kind,value,notice,given_at`. */
export const contactsCsv = (...rows: readonly string[]): string =>
  `${[CONTACT_COLUMNS.join(","), ...rows].join("\n")}\n`;
