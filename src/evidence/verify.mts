/**
 * Checks an evidence bundle, with Node's own crypto and nothing else:
 *
 *     node verify.mjs [KEY]        in the bundle's folder; KEY is the log's public key, as it was published
 *
 * It holds every file against the manifest; the checkpoint against its signature (https://c2sp.org/tlog-checkpoint); every leaf
 * against the checkpoint, every fact that is shown against its leaf (RFC 6962, section 2.1), every set against the fact that
 * commits to it; and the assessment's numbers against the sets (https://github.com/RoaringBitmap/RoaringFormatSpec).
 * docs/evidence.md of Solely tells the form, so that one can do the same by hand.
 */
import { createHash, createPublicKey, verify } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";

export const FORMAT = "solely-evidence/1";
const LEAF_BYTES = 42;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Kinds of leaf whose one fact ends with the hashes of sets. */
const LIST = 67;
const CORRECTION = 96;
const INCIDENT = 16;
const OPENING_BRACE = 0x7b;

export interface EvidenceFinding {
  /** File, and the place in it. */
  readonly where: string;
  readonly what: string;
}

export interface VerifiedEvidence {
  readonly isWhole: boolean;
  readonly incident: string;
  readonly people: number;
  readonly contactPoints: number;
  readonly audiences: number;
  /** Leaves of the log that are in the bundle, and of the checkpoint. */
  readonly leaves: number;
  readonly size: number;
  /** Whether the key came with the bundle itself, and so proves only that the bundle fits it. */
  readonly isKeyOfBundle: boolean;
  readonly findings: readonly EvidenceFinding[];
}

/** Checks a bundle; what is wrong with it is a finding, never an exception. */
export function verifyEvidence(folder: string, key?: string): VerifiedEvidence {
  const findings: EvidenceFinding[] = [];
  const found = { incident: "", people: 0, contactPoints: 0, audiences: 0, leaves: 0, size: 0 };
  const check = (where: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      findings.push({ where, what: error instanceof Error ? error.message : String(error) });
    }
  };
  const read = (path: string): Buffer => readFileSync(join(folder, path));

  let manifest: Manifest | undefined;
  check("manifest.json", () => {
    manifest = manifestIn(read("manifest.json").toString("utf8"));
    const there = filesOf(folder).filter((path) => path !== "manifest.json");
    for (const path of there) {
      if (!Object.hasOwn(manifest.files, path)) findings.push({ where: path, what: "is not in the manifest" });
    }
    for (const [path, { bytes, sha256 }] of Object.entries(manifest.files)) {
      check(path, () => {
        require(there.includes(path), "is missing");
        const content = read(path);
        require(content.length === bytes && hex(content) === sha256, "is not what the manifest says");
      });
    }
  });

  let checkpoint: Checkpoint = { size: 0, root: Buffer.alloc(0) };
  check("checkpoint", () => {
    checkpoint = openCheckpoint(read("checkpoint").toString("utf8"), key ?? read("verifier").toString("utf8").trim());
    found.size = checkpoint.size;
  });
  if (key !== undefined) {
    check("verifier", () =>
      require(read("verifier").toString("utf8").trim() === key.trim(), "is not the key that was given"),
    );
  }

  const shown: ShownLeaf[] = [];
  check("leaves.ndjson", () => {
    const lines = read("leaves.ndjson").toString("utf8").split("\n").slice(0, -1);
    for (const [i, line] of lines.entries()) {
      check(`leaves.ndjson:${i + 1}`, () => shown.push(checkLeaf(JSON.parse(line), checkpoint, read)));
    }
    require(shown.every(({ position }, i) => i === 0 || position > shown[i - 1]!.position), "leaves are not in order");
    found.leaves = shown.length;
  });

  check("assessment.json", () => {
    const { assessment, audiences }: Answer = JSON.parse(read("assessment.json").toString("utf8"));
    const { incident, people, contactPoints } = assessment;
    Object.assign(found, { incident, people, contactPoints, audiences: audiences.length });
    if (manifest !== undefined) {
      require(incident === manifest.incident &&
        assessment.asKnownAt === manifest.asKnownAt, "is of another incident than the manifest");
    }
    require(assessment.asKnownAt <= checkpoint.size, "uses facts that the checkpoint does not cover");
    require(shown.some(
      ({ kind, fact }) => kind === INCIDENT && fact?.claim?.id === incident,
    ), "no leaf opens this incident");
    const stretches = new Map<number, number>(JSON.parse(read("stretches.json").toString("utf8")));
    const whole = new Bits();
    for (const audience of audiences) {
      check(`assessment.json: audience ${audience.audience}`, () => {
        const affected = new Bits();
        affected.addRoaring(read(`sets/affected-${audience.audience}.roaring`));
        require(affected.count() ===
          audience.contactPoints, "the set of its affected has not the size that is claimed");
        whole.addBits(affected);
        const lists = shown.filter(
          ({ kind, position, fact }) =>
            kind === LIST && position < assessment.asKnownAt && fact?.audience === audience.audience,
        );
        require(lists.length > 0, "no leaf of a list made it");
        const added = new Bits();
        for (const { position, fact } of lists) {
          require(fact?.advertiser === audience.advertiser, "its leaf names another advertiser");
          added.addRoaring(read(`sets/leaf-${position}-0.roaring`));
        }
        require(lists.some(
          ({ fact }) => fact?.list === audience.list && fact?.name === audience.name,
        ), "its leaf names another list");
        require(affected.isWithin(added, stretches), "somebody is said to be affected whom no list added");
      });
    }
    const everybody = new Bits();
    everybody.addRoaring(read("sets/people.roaring"));
    require(whole.count() ===
      contactPoints, "the sets of the affected do not come to the contact points that are claimed");
    require(everybody.count() === people, "the set of people has not the size that is claimed");
    const distinct = (name: "list" | "advertiser") => new Set(audiences.map((row) => row[name])).size;
    require(audiences.length === assessment.audiences, "the audiences are not as many as claimed");
    require(distinct("list") === assessment.lists, "the lists are not as many as claimed");
    require(distinct("advertiser") === assessment.advertisers, "the advertisers are not as many as claimed");
    const days = Object.values(assessment.byDay).reduce((sum, number) => sum + number, 0);
    require(days === people, "the days do not come to the people that are claimed");
    const times = (name: "firstAt" | "lastAt") => audiences.map((row) => row[name]).sort();
    require((times("firstAt")[0] ?? null) === assessment.firstAt, "nobody was affected first when it is claimed");
    require((times("lastAt").at(-1) ?? null) === assessment.lastAt, "nobody was affected last when it is claimed");
  });
  return { isWhole: findings.length === 0, ...found, isKeyOfBundle: key === undefined, findings };
}

interface Manifest {
  readonly format: string;
  readonly incident: string;
  readonly asKnownAt: number;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

interface Answer {
  readonly assessment: {
    readonly incident: string;
    readonly asKnownAt: number;
    readonly people: number;
    readonly contactPoints: number;
    readonly audiences: number;
    readonly lists: number;
    readonly advertisers: number;
    readonly byDay: Readonly<Record<string, number>>;
    readonly firstAt: string | null;
    readonly lastAt: string | null;
  };
  readonly audiences: readonly {
    readonly audience: string;
    readonly list: string;
    readonly advertiser: string;
    readonly name: string;
    readonly contactPoints: number;
    readonly firstAt: string;
    readonly lastAt: string;
  }[];
}

/** One line of leaves.ndjson; bytes are base64. */
interface LeafLine {
  readonly position: number;
  readonly leaf: string;
  /** Hashes that lead from the leaf to the root. */
  readonly path: readonly string[];
  /** The one fact of the leaf, with its salt, where it is shown. */
  readonly salt?: string;
  readonly fact?: string;
  /** Sets that the fact ends with. */
  readonly sets?: number;
}

interface ShownLeaf {
  readonly position: number;
  readonly kind: number;
  readonly fact: Fact | undefined;
}

/** What is used here of what facts say: of a list, a correction or an incident. */
interface Fact {
  readonly audience?: string;
  readonly advertiser?: string;
  readonly list?: string;
  readonly name?: string;
  readonly audiences?: readonly string[];
  readonly claim?: { readonly id?: string };
}

/** The manifest, written as it should be. */
function manifestIn(text: string): Manifest {
  const manifest: Manifest = canonical(text);
  require(sameNames(manifest, ["format", "incident", "asKnownAt", "files"]), "has other fields than it should");
  require(manifest.format === FORMAT, `is not of the form ${FORMAT}`);
  require(typeof manifest.files === "object" && manifest.files !== null, "names no files");
  for (const [path, file] of Object.entries(manifest.files))
    require(sameNames(file, ["bytes", "sha256"]), `tells of ${path} something else than its bytes and their hash`);
  return manifest;
}

/** A leaf under the checkpoint, the fact under the leaf, the sets under the fact. */
function checkLeaf(line: LeafLine, checkpoint: Checkpoint, read: (path: string) => Buffer): ShownLeaf {
  const leaf = bytesOf(line.leaf);
  require(leaf.length === LEAF_BYTES, "is no leaf");
  const root = rootByInclusion(entryHash(leaf), line.position, checkpoint.size, line.path.map(bytesOf));
  require(root.equals(checkpoint.root), "does not lead to the checkpoint");
  const kind = leaf[1]!;
  if (line.fact === undefined || line.salt === undefined) return { position: line.position, kind, fact: undefined };
  const [salt, fact] = [bytesOf(line.salt), bytesOf(line.fact)];
  require(salt.length === SALT_BYTES, "has no salt of 16 bytes");
  require(entryHash(Buffer.concat([salt, fact])).equals(leaf.subarray(10)), "shows a fact that is not the leaf's");
  const sets = line.sets ?? 0;
  const text = fact.subarray(0, fact.length - sets * HASH_BYTES);
  const parsed: Fact | undefined = text[0] === OPENING_BRACE ? JSON.parse(text.toString("utf8")) : undefined;
  const wanted = kind === LIST ? 2 : kind === CORRECTION ? (parsed?.audiences?.length ?? 0) : 0;
  require(sets === wanted, "does not show its sets");
  for (let i = 0; i < sets; i++) {
    const hash = fact.subarray(text.length + i * HASH_BYTES, text.length + (i + 1) * HASH_BYTES);
    const path = `sets/leaf-${line.position}-${i}.roaring`;
    require(sha256(read(path)).equals(hash), `${path} is not the set that the leaf commits to`);
  }
  return { position: line.position, kind, fact: parsed };
}

interface Checkpoint {
  readonly size: number;
  readonly root: Buffer;
}

/** A checkpoint whose note the key has signed. */
function openCheckpoint(note: string, key: string): Checkpoint {
  const [name, , ...rest] = key.split("+");
  const keyBytes = bytesOf(rest.join("+"));
  const keyId = sha256(Buffer.concat([Buffer.from(`${name}\n`), keyBytes])).subarray(0, 4);
  require(keyBytes.length === 33 && keyBytes[0] === 1, "the key is no Ed25519 key of a log");
  require(key ===
    `${name}+${keyId.toString("hex")}+${keyBytes.toString("base64")}`, "the key is not written as keys are");
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), keyBytes.subarray(1)]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  const isSigned = note
    .slice(end + 2)
    .split("\n")
    .filter((line) => line.startsWith(`— ${name} `))
    .map((line) => bytesOf(line.slice(`— ${name} `.length)))
    .some(
      (signature) =>
        signature.subarray(0, 4).equals(keyId) && verify(null, Buffer.from(text), publicKey, signature.subarray(4)),
    );
  require(isSigned, "is not signed by the key");
  const [origin, size, root] = text.split("\n");
  require(origin === name, "is of another log than the key");
  require(/^(?:0|[1-9]\d*)$/.test(size!), "has no size");
  return { size: Number(size), root: bytesOf(root!) };
}

/** The root that a leaf's path leads to (RFC 9162, section 2.1.3.2). */
function rootByInclusion(leafHash: Buffer, position: number, size: number, path: readonly Buffer[]): Buffer {
  require(Number.isSafeInteger(position) && position >= 0 && position < size, "lies outside the log");
  let [at, last, hash] = [position, size - 1, leafHash];
  for (const sibling of path) {
    require(last > 0, "has a path that is too long");
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      for (; at % 2 === 0 && at > 0; at /= 2) last = Math.floor(last / 2);
    } else hash = nodeHash(hash, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  require(last === 0, "has a path that is too short");
  return hash;
}

/** A set of numbers below 2^32, as the bits of blocks of 2^16. */
class Bits {
  readonly #blocks = new Map<number, Uint8Array>();

  #block(key: number): Uint8Array {
    const block = this.#blocks.get(key) ?? new Uint8Array(8192);
    this.#blocks.set(key, block);
    return block;
  }

  has(number: number): boolean {
    return ((this.#blocks.get(number >>> 16)?.[(number & 0xffff) >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  addBits(other: Bits): void {
    for (const [key, bits] of other.#blocks) {
      const block = this.#block(key);
      for (let i = 0; i < bits.length; i++) block[i]! |= bits[i]!;
    }
  }

  count(): number {
    let count = 0;
    for (const block of this.#blocks.values()) for (let byte of block) for (; byte > 0; byte &= byte - 1) count++;
    return count;
  }

  /** Whether all are in a set of ordinals, each by itself or by a later ordinal of it. */
  isWithin(ordinals: Bits, numberOf: ReadonlyMap<number, number>): boolean {
    const numbers = new Bits();
    numbers.addBits(ordinals);
    for (const [ordinal, number] of numberOf) if (ordinals.has(ordinal)) numbers.#add(number);
    for (const [key, bits] of this.#blocks) {
      const block = numbers.#blocks.get(key);
      for (let i = 0; i < bits.length; i++) if ((bits[i]! & ~(block?.[i] ?? 0)) !== 0) return false;
    }
    return true;
  }

  #add(number: number): void {
    this.#block(number >>> 16)[(number & 0xffff) >> 3]! |= 1 << (number & 7);
  }

  /** Reads the 64-bit form: a count of buckets, then for each its high half and a 32-bit bitmap. */
  addRoaring(bytes: Buffer): void {
    let at = 8;
    const u16 = (): number => bytes.readUInt16LE((at += 2) - 2);
    const u32 = (): number => bytes.readUInt32LE((at += 4) - 4);
    for (let bucket = bytes.readBigUInt64LE(0); bucket > 0n; bucket--) {
      require(u32() === 0, "is a set of more than one shard");
      const cookie = u32();
      const hasRuns = (cookie & 0xffff) === 12347;
      require(hasRuns || cookie === 12346, "is no roaring bitmap");
      const size = hasRuns ? (cookie >>> 16) + 1 : u32();
      const runs = bytes.subarray(at, (at += hasRuns ? Math.ceil(size / 8) : 0));
      const heads = Array.from({ length: size }, () => ({ key: u16(), count: u16() + 1 }));
      if (!hasRuns || size >= 4) at += 4 * size; // where each container begins: they follow one another
      heads.forEach(({ key, count }, i) => {
        const base = key * 0x10000;
        if (((runs[i >> 3] ?? 0) & (1 << (i & 7))) !== 0) {
          for (let left = u16(); left > 0; left--) {
            const [start, more] = [u16(), u16()];
            for (let low = start; low <= start + more; low++) this.#add(base + low);
          }
        } else if (count <= 4096) for (let left = count; left > 0; left--) this.#add(base + u16());
        else {
          const block = this.#block(key);
          for (const [i, byte] of bytes.subarray(at, (at += 8192)).entries()) block[i]! |= byte;
        }
      });
    }
    require(at === bytes.length, "goes on after its end");
  }
}

/** Files of a folder and the folders in it; anything else than a file has no place there. */
function filesOf(folder: string, inside = ""): string[] {
  return readdirSync(join(folder, inside)).flatMap((name) => {
    const path = inside === "" ? name : `${inside}/${name}`;
    return lstatSync(join(folder, path)).isDirectory() ? filesOf(folder, path) : [path];
  });
}

/** JSON in the one way in which it is written here. */
function canonical<T>(text: string): T {
  const value: T = JSON.parse(text);
  require(`${JSON.stringify(value, null, 2)}\n` === text, "is not written as it should be");
  return value;
}

const sameNames = (value: object | null, names: readonly string[]): boolean =>
  Object.keys(value ?? {}).join() === names.join();

function require(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(otherwise);
}

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
const hex = (bytes: Uint8Array): string => sha256(bytes).toString("hex");
const entryHash = (entry: Uint8Array): Buffer => sha256(Buffer.concat([Buffer.of(0), entry]));
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.concat([Buffer.of(1), left, right]));
const bytesOf = (base64: string): Buffer => Buffer.from(base64, "base64");

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { findings, ...verified } = verifyEvidence(dirname(argv[1]), argv[2]);
  for (const { where, what } of findings) console.log(`${where}: ${what}`);
  console.log(JSON.stringify(verified));
  if (verified.isKeyOfBundle) console.log("the key came with the bundle: compare it with the one that was published");
  exit(verified.isWhole ? 0 : 1);
}
