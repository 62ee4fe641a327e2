/** The keys of purposes: which epoch each is at, and putting a new one in its place while everything goes on. */
import { useState } from "preact/hooks";
import type { CommandResult } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { Load, useDoing, useLoad } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { type Done, Progress } from "../parts/progress.js";
import { Table } from "../parts/table.js";

interface Rotated {
  readonly key: CommandResult<"rotate">;
  readonly head: string;
}

export function PurposeKeys() {
  const keys = useLoad(() => command("purposeKeys", {}), []);
  const [asked, setAsked] = useState<string>();
  const [done, setDone] = useState<Done>();
  const [rotated, setRotated] = useState<Rotated>();
  const rotating = useDoing(async (purpose: string) => {
    setRotated(undefined);
    setDone({ what: say.purposeKeys.rewritten, done: 0, share: 0 });
    try {
      const onProgress = (_: string, count: number, share: number) =>
        setDone({ what: say.purposeKeys.rewritten, done: count, share });
      const key = await command("rotate", { purpose }, { onProgress });
      const { note } = await command("ledgerHead", {});
      setRotated({ key, head: sizeOf(note) });
      await keys.again();
    } finally {
      setDone(undefined);
    }
  });
  const close = () => setAsked(undefined);
  const rotate = async (purpose: string) => {
    close();
    void rotating.run(purpose);
  };
  return (
    <section>
      <h2>{say.purposeKeys.title}</h2>
      <p>{say.purposeKeys.intro}</p>
      <Load of={keys}>
        {(list) => (
          <>
            <Table
              caption={say.purposeKeys.title}
              isCaptionHidden
              rows={list}
              columns={[
                { name: say.operator.purpose, value: ({ purpose }) => purpose },
                { name: say.purposeKeys.use, value: ({ use }) => say.purposeKeys.uses(use) },
                { name: say.purposeKeys.epoch, value: ({ epoch }) => epoch },
                {
                  name: say.operator.state,
                  value: ({ rotatingTo }) =>
                    rotatingTo === null ? say.purposeKeys.inUse : say.purposeKeys.rotatingTo(rotatingTo),
                },
              ]}
            />
            <Choose purposes={list.map(({ purpose }) => purpose)} isDisabled={rotating.isDoing} onChosen={setAsked} />
          </>
        )}
      </Load>
      <div role="status">
        {done === undefined ? null : <Progress of={done} label={say.purposeKeys.rotating} />}
        {rotated === undefined ? null : (
          <p class="done">
            {say.purposeKeys.rotated(rotated.key.purpose, rotated.key.to, number(rotated.key.rewritten))}{" "}
            {say.purposeKeys.head(rotated.head)}
          </p>
        )}
      </div>
      <ProblemNote problem={rotating.problem} />
      {asked === undefined ? null : (
        <Dialog title={say.purposeKeys.askTitle(asked)} onClose={close}>
          <AskedForm act={say.purposeKeys.rotate} onAct={() => rotate(asked)} onCancel={close}>
            <p>{say.purposeKeys.ask}</p>
          </AskedForm>
        </Dialog>
      )}
    </section>
  );
}

/** Leaves of a checkpoint: its text's second line (C2SP tlog-checkpoint). */
const sizeOf = (note: string): string => number(Number(note.split("\n")[1]));

function Choose({
  purposes,
  isDisabled,
  onChosen,
}: {
  purposes: readonly string[];
  isDisabled: boolean;
  onChosen: (purpose: string) => void;
}) {
  const [chosen, setChosen] = useState(purposes[0] ?? "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChosen(chosen);
      }}
    >
      <label for="purpose-key">{say.purposeKeys.choose}</label>
      <select id="purpose-key" value={chosen} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
        {purposes.map((purpose) => (
          <option key={purpose}>{purpose}</option>
        ))}
      </select>
      <div class="buttons">
        <button type="submit" disabled={isDisabled}>
          {say.purposeKeys.rotateAsk}
        </button>
      </div>
    </form>
  );
}
