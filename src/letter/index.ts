/**
 * Letter: what each person whom an incident affected is told.
 */
export { LetterError, type LetterErrorCode } from "./error.js";
export { type LetterSettings, type TellOptions, type TellRooms, type Told, tell } from "./tell.js";
export { LANGUAGES, LETTERS } from "./texts.js";
