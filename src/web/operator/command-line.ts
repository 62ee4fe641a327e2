/** The command that does the same with an operator's key file: for who has no passkey here. */
import type { Action } from "../../operator/index.js";

/** What an operator wishes to sign. */
export type Statement =
  | { readonly action: Action }
  | { readonly proposal: string; readonly confirm: readonly string[] };

/** @param name of the operator who would sign */
export function commandFor(statement: Statement, name: string): string {
  const what = "action" in statement ? proposing(statement.action) : approving(statement);
  return `solely ${what} --as ${name}`;
}

function approving({ proposal, confirm }: { readonly proposal: string; readonly confirm: readonly string[] }): string {
  return ["approve", proposal.slice(0, 12), ...confirm.map((purpose) => `--confirm ${purpose}`)].join(" ");
}

function proposing(action: Action): string {
  switch (action.type) {
    case "notice.adopt":
      return "notice propose NOTICES.yaml";
    case "notice.retire":
      return `notice retire ${action.id}`;
    case "source.set":
      return `source add ${action.name}`;
    case "run.free":
      return `source free ${action.source} ${action.digest.slice(0, 12)}`;
    case "contact.reveal":
      return `reveal --account ACCOUNT --kind KIND --purpose ${action.purpose} --reason REASON`;
    case "incident.contain":
    case "incident.undo":
      return `incident ${action.type.slice("incident.".length)} ${action.incident}`;
    case "incident.tell":
      return `incident tell ${action.incident} --out FOLDER --only-channel`;
    case "store.recover":
      return "recover";
    case "matching.resume":
      return "canary resume";
    case "operator.add":
    case "operator.replace":
      return `operator ${action.type.slice("operator.".length)} ${action.name} --key FILE.pub`;
    case "operator.remove":
      return `operator remove ${action.name}`;
    case "operator.passkey":
      return `operator passkey ${action.name}.passkey`;
    case "operator.passkey-end":
      return `operator end-passkey ${action.name} FINGERPRINT`;
  }
}
