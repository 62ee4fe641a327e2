/** What went wrong, and what to do about it. */
import { Refused } from "../ask.js";
import { say } from "../messages/index.js";

/** @param problem what was thrown; undefined: nothing went wrong */
export function ProblemNote({ problem, onAgain }: { problem: unknown; onAgain?: (() => void) | undefined }) {
  if (problem === undefined) return null;
  const { message, fix } = told(problem);
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{message}</strong> {fix}
      </p>
      {onAgain === undefined ? null : (
        <button type="button" onClick={onAgain}>
          {say.common.tryAgain}
        </button>
      )}
    </div>
  );
}

function told(problem: unknown): { message: string; fix?: string | undefined } {
  if (problem instanceof Refused) return problem.problem;
  return { message: problem instanceof Error ? problem.message : String(problem) };
}
