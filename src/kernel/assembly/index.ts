// What the kernels' WASM module exports: one file per kernel.
export { digestLines, digestLinesEnd } from "./hex";
export { merkleEntries, merkleNodes } from "./merkle";
export { scanRecords } from "./scan";
export { sha256Messages } from "./sha256";
