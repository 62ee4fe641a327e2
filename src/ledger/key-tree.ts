/**
 * Key tree: one 16-byte key for each of many items, all grown from one root, any of which can be destroyed alone.
 *
 * The tree PRF of Goldreich, Goldwasser and Micali (J. ACM 33(4), 1986), punctured (Boneh, Waters, ASIACRYPT 2013):
 * a key's two children are AES of it under two fixed public keys, XOR itself. What is kept is the root, or, once
 * items were destroyed, the topmost nodes that have none of them below: for one item of n, log2 n nodes. So what
 * makes a fact erasable costs 36 bytes a batch, and erasing it rewrites some hundred bytes, never the batch.
 *
 * An item's salt and pads are one-way values of its key: showing a salt in a proof tells nothing of the pads.
 * It hides and destroys; it does not authenticate (the facts' tree does).
 */
import { createCipheriv, randomBytes } from "node:crypto";
import { lowerBound, Scratch } from "../column/index.js";
import { LedgerError } from "./error.js";

export const KEY_BYTES = 16;
/** Items of one tree. */
export const MAX_KEYS = 1 << 26;

/** A kept node: `level` steps below the root, `index` from the left. */
interface Node {
  readonly level: number;
  readonly index: number;
  readonly key: Uint8Array;
}

const WORDS = KEY_BYTES / 4;
const HEAD_BYTES = 8;
const NODE_BYTES = 8 + KEY_BYTES;

export class KeyTree {
  /** Items, destroyed ones included. */
  readonly count: number;
  readonly #nodes: readonly Node[];

  private constructor(count: number, nodes: readonly Node[]) {
    this.count = count;
    this.#nodes = nodes;
  }

  /** @throws {LedgerError} code `too-many-facts` */
  static fresh(count: number): KeyTree {
    if (count > MAX_KEYS) throw new LedgerError("too-many-facts", `a key tree has at most ${MAX_KEYS} items`);
    return new KeyTree(count, count === 0 ? [] : [{ level: 0, index: 0, key: randomBytes(KEY_BYTES) }]);
  }

  /**
   * Bytes of one or more trees: each as u32 items, u32 nodes, and for each node u32 level, u32 index and its key;
   * little-endian.
   */
  static encode(trees: readonly KeyTree[]): Uint8Array {
    const bytes = Buffer.alloc(trees.reduce((sum, tree) => sum + HEAD_BYTES + tree.#nodes.length * NODE_BYTES, 0));
    let at = 0;
    for (const tree of trees) {
      at = bytes.writeUInt32LE(tree.count, at);
      at = bytes.writeUInt32LE(tree.#nodes.length, at);
      for (const { level, index, key } of tree.#nodes) {
        at = bytes.writeUInt32LE(level, at);
        at = bytes.writeUInt32LE(index, at);
        bytes.set(key, at);
        at += KEY_BYTES;
      }
    }
    return bytes;
  }

  /** @throws {LedgerError} code `malformed-keys` */
  static decode(bytes: Uint8Array): KeyTree[] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const trees: KeyTree[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (at + HEAD_BYTES > bytes.length) throw malformed();
      const count = view.getUint32(at, true);
      const nodeCount = view.getUint32(at + 4, true);
      at += HEAD_BYTES;
      if (count > MAX_KEYS || nodeCount > (bytes.length - at) / NODE_BYTES) throw malformed();
      const depth = depthOf(count);
      const nodes: Node[] = [];
      for (let n = 0; n < nodeCount; n++, at += NODE_BYTES) {
        const [level, index] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
        if (level > depth || index >= 2 ** level) throw malformed();
        nodes.push({ level, index, key: bytes.slice(at + 8, at + NODE_BYTES) });
      }
      trees.push(new KeyTree(count, nodes));
    }
    return trees;
  }

  /** The items' keys, 16 bytes each, and for each item 1 if its key was destroyed (then it is zero here). */
  keys(): { keys: Uint8Array; destroyed: Uint8Array } {
    const depth = depthOf(this.count);
    const [root] = this.#nodes;
    if (root?.level === 0) return { keys: grow(root.key, depth, this.count), destroyed: new Uint8Array(this.count) };
    const keys = new Uint8Array(this.count * KEY_BYTES);
    const destroyed = new Uint8Array(this.count).fill(1);
    for (const { level, index, key } of this.#nodes) {
      const first = index * 2 ** (depth - level);
      const size = Math.min(this.count - first, 2 ** (depth - level));
      if (size <= 0) continue;
      keys.set(grow(key, depth - level, size), first * KEY_BYTES);
      destroyed.fill(0, first, first + size);
    }
    return { keys, destroyed };
  }

  /** The keys of some items alone, in their order: of each only the way from its kept node is walked. */
  keysAt(items: Uint32Array): { keys: Uint8Array; destroyed: Uint8Array } {
    const keys = new Uint8Array(items.length * KEY_BYTES);
    const destroyed = new Uint8Array(items.length).fill(1);
    const depth = depthOf(this.count);
    items.forEach((item, i) => {
      const node = this.#nodes.find(({ level, index }) => Math.floor(item / 2 ** (depth - level)) === index);
      if (node === undefined) return;
      let key = words(node.key);
      for (let below = depth - node.level - 1; below >= 0; below--) {
        key = oneWay(Math.floor(item / 2 ** below) % 2 === 0 ? LEFT : RIGHT, key);
      }
      keys.set(new Uint8Array(key.buffer, key.byteOffset, KEY_BYTES), i * KEY_BYTES);
      destroyed[i] = 0;
    });
    return { keys, destroyed };
  }

  /** A tree that lacks the keys of these items; nothing that it keeps leads back to them. */
  puncture(items: Iterable<number>): KeyTree {
    const depth = depthOf(this.count);
    const gone = [...new Set(items)].sort((a, b) => a - b);
    if (gone.some((item) => !Number.isInteger(item) || item < 0 || item >= this.count)) {
      throw new LedgerError("malformed-keys", "the tree has no such item");
    }
    const kept: Node[] = [];
    const cut = (node: Node, from: number, to: number): void => {
      if (from === to) kept.push(node);
      else if (node.level < depth) {
        const children = grow(node.key, 1, 2);
        const middle = (2 * node.index + 1) * 2 ** (depth - node.level - 1);
        let split = from;
        while (split < to && gone[split]! < middle) split++;
        const child = (side: 0 | 1): Node => ({
          level: node.level + 1,
          index: 2 * node.index + side,
          key: children.slice(side * KEY_BYTES, (side + 1) * KEY_BYTES),
        });
        cut(child(0), from, split);
        if (middle < this.count) cut(child(1), split, to);
      }
    };
    for (const node of this.#nodes) {
      const first = node.index * 2 ** (depth - node.level);
      const end = first + 2 ** (depth - node.level);
      cut(node, lowerBound(gone, first), lowerBound(gone, end));
    }
    return new KeyTree(this.count, kept);
  }
}

/** Steps from the root to the items. */
function depthOf(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

/** A level of keys, and the one above it. */
const LEVELS = [new Scratch(Uint32Array), new Scratch(Uint32Array)] as const;

/** The first `count` keys `steps` levels below `key`. */
function grow(key: Uint8Array, steps: number, count: number): Uint8Array {
  let level = words(new Uint8Array(key));
  for (let step = 1; step <= steps; step++) {
    const parents = Math.ceil(count / 2 ** (steps - step + 1));
    const left = aes(LEFT, level.subarray(0, parents * WORDS));
    const right = aes(RIGHT, level.subarray(0, parents * WORDS));
    const next = step === steps ? new Uint32Array(2 * parents * WORDS) : LEVELS[step % 2]!.of(2 * parents * WORDS);
    for (let from = 0, to = 0; from < parents * WORDS; from += WORDS, to += 2 * WORDS) {
      for (let word = 0; word < WORDS; word++) {
        const own = level[from + word]!;
        next[to + word] = left[from + word]! ^ own;
        next[to + WORDS + word] = right[from + word]! ^ own;
      }
    }
    level = next;
  }
  return bytesOf(level).subarray(0, count * KEY_BYTES);
}

/** Public keys of the four one-way functions; arbitrary, kept for good. */
const LEFT = "solely tree left";
const RIGHT = "solely treeright";
const SALT = "solely fact salt";
const PAD = "solely value pad";

/** AES of each block XOR the block (Matyas, Meyer, Oseas 1985): one-way though its key is public. */
function oneWay(publicKey: string, blocks: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = aes(publicKey, blocks);
  for (let i = 0; i < out.length; i++) out[i]! ^= blocks[i]!;
  return out;
}

/** AES of each block alone, in memory of its own. */
function aes(publicKey: string, blocks: Uint32Array): Uint32Array<ArrayBuffer> {
  const cipher = createCipheriv("aes-128-ecb", publicKey, null).setAutoPadding(false);
  return words(cipher.update(new Uint8Array(blocks.buffer, blocks.byteOffset, blocks.byteLength)));
}

/** The salts of facts, 16 bytes each, from their keys. */
export function saltsOf(keys: Uint8Array): Uint8Array {
  return bytesOf(oneWay(SALT, words(keys)));
}

/** Hides or shows values of 16 bytes: each is XORed, in place, with the pad of the key at the same place. */
export function padBlocks(keys: Uint8Array, blocks: Uint8Array): void {
  const pads = oneWay(PAD, words(keys));
  const aligned = words(blocks);
  for (let i = 0; i < aligned.length; i++) aligned[i]! ^= pads[i]!;
  if (aligned.buffer !== blocks.buffer) blocks.set(new Uint8Array(aligned.buffer));
}

const STRING_BLOCKS = new Scratch(Uint32Array);

/** Hides or shows byte strings of any length, in place: string i ends at `ends[i]`, its key is the i-th. */
export function padStrings(keys: Uint8Array, bytes: Uint8Array, ends: Uint32Array): void {
  const keyWords = words(keys);
  let blockCount = 0;
  for (let i = 0, start = 0; i < ends.length; start = ends[i]!, i++)
    blockCount += Math.ceil((ends[i]! - start) / KEY_BYTES);
  const blocks = STRING_BLOCKS.of(blockCount * WORDS);
  for (let i = 0, start = 0, to = 0; i < ends.length; start = ends[i]!, i++) {
    for (let block = 0; block * KEY_BYTES < ends[i]! - start; block++, to += WORDS) {
      for (let word = 0; word < WORDS; word++) blocks[to + word] = keyWords[i * WORDS + word]!;
      blocks[to + WORDS - 1]! ^= block;
    }
  }
  const pads = bytesOf(oneWay(PAD, blocks));
  for (let i = 0, at = 0, block = 0; i < ends.length; i++) {
    const from = block * KEY_BYTES - at;
    for (; at < ends[i]!; at++) bytes[at]! ^= pads[from + at]!;
    block = Math.ceil((from + at) / KEY_BYTES);
  }
}

/** The same memory as words; a copy where it does not begin at one. */
function words(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / 4);
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function malformed(): LedgerError {
  return new LedgerError("malformed-keys", "these bytes are no key trees");
}
