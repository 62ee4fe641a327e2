/**
 * Packages of other engines, for benches and for tests of bytes that those engines read and write.
 *
 * They are no dependencies of the product: bench/package.json names them, and a bench that needs them installs them
 * there. ClickHouse's engine has hundreds of megabytes, and CRoaring in C may need a compiler. A test that finds them
 * not says so.
 */
import { createRequire } from "node:module";

const require = createRequire(new URL("../../bench/package.json", import.meta.url));

/** The package, or why it is not there. */
export function peerPackage<T extends object>(name: string): T | { readonly skipped: string } {
  try {
    const found: T = require(name);
    return found;
  } catch {
    return { skipped: `the package ${name} is not installed in bench/` };
  }
}

/** Of `chdb`, ClickHouse's engine in this process, what is used here. */
export interface Chdb {
  /** @param path the engine's folder; a temporary one where there is none */
  readonly Session: new (
    path?: string,
  ) => { query(sql: string, format: string): string; close(): void };
}
