/** Looks an account up by its name, which stays in this page: no address ever holds it. */
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { CommandResult } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { AccountContact } from "./account-contact.js";
import { AskedAccount } from "./finder.js";

const text = say.accounts;

type AccountAnswer = CommandResult<"accountView">;

export function AccountsPage() {
  const [account, setAccount] = useState("");
  const [found, setFound] = useState<AccountAnswer>();
  const { asked, onAsked } = useContext(AskedAccount);
  const looking = useDoing(async (name: string) => {
    setFound(undefined);
    setFound(await command("accountView", { account: name }));
  });
  useEffect(() => {
    if (asked === undefined) return;
    onAsked(undefined);
    setAccount(asked);
    void looking.run(asked);
  }, [asked]);
  return (
    <>
      <h1>{text.title}</h1>
      <p>{text.intro}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void looking.run(account);
        }}
      >
        <label for="account">{text.account}</label>
        <input
          id="account"
          value={account}
          required
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setAccount(currentTarget.value)}
        />
        <div class="buttons">
          <button type="submit" class="main" disabled={looking.isDoing}>
            {text.lookUp}
          </button>
        </div>
      </form>
      <ProblemNote problem={looking.problem} />
      {found === undefined ? null : <Found answer={found} />}
    </>
  );
}

function Found({ answer: { account, position, contacts, notices, lists } }: { answer: AccountAnswer }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {text.found(account, contacts.length)}
      </h2>
      <p class="dim">{say.operator.asKnown(number(position))}</p>
      {contacts.length === 0 ? (
        <div class="empty">
          <p>
            <strong>{text.none}</strong>
          </p>
          <p>{text.noneHow}</p>
        </div>
      ) : null}
      {contacts.map((contact) => (
        <AccountContact key={contact.number} contact={contact} />
      ))}
      {notices.length === 0 ? null : <h2>{text.texts}</h2>}
      {notices.map(({ notice, language, text: told, purposes }) => (
        <details key={notice}>
          <summary>{text.textOf(notice)}</summary>
          <blockquote lang={language}>{told}</blockquote>
          <p class="dim">
            {text.names} {purposes.join(", ")}
          </p>
        </details>
      ))}
      <h2>{text.lists}</h2>
      <Table
        caption={text.lists}
        isCaptionHidden
        rows={lists}
        empty={<p>{text.listsNone}</p>}
        columns={[
          {
            name: say.operator.list,
            value: ({ list }) => list,
            show: ({ list, audience }) => <a href={`/audiences/${audience}`}>{list}</a>,
          },
          { name: say.operator.advertiser, value: ({ advertiser }) => advertiser },
          {
            name: text.updated,
            value: ({ updatedAt }) => updatedAt,
            show: ({ updatedAt }) => <When at={updatedAt} />,
          },
        ]}
      />
    </>
  );
}
