/**
 * PostgreSQL's binary COPY format, for tables of a few integers followed by one or more `bytea`.
 *
 * Both ways are streams: bodies are neither joined on the way in nor copied more than once on the way out, and those
 * that come out start at a multiple of 8, ready for typed arrays. Format: the PostgreSQL manual, "COPY", "Binary
 * Format". Not a general codec: no NULLs, no other types, integers of 2, 4 or 8 bytes that are exact in a double.
 */
import { StoreError } from "./failure.js";
import { BODY_LIMIT_BYTES } from "./limits.js";

/** The columns of a table: widths in bytes of its integers, in order, and how many `bytea` come after them. */
export interface Shape {
  readonly widths: readonly (2 | 4 | 8)[];
  readonly bodies: number;
}

/** One row: its integers (as many as there are widths) and its bodies. */
export interface CopyRow {
  readonly numbers: readonly number[];
  readonly bodies: readonly Uint8Array[];
}

// "PGCOPY\n\377\r\n\0", no flags, no extension.
const SIGNATURE = Uint8Array.of(0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0);
/** Small rows are gathered in blocks of this size; larger bodies go out as they are. */
const BLOCK_BYTES = 64 * 1024;
/** A body up to this size is cheaper to copy than to send in a message of its own. */
const SMALL_BODY_BYTES = 8 * 1024;

/** The bytes of a COPY … FROM STDIN (FORMAT binary), in pieces. A body must stay untouched until it has been sent. */
export function* encodeRows({ widths, bodies }: Shape, rows: Iterable<CopyRow>): Generator<Uint8Array> {
  const headBytes = 2 + numberBytes(widths);
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  block.set(SIGNATURE, 0);
  let used = SIGNATURE.length;
  for (const row of rows) {
    if (used + headBytes > BLOCK_BYTES) {
      yield block.subarray(0, used);
      block = Buffer.allocUnsafe(BLOCK_BYTES);
      used = 0;
    }
    used = block.writeInt16BE(widths.length + bodies, used);
    used = writeNumbers(block, used, widths, row.numbers);
    for (const body of row.bodies) {
      if (body.byteLength > BODY_LIMIT_BYTES) {
        throw new StoreError("too-large", `a body of ${body.byteLength} bytes; at most ${BODY_LIMIT_BYTES}`);
      }
      const isSmall = body.byteLength <= SMALL_BODY_BYTES;
      if (used + 4 + (isSmall ? body.byteLength : 0) > BLOCK_BYTES) {
        yield block.subarray(0, used);
        block = Buffer.allocUnsafe(BLOCK_BYTES);
        used = 0;
      }
      used = block.writeInt32BE(body.byteLength, used);
      if (isSmall) {
        block.set(body, used);
        used += body.byteLength;
      } else {
        yield block.subarray(0, used);
        yield body;
        block = Buffer.allocUnsafe(BLOCK_BYTES);
        used = 0;
      }
    }
  }
  if (used + 2 > BLOCK_BYTES) {
    yield block.subarray(0, used);
    block = Buffer.allocUnsafe(2);
    used = 0;
  }
  used = block.writeInt16BE(-1, used);
  yield block.subarray(0, used);
}

function numberBytes(widths: Shape["widths"]): number {
  return widths.reduce((sum: number, width) => sum + 4 + width, 0);
}

function writeNumbers(block: Buffer, start: number, widths: Shape["widths"], numbers: readonly number[]): number {
  let at = start;
  for (let i = 0; i < widths.length; i++) {
    const width = widths[i]!;
    const number = numbers[i]!;
    at = block.writeInt32BE(width, at);
    if (width === 8) {
      const high = Math.floor(number / 2 ** 32);
      at = block.writeInt32BE(high, at);
      at = block.writeUInt32BE(number - high * 2 ** 32, at);
    } else {
      at = width === 4 ? block.writeInt32BE(number, at) : block.writeInt16BE(number, at);
    }
  }
  return at;
}

/**
 * Rows of a COPY … TO STDOUT (FORMAT binary), as they arrive.
 *
 * @throws {StoreError} code `malformed`, also when the stream ends before the format does
 */
export async function* decodeRows(shape: Shape, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<CopyRow> {
  const decoder = new RowDecoder(shape);
  for await (const piece of pieces) {
    yield* decoder.take(piece);
  }
  decoder.end();
}

class RowDecoder {
  readonly #shape: Shape;
  /** Gathers the signature, then each row's integers and its bodies' lengths; bodies never go through it. */
  readonly #head: Buffer;
  readonly #numberBytes: number;
  readonly #room = new BodyRoom();
  #headUsed = 0;
  #headWanted = SIGNATURE.length;
  #phase: "signature" | "fields" | "numbers" | "length" | "body" | "over" = "signature";
  #numbers: number[] = [];
  #bodies: Uint8Array[] = [];
  #body = new Uint8Array(0);
  #bodyUsed = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#numberBytes = numberBytes(shape.widths);
    this.#head = Buffer.alloc(Math.max(SIGNATURE.length, this.#numberBytes));
  }

  *take(piece: Uint8Array): Generator<CopyRow> {
    let at = 0;
    while (at < piece.length) {
      if (this.#phase === "over") throw malformed("bytes behind the end");
      if (this.#phase === "body") {
        const some = Math.min(piece.length - at, this.#body.length - this.#bodyUsed);
        this.#body.set(piece.subarray(at, at + some), this.#bodyUsed);
        this.#bodyUsed += some;
        at += some;
      } else {
        const some = Math.min(piece.length - at, this.#headWanted - this.#headUsed);
        this.#head.set(piece.subarray(at, at + some), this.#headUsed);
        this.#headUsed += some;
        at += some;
        if (this.#headUsed === this.#headWanted) this.#headComplete();
      }
      if (this.#phase === "body" && this.#bodyUsed === this.#body.length) {
        this.#bodies.push(this.#body);
        if (this.#bodies.length < this.#shape.bodies) this.#expect("length", 4);
        else {
          yield { numbers: this.#numbers, bodies: this.#bodies };
          this.#bodies = [];
          this.#expect("fields", 2);
        }
      }
    }
  }

  end(): void {
    if (this.#phase !== "over") throw malformed("ends too early");
  }

  #expect(phase: "fields" | "numbers" | "length", wanted: number): void {
    this.#phase = phase;
    this.#headUsed = 0;
    this.#headWanted = wanted;
  }

  #headComplete(): void {
    const { widths, bodies } = this.#shape;
    switch (this.#phase) {
      case "signature":
        if (!SIGNATURE.every((byte, i) => this.#head[i] === byte)) throw malformed("no signature");
        this.#expect("fields", 2);
        break;
      case "fields": {
        const fields = this.#head.readInt16BE(0);
        if (fields === -1) this.#phase = "over";
        else if (fields === widths.length + bodies) this.#expect("numbers", this.#numberBytes);
        else throw malformed(`a row of ${fields} fields`);
        break;
      }
      case "numbers":
        this.#readNumbers();
        this.#expect("length", 4);
        break;
      default: {
        const bytes = this.#head.readInt32BE(0);
        if (bytes < 0 || bytes > BODY_LIMIT_BYTES) throw malformed(`a body of ${bytes} bytes`);
        this.#body = this.#room.take(bytes);
        this.#bodyUsed = 0;
        this.#phase = "body";
      }
    }
  }

  #readNumbers(): void {
    let at = 0;
    this.#numbers = this.#shape.widths.map((width) => {
      if (this.#head.readInt32BE(at) !== width) throw malformed(`a field that is not of ${width} bytes`);
      const number = readInteger(this.#head, at + 4, width);
      at += 4 + width;
      return number;
    });
  }
}

function readInteger(head: Buffer, at: number, width: 2 | 4 | 8): number {
  if (width === 8) return head.readInt32BE(at) * 2 ** 32 + head.readUInt32BE(at + 4);
  return width === 4 ? head.readInt32BE(at) : head.readInt16BE(at);
}

/** Hands out room for bodies, each from a multiple of 8 on; small ones share a block, so that a leaf costs no buffer. */
class BodyRoom {
  #block = new ArrayBuffer(0);
  #used = 0;

  take(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes > SMALL_BODY_BYTES) return new Uint8Array(new ArrayBuffer(bytes));
    if (this.#used + bytes > this.#block.byteLength) {
      this.#block = new ArrayBuffer(BLOCK_BYTES);
      this.#used = 0;
    }
    const body = new Uint8Array(this.#block, this.#used, bytes);
    this.#used += Math.ceil(bytes / 8) * 8;
    return body;
  }
}

function malformed(what: string): StoreError {
  return new StoreError("malformed", `not a binary COPY stream: ${what}`);
}
