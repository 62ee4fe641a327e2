/** A new API key: what it lets its holder do, and for whom. */
import { useState } from "preact/hooks";
import type { CommandResult } from "../../command/index.js";
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";

const text = say.advertisers;

export function KeyForm({
  advertisers,
  sources,
  onMade,
  onCancel,
}: {
  advertisers: readonly string[];
  sources: readonly string[];
  onMade: (made: CommandResult<"keyCreate">) => void;
  onCancel: () => void;
}) {
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [bound, setBound] = useState<Readonly<Record<"advertiser" | "source" | "purpose", string>>>({
    advertiser: advertisers[0] ?? "",
    source: sources[0] ?? "",
    purpose: Object.keys(say.decisions.meanings)[0]!,
  });
  const has = (scope: string) => scopes.includes(scope);
  const make = async () =>
    onMade(
      await command("keyCreate", {
        scopes: [...scopes],
        ...(has("lists") ? { advertiser: bound.advertiser } : {}),
        ...(has("contacts") ? { source: bound.source } : {}),
        ...(has("reveal") ? { purpose: bound.purpose } : {}),
      }),
    );
  const choice = (what: keyof typeof bound, label: string, options: readonly string[]) => (
    <>
      <label for={`key-${what}`}>{label}</label>
      <select
        id={`key-${what}`}
        value={bound[what]}
        onChange={({ currentTarget }) => setBound({ ...bound, [what]: currentTarget.value })}
      >
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </>
  );
  return (
    <AskedForm act={text.makeKey} isReady={scopes.length !== 0} onAct={make} onCancel={onCancel}>
      <fieldset>
        <legend>{text.scopesAsk}</legend>
        {Object.entries(text.scopeWhat).map(([scope, what]) => (
          <p key={scope}>
            <label class="switch">
              <input
                type="checkbox"
                checked={has(scope)}
                onChange={({ currentTarget }) =>
                  setScopes(currentTarget.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
                }
              />
              <span>
                <code>{scope}</code> <span class="dim small">{what}</span>
              </span>
            </label>
          </p>
        ))}
      </fieldset>
      {has("lists") ? choice("advertiser", text.forAdvertiser, advertisers) : null}
      {has("contacts") ? choice("source", text.forSource, sources) : null}
      {has("reveal") ? choice("purpose", text.forPurpose, Object.keys(say.decisions.meanings)) : null}
    </AskedForm>
  );
}
