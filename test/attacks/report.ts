/** What the attacks came to: a table, and whether a system held. */
import { aligned } from "../../bench/figures.js";
import type { Attack } from "./attack.js";
import { allowedBy, interval } from "./interval.js";
import type { Outcome } from "./referee.js";

/** What an attack came to on one bed. */
export interface Score {
  readonly trials: number;
  readonly hits: number;
  /** Mean over the trials of what was spent; null where no books are kept. */
  readonly spent: number | null;
  /** Mean over the trials of the success that what was spent allows; of what must tell nothing, that of a coin. */
  readonly allowed: number | null;
  readonly misreached: number;
}

const COIN = 0.5;

export function scoreOf(outcomes: readonly Outcome[]): Score {
  const books = outcomes.flatMap(({ spent }) => (spent === null ? [] : [spent]));
  const hasBooks = books.length === outcomes.length;
  return {
    trials: outcomes.length,
    hits: outcomes.filter(({ isRight }) => isRight).length,
    spent: hasBooks ? mean(books) : null,
    allowed: outcomes[0]?.attack.tellsNothing === true ? COIN : hasBooks ? mean(books.map(allowedBy)) : null,
    misreached: outcomes.filter(({ isMisreached }) => isMisreached).length,
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What an attack must do to a naive system, to be worth anything. */
const WORKS = 0.9;

export interface Result {
  readonly attack: Attack;
  readonly naive?: Score | undefined;
  readonly system?: Score | undefined;
  /** On the system without noise, of an attack that noise holds off. */
  readonly control?: Score | undefined;
}

/** What is wrong with a result; nothing, if it is as it should be. */
export function faultsOf({ attack, naive, system, control }: Result): string[] {
  const faults: string[] = [];
  if (naive !== undefined && shareOf(naive) <= WORKS) faults.push("the naive system withstood it");
  if (control !== undefined && shareOf(control) <= WORKS) faults.push("it does not work on the system without noise");
  if (system === undefined) return faults;
  if (system.allowed === null) faults.push("the system keeps no books of what was spent");
  else if (interval(system.hits, system.trials).low > system.allowed)
    faults.push("it succeeds more often than is allowed");
  if (system.misreached > 0) {
    const what = attack.reaches === true ? "whom they must reach, or the other way round" : "whom they must not reach";
    faults.push(`ads and victims, ${what}: ${system.misreached} trials`);
  }
  return faults;
}

const shareOf = ({ hits, trials }: Score): number => hits / trials;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const HEAD = ["attack", "", "source", "trials", "naive", "no noise", "success", "99.9 % sure", "rho", "allowed", ""];

export function tableOf(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { attack, naive, system, control } = result;
    const verdict = faultsOf(result).length === 0 ? "ok" : "FAILED";
    const trials = [...new Set([naive, system].flatMap((score) => score?.trials ?? []))].join(" / ");
    const shared = [attack.id, attack.title, attack.source, trials, cellOf(naive), cellOf(control)];
    return [...shared, ...systemCells(attack, system), verdict];
  });
  return aligned([HEAD, ...rows]);
}

const cellOf = (score: Score | undefined): string => (score === undefined ? "" : percent(shareOf(score)));

function systemCells({ tellsNothing }: Attack, score: Score | undefined): string[] {
  if (score === undefined) return ["", "", "", ""];
  const { low, high } = interval(score.hits, score.trials);
  const { spent, allowed } = score;
  const cost = tellsNothing === true ? "none" : (spent?.toFixed(4) ?? "");
  const books = [cost, allowed === null ? "" : percent(allowed)];
  return [percent(shareOf(score)), `${percent(low)} to ${percent(high)}`, ...books];
}

/** For programs. */
export function jsonOf(results: readonly Result[]) {
  const scored = (score: Score | undefined) => {
    return score === undefined ? null : { ...score, success: shareOf(score), ...interval(score.hits, score.trials) };
  };
  return results.map((result) => {
    const { attack, naive, system, control } = result;
    const { id, title, source } = attack;
    return {
      attack: id,
      title,
      source,
      naive: scored(naive),
      system: scored(system),
      control: scored(control),
      faults: faultsOf(result),
    };
  });
}
