// What the kernels' WASM module exports: one file per kernel.
export { sha256Messages } from "./sha256";
