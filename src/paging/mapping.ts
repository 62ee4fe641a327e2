/**
 * Mapping a file to where memory of ours lies, by the system's `mmap` (POSIX.1-2017). The runtime has no call for it.
 *
 * Whoever holds an array over that memory goes on as before: its bytes are those of the file, in every thread, and come from
 * there when the system has let go of them. When the runtime frees the memory, the mapping goes with it.
 */
import { createRequire } from "node:module";
import type Koffi from "koffi";

/** Of Linux; elsewhere nothing is mapped. */
const [PROT_READ, PROT_WRITE, MAP_SHARED, MAP_FIXED] = [1, 2, 1, 0x10];

interface System {
  /** Bytes of a page. */
  readonly page: number;
  addressOf(bytes: Uint8Array): bigint;
  /** @returns where the file is mapped now */
  map(bytes: Uint8Array | null, length: number, flags: number, file: number, offset: number): bigint;
  unmap(address: bigint, length: number): number;
}

/** What `mmap` says of a failure: (void *) -1. */
const FAILED = 2n ** 64n - 1n;

let loaded: System | undefined;

/** @throws {Error} where the system can't be called */
function system(): System {
  if (loaded !== undefined) return loaded;
  if (process.platform !== "linux") throw new Error(`memory is not kept in files on ${process.platform}`);
  // Few need it, and it takes a while.
  const koffi = createRequire(import.meta.url)("koffi") as typeof Koffi;
  const library = koffi.load(null);
  const mmap = library.func("void *mmap(void *, size_t, int, int, int, int64_t)");
  const unmap = library.func("int munmap(void *, size_t)");
  const page: number = library.func("int getpagesize()")();
  const addressOf = (bytes: Uint8Array): bigint => koffi.address(bytes);
  const map: System["map"] = (bytes, length, flags, file, offset) =>
    koffi.address(mmap(bytes, length, PROT_READ | PROT_WRITE, flags, file, offset));
  return (loaded = { page, addressOf, map, unmap });
}

/** Bytes of a page. */
export const pageBytes = (): number => system().page;

/** Bytes of a buffer before its first page begins. */
export function beforePages(buffer: ArrayBufferLike): number {
  const { page, addressOf } = system();
  const into = Number(addressOf(new Uint8Array(buffer, 0, 1)) % BigInt(page));
  return into === 0 ? 0 : page - into;
}

/** Whether the file system maps a file. To be asked first: where it does not, `mapFile` may give the memory up and then fail. */
export function isMappable(file: number): boolean {
  const { page, map, unmap } = system();
  const address = map(null, page, MAP_SHARED, file, 0);
  return address !== FAILED && unmap(address, page) === 0;
}

/**
 * Puts a file in place of some memory; what the memory held is gone.
 * @param bytes whole pages, from the beginning of one
 * @param offset of the file, a multiple of a page
 * @returns whether it is in place; else the memory is what it was, if the file is mappable
 */
export function mapFile(bytes: Uint8Array, file: number, offset: number): boolean {
  const { addressOf, map } = system();
  return map(bytes, bytes.byteLength, MAP_SHARED | MAP_FIXED, file, offset) === addressOf(bytes);
}
