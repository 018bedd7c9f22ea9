// The report of a cell: held back while doubtful chromosomes are unchecked, unless a reason is given that is printed on it.

import { make } from "../elements.js";
import { postForFile } from "../server.js";
import { buttons, openDialog, textField } from "./dialog.js";

export async function askReport(review) {
  if (review.outbox.length)
    return review.say("Edits are still on their way to the server; the report can be made as soon as they are saved.", true);
  const wish = await openDialog(`Report of ${review.cell.name}`, {}, (close) => form(review, close));
  if (wish) await makeReport(review, wish);
  return null;
}

function form(review, close) {
  const open = review.queue();
  const name = textField("Who reviewed it", { value: review.who, first: true });
  const reason = textField("Reason for a report all the same (it is printed)", { maxLength: 300, required: open.length > 0 });
  const formats = ["pdf", "png"].map((value) =>
    make(
      "label",
      { className: "tick" },
      make("input", { type: "radio", name: "format", value, checked: value === "pdf" }),
      value.toUpperCase(),
    ),
  );
  const send = (event) => {
    event.preventDefault();
    const who = name.input.value.trim();
    const override = open.length ? reason.input.value.trim() : "";
    if (who && (override || !open.length)) close({ format: new FormData(event.target).get("format"), who, override });
  };
  const blocked = open.length ? unchecked(review, open, close) : [];
  return [
    make(
      "form",
      { onsubmit: send },
      ...blocked,
      ...(open.length ? [reason.label] : []),
      name.label,
      make("fieldset", {}, make("legend", {}, "File"), ...formats),
      make("p", {}, review.case.research_only + "."),
      buttons(close, "Make the report"),
    ),
  ];
}

function unchecked(review, open, close) {
  const rows = open.map((id) => {
    const one = review.byId.get(id);
    const go = () => {
      close(null);
      review.select([id]);
      review.tell("look", id);
    };
    return make(
      "li",
      {},
      make("button", { type: "button", className: "link", onclick: go }, `Chromosome ${id}`),
      ` (${one.category ? `class ${one.class}` : "no class"}): ${one.doubts.join("; ")}`,
    );
  });
  const words =
    open.length === 1 ? "One chromosome is doubtful and not checked yet:" : `${open.length} chromosomes are doubtful and not checked yet:`;
  return [make("p", { className: "problem" }, words), make("ul", { id: "unchecked" }, ...rows)];
}

async function makeReport(review, { format, who, override }) {
  review.who = who;
  review.say("The report is being made.");
  try {
    const file = await postForFile(`/api/cells/${review.cell.id}/report`, { format, who, override });
    const url = URL.createObjectURL(file);
    const stem = review.cell.name.replace(/\.[^.]*$/, "");
    make("a", { href: url, download: `${stem}_report.${format}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    review.say("The report was made; the browser has put it among its downloads.");
  } catch (error) {
    review.say(error.message, true);
  }
}
