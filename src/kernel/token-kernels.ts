/**
 * The token index's WASM module: its kernels work in memory that threads share, so that any thread can look into any
 * shard. An instance is bound to one memory: that of a shard, or one that a thread works in by itself.
 */
import { KernelError } from "./error.js";
import { nodeModule } from "./wasm.js";

/** Memory that threads share; its size is fixed, or grows up to `maximum` pages. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** All arguments are addresses or numbers, unsigned 32 bits; the files in assembly/tokens say what each takes. */
export interface TokenKernels {
  partition(tokens: number, kinds: number, count: number, bits: number, ends: number, records: number): void;
  probe(
    records: number,
    count: number,
    schemes: number,
    many: number,
    state: number,
    out: number,
    room: number,
  ): number;
  compose(
    tokens: number,
    ordinals: number,
    marks: number,
    kinds: number,
    count: number,
    kindWords: number,
    entries: number,
  ): void;
  arrange(entries: number, count: number, bits: number, ends: number, arranged: number): void;
  pack(
    form: number,
    entries: number,
    count: number,
    firstBucket: number,
    buckets: number,
    before: number,
    codes: number,
    directory: number,
    places: number,
    blocks: number,
    odd: number,
  ): number;
  unpack(
    form: number,
    prefix: number,
    firstBucket: number,
    buckets: number,
    directory: number,
    blocks: number,
    entries: number,
  ): void;
  find(
    form: number,
    buckets: number,
    directory: number,
    blocks: number,
    table: number,
    bits: number,
    out: number,
  ): number;
  tabulate(ordinals: number, count: number, table: number, bits: number): void;
  ascend(ordinals: number, count: number, spare: number, places: number): number;
  wipe(address: number, bytes: number): void;
}

const NAMES = [
  "partition",
  "probe",
  "compose",
  "arrange",
  "pack",
  "unpack",
  "find",
  "tabulate",
  "ascend",
  "wipe",
] as const satisfies (keyof TokenKernels)[];

const PAGE_BYTES = 64 * 1024;
/** What WebAssembly addresses by 32 bits. */
const MAX_PAGES = 64 * 1024;

/** The part of the runtime's WebAssembly that is used here. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { readonly exports: object };
};

let compiled: object | undefined;

/**
 * Memory of at least `bytes` bytes, all 0.
 * @throws {KernelError} code `memory-short`
 */
export function sharedMemory(bytes: number, maxBytes = bytes): SharedMemory {
  const pages = (size: number) => Math.max(1, Math.ceil(size / PAGE_BYTES));
  if (pages(maxBytes) > MAX_PAGES) {
    throw new KernelError("memory-short", `${maxBytes} bytes are more than one memory holds`);
  }
  try {
    return new WebAssembly.Memory({ initial: pages(bytes), maximum: pages(maxBytes), shared: true });
  } catch (cause) {
    throw new KernelError("memory-short", `there is no memory for ${bytes} bytes more`, { cause });
  }
}

/** Makes a memory so large that it has `bytes` bytes. */
export function enlarge(memory: SharedMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing <= 0) return;
  try {
    memory.grow(Math.ceil(missing / PAGE_BYTES));
  } catch (cause) {
    throw new KernelError("memory-short", `there is no memory for ${bytes} bytes`, { cause });
  }
}

/**
 * The kernels over a memory.
 * @throws {KernelError} codes `module-missing`, `module-foreign`
 */
export function tokenKernels(memory: SharedMemory): TokenKernels {
  compiled ??= compile();
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  if (!isTokenKernels(exports)) {
    throw new KernelError("module-foreign", "tokens.wasm is of another version; build it again");
  }
  return exports;
}

function compile(): object {
  const fs = nodeModule("node:fs");
  if (fs === undefined) throw new KernelError("module-missing", "there are no files here, and no index");
  try {
    return new WebAssembly.Module(fs.readFileSync(new URL("./tokens.wasm", import.meta.url)));
  } catch (cause) {
    throw new KernelError("module-missing", "tokens.wasm is not beside the compiled code; build it again", { cause });
  }
}

function isTokenKernels(exports: object): exports is TokenKernels {
  return NAMES.every((name) => typeof Reflect.get(exports, name) === "function");
}
