/**
 * Paging: memory that is seldom looked at lies in files, and the system holds of it what is in use.
 */
export { Paging, type PagingOptions, SETTLE_EVERY } from "./paging.js";
