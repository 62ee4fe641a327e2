// What the token index's WASM module exports. It works in memory that threads share, one instance for each shard's.
export { arrange, compose } from "./arrange";
export { ascend, wipe } from "./ascend";
export { find, tabulate } from "./find";
export { pack } from "./pack";
export { partition } from "./partition";
export { probe } from "./probe";
export { unpack } from "./unpack";
