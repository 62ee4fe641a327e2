// What the kernels' WASM module exports: one file per kernel.
export { numberNames, readTimes } from "./cells";
export { packDigests, readColumn } from "./column";
export { readContacts, writeContacts } from "./contacts";
export { tellLowerCase } from "./email";
export { digestLines, digestLinesEnd } from "./hex";
export { merkleEntries, merkleNodes } from "./merkle";
export { findRows } from "./ndjson";
export { tellPhonePlan } from "./phone";
export { scanRecords } from "./scan";
export { sha256Blocks, sha256Messages, sha256Slots } from "./sha256";
