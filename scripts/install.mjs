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
  return installDebian("/usr/lib/postgresql", ["postgresql"], "PostgreSQL server");
}

/** Debian's SoftHSM2 and OpenSC, for tests of a key service behind PKCS#11; says why they are not there. */
export function installSoftHsm() {
  return installDebian("/usr/bin/softhsm2-util", ["softhsm2", "opensc", "openssl"], "SoftHSM2");
}

/** Debian's Chromium, for a test of a page; says why it is not there. */
export function installChromium() {
  return installDebian("/usr/bin/chromium", ["chromium"], "Chromium");
}

function installDebian(path, packages, what) {
  if (existsSync(path)) return undefined;
  if (!existsSync("/usr/bin/apt-get")) return `no ${what} here, and no apt-get to install one`;
  if (process.getuid?.() !== 0) return `no ${what} here, and only root can install one`;
  console.log(`installing Debian's ${packages.join(", ")} for tests`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => spawnSync("apt-get", ["-qq", ...args], { stdio: "ignore", env }).status === 0;
  const install = () => apt("install", "-y", "--no-install-recommends", ...packages);
  return install() || (apt("update") && install()) ? undefined : `Debian's ${what} could not be installed`;
}
