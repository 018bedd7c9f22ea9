// Who reviews: asked once and kept in this browser.

import { make } from "../elements.js";
import { buttons, openDialog, textField } from "./dialog.js";

export function askName(now = "") {
  return openDialog("Who is reviewing?", {}, (close) => {
    const name = textField("Your name", { value: now, first: true });
    const send = (event) => {
      event.preventDefault();
      const text = name.input.value.trim();
      if (text) close(text);
    };
    return [
      make(
        "form",
        { onsubmit: send },
        make("p", {}, "Every edit is kept with the name of who made it. The name stays on this computer."),
        name.label,
        buttons(close, "Go on"),
      ),
    ];
  });
}
