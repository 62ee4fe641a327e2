/** Something that is asked of the server, and what is shown until it is there. */
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { say } from "../messages/index.js";
import { ProblemNote } from "./problem.js";

interface Loaded<T> {
  /** The last answer; undefined before there is one. */
  readonly value: T | undefined;
  readonly problem: unknown;
  readonly isLoading: boolean;
  /** Asks again; what is shown stays until the answer is there. */
  readonly again: () => Promise<void>;
}

/**
 * Asks once, and again whenever one of `on` has changed.
 * @example const notices = useLoad(() => command("notices", {}), []);
 */
export function useLoad<T>(load: () => Promise<T>, on: readonly unknown[]): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [problem, setProblem] = useState<unknown>();
  const [isLoading, setLoading] = useState(true);
  const again = useCallback(async () => {
    setLoading(true);
    setProblem(undefined);
    await load().then(setValue, setProblem);
    setLoading(false);
  }, on);
  useEffect(() => void again(), [again]);
  return { value, problem, isLoading, again };
}

/** Shows what was loaded; its problem, or that it is on its way. */
export function Load<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
  if (of.problem !== undefined) return <ProblemNote problem={of.problem} onAgain={of.again} />;
  if (of.value === undefined) return <p class="dim">{say.common.loading}</p>;
  return <>{children(of.value)}</>;
}

interface Doing<A extends readonly unknown[]> {
  readonly isDoing: boolean;
  readonly problem: unknown;
  readonly run: (...args: A) => Promise<void>;
}

/**
 * Something that a press does: once at a time, with the problem that it ended with.
 * @example const save = useDoing(async () => { await command("rotate", { purpose }); });
 */
export function useDoing<A extends readonly unknown[]>(work: (...args: A) => Promise<void>): Doing<A> {
  const [isDoing, setDoing] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const run = async (...args: A) => {
    if (isDoing) return;
    setDoing(true);
    setProblem(undefined);
    try {
      await work(...args);
    } catch (error) {
      setProblem(error);
    }
    setDoing(false);
  };
  return { isDoing, problem, run };
}
