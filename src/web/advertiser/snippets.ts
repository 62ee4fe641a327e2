/** Programs that do what these pages do; with the key in the environment, where it belongs. */

const listsOf = (origin: string, advertiser: string): string =>
  `${origin}/v1/advertisers/${encodeURIComponent(advertiser)}/lists`;

export const curlSnippet = (origin: string, advertiser: string): string => `curl --fail-with-body \\
  --header "Authorization: Bearer $SOLELY_KEY" \\
  --header "Content-Type: text/csv" \\
  --data-binary @customers.csv \\
  "${listsOf(origin, advertiser)}?name=customers"`;

export const typeScriptSnippet = (
  origin: string,
  advertiser: string,
): string => `import { readFile } from "node:fs/promises";

const lists = "${listsOf(origin, advertiser)}";
const answer = await fetch(\`\${lists}?\${new URLSearchParams({ name: "customers" })}\`, {
  method: "POST",
  headers: { authorization: \`Bearer \${process.env.SOLELY_KEY}\`, "content-type": "text/csv" },
  body: await readFile("customers.csv"),
});
const { audience, rows, usable, status } = await answer.json();
console.log(answer.ok, audience, rows, usable, status);`;
