/** The first step of an audit: questions on paper, about a schema if there is one. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import {
  AuditError,
  askAbout,
  markdownOf,
  pageOf,
  readSchema,
  readSchemaFrom,
  type SchemaTable,
} from "../audit/index.js";
import { define } from "./define.js";
import { CliError } from "./error.js";
import { counted } from "./terminal.js";

interface QuestionsOptions {
  readonly schema?: string;
  readonly from?: string;
  readonly out?: string;
  readonly mapOut?: string;
}

export function addAuditQuestions(audit: Command): void {
  define<QuestionsOptions>(audit, {
    usage: "questions",
    about: "A checklist to print: which tables hold contacts, which surfaces feed them, which jobs read them.",
    example: "solely audit questions --out questions.html --map-out audit.yaml",
    options: (command) =>
      command
        .option("--schema <file>", "columns of a database: CSV of its information_schema.columns")
        .option("--from <url>", "postgres://…: ask a database for its columns, read-only")
        .option("--out <file>", "a page (.html) or Markdown (.md); default: Markdown on stdout")
        .option("--map-out <file>", "write the skeleton of audit.yaml here"),
    async work({ terminal }, _, { schema, from, out, mapOut }) {
      const form = /\.(html|md)$/.exec(out ?? ".md")?.[1];
      if (form === undefined)
        throw new CliError("usage", "questions are a page or Markdown", "give --out FILE.html or FILE.md");
      if (schema !== undefined && from !== undefined)
        throw new CliError("usage", "a schema comes from a file or from a database", "give --schema or --from");
      const tables: SchemaTable[] =
        from !== undefined
          ? await readSchemaFrom(from)
          : schema === undefined
            ? []
            : await readSchema(resolve(schema), (warning) => terminal.warn(warning));
      const questions = askAbout(tables, from === undefined ? "files" : "sql");
      const text = form === "html" ? pageOf(questions.document) : markdownOf(questions.document);
      const file = out === undefined ? null : resolve(out);
      const mapFile = mapOut === undefined ? null : resolve(mapOut);
      if (file !== null) await written(file, text);
      if (mapFile !== null) await written(mapFile, questions.map);
      const guesses = questions.guesses.map(({ table, ...guess }) => ({
        schema: table.schema,
        table: table.name,
        ...guess,
      }));
      terminal.result({ tables: guesses.length, file, mapFile, guesses }, () =>
        file === null
          ? [text.trimEnd()]
          : [
              `${counted(guesses.length, "table")}: ${file}`,
              ...(mapFile === null ? [] : [`answer what it asks, then run solely audit: ${mapFile}`]),
            ],
      );
    },
  });
}

async function written(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 }).catch(() => {
    throw new AuditError("unwritable-file", `${file} can't be written`, "check its folder and permissions");
  });
}
