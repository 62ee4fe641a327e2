/**
 * Supervisor of the embedded PostgreSQL: starts it, or adopts the one that already runs in the data folder.
 *
 * The server outlives a killed parent, and several processes (a server of ours, commands) share one: whoever comes
 * finds it by its `postmaster.pid` and proves it by password. Races need no lock of ours: the cluster appears by
 * rename, PostgreSQL itself lets only one postmaster into it, and the losers find the winner's. A server that recovers
 * is waited for; one that is hung is stopped; a pid file left by a kill -9 is cleared when no process works in the
 * cluster any more. It does not decide when nobody needs the server (see Store.close).
 */
import type { ChildProcess } from "node:child_process";
import { mkdtemp, readdir, readFile, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { findBinaries } from "./binaries.js";
import {
  CLUSTER_PORT,
  CLUSTER_USER,
  type ClusterFiles,
  clusterFiles,
  give,
  initialise,
  isAlive,
  lastFatal,
  logSince,
  makeDataFolder,
  openLog,
  settings,
  spawnServer,
} from "./cluster.js";
import { diskFull, isDiskFull, StoreError, sqlStateOf, storeErrorAt } from "./failure.js";
import {
  CONNECT_LIMIT_MS,
  SILENCE_LIMIT_MS,
  SOCKET_PATH_LIMIT_BYTES,
  START_LIMIT_ATTEMPTS,
  START_LIMIT_MS,
  STOP_LIMIT_MS,
} from "./limits.js";
import { findServerUser, runAs } from "./server-user.js";

/** A server that answered to our password. */
export interface RunningPostgres {
  readonly connection: pg.ClientConfig;
  /** Process id of the postmaster. */
  readonly pid: number;
  /** Folder that holds the cluster. */
  readonly home: string;
  /** Stops the server, orderly if it can, whoever started it; every connection to it ends. */
  stop(): Promise<void>;
}

const POLL_MS = 25;

/**
 * The PostgreSQL of `dataDir`, made on first use, running and answering.
 *
 * Cost: 1 s on first use, 0.1 s for a start, some milliseconds for an adoption; longer after a crash.
 * @throws {StoreError} codes `cannot-start`, `start-timeout`, `access-refused`, `disk-full`
 */
export async function startPostgres(dataDir: string): Promise<RunningPostgres> {
  const files = clusterFiles(dataDir);
  try {
    await makeDataFolder(files);
    await initialise(files, await findBinaries(files.links));
    return await new Start(files).run();
  } catch (thrown) {
    throw await storeErrorAt(files.home, thrown);
  }
}

class Start {
  readonly #files: ClusterFiles;
  readonly #deadline = Date.now() + START_LIMIT_MS;
  #child: ChildProcess | undefined;
  #logStart = 0;
  #attempts = 0;
  #silentSince: number | undefined;

  constructor(files: ClusterFiles) {
    this.#files = files;
  }

  async run(): Promise<RunningPostgres> {
    const password = await this.#password();
    while (Date.now() < this.#deadline) {
      const postmaster = await readPostmaster(this.#files);
      if (postmaster === undefined) await this.#spawnUnlessStarting();
      else if (!(await worksIn(this.#files, postmaster.pid))) await this.#replace(postmaster);
      else if (postmaster.socketDir !== undefined) {
        const connection = connectionTo(postmaster.socketDir, password);
        const answer = await probe(connection);
        if (answer === "ready") {
          return { connection, pid: postmaster.pid, home: this.#files.home, stop: () => stopPostgres(this.#files) };
        }
        await this.#wait(answer, postmaster.pid);
      }
      await sleep(POLL_MS);
    }
    throw new StoreError("start-timeout", `the embedded PostgreSQL was not ready in ${START_LIMIT_MS / 1000} s`, {
      fix: `see ${this.#files.log}`,
    });
  }

  async #password(): Promise<string> {
    try {
      return (await readFile(this.#files.password, "utf8")).trim();
    } catch {
      throw new StoreError("access-refused", `cannot read ${this.#files.password}`, {
        fix: "run as the user who owns the data folder, or restore that file from a backup",
      });
    }
  }

  /** A pid file whose process does not work here: PostgreSQL clears it itself unless the number has found a new owner. */
  async #replace(postmaster: Postmaster): Promise<void> {
    if (isAlive(postmaster.pid) && !(await anyoneWorksIn(this.#files))) await removeStale(this.#files, postmaster);
    await this.#spawnUnlessStarting();
  }

  async #spawnUnlessStarting(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) return;
    if (child !== undefined) await this.#learnFromExit();
    const user = await findServerUser(this.#files.cluster);
    const binaries = await findBinaries(this.#files.links);
    const run = await runAs(user, [this.#files.cluster, dirname(binaries.postgres)]);
    const socketDir = await this.#socketDir();
    const { file, start } = await openLog(this.#files, user);
    try {
      this.#logStart = start;
      const args = ["-D", this.#files.cluster, ...(await settings(this.#files, socketDir))];
      this.#child = spawnServer(binaries, run, file.fd, binaries.postgres, args);
      this.#child.on("error", () => {}); // shows as an exit without a log
      this.#child.unref();
    } finally {
      await file.close();
    }
  }

  /** Losing a race, or backends of a killed postmaster that have not ended yet, are no failures. */
  async #learnFromExit(): Promise<void> {
    const said = await logSince(this.#files, this.#logStart);
    if (/lock file "postmaster\.pid"|pre-existing shared memory/.test(said)) return;
    if (/lock file ".*\.lock" already exists/.test(said)) return this.#clearSocketLock();
    if (said.includes("No space left") || (await isDiskFull(this.#files.home))) throw diskFull();
    this.#attempts++;
    if (this.#attempts >= START_LIMIT_ATTEMPTS) {
      throw new StoreError("cannot-start", `the embedded PostgreSQL ended at once: ${lastFatal(said)}`, {
        fix: `see ${this.#files.log}`,
      });
    }
  }

  /** A socket's lock file whose process has ended and was not awaited, or whose number has found a new owner. */
  async #clearSocketLock(): Promise<void> {
    if (await anyoneWorksIn(this.#files)) return;
    await rm(join(this.#files.socket, SOCKET_LOCK), { force: true });
  }

  async #socketDir(): Promise<string> {
    const socket = join(this.#files.socket, SOCKET_LOCK);
    if (Buffer.byteLength(socket) <= SOCKET_PATH_LIMIT_BYTES) return this.#files.socket;
    const dir = await mkdtemp(join(tmpdir().length < 40 ? tmpdir() : "/tmp", SOCKET_PREFIX)); // made with mode 0700
    await give(dir, await findServerUser(this.#files.cluster));
    return dir;
  }

  async #wait(answer: Exclude<Answer, "ready">, pid: number): Promise<void> {
    if (answer === "access-refused") {
      throw new StoreError("access-refused", "the embedded PostgreSQL does not know our password", {
        fix: `restore ${this.#files.password} from the same backup as the cluster`,
      });
    }
    if (answer === "busy") this.#silentSince = undefined;
    else if (this.#silentSince === undefined) this.#silentSince = Date.now();
    else if (Date.now() - this.#silentSince > SILENCE_LIMIT_MS) {
      await stopProcess(this.#files, pid, ["SIGINT", "SIGQUIT", "SIGKILL"], SILENCE_LIMIT_MS / 3);
      this.#silentSince = undefined;
    }
  }
}

const SOCKET_LOCK = `.s.PGSQL.${CLUSTER_PORT}.lock`;
const SOCKET_PREFIX = "solely-";

interface Postmaster {
  readonly pid: number;
  /** Undefined until the server has written that line. */
  readonly socketDir: string | undefined;
  readonly text: string;
}

/** What `postmaster.pid` says: process id in line 1, socket folder in line 5. */
async function readPostmaster(files: ClusterFiles): Promise<Postmaster | undefined> {
  const text = await readFile(pidFile(files), "utf8").catch(() => "");
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, socketDir: lines[4]?.trim() || undefined, text };
}

function pidFile(files: ClusterFiles): string {
  return join(files.cluster, "postmaster.pid");
}

/**
 * True when process `pid` is a PostgreSQL of this cluster: a server's working folder is its cluster. Root in a container
 * may not see that of another user's process; then the command line tells (of a backend: only that it is PostgreSQL's).
 */
async function worksIn(files: ClusterFiles, pid: number): Promise<boolean> {
  if (process.platform !== "linux") return isAlive(pid);
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(files.cluster));
  } catch (thrown) {
    const isHidden = thrown instanceof Error && "code" in thrown && thrown.code === "EACCES";
    return isHidden && process.getuid?.() === 0 && (await looksLikeOurs(files, pid));
  }
}

async function looksLikeOurs(files: ClusterFiles, pid: number): Promise<boolean> {
  try {
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    if (words[0]?.startsWith("postgres: ")) return (await stat(`/proc/${pid}`)).uid === (await stat(files.cluster)).uid;
    return (await realpath(words[words.indexOf("-D") + 1] ?? "")) === (await realpath(files.cluster));
  } catch {
    return false; // gone, or no server
  }
}

/** True when any process still works in this cluster, be it a backend that lost its postmaster. */
async function anyoneWorksIn(files: ClusterFiles): Promise<boolean> {
  if (process.platform !== "linux") return true; // cannot tell: leave it to PostgreSQL
  for (const name of await readdir("/proc")) {
    if (/^\d+$/.test(name) && (await worksIn(files, Number(name)))) return true;
  }
  return false;
}

/** By rename, so that a pid file which somebody has just written anew is put back. */
async function removeStale(files: ClusterFiles, stale: Postmaster): Promise<void> {
  const aside = `${pidFile(files)}.${process.pid}.stale`;
  try {
    await rename(pidFile(files), aside);
    if ((await readFile(aside, "utf8")) === stale.text) await rm(aside);
    else await rename(aside, pidFile(files));
  } catch {
    // somebody else was quicker
  }
}

function connectionTo(socketDir: string, password: string): pg.ClientConfig {
  return {
    host: socketDir,
    port: CLUSTER_PORT,
    user: CLUSTER_USER,
    password,
    database: "postgres",
    ssl: false,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
  };
}

type Answer = "ready" | "busy" | "silent" | "access-refused";

async function probe(connection: pg.ClientConfig): Promise<Answer> {
  const { default: driver } = await import("pg");
  const client = new driver.Client(connection);
  client.on("error", () => {});
  try {
    await client.connect();
    return "ready";
  } catch (thrown) {
    const state = sqlStateOf(thrown);
    if (state === undefined) return "silent";
    if (state === "28P01" || state === "28000") return "access-refused";
    return state.startsWith("57P") || state === "53300" ? "busy" : "ready";
  } finally {
    await client.end().catch(() => {});
  }
}

async function stopPostgres(files: ClusterFiles): Promise<void> {
  const postmaster = await readPostmaster(files);
  if (postmaster === undefined || !(await worksIn(files, postmaster.pid))) return;
  await stopProcess(files, postmaster.pid, ["SIGINT", "SIGQUIT", "SIGKILL"], STOP_LIMIT_MS);
  const { socketDir } = postmaster;
  if (socketDir !== undefined && socketDir !== files.socket && basename(socketDir).startsWith(SOCKET_PREFIX)) {
    await rm(socketDir, { recursive: true, force: true });
  }
}

/** Sends each signal in turn (orderly, at once, by force) until the process has gone. */
async function stopProcess(files: ClusterFiles, pid: number, signals: NodeJS.Signals[], limitMs: number) {
  for (const signal of signals) {
    try {
      process.kill(pid, signal);
    } catch {
      return; // gone already
    }
    const until = Date.now() + limitMs;
    while (Date.now() < until) {
      // Ended but not awaited by its parent, it still has a number, but no working folder.
      if (!isAlive(pid) || !(await worksIn(files, pid))) return;
      await sleep(POLL_MS / 5);
    }
  }
}
