// What is missing is installed: the packages of the lock file, and, for tests, Debian's PostgreSQL where that is possible.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in front of the user; ends the process when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (status === 0) return;
  console.error(`${command} ${args[0] ?? ""} failed${error === undefined ? "" : `: ${error.message}`}`);
  process.exit(status ?? 1);
}

/** The packages of package-lock.json, if they are not there or older than it. */
export function installPackages() {
  const installed = statSync(join(root, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  if (installed !== undefined && installed.mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs) return;
  console.log("installing packages");
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}

/** Debian's PostgreSQL server, for tests against a server; says why it is not there. */
export function installPostgres() {
  if (existsSync("/usr/lib/postgresql")) return undefined;
  if (!existsSync("/usr/bin/apt-get")) return "no PostgreSQL server here, and no apt-get to install one";
  if (process.getuid?.() !== 0) return "no PostgreSQL server here, and only root can install one";
  console.log("installing Debian's PostgreSQL for tests");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => spawnSync("apt-get", ["-qq", ...args], { stdio: "ignore", env }).status === 0;
  const isThere = apt("install", "-y", "postgresql") || (apt("update") && apt("install", "-y", "postgresql"));
  return isThere ? undefined : "Debian's PostgreSQL could not be installed";
}
