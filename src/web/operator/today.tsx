/** Today at a glance. */
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";

export function TodayPage() {
  const head = useLoad(() => command("ledgerHead", {}), []);
  return (
    <>
      <h1>{say.operator.title}</h1>
      <Load of={head}>{({ note }) => <pre>{note}</pre>}</Load>
    </>
  );
}
