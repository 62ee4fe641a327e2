/**
 * Solely as a library: open a store, take contacts in, match lists, serve audiences.
 *
 * @example
 * const solely = await Solely.open({ data: "./solely-data" });
 * await ingest(solely, { file: "contacts.csv" }, { source: "local", actor: "job" });
 * const { audience } = await match(solely, { file: "list.csv" }, { advertiser: "acme", name: "customers", actor: "job" });
 * await exportToFile(solely, { audience, out: "audience.csv", actor: "job" });
 */
export * from "./instance/index.js";
