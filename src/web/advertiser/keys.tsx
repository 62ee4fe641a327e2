/** API keys, and how the same is done by a program. */
import { useState } from "preact/hooks";
import { ask } from "../ask.js";
import { say } from "../messages/index.js";
import { Load, useDoing, useLoad } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { CopyButton, Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { curlSnippet, typeScriptSnippet } from "./snippets.js";
import { apiOf, useAdvertiser } from "./whose.js";

interface Key {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

export function KeysPage() {
  const advertiser = useAdvertiser();
  const base = apiOf(advertiser);
  const keys = useLoad(() => ask<{ keys: Key[] }>("GET", `${base}/keys`), [base]);
  const [secret, setSecret] = useState<string>();
  const making = useDoing(async () => {
    const made = await ask<{ secret: string }>("POST", `${base}/keys`, {});
    setSecret(made.secret);
    await keys.again();
  });
  const revoking = useDoing(async (id: string) => {
    await ask("DELETE", `${base}/keys/${id}`);
    await keys.again();
  });
  const snippets = [
    [say.keys.curl, curlSnippet(location.origin, advertiser)],
    [say.keys.typeScript, typeScriptSnippet(location.origin, advertiser)],
  ] as const;
  return (
    <>
      <h1>{say.keys.title}</h1>
      <p>{say.keys.intro}</p>
      <div class="buttons">
        <button type="button" class="main" disabled={making.isDoing} onClick={() => making.run()}>
          {say.keys.make}
        </button>
      </div>
      <ProblemNote problem={making.problem ?? revoking.problem} />
      {secret === undefined ? null : (
        <div class="note" role="status">
          <p>
            <strong>{say.keys.shownOnce}</strong>
          </p>
          <pre>{secret}</pre>
          <div class="buttons">
            <CopyButton text={secret} />
            <button type="button" onClick={() => setSecret(undefined)}>
              {say.keys.kept}
            </button>
          </div>
        </div>
      )}
      <Load of={keys}>
        {({ keys: found }) => (
          <Table
            caption={say.keys.title}
            isCaptionHidden
            rows={[...found].reverse()}
            columns={[
              { name: say.keys.key, value: ({ id }) => id, show: ({ id }) => <code>{id}</code> },
              { name: say.keys.scope, value: ({ scopes }) => scopes.join(" ") },
              {
                name: say.keys.made,
                value: ({ createdAt }) => createdAt,
                show: ({ createdAt }) => <When at={createdAt} />,
              },
              {
                name: say.keys.state,
                value: ({ revokedAt }) => (revokedAt === null ? say.keys.live : say.keys.revoked),
                show: ({ id, revokedAt }) =>
                  revokedAt === null ? (
                    <button type="button" class="grave" onClick={() => revoking.run(id)}>
                      {say.keys.revoke(id)}
                    </button>
                  ) : (
                    <span class="dim">{say.keys.revoked}</span>
                  ),
              },
            ]}
            empty={<p>{say.keys.none}</p>}
          />
        )}
      </Load>
      <h2>{say.keys.program}</h2>
      <p>{say.keys.scopeWhat}</p>
      {snippets.map(([name, text]) => (
        <section key={name} aria-label={name}>
          <h3>{name}</h3>
          <pre>{text}</pre>
          <CopyButton text={text} />
        </section>
      ))}
    </>
  );
}
