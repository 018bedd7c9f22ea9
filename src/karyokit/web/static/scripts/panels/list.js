// Every chromosome of the picture as a table that can be walked with the keyboard: the same as the picture, in words.

import { byId, make } from "../elements.js";

const MEETINGS = { touching: "touches", crossing: "crosses" };

function row(review, one) {
  const doubtful = one.doubts.length > 0 && !review.settled.has(one.id);
  const chosen = review.selected.includes(one.id);
  const choose = make(
    "button",
    {
      type: "button",
      "aria-pressed": String(chosen),
      "aria-label": `Chromosome ${one.id}`,
      onclick: (event) => pick(review, one.id, event),
    },
    String(one.id),
  );
  choose.dataset.act = `row-${one.id}`;
  const contacts = one.contacts.map(({ others, kind }) => `${MEETINGS[kind]} ${others.join(", ")}`).join("; ");
  const notes = [one.marker, one.locked && "locked", one.checked && "checked", contacts].filter(Boolean).join("; ");
  const probability =
    one.class_by === "human" ? "by hand" : one.class_probability === null ? "" : `${Math.round(one.class_probability * 100)} %`;
  return make(
    "tr",
    { className: chosen ? "chosen" : "" },
    make("td", {}, choose),
    make("td", {}, one.class),
    make("td", { className: "number" }, probability),
    make("td", {}, doubtful ? make("span", { className: "doubt" }, one.doubts.join("; ")) : ""),
    make("td", {}, notes),
  );
}

function pick(review, id, event) {
  if (event.shiftKey || event.ctrlKey || event.metaKey) review.toggle(id);
  else review.select([id]);
}

export class ChromosomeList {
  constructor(review) {
    Object.assign(this, { review, panel: byId("list-panel") });
    review.on("cell selection saving", () => this.draw());
    this.panel.addEventListener("keydown", (event) => this._key(event));
  }

  // Doubtful ones first, then by number.
  draw() {
    if (this.panel.hidden || !this.review.cell) return;
    const act = this.panel.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    const rank = new Map(this.review.queue().map((id, at) => [id, at]));
    const order = (one) => rank.get(one.id) ?? 1000 + one.id;
    const rows = [...this.review.cell.chromosomes].sort((a, b) => order(a) - order(b)).map((one) => row(this.review, one));
    const head = make("tr", {}, ...["Number", "Class", "Sure", "Why doubtful", "Notes"].map((text) => make("th", { scope: "col" }, text)));
    this.panel.replaceChildren(make("table", { className: "list" }, make("thead", {}, head), make("tbody", {}, ...rows)));
    if (act) this.panel.querySelector(`[data-act="${act}"]`)?.focus({ preventScroll: true });
  }

  _key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...this.panel.querySelectorAll("button")];
    const at = buttons.indexOf(event.target);
    const next = buttons[at + step];
    if (!step || at < 0 || !next) return;
    const act = next.dataset.act;
    next.click();
    this.panel.querySelector(`[data-act="${act}"]`)?.focus();
    event.preventDefault();
  }

  focus() {
    this.draw();
    (this.panel.querySelector('[aria-pressed="true"]') || this.panel.querySelector("button"))?.focus();
  }
}
