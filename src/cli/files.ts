/** Files that a person names: read, with what is wrong told as theirs. */
import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { CliError } from "./error.js";

/** @throws {CliError} code `usage` */
export async function textIn(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new CliError("usage", `${file} can't be read`, "check its name and permissions");
  }
}

/**
 * The one document of a YAML file.
 * @param malformed what to throw, told what is wrong and where
 * @throws {CliError} code `usage`
 */
export async function yamlIn(file: string, malformed: (what: string) => Error): Promise<unknown> {
  const document = parseDocument(await textIn(file));
  const [error] = document.errors;
  if (error !== undefined) throw malformed(`${file}: ${error.message.split("\n")[0]}`);
  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause) {
    throw malformed(`${file}: ${(cause as Error).message}`);
  }
  try {
    // A value that holds itself can't be told to a server.
    JSON.stringify(value);
  } catch {
    throw malformed(`${file}: an alias stands within what it names`);
  }
  return value;
}
