// Reviewed, signed, or new again.

import { make } from "../elements.js";
import { buttons, openDialog, textField } from "./dialog.js";

const CHOICES = { reviewed: "Reviewed", signed: "Signed", new: "New (take it back)" };

export async function askStatus(review) {
  const answer = await openDialog(`How far is ${review.cell.name}?`, {}, (close) => {
    const name = textField("Name", { value: review.who, required: false });
    const picked = review.cell.status.value === "reviewed" ? "signed" : "reviewed";
    const choices = Object.entries(CHOICES).map(([value, words]) => {
      const radio = make("input", { type: "radio", name: "status", value, checked: value === picked });
      if (value === picked) radio.dataset.first = "true";
      return make("label", { className: "tick" }, radio, words);
    });
    const send = (event) => {
      event.preventDefault();
      close({ status: new FormData(event.target).get("status"), name: name.input.value.trim() });
    };
    const left = review.queue().length;
    const warning = left
      ? make("p", { className: "problem" }, `${left} doubtful ${left === 1 ? "chromosome is" : "chromosomes are"} not checked yet.`)
      : "";
    return [
      make(
        "form",
        { onsubmit: send },
        warning,
        make("fieldset", {}, make("legend", {}, "State of the cell"), ...choices),
        name.label,
        buttons(close, "Set"),
      ),
    ];
  });
  if (!answer) return;
  if (answer.status !== "new" && !answer.name) review.say("A reviewed or signed cell needs a name.", true);
  else review.edit("status", answer);
}
