/**
 * A private PostgreSQL server for tests of the second way in, DATABASE_URL: the machine's own PostgreSQL binaries on a
 * fresh cluster in a temporary folder, on a free loopback port, durable like a server in production.
 *
 * Without such binaries there is a reason to skip with, never a failure. It is no part of the product.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

export interface PostgresServer {
  /** DATABASE_URL of a new, empty database on this server. */
  newDatabase(): Promise<string>;
  /** kill -9 of the postmaster and all its backends, as a power cut would. */
  kill(): Promise<void>;
  /** Starts the server again on the same cluster and port. */
  restart(): Promise<void>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 30_000;

/** Starts a server, or says why there is none on this machine. */
export async function startPostgresServer(): Promise<PostgresServer | { readonly skipped: string }> {
  const bin = findBin();
  if (bin === undefined) return { skipped: "no PostgreSQL server binaries in /usr/lib/postgresql" };
  const owner = process.getuid?.() === 0 ? idOf("postgres") : undefined;
  if (process.getuid?.() === 0 && owner === undefined)
    return { skipped: "running as root, and there is no user postgres to run a server as" };
  const home = mkdtempSync("/tmp/solely-server-");
  chmodSync(home, 0o700);
  const password = randomBytes(16).toString("hex");
  writeFileSync(join(home, "password"), password, { mode: 0o600 });
  if (owner !== undefined) {
    chownSync(home, owner.uid, owner.gid);
    chownSync(join(home, "password"), owner.uid, owner.gid);
  }
  const cluster = join(home, "cluster");
  const initdb = ["-D", cluster, "-U", "tester", `--pwfile=${join(home, "password")}`, "--auth=scram-sha-256"];
  execFileSync(join(bin, "initdb"), [...initdb, "--encoding=UTF8", "--locale=C"], {
    ...owner,
    cwd: "/",
    stdio: "pipe",
  });
  const port = await freePort();
  const server = new Server(bin, home, port, password, owner);
  await server.restart();
  return server;
}

function findBin(): string | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  const newestFirst = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return newestFirst.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

function idOf(user: string): Owner | undefined {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, user], { stdio: "pipe" }).toString());
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, "127.0.0.1", listening));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

class Server implements PostgresServer {
  readonly #bin: string;
  readonly #home: string;
  readonly #port: number;
  readonly #password: string;
  readonly #owner: Owner | undefined;
  #process: ChildProcess | undefined;
  #databases = 0;

  constructor(bin: string, home: string, port: number, password: string, owner: Owner | undefined) {
    this.#bin = bin;
    this.#home = home;
    this.#port = port;
    this.#password = password;
    this.#owner = owner;
  }

  async newDatabase(): Promise<string> {
    const name = `test${this.#databases++}`;
    const client = new pg.Client(this.#url("postgres"));
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return this.#url(name);
  }

  #url(database: string): string {
    return `postgres://tester:${this.#password}@127.0.0.1:${this.#port}/${database}`;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    const backends = childrenOf(child.pid);
    await this.#end("SIGKILL");
    for (const pid of backends) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // ended with its postmaster
      }
    }
    await sleep(50);
  }

  async restart(): Promise<void> {
    const deadline = Date.now() + START_LIMIT_MS;
    const cluster = join(this.#home, "cluster");
    const args = ["-D", cluster, "-p", String(this.#port), "-k", this.#home, "-c", "listen_addresses=127.0.0.1"];
    for (;;) {
      if (this.#process === undefined || this.#process.exitCode !== null) {
        this.#process = spawn(join(this.#bin, "postgres"), args, { ...this.#owner, cwd: "/", stdio: "ignore" });
      }
      const client = new pg.Client(this.#url("postgres"));
      client.on("error", () => {});
      try {
        await client.connect();
        return;
      } catch (thrown) {
        if (Date.now() > deadline) throw thrown;
        await sleep(50);
      } finally {
        await client.end().catch(() => {});
      }
    }
  }

  async stop(): Promise<void> {
    await this.#end("SIGINT");
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { stdio: "pipe" }).toString();
    return text.split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
