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

/** Other engines, for benches: the packages of bench/package.json. They are hundreds of megabytes, and no part of the product. */
export function installPeers() {
  const folder = join(root, "bench");
  const installed = statSync(join(folder, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  if (installed !== undefined && installed.mtimeMs >= statSync(join(folder, "package.json")).mtimeMs) return;
  console.error("installing other engines in bench/");
  // A package that is for one platform and newer Nodes must not be left out, and not stop others.
  const options = ["--force", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel", "error"];
  run("npm", ["install", ...options], { cwd: folder, stdio: ["inherit", 2, 2] });
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
