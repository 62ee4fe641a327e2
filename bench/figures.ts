/** What figures are made of and shown as: medians, counts, tables, and the machine that they were taken on. */
import { cpus, loadavg, totalmem } from "node:os";

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const count = (number: number): string => Math.round(number).toLocaleString("en");

/** Rows of cells as lines, the cells of a column below each other. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ");
  return rows.map((cells) => line(cells).trimEnd()).join("\n");
}

export function machine(): string {
  const cores = cpus();
  const load = loadavg()[0]!.toFixed(2);
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} × ${cores[0]?.model.trim() ?? "unknown"}, ${memory} GiB, load ${load}, Node ${process.version}, ${process.platform}`;
}

/** Tells whoever waits what is going on; the results go to stdout. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
