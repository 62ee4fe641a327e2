/**
 * What every kernel makes of the same input, as text: run here and in a browser. It imports nothing but the kernels, as
 * they are built, and takes what other rooms would tell them as input.
 */
import {
  CELL,
  CsvScanner,
  loadKernels,
  merkleEntries,
  merkleNodes,
  RecordScan,
  sha256Batch,
  Turn,
  tellLowerCase,
  tellPhonePlan,
  VALUE_FORM,
} from "../../src/kernel/index.js";

export interface KernelInput {
  /** CSV of one column, with line breaks and quotes. */
  readonly table: string;
  /** Values of each form, one a line. */
  readonly values: readonly { readonly form: keyof typeof VALUE_FORM; readonly lines: string }[];
  /** One a line, and others between. */
  readonly digests: string;
  readonly messages: readonly string[];
  readonly lowerCase: readonly number[];
  readonly phonePlan: { readonly callingCode: string; readonly lengths: number; readonly isAsItIs: readonly number[] };
}

const LIMITS = { maxFieldBytes: 1000, maxRecordBytes: 2000, maxColumns: 5 };

/** @param wasm where kernel.wasm can be fetched; undefined: they load themselves */
export async function kernelResults(input: KernelInput, wasm?: string): Promise<Record<string, unknown>> {
  if (wasm !== undefined) await loadKernels(new Uint8Array(await (await fetch(wasm)).arrayBuffer()));
  tellLowerCase(Uint16Array.from(input.lowerCase));
  const { callingCode, lengths, isAsItIs } = input.phonePlan;
  tellPhonePlan(callingCode, lengths, Uint8Array.from(isAsItIs));
  return {
    records: records(bytesOf(input.table)),
    values: input.values.map(({ form, lines }) => values(bytesOf(lines), VALUE_FORM[form])),
    lines: digestLines(bytesOf(input.digests)),
    hashes: hashes(input.messages.map(bytesOf)),
    tree: tree(),
  };
}

function records(bytes: Uint8Array): unknown {
  const scanner = new CsvScanner(LIMITS);
  const consumed = scanner.scan(bytes, 0, bytes.length, true);
  const fields = scanner.recordFirstField[scanner.records];
  return {
    consumed,
    delimiter: scanner.delimiter,
    line: [...scanner.recordLine.subarray(0, scanner.records)],
    problem: [...scanner.recordProblem.subarray(0, scanner.records)],
    start: [...scanner.fieldStart.subarray(0, fields)],
    end: [...scanner.fieldEnd.subarray(0, fields)],
    quoted: [...scanner.fieldQuoted.subarray(0, fields)],
  };
}

function values(bytes: Uint8Array, form: (typeof VALUE_FORM)[keyof typeof VALUE_FORM]): unknown {
  const turn = new Turn();
  const scan = new RecordScan(LIMITS);
  scan.delimiter = 1;
  turn.load(bytes);
  scan.turn(turn.from, turn.to, true);
  turn.begin(0, scan.records, Uint8Array.of(1));
  const notGood = turn.column(0, 0, form, true);
  const codes = [...turn.codes.subarray(0, scan.records)];
  const digests = new Uint8Array(16 * scan.records);
  const count = turn.finish(digests, new Uint8Array(scan.records), 0);
  return { notGood, codes, good: codes.filter((code) => code === CELL.good).length === count, digests: hex(digests) };
}

function digestLines(bytes: Uint8Array): unknown {
  const turn = new Turn();
  turn.load(bytes);
  const digests = new Uint8Array(16 * 100);
  const count = turn.digestLines(turn.from, 100, digests, 0);
  return { count, end: turn.linesEnd - turn.from, digests: hex(digests) };
}

function hashes(messages: readonly Uint8Array[]): string {
  const ends = new Uint32Array(messages.length);
  let used = 0;
  for (const [i, { length }] of messages.entries()) ends[i] = used += length;
  const all = new Uint8Array(used);
  for (const [i, message] of messages.entries()) all.set(message, ends[i]! - message.length);
  const out = new Uint8Array(32 * messages.length);
  sha256Batch(all, ends, messages.length, out);
  return hex(out);
}

function tree(): string {
  const bytes = Uint8Array.from({ length: 16 * 9 + 20 * 9 }, (_, i) => 7 * i);
  const hashes = new Uint8Array(32 * 9);
  merkleEntries(bytes, bytes.subarray(16 * 9), 20, 9, hashes);
  merkleNodes(hashes, 4, hashes);
  return hex(hashes);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
