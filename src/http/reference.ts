/** The API's documentation, made from the table of its routes. */
import type { z } from "zod";
import type { Route } from "./route.js";
import { routes } from "./routes.js";

const HEAD = `# API

Made from the table of routes (\`src/http/routes.ts\`) by \`node scripts/docs.mjs\`; a test holds the two against each other.

Every call but \`/v1/health\` carries \`Authorization: Bearer KEY\` with a key that \`solely key create\` made. Keys have
scopes; a key for \`lists\` is bound to one advertiser, a key for \`contacts\` to one source. Problems are
\`application/problem+json\` (RFC 9457) with \`code\` and \`fix\`; every route can answer 400, 414 or 415 (malformed), 401 (no valid key),
403 (the key lacks the scope), 404 (there is no such thing, or it is not yours), 503 and 507 (the database is away or
its disk is full; nothing acknowledged is lost).

| method | path | scope | what it does |
|---|---|---|---|
`;

/** Markdown, for `docs/api.md`. */
export function apiReference(): string {
  const rows = routes.map(
    ({ method, path, scope, about }) => `| ${method} | \`${path}\` | ${scope ?? "none"} | ${about} |`,
  );
  return `${HEAD}${rows.join("\n")}\n${routes.map(section).join("")}`;
}

function section({ method, path, scope, about, query, headers = {}, body, answers }: Route): string {
  const lines = [`\n## ${method} ${path}\n`, `${about} Scope: ${scope === null ? "none" : `\`${scope}\``}.\n`];
  const asked = [
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => [`\`?${name}=\``, (schema as z.ZodType).description]),
    ...Object.entries(headers).map(([name, about]) => [`\`${name}:\``, about]),
    ...(body === undefined ? [] : [["body", body]]),
  ];
  if (asked.length > 0) lines.push(...asked.map(([name, about]) => `- ${name} ${about}`), "");
  lines.push(...Object.entries(answers).map(([status, what]) => `- **${status}** ${what}`));
  return `${lines.join("\n")}\n`;
}
