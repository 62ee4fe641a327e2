/**
 * Who the embedded PostgreSQL runs as. It refuses to run as root, so under root it becomes an ordinary user.
 *
 * The user is the owner of an existing cluster, else `postgres`, else `nobody`. Folders above the cluster or the
 * binaries are often closed to that user (a clone in /root, a temporary folder): then the server keeps one single
 * capability of root, to look into folders whatever their mode, by util-linux' `setpriv`. We never change the mode or
 * the owner of a folder that we did not make.
 */
import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { StoreError } from "./failure.js";

/** A numeric user and group; undefined where we are not root and the server simply runs as we do. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** How to run a program as the server's user: what to put before it, and what to tell `spawn`. */
export interface RunAs {
  readonly prefix: readonly string[];
  readonly spawnAs: { uid?: number; gid?: number };
}

/** The user that the server has to run as, given the cluster's folder (which need not exist yet). */
export async function findServerUser(cluster: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const { uid, gid } = await stat(cluster);
    if (uid !== 0) return { uid, gid };
  } catch {
    // not there yet
  }
  for (const name of ["postgres", "nobody"]) {
    const user = await lookUp(name);
    if (user !== undefined && user.uid !== 0) return user;
  }
  throw new StoreError("cannot-start", "PostgreSQL refuses to run as root, and there is no user postgres or nobody", {
    fix: "run as an ordinary user, or give a server by DATABASE_URL",
  });
}

async function lookUp(name: string): Promise<ServerUser | undefined> {
  const run = promisify(execFile);
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** How to run as `user` a program that must reach all of `paths`. */
export async function runAs(user: ServerUser | undefined, paths: readonly string[]): Promise<RunAs> {
  if (user === undefined) return { prefix: [], spawnAs: {} };
  const closed = await firstClosedFolder(user, paths);
  if (closed === undefined) return { prefix: [], spawnAs: { uid: user.uid, gid: user.gid } };
  const capability = await lookingCapability();
  if (capability === undefined) {
    throw new StoreError(
      "cannot-start",
      `PostgreSQL cannot run as root, and user ${user.uid} may not enter ${closed}`,
      {
        fix: `run as an ordinary user, or open that folder (chmod o+x), or give a server by DATABASE_URL`,
      },
    );
  }
  return {
    prefix: [
      "setpriv",
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      "--clear-groups",
      `--bounding-set=-all,+${capability}`,
      `--inh-caps=-all,+${capability}`,
      `--ambient-caps=-all,+${capability}`,
      "--securebits=+no_setuid_fixup", // else access(2), by which PostgreSQL finds its parts, would not count it
    ],
    spawnAs: {},
  };
}

async function firstClosedFolder({ uid, gid }: ServerUser, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    for (let folder = resolve(path); ; folder = dirname(folder)) {
      const { mode, uid: owner, gid: group } = await stat(folder);
      const enter = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
      if ((mode & enter) === 0) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

/** A capability that we hold and that opens folders; containers usually leave root only the second one. */
async function lookingCapability(): Promise<string | undefined> {
  try {
    await promisify(execFile)("setpriv", ["--version"]);
    const bits = BigInt(
      `0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile("/proc/self/status", "utf8"))?.[1] ?? "0"}`,
    );
    if ((bits & 0b100n) !== 0n) return "dac_read_search";
    if ((bits & 0b010n) !== 0n) return "dac_override";
  } catch {
    // no setpriv, or not Linux
  }
  return undefined;
}
