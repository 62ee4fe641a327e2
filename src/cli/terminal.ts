/**
 * Terminal: what a person or a script sees. Results go to stdout (with `--json` as one object, and nothing else there);
 * warnings, reasons and progress go to stderr, progress only where that is a terminal.
 */
import { SingleBar } from "cli-progress";
import type { Problem } from "../command/index.js";
import { HIDING_CHARACTERS } from "../purpose/index.js";

/** Shorter work shows no progress. */
const PROGRESS_AFTER_MS = 500;
const WIDTH = 100;

export class Terminal {
  readonly isJson: boolean;
  #progress: Progress | undefined;

  constructor(isJson: boolean) {
    this.isJson = isJson;
  }

  /** The result of a command: the object for a program, the lines for a person. */
  result(result: object, lines: () => readonly string[]): void {
    this.#progress?.end();
    const text = this.isJson ? JSON.stringify(result) : printable(lines().join("\n"));
    if (text !== "") process.stdout.write(`${text}\n`);
  }

  /** Something for a person beside the result. */
  say(line: string): void {
    if (!this.isJson) process.stdout.write(`${printable(line)}\n`);
  }

  warn(warning: string): void {
    this.#progress?.end();
    process.stderr.write(`warning: ${printable(warning)}\n`);
  }

  /** Why a command is not done. */
  reason(reason: string, fix?: string): void {
    this.#progress?.end();
    process.stderr.write(`${printable(reason)}\n${fix ? `  ${printable(fix)}\n` : ""}`);
  }

  /** A command that failed: the reason, and with `--json` the problem as an object. */
  problem(problem: Problem): void {
    this.reason(`error: ${problem.message}`, problem.fix);
    if (this.isJson) process.stdout.write(`${JSON.stringify({ error: problem })}\n`);
  }

  /** @param share how much of the whole is done, 0 to 1; 0 while it is not known */
  progress(what: string, done: number, share: number): void {
    if (!process.stderr.isTTY) return;
    if (this.#progress?.what !== what) {
      this.#progress?.end();
      this.#progress = new Progress(what);
    }
    this.#progress.update(done, share);
  }

  endProgress(): void {
    this.#progress?.end();
    this.#progress = undefined;
  }
}

/** Text that can't move the cursor or turn the writing, whoever wrote it. */
const printable = (text: string): string => text.replace(HIDING_CHARACTERS, "\ufffd");

class Progress {
  readonly #startedAt = performance.now();
  #bar: SingleBar | undefined;

  constructor(readonly what: string) {}

  update(done: number, share: number): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    if (seconds * 1000 < PROGRESS_AFTER_MS) return;
    this.#bar ??= this.#begin();
    this.#bar.update(Math.round(share * 1000), { text: progressText(this.what, done, share, seconds) });
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #begin(): SingleBar {
    const bar = new SingleBar({
      stream: process.stderr,
      format: "{bar} {text}",
      barCompleteChar: "█",
      barIncompleteChar: "░",
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
    });
    bar.start(1000, 0, { text: "" });
    return bar;
  }
}

/** Rate, and time left where the whole is known. */
export function progressText(what: string, done: number, share: number, seconds: number): string {
  const rate = `${count(Math.round(done / seconds))}/s`;
  const left = share > 0 ? `, ${duration((seconds / share) * (1 - share))} left` : "";
  return `${count(done)} ${what}, ${rate}${left}`;
}

export const count = (number: number): string => number.toLocaleString("en");

/** `1 account`, `2 accounts`; `1 person`, `2 people` */
export const counted = (number: number, one: string, several = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : several}`;

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Rows under a head, in columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], empty: string): string[] {
  if (rows.length === 0) return [empty];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
}

/** Two texts next to each other, each wrapped in its column. */
export function sideBySide(left: readonly string[], right: readonly string[]): string[] {
  const width = Math.floor((WIDTH - 3) / 2);
  const [one, other] = [left, right].map((lines) => lines.flatMap((line) => wrap(line, width)));
  const length = Math.max(one!.length, other!.length);
  return Array.from({ length }, (_, i) => `${(one![i] ?? "").padEnd(width)} │ ${other![i] ?? ""}`.trimEnd());
}

function wrap(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(" ", width);
    const at = blank > 0 ? blank : width;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}
