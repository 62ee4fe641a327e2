/**
 * Byte messages one after the other, in memory that grows and is used again: what a batch of normal forms
 * is written to, and what the hash kernel reads. A message is open until `end`; what was written to it
 * before (a prefix) is part of it. A person's values pass through: `wipe` when done with them.
 */
import type { ByteStrings } from "../kernel/index.js";

/** Little, since a request of one row has messages of its own; they grow by doubling. */
const MIN_BYTES = 256;
const MIN_MESSAGES = 16;

export class Messages {
  bytes: Uint8Array = new Uint8Array(MIN_BYTES);
  /** `ends[i]` is where message i ends. */
  ends: Uint32Array = new Uint32Array(MIN_MESSAGES);
  /** `tags[i]` is what `end` was given for message i: for forms, the mask of their schemes. */
  tags: Uint8Array = new Uint8Array(MIN_MESSAGES);
  /** Number of messages that are ended. */
  count = 0;
  /** Bytes in use, those of the open message included. */
  used = 0;

  /** Forgets all messages. Their bytes stay until written over or wiped. */
  clear(): void {
    this.count = 0;
    this.used = 0;
  }

  /** Forgets all messages and overwrites their bytes. */
  wipe(): void {
    this.bytes.fill(0);
    this.clear();
  }

  /** Makes room for so many more bytes and messages. */
  reserve(bytes: number, messages = 1): void {
    if (this.used + bytes > this.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.used + bytes));
      grown.set(this.bytes.subarray(0, this.used));
      this.bytes.fill(0);
      this.bytes = grown;
    }
    if (this.count + messages > this.ends.length) {
      const room = Math.max(2 * this.ends.length, this.count + messages);
      const ends = new Uint32Array(room);
      ends.set(this.ends);
      this.ends = ends;
      const tags = new Uint8Array(room);
      tags.set(this.tags);
      this.tags = tags;
    }
  }

  /** Where the open message starts. */
  get start(): number {
    return this.count === 0 ? 0 : this.ends[this.count - 1]!;
  }

  /** Appends bytes to the open message. */
  append(from: Uint8Array, start = 0, end = from.length): void {
    const length = end - start;
    const isOwn = from === this.bytes;
    this.reserve(length);
    const { bytes, used } = this;
    const source = isOwn ? bytes : from;
    for (let i = 0; i < length; i++) bytes[used + i] = source[start + i]!;
    this.used = used + length;
  }

  /** Appends messages; none may be open. */
  addAll({ bytes, ends, count }: ByteStrings, tags?: Uint8Array): void {
    this.reserve(bytes.length, count);
    const [first, origin] = [this.count, this.used];
    this.bytes.set(bytes, origin);
    for (let i = 0; i < count; i++) this.ends[first + i] = origin + ends[i]!;
    if (tags !== undefined) this.tags.set(tags.subarray(0, count), first);
    this.used = origin + bytes.length;
    this.count = first + count;
  }

  /** Ends the open message. */
  end(tag = 0): void {
    this.reserve(0);
    this.ends[this.count] = this.used;
    this.tags[this.count] = tag;
    this.count++;
  }

  /** Drops the open message, prefix included. */
  rollback(): void {
    this.used = this.start;
  }

  /** The bytes of message i: a view, good until the next write. */
  message(i: number): Uint8Array {
    return this.bytes.subarray(i === 0 ? 0 : this.ends[i - 1]!, this.ends[i]!);
  }
}
