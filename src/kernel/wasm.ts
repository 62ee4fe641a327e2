/**
 * The kernels' WASM module, once per thread: in Node loaded at first use, synchronously, from beside this file; where
 * there are no files, as in a browser, by `loadKernels` before.
 *
 * The module and its callers share one memory. Its first pages hold the kernels' own tables; behind them
 * lies the arena, which whoever calls a kernel may lay out as it likes for that one call: nothing in it
 * is kept from call to call, and since a thread runs one call at a time, nobody else sees it.
 * A caller that brings plain values wipes what it used.
 */
import { KernelError } from "./error.js";

/** Where a table is put that the kernels are told: not in the arena, since it may be in the midst of a call. */
export const TOLD_TABLE = 64 * 1024;
/** First byte of the arena, behind the kernels' own tables and the one that they are told. */
export const ARENA_START = 68 * 1024;
/** Size of the arena: every kernel works in slices that fit it. */
export const ARENA_BYTES = 4 * 1024 * 1024;

const PAGE_BYTES = 64 * 1024;

/** The functions that the module exports; all arguments are addresses or counts, unsigned 32 bits. */
export interface Kernels {
  sha256Messages(input: number, origin: number, ends: number, count: number, output: number): void;
  merkleEntries(salts: number, facts: number, stride: number, count: number, output: number): void;
  merkleNodes(input: number, count: number, output: number): void;
  digestLines(input: number, end: number, rows: number, output: number): number;
  digestLinesEnd(): number;
  scanRecords(scan: number, from: number, to: number, isLast: boolean): number;
  findRows(rows: number, from: number, to: number): number;
  readTimes(starts: number, ends: number, bias: number, rows: number, times: number): void;
  numberNames(
    starts: number,
    ends: number,
    bias: number,
    rows: number,
    slots: number,
    slotBits: number,
    numbers: number,
    firsts: number,
  ): number;
  readColumn(column: number): number;
  packDigests(codes: number, digests: number, slots: number, kinds: number, columns: number, out: number): number;
  readContacts(contacts: number): void;
  writeContacts(contacts: number): void;
  tellPhonePlan(first: number, end: number, codeDigits: number, lengths: number, asItIs: number): void;
  tellLowerCase(table: number): void;
  sha256Blocks(state: number, input: number, blocks: number): void;
  sha256Slots(input: number, ends: number, count: number, output: number, slots: number): void;
}

const NAMES = [
  "sha256Messages",
  "merkleEntries",
  "merkleNodes",
  "digestLines",
  "digestLinesEnd",
  "scanRecords",
  "findRows",
  "readTimes",
  "numberNames",
  "readColumn",
  "packDigests",
  "readContacts",
  "writeContacts",
  "tellPhonePlan",
  "tellLowerCase",
  "sha256Slots",
  "sha256Blocks",
] as const satisfies (keyof Kernels)[];

export interface KernelModule {
  readonly kernels: Kernels;
  /** The whole memory, arena included; it never grows, so views stay good. */
  readonly memory: ArrayBuffer;
}

/** The part of the runtime's WebAssembly that is used here. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { readonly exports: object };
  compile(bytes: Uint8Array): Promise<object>;
};

let loaded: KernelModule | undefined;

/**
 * The kernels of this thread.
 *
 * @throws {KernelError} code `module-missing` when kernel.wasm is not beside this file, or there are no files and
 *   `loadKernels` was not called; `module-foreign` when it is not this version's
 */
export function kernelModule(): KernelModule {
  loaded ??= started(new WebAssembly.Module(bytesBeside()));
  return loaded;
}

/**
 * Loads the kernels of this thread, where they can't be read from a file.
 *
 * @param bytes kernel.wasm, as the build puts it beside this file
 * @throws {KernelError} code `module-foreign` when it is not this version's
 * @example await loadKernels(new Uint8Array(await (await fetch("kernel.wasm")).arrayBuffer()));
 */
export async function loadKernels(bytes: Uint8Array): Promise<void> {
  const module = await WebAssembly.compile(bytes);
  loaded ??= started(module);
}

function bytesBeside(): Uint8Array {
  const fs = nodeModule("node:fs");
  if (fs === undefined) throw new KernelError("module-missing", "there are no files here; call loadKernels before");
  try {
    return fs.readFileSync(new URL("./kernel.wasm", import.meta.url));
  } catch (cause) {
    throw new KernelError("module-missing", "kernel.wasm is not beside the compiled code; build it again", { cause });
  }
}

interface NodeModules {
  "node:fs": typeof import("node:fs");
  "node:crypto": typeof import("node:crypto");
}

/** A module of Node's, undefined where it is not Node that runs: an import of it would fail there. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  return (globalThis.process as NodeJS.Process | undefined)?.getBuiltinModule?.(name);
}

function started(module: object): KernelModule {
  const pages = Math.ceil((ARENA_START + ARENA_BYTES) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (!isKernels(exports)) {
    throw new KernelError("module-foreign", "kernel.wasm is of another version; build it again");
  }
  return { kernels: exports, memory: memory.buffer };
}

function isKernels(exports: object): exports is Kernels {
  return NAMES.every((name) => typeof Reflect.get(exports, name) === "function");
}
