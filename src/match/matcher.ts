/**
 * The one gate's hands: every list, whatever its origin, is matched by `match` here, under a permit.
 *
 * The work is done in a worker that holds the ads key alone; requests are answered in order. What comes back
 * is intersected with the permit's ordinals, so that either layer alone keeps what was never permitted out.
 */
import { Worker } from "node:worker_threads";
import { type Permit, requirePermit } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import { adsKeyName, type KeyFolder, type KeyHistory } from "../token/index.js";
import { MatchError } from "./error.js";
import type { Answers, Envelope, KeyFile, MatcherStart, Op, Reply, Request, Sections } from "./protocol.js";

/** Digests as a list's reader gives them: 16 bytes each, and the bits of the kinds that each may be of. */
export interface Digests {
  readonly digest: Uint8Array;
  readonly kinds: Uint8Array;
}

/** Digests that may become tokens, column by column: kind's code, ordinal, schemes whose form it is. */
export interface ToTokenise {
  readonly digests: Uint8Array;
  readonly kinds: Uint8Array;
  readonly ordinals: Uint32Array;
  readonly schemes: Uint8Array;
}

export class Matcher {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(answer: Answers[Op]): void; reject(error: Error): void }>();
  #lastId = 0;
  #stopped: MatchError | undefined;

  #epoch: number;
  #isRotating = false;

  private constructor(start: MatcherStart, epoch: number) {
    this.#epoch = epoch;
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), {
      workerData: start,
      env: {},
      execArgv: [],
      name: "solely-matcher",
    });
    this.#worker.on("message", (reply: Reply) => this.#take(reply));
    this.#worker.on("error", (cause) =>
      this.#stop(new MatchError("matcher-failed", `the matcher stopped: ${cause}`, { cause })),
    );
    this.#worker.on("exit", () => this.#stop(new MatchError("matcher-stopped", "the matcher has stopped")));
  }

  /**
   * Starts the worker with the ads key in force; after a rotation that was cut off, with the next one, and it is told
   * the old one.
   * @throws {MatchError} code `matcher-failed` when the key is missing or wrong
   */
  static async start(keys: KeyFolder, history: KeyHistory): Promise<Matcher> {
    const { epoch, rotation } = history;
    const keyOf = (n: number): KeyFile => {
      const keyName = adsKeyName(n);
      return { keyFile: keys.file(keyName), keyName, keyCheck: history.check(keyName) ?? "" };
    };
    const own = rotation?.to ?? epoch;
    const matcher = new Matcher(
      { ...keyOf(own), previous: rotation === undefined ? undefined : keyOf(rotation.from) },
      own,
    );
    await new Promise<void>((resolve, reject) => {
      matcher.#waiting.set(0, { resolve: () => resolve(), reject });
    });
    matcher.#worker.unref();
    return matcher;
  }

  /** Epoch of the key that tokens are made with. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Sees to it that one rotation at a time is under way in this process.
   * @throws {MatchError} code `rotation-under-way`
   */
  claimRotation(): void {
    if (this.#isRotating) throw new MatchError("rotation-under-way", "a rotation is under way");
    this.#isRotating = true;
  }

  releaseRotation(): void {
    this.#isRotating = false;
  }

  /**
   * The contact points that a list's digests reach, and that the permit lets be used.
   * @param schemes mask of the schemes whose forms count
   */
  async match(permit: Permit<"ads.match">, digests: Digests, schemes: number): Promise<OrdinalSet> {
    requirePermit(permit, "ads.match");
    const reached = await this.#ask({ op: "match", digests: digests.digest, kinds: digests.kinds, schemes }, [
      digests.digest.buffer,
      digests.kinds.buffer,
    ]);
    const matched = OrdinalSet.from(reached);
    matched.keepSet(permit.ordinals);
    return matched;
  }

  /** Tokens of digests that the gate has let through, and the tag that each ordinal has each under already. */
  tokenise({ digests, kinds, ordinals, schemes }: ToTokenise): Promise<{ tokens: Uint8Array; known: Uint8Array }> {
    return this.#ask({ op: "tokenise", digests, kinds, ordinals, schemes }, []);
  }

  async insert(columns: {
    tokens: Uint8Array;
    ordinals: Uint32Array;
    marks: Uint8Array;
    kinds: Uint8Array;
    isPrevious?: boolean;
    isRebuild?: boolean;
  }): Promise<void> {
    if (columns.ordinals.length > 0) await this.#change({ op: "insert", ...columns });
  }

  /** @param tags bits of the tags to take out, for each ordinal */
  async drop(ordinals: Uint32Array, tags: Uint16Array): Promise<void> {
    if (ordinals.length > 0) await this.#change({ op: "drop", ordinals, tags });
  }

  /** Tokens in the live index. */
  size(): Promise<number> {
    return this.#ask({ op: "size" }, []);
  }

  /** Ordinals that have a token in the live index. */
  ordinals(): Promise<Uint32Array> {
    return this.#ask({ op: "ordinals" }, []);
  }

  sections(): Promise<Sections> {
    return this.#ask({ op: "sections" }, []);
  }

  async restore(sections: Sections): Promise<void> {
    await this.#ask({ op: "restore", ...sections }, []);
  }

  /** From now on, the index of the next key is built beside the live one. */
  async beginRotation(key: KeyFile): Promise<void> {
    await this.#ask({ op: "rotate-begin", ...key }, []);
  }

  /** Stored tokens of the old key, as tokens of the new one. */
  rekey(tokens: Uint8Array): Promise<Uint8Array> {
    return this.#ask({ op: "rekey", tokens }, []);
  }

  /** The index of the next key becomes the live one, and the old key is forgotten. */
  async endRotation(epoch: number): Promise<void> {
    await this.#ask({ op: "rotate-end" }, []);
    this.#epoch = epoch;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** An index that could not take a durable change is used no more: better no answer than a short one. */
  async #change(request: Extract<Request, { op: "insert" | "drop" }>): Promise<void> {
    try {
      await this.#ask(request, []);
    } catch (error) {
      this.#stop(error instanceof MatchError ? error : new MatchError("matcher-failed", String(error)));
      throw error;
    }
  }

  #ask<R extends Request>(request: R, transfer: ArrayBufferLike[]): Promise<Answers[R["op"]]> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const id = ++this.#lastId;
    const envelope: Envelope = { id, request };
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as Answers[R["op"]]), reject });
      this.#worker.postMessage(envelope, transfer.filter(isOwnMemory));
    });
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("answer" in reply) waiting?.resolve(reply.answer);
    else waiting?.reject(new MatchError("matcher-failed", `${reply.failure.name}: ${reply.failure.message}`));
  }

  #stop(error: MatchError): void {
    this.#stopped ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#stopped);
    this.#waiting.clear();
  }
}

const isOwnMemory = (buffer: ArrayBufferLike): buffer is ArrayBuffer =>
  buffer instanceof ArrayBuffer && buffer.byteLength > 0;
