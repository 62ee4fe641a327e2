/**
 * The files of the embedded PostgreSQL in a data folder, how they come into being, and the settings that it runs with.
 *
 *     postgres/cluster/   PostgreSQL's own      postgres/password   random, 0600     postgres/log   its messages
 *     postgres/socket/    its Unix socket       postgres-links/     library links, where the package could not hold them
 *
 * Made beside and renamed as a whole: a crash or a race during the first start leaves a complete folder or none.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, open, readdir, readFile, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Binaries } from "./binaries.js";
import { syncFolder } from "./durable-file.js";
import { StoreError, storeErrorAt } from "./failure.js";
import { LOG_LIMIT_BYTES } from "./limits.js";
import { findServerUser, type RunAs, runAs, type ServerUser } from "./server-user.js";

/** PostgreSQL's superuser in the embedded cluster; its password is in the file `password`. */
export const CLUSTER_USER = "solely";
/** Part of the socket's file name only; nothing listens on a network. */
export const CLUSTER_PORT = 5432;

export interface ClusterFiles {
  readonly home: string;
  readonly cluster: string;
  readonly password: string;
  readonly log: string;
  readonly socket: string;
  readonly links: string;
}

/** Where the parts of the embedded PostgreSQL of `dataDir` are. */
export function clusterFiles(dataDir: string): ClusterFiles {
  return filesIn(join(resolve(dataDir), "postgres"));
}

function filesIn(home: string): ClusterFiles {
  const at = (name: string) => join(home, name);
  return {
    home,
    cluster: at("cluster"),
    password: at("password"),
    log: at("log"),
    socket: at("socket"),
    links: `${home}-links`,
  };
}

/** Makes the data folder if there is none: for us alone, but for passing through where the server is another user. */
export async function makeDataFolder(files: ClusterFiles): Promise<void> {
  const user = await findServerUser(files.cluster);
  await mkdir(dirname(files.home), { recursive: true, mode: user === undefined ? 0o700 : 0o711 });
}

/**
 * Makes the cluster if there is none: C locale, UTF-8, page checksums, SCRAM with a random password.
 *
 * @throws {StoreError} codes `cannot-start`, `disk-full`
 */
export async function initialise(files: ClusterFiles, binaries: Binaries): Promise<void> {
  if (await exists(join(files.cluster, "PG_VERSION"))) return;
  const parent = dirname(files.home);
  await removeAbandoned(parent);
  const user = await findServerUser(files.cluster);
  const fresh = filesIn(`${files.home}.${process.pid}.${randomBytes(4).toString("hex")}.new`);
  try {
    await mkdir(fresh.home, { mode: 0o700 });
    await mkdir(fresh.socket, { mode: 0o700 });
    await writeFile(fresh.password, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    for (const path of [fresh.home, fresh.socket, fresh.password]) await give(path, user);
    const run = await runAs(user, [fresh.home, dirname(binaries.initdb)]);
    await runInitdb(fresh, binaries, run);
    // A process that raced us may have put its folder there first; then ours is superfluous.
    await rename(fresh.home, files.home).catch((thrown: unknown) => {
      const isThere =
        thrown instanceof Error && "code" in thrown && ["ENOTEMPTY", "EEXIST"].includes(String(thrown.code));
      if (!isThere) throw thrown;
    });
    if (!(await exists(files.cluster))) {
      throw new StoreError("cannot-start", `${files.home} is there, but there is no cluster in it`, {
        fix: "move that folder away, or restore the cluster from a backup",
      });
    }
    await syncFolder(parent);
  } catch (thrown) {
    throw await storeErrorAt(parent, thrown);
  } finally {
    await rm(fresh.home, { recursive: true, force: true });
  }
}

/** Folders of first starts that were killed half-way. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^postgres\.(\d+)\.[0-9a-f]+\.new$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** True when a process of that id exists (also one that we may not signal, or that has ended and was not awaited). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}

/** Makes the server's user own a path that we made for it. */
export async function give(path: string, user: ServerUser | undefined): Promise<void> {
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

async function runInitdb(fresh: ClusterFiles, binaries: Binaries, run: RunAs): Promise<void> {
  const child = spawnServer(binaries, run, "pipe", binaries.initdb, [
    `--pgdata=${fresh.cluster}`,
    `--username=${CLUSTER_USER}`,
    `--pwfile=${fresh.password}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
    "--no-instructions",
  ]);
  let said = "";
  child.stderr?.on("data", (text: Buffer) => (said = (said + text.toString("utf8")).slice(-4000)));
  const code = await new Promise<number | null>((done, failed) => {
    child.on("error", failed);
    child.on("close", done);
  });
  if (code === 0) return;
  if (said.includes("No space left")) throw await storeErrorAt(fresh.home, { code: "53100", severity: "FATAL" });
  throw new StoreError("cannot-start", `initdb ended with ${code}: ${lastFatal(said)}`);
}

/**
 * Starts one of PostgreSQL's programs, out of reach of our terminal's signals, without core dumps (they would hold what
 * was in memory), and with none of our environment (PG* variables would change what it does).
 */
export function spawnServer(
  binaries: Binaries,
  run: RunAs,
  output: number | "pipe",
  program: string,
  args: readonly string[],
) {
  const environment = { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC", ...binaries.environment };
  const script = 'ulimit -c 0; umask 077; exec "$@"';
  return spawn("/bin/sh", ["-c", script, basename(program), ...run.prefix, program, ...args], {
    cwd: "/",
    detached: true,
    env: environment,
    stdio: ["ignore", output, output],
    ...run.spawnAs,
  });
}

/**
 * The server's settings. Durable first (each of these is also the server's default, said here so that no file can say
 * otherwise), then no stored value in any log, then few processes and little memory beside ours.
 */
export async function settings(files: ClusterFiles, socketDir: string): Promise<string[]> {
  const { bavail, bsize } = await statfs(files.home);
  const roomMb = Math.floor((bavail * bsize) / 2 ** 20);
  const chosen: Record<string, string | number> = {
    listen_addresses: "",
    unix_socket_directories: socketDir,
    unix_socket_permissions: "0700",
    port: CLUSTER_PORT,
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    data_sync_retry: "off",
    restart_after_crash: "on",
    // A large log spreads checkpoints over long imports; on a small disk it must not be what fills it.
    max_wal_size: `${Math.max(64, Math.min(2048, Math.floor(roomMb / 4)))}MB`,
    wal_recycle: "off", // a segment that is kept for reuse would keep what was erased
    wal_compression: "off", // bodies are compressed or random already
    checkpoint_timeout: "15min",
    log_destination: "stderr",
    logging_collector: "off",
    log_statement: "none",
    log_min_messages: "warning",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse", // no DETAIL, no CONTEXT: those quote keys and rows
    log_min_duration_statement: -1,
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_checkpoints: "off",
    log_line_prefix: "%m [%p] ",
    shared_buffers: "128MB",
    max_connections: 40,
    max_parallel_workers_per_gather: 0,
    jit: "off",
    autovacuum: "on",
    client_connection_check_interval: "1s", // a killed client's session, and its lock, end soon
  };
  return Object.entries(chosen).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Opens the log for a server about to start, setting an overlong one aside, and says where its messages will begin. */
export async function openLog(files: ClusterFiles, user: ServerUser | undefined) {
  const before = await stat(files.log).catch(() => undefined);
  if (before !== undefined && before.size > LOG_LIMIT_BYTES) await rename(files.log, `${files.log}.1`);
  const file = await open(files.log, "a", 0o600);
  await give(files.log, user);
  return { file, start: (await file.stat()).size };
}

/** What the log says from `start` on: PostgreSQL's own words, without any value (see `settings`). */
export async function logSince(files: ClusterFiles, start: number): Promise<string> {
  return (await readFile(files.log).catch(() => Buffer.alloc(0))).subarray(start).toString("utf8");
}

/** The line that says why a program of PostgreSQL ended. */
export function lastFatal(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.findLast((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1) ?? "no message";
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
