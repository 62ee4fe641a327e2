export { LedgerError, type LedgerErrorCode } from "./error.js";
export { factRoot, MAX_FACT_BYTES, MAX_FACTS_PER_LEAF, newSalts, SALT_BYTES } from "./fact-tree.js";
export { KEY_BYTES, KeyTree, padBlocks, padStrings, saltsOf } from "./key-tree.js";
export { decodeLeaf, encodeLeaf, LEAF_BYTES, type Leaf, LeafKind, type LeafKindName, leafKindName } from "./leaf.js";
