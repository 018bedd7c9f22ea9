// One dialog for all questions: it opens, gives the answer, and puts the focus back.

import { byId, make } from "../elements.js";

// `build(close)` gives the content; the promise resolves with what `close` was called with, null when dismissed.
export function openDialog(title, { wide = false }, build) {
  const dialog = byId("dialog");
  dialog.classList.toggle("wide", wide);
  const before = document.activeElement;
  return new Promise((resolve) => {
    let answer = null;
    const close = (value) => {
      answer = value;
      dialog.close();
    };
    dialog.replaceChildren(make("h2", { id: "dialog-title" }, title), ...build(close));
    dialog.onclose = () => {
      before?.focus?.({ preventScroll: true });
      resolve(answer);
    };
    dialog.showModal();
    dialog.querySelector("[data-first]")?.focus();
  });
}

export function buttons(close, verb, { disabled = false } = {}) {
  const go = make("button", { type: "submit", className: "primary", disabled }, verb);
  return make("div", { className: "buttons" }, make("button", { type: "button", onclick: () => close(null) }, "Cancel"), go);
}

export function textField(words, { value = "", maxLength = 80, required = true, first = false, placeholder = "" } = {}) {
  const input = make("input", { type: "text", value, maxLength, required, placeholder, autocomplete: "off", spellcheck: false });
  if (first) input.dataset.first = "true";
  return { input, label: make("label", {}, words, input) };
}
