// Marker or derivative: a short free text on a chromosome.

import { make } from "../elements.js";
import { buttons, openDialog, textField } from "./dialog.js";

export async function askMarker(review, chromosome) {
  const own = chromosome.category ? chromosome.class : "?";
  const text = await openDialog(`Mark chromosome ${chromosome.id}`, {}, (close) => {
    const field = textField("Text in the karyogram, empty for none", {
      value: chromosome.marker,
      required: false,
      first: true,
      placeholder: `der(${own})`,
    });
    const suggestions = ["mar", `der(${own})`, `i(${own})`, `del(${own})`, `add(${own})`].map((words) =>
      make("button", { type: "button", onclick: () => close(words) }, words),
    );
    const send = (event) => {
      event.preventDefault();
      close(field.input.value.trim());
    };
    return [
      make(
        "form",
        { onsubmit: send },
        make("fieldset", {}, make("legend", {}, "Usual marks"), ...suggestions),
        field.label,
        buttons(close, "Mark"),
      ),
    ];
  });
  if (text !== null && text !== chromosome.marker) review.edit("marker", { chromosome: chromosome.id, text });
}
