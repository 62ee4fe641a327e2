export { type Checkpoint, formatCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.js";
export { LedgerError, type LedgerErrorCode } from "./error.js";
export {
  entryHashes,
  entryPath,
  factRoot,
  MAX_FACT_BYTES,
  MAX_FACTS_PER_LEAF,
  newSalts,
  SALT_BYTES,
  treeRoot,
} from "./fact-tree.js";
export { KEY_BYTES, KeyTree, padBlocks, padStrings, saltsOf } from "./key-tree.js";
export { decodeLeaf, encodeLeaf, LEAF_BYTES, type Leaf, LeafKind, type LeafKindName, leafKindName } from "./leaf.js";
export {
  type BatchRows,
  batchFacts,
  columnFacts,
  countFacts,
  destroyedFacts,
  type FactGroup,
  factHashes,
  factOf,
  type LeafFacts,
  leafRoot,
  nameFacts,
  singleFact,
  type TreeKeys,
} from "./leaf-facts.js";
export {
  emptyRoot,
  HASH_BYTES,
  isConsistent,
  leafHash,
  nodeHash,
  rootByInclusion,
  rootOf,
  TILE_WIDTH,
  type TilePlace,
  type TileReader,
  TreeReader,
  tilesOf,
} from "./log-tree.js";
export {
  formatNote,
  formatVerifier,
  type Note,
  type NoteSignature,
  parseNote,
  parseVerifier,
  SIGNATURE_TYPE,
  type Signer,
  signerOf,
  signNote,
  type Verifier,
  verifiedBy,
} from "./note.js";
export { decodeEntries, encodeEntries, parseTilePath, type TileLevel, tilePath } from "./tile-path.js";
export { type Tile, TreeEdge } from "./tree-edge.js";
