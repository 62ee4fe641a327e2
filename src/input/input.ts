/**
 * Input: a file or a stream of bytes, its format found, and gzip undone on the way.
 *
 * Compression is told by its first bytes, never by a name. An input that decodes to more than a limit, or to
 * more than 200 times its size after the first 64 MiB, ends with a typed error: nothing is buffered for it.
 */
import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { BlockMemory } from "./block-memory.js";
import { InputError } from "./error.js";
import { INPUT_LIMITS } from "./limits.js";

export type InputFormat = "csv" | "ndjson" | "parquet";

const FILE_BLOCK_BYTES = 1024 * 1024;
const GUNZIP_BLOCK_BYTES = 256 * 1024;
const SNIFF_BYTES = 4096;
const BY_EXTENSION: Readonly<Record<string, InputFormat>> = {
  csv: "csv",
  tsv: "csv",
  txt: "csv",
  ndjson: "ndjson",
  jsonl: "ndjson",
  json: "ndjson",
  parquet: "parquet",
};

export interface InputLimits {
  /** Decoded bytes. */
  readonly maxBytes?: number;
  readonly maxCompressionRatio?: number;
  /** Decoded bytes before the ratio is judged. */
  readonly unjudgedBytes?: number;
}

const MOST_SPARE_BLOCKS = 16;

/** Memory that blocks of files are taken from; who has read one may give it back. */
export const FILE_MEMORY = new BlockMemory(FILE_BLOCK_BYTES, MOST_SPARE_BLOCKS);

/**
 * The bytes of a file, block by block; each block is its own memory, so that it may be given away or wiped.
 * @param onShare told how much of the file is read, 0 to 1; never of a pipe, whose size nobody knows
 * @throws {InputError} code `unreadable-file`
 */
export async function* fileBytes(path: string, onShare?: (share: number) => void): AsyncGenerator<Uint8Array> {
  const file = await opened(path);
  const next = () => {
    const block = FILE_MEMORY.lend();
    const reading = file.read(block, 0, block.length);
    // It fails where it is waited for.
    reading.catch(() => undefined);
    return { block, reading };
  };
  let ahead: ReturnType<typeof next> | undefined;
  try {
    const { size } = await file.stat();
    for (let read = 0; ; ) {
      const { block, reading } = ahead ?? next();
      const { bytesRead } = await reading;
      // While this one is worked on, the next is read; not of a pipe, which may have none for long.
      ahead = size > 0 && bytesRead > 0 ? next() : undefined;
      if (bytesRead === 0) {
        FILE_MEMORY.takeBack(block);
        return;
      }
      read += bytesRead;
      if (size > 0) onShare?.(Math.min(1, read / size));
      yield block.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw new InputError("unreadable-file", "the file can't be read", { cause });
  } finally {
    await ahead?.reading.catch(() => undefined);
    if (ahead !== undefined) FILE_MEMORY.takeBack(ahead.block);
    await file.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw new InputError("unreadable-file", `the file can't be opened: ${path}`, {
      fix: "check its name and permissions",
      cause,
    });
  }
}

/**
 * `input` itself, or what it was before gzip.
 * @throws {InputError} codes `broken-gzip`, `gzip-bomb`, `input-too-long`; while it is read
 */
export async function* decodedBytes(
  input: AsyncIterable<Uint8Array>,
  limits: InputLimits = {},
): AsyncGenerator<Uint8Array> {
  const maxBytes = limits.maxBytes ?? INPUT_LIMITS.inputBytes;
  const maxRatio = limits.maxCompressionRatio ?? INPUT_LIMITS.compressionRatio;
  const unjudgedBytes = limits.unjudgedBytes ?? INPUT_LIMITS.unjudgedBytes;
  const { head, all } = await peeked(input, 2);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  let encoded = 0;
  let decoded = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const block of all) {
      encoded += block.length;
      yield block;
    }
  };
  for await (const block of isGzip ? gunzipped(counted()) : all) {
    decoded += block.length;
    if (decoded > maxBytes) {
      throw new InputError("input-too-long", `the input has more than ${maxBytes} bytes`, { fix: "send it in parts" });
    }
    if (isGzip && decoded > unjudgedBytes && decoded > encoded * maxRatio) {
      throw new InputError("gzip-bomb", `the input grows to more than ${maxRatio} times its size`, {
        fix: "send it uncompressed",
      });
    }
    yield block;
  }
}

async function* gunzipped(input: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: GUNZIP_BLOCK_BYTES });
  let inputError: unknown;
  const source = Readable.from(
    (async function* () {
      try {
        yield* input;
      } catch (error) {
        inputError = error;
        throw error;
      }
    })(),
    { objectMode: false, highWaterMark: GUNZIP_BLOCK_BYTES },
  );
  // A failure of either shows below, in whoever reads the decoded end.
  pipeline(source, gunzip).catch(() => undefined);
  try {
    for await (const block of gunzip) yield block as Uint8Array;
  } catch (cause) {
    if (inputError !== undefined) throw inputError;
    throw new InputError("broken-gzip", "the input starts as gzip but can't be decoded to its end", {
      fix: "compress it again",
      cause,
    });
  } finally {
    gunzip.destroy();
  }
}

/**
 * Waits for `bytes` bytes of `input` (or its end), to tell its size and how it starts; `all` is the whole of
 * it again, and must be read or closed.
 */
export async function peeked(
  input: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<{ head: Uint8Array; isWhole: boolean; all: Blocks }> {
  const iterator = input[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  let isWhole = false;
  while (length < bytes) {
    const next = await iterator.next();
    if (next.done === true) {
      isWhole = true;
      break;
    }
    first.push(next.value);
    length += next.value.length;
  }
  const head = new Uint8Array(Math.min(length, bytes, SNIFF_BYTES));
  let at = 0;
  for (const block of first) {
    head.set(block.subarray(0, head.length - at), at);
    at = Math.min(at + block.length, head.length);
  }
  return { head, isWhole, all: new Blocks(first, iterator) };
}

/** Blocks that were read ahead, then the others; no generator, since most requests are one block and each layer costs. */
export class Blocks implements AsyncIterableIterator<Uint8Array> {
  readonly #ahead: Uint8Array[];
  readonly #others: AsyncIterator<Uint8Array>;

  constructor(ahead: Uint8Array[], others: AsyncIterator<Uint8Array>) {
    this.#ahead = ahead;
    this.#others = others;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#ahead.shift();
    return value === undefined ? this.#others.next() : Promise.resolve({ value, done: false });
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#ahead.length = 0;
    await this.#others.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends them; what that fails of is nobody's any more. */
  async close(): Promise<void> {
    await this.return().catch(() => undefined);
  }
}

/** An input of known format. */
export interface OpenInput {
  readonly format: InputFormat;
  /** Parquet only: the file. */
  readonly path: string;
  /** Decoded bytes; none for Parquet. */
  readonly bytes: Blocks;
  readonly isSmall: boolean;
  /** Whether nobody else holds the blocks, so that they may be overwritten after use. */
  readonly isOurs: boolean;
}

export interface InputOptions extends InputLimits {
  /** Found from name and first bytes when absent. */
  readonly format?: InputFormat | undefined;
  /** Name of a stream, for finding the format. */
  readonly name?: string | undefined;
  /** Told how much of a file is read, 0 to 1. */
  readonly onShare?: ((share: number) => void) | undefined;
}

/**
 * Opens a file or a stream and finds its format.
 * @throws {InputError} codes `unreadable-file`, `unknown-format`, `not-utf8`, `parquet-needs-file`, and those of `decodedBytes`
 */
export async function openedInput(
  input: string | AsyncIterable<Uint8Array>,
  options: InputOptions,
): Promise<OpenInput> {
  const isOurs = typeof input === "string";
  const path = isOurs ? input : "";
  const decoded = decodedBytes(typeof input === "string" ? fileBytes(input, options.onShare) : input, options);
  const { head, isWhole, all } = await peeked(decoded, INPUT_LIMITS.smallInputBytes);
  try {
    const format = options.format ?? sniffFormat(head, typeof input === "string" ? input : options.name);
    head.fill(0);
    if (format !== "parquet") return { format, path, bytes: all, isSmall: isWhole, isOurs };
    if (typeof input !== "string") {
      throw new InputError("parquet-needs-file", "Parquet can't be read from a stream", {
        fix: "give the file's name, or send NDJSON",
      });
    }
    await all.close();
    return { format, path, bytes: all, isSmall: isWhole, isOurs };
  } catch (error) {
    await all.close();
    throw error;
  }
}

/**
 * Finds the format: by the name's extension if there is one that we know (`.gz` aside), else by the first
 * bytes (of the decoded input).
 * @throws {InputError} codes `unknown-format`, `not-utf8`
 */
export function sniffFormat(head: Uint8Array, name?: string): InputFormat {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, SNIFF_BYTES)).toString("latin1");
  if (start.startsWith("PK\x03\x04")) {
    throw new InputError("unknown-format", "a zip or spreadsheet file can't be read", {
      fix: "save it as CSV (UTF-8)",
    });
  }
  if (start.startsWith("\xff\xfe") || start.startsWith("\xfe\xff")) {
    throw new InputError("not-utf8", "the input is UTF-16", { fix: "save it as UTF-8" });
  }
  if (start.startsWith("PAR1")) return "parquet";
  const extension = name?.toLowerCase().replace(/\.gz$/, "").split(".").at(-1);
  const byName = extension === undefined ? undefined : BY_EXTENSION[extension];
  if (byName !== undefined && byName !== "parquet") return byName;
  return /^(?:\xef\xbb\xbf)?\s*\{/.test(start) ? "ndjson" : "csv";
}
