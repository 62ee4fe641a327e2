/** Commands that write an incident's answer into files for others. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { factsTemplate, PHASES, type Phase, ReportError, reportPage } from "../report/index.js";
import { define } from "./define.js";
import { CliError } from "./error.js";
import { yamlIn } from "./files.js";
import { counted } from "./terminal.js";

export function addReportingCommands(incident: Command): void {
  define<{ out?: string; phase: Phase; facts?: string; asKnownAt?: string; template: boolean }>(incident, {
    usage: "report [id]",
    about: "Write the record of an incident for an authority: exact numbers, clocks, and what is still unknown.",
    example: "solely incident report unlock-2019 --phase initial --out report.html",
    options: (command) =>
      command
        .option("--out <file>", "a page (.html) or an object for programs (.json)")
        .addOption(new Option("--phase <phase>", "what the report must have").choices(PHASES).default("initial"))
        .option("--facts <file>", "YAML of what only people know")
        .option("--template", "print the empty form of --facts, with explanations", false)
        .option("--as-known-at <when>", "by what was known at a ledger position, or a time (RFC 3339); default: now"),
    async work(session, [id], { out, phase, facts, asKnownAt, template }) {
      const { terminal } = session;
      if (template) {
        const form = factsTemplate();
        terminal.result({ template: form }, () => [form.trimEnd()]);
        return;
      }
      const form = /\.(html|json)$/.exec(out ?? "")?.[1];
      if (id === undefined || out === undefined || form === undefined) {
        throw new CliError(
          "usage",
          "a report is of one incident, in one file",
          "give its id, and --out FILE.html or FILE.json",
        );
      }
      const filled = facts === undefined ? {} : await yamlIn(facts, malformedFacts);
      const report = await session.run("incidentReport", { incident: id, phase, facts: filled, asKnownAt });
      const file = resolve(out);
      const text = form === "json" ? `${JSON.stringify(report, null, 2)}\n` : await reportPage(report);
      await writeFile(file, text, { mode: 0o600 }).catch(() => {
        throw new ReportError("unwritable-file", `${file} can't be written`, "check its folder and permissions");
      });
      const { isComplete, missing, assessment, clocks } = report;
      const needed = missing.filter(({ isNeededNow }) => isNeededNow);
      terminal.result({ file, incident: id, phase, isComplete, missing, clocks, people: assessment.people }, () => [
        `${counted(assessment.people, "person", "people")} affected: ${file}`,
        ...clocks.map(({ name, dueAt, state }) => `${name}: due ${dueAt}, ${state}`),
        ...(isComplete ? [`complete for the ${phase} phase`] : [`missing for the ${phase} phase:`]),
        ...needed.map(({ field, label }) => `  ${field}: ${label}`),
      ]);
    },
  });
  define<{ out: string; asKnownAt?: string }>(incident, {
    usage: "evidence <id>",
    about:
      "Write what the answer about an incident rests on: leaves, proofs, sets and a verifier; no contact, no account.",
    example: "solely incident evidence unlock-2019 --out ./evidence",
    options: (command) =>
      command
        .requiredOption("--out <dir>", "a new folder")
        .option("--as-known-at <when>", "by what was known at a ledger position, or a time (RFC 3339); default: now"),
    async work(session, [id], { out, asKnownAt }) {
      const made = await session.run("incidentEvidence", { incident: id!, out: resolve(out), asKnownAt });
      session.terminal.result(made, () => [
        `${counted(made.files, "file")} in ${made.out}: ${counted(made.leaves, "leaf", "leaves")}, ${counted(made.people, "person", "people")} affected`,
        `SHA-256 of manifest.json: ${made.digest}`,
        `check it anywhere: solely ledger verify ${made.out} --key KEY`,
      ]);
    },
  });
}

const malformedFacts = (what: string): ReportError =>
  new ReportError("malformed-facts", what, "solely incident report --template prints the form");
