export { startThread } from "./start.js";
