/** Names that people give: to an advertiser, an entity or a list. Nothing here needs a server, so that pages can hold to it, too. */
import { AccessError } from "./error.js";

/** Characters of a name, as UTF-16 counts them. */
export const MAX_NAME = 200;

/**
 * Whether people may give this name to an advertiser, an entity or a list.
 * @throws {AccessError} code `invalid-name`
 */
export function requireName(name: string): void {
  const hasControl = [...name].some((letter) => letter < " " || (letter >= "\u007f" && letter < "\u00a0"));
  if (name.trim() === name && name !== "" && name.length <= MAX_NAME && !hasControl) return;
  throw new AccessError(
    "invalid-name",
    `a name has 1 to ${MAX_NAME} characters, no control characters and no blanks at its ends`,
  );
}
