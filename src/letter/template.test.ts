import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LETTER_NAMES } from "./letter.js";
import { Template, type Values } from "./template.js";
import { LETTERS } from "./texts.js";

const names = new Set(["who", "lists", "list", "since"]);

test("sections repeat for each item, stand where there is something, and look into their item first", () => {
  const template = new Template(
    "{{#lists}}- {{list}} of {{who}}\n{{/lists}}{{^lists}}none{{/lists}}{{#since}} ({{since}}){{/since}}",
    names,
  );
  const lists: Values[] = [{ list: "a" }, { list: "b", who: "bob" }];
  assert.equal(template.plain({ who: "acme", lists, since: "" }), "- a of acme\n- b of bob\n");
  assert.equal(template.plain({ who: "acme", lists: [], since: "May" }), "none (May)\n");
});

test("no value is read as a place or as a mark, whatever is in it", () => {
  const template = new Template("# For {{who}}\n\n**{{list}}**", names);
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom("{{who}}", "{{#lists}}", "**b**", "# h", "[x](y)", "<b>"),
      (text, mark) => {
        const line = `x${text.replace(/[\s\p{C}]/gu, "")}${mark}x`;
        assert.equal(template.plain({ who: line, list: line }), `For ${line}\n\n${line}\n`);
        const markdown = template.markdown({ who: line, list: line });
        const unmarked = markdown.replace(/\\([\\`*_[\]<>#|~])/g, "$1");
        assert.equal(unmarked, `# For ${line}\n\n**${line}**\n`);
        assert.ok(!/(?<!\\)[[\]<>`_|~]/.test(markdown.replace(/\\\\/g, "")));
      },
    ),
  );
});

test("the letters that come with Solely are right, and use every place in both languages", () => {
  for (const source of Object.values(LETTERS)) {
    const template = new Template(source, LETTER_NAMES);
    assert.ok(!/\{\{|\*\*|^#/m.test(template.plain({})));
    for (const name of LETTER_NAMES) assert.ok(source.includes(`{{${name}}}`) || source.includes(`{{#${name}}}`), name);
  }
});
