/** A file system of its own for what fills a disk, which only root on Linux can make. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns its folder, or why there can't be one */
export function mountSmallDisk(kib: number): { readonly folder: string } | { readonly skipped: string } {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return { skipped: "only root on Linux can mount a disk" };
  const folder = mkdtempSync(join(tmpdir(), "solely-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k,mode=1777`, "tmpfs", folder], { stdio: "pipe" });
    return { folder };
  } catch {
    rmSync(folder, { recursive: true });
    return { skipped: "mounting is not allowed here" };
  }
}

export function unmountSmallDisk(folder: string): void {
  // What is mapped of it goes with the memory, which the runtime frees when it likes.
  execFileSync("umount", ["--lazy", folder]);
  rmSync(folder, { recursive: true });
}
