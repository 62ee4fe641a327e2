/** Proposes to let a run go that was held back because it would free too much. */
import { useState } from "preact/hooks";
import type { HeldRunView } from "../../command/index.js";
import { say } from "../messages/index.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { propose } from "./signing.js";

export function FreeRun({
  run: { source, digest, freed },
  onProposed,
}: {
  run: Pick<HeldRunView, "source" | "digest" | "freed">;
  onProposed: (position: number) => void;
}) {
  const [isProposed, setProposed] = useState(false);
  const proposing = useDoing(async () => {
    const { position } = await propose({ type: "run.free", source, digest, freed });
    setProposed(true);
    onProposed(position);
  });
  if (isProposed) return null;
  return (
    <>
      <ProblemNote problem={proposing.problem} />
      <button type="button" disabled={proposing.isDoing} onClick={() => proposing.run()}>
        {say.intake.free}
      </button>
    </>
  );
}
