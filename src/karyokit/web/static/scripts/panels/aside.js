// Objects that were not taken for chromosomes and chromosomes that were deleted; each can be brought back.

import { byId, make } from "../elements.js";

export class Aside {
  constructor(review) {
    Object.assign(this, { review, panel: byId("aside-panel") });
    review.on("cell", () => this.draw());
  }

  draw() {
    if (this.panel.hidden || !this.review.cell) return;
    const { set_aside: objects, deleted } = this.review.cell;
    const had = this.panel.contains(document.activeElement);
    const aside = objects.map((object) =>
      this._row(`Object ${object.id}: ${object.reason}, ${object.area} pixels`, object.outlines, "Is a chromosome", () =>
        this.review.edit("take_back", { object: object.id }),
      ),
    );
    const gone = deleted.map((one) =>
      this._row(`Chromosome ${one.id}, ${one.category ? `class ${one.class}` : "no class"}`, one.outlines, "Restore", () =>
        this.review.edit("restore", { chromosomes: [one.id] }),
      ),
    );
    this.panel.replaceChildren(
      ...this._part("Deleted by hand", gone, "Nothing was deleted."),
      ...this._part("Set aside by the model", aside, "The model set nothing aside."),
    );
    if (had) this.focus();
  }

  _part(title, rows, none) {
    const body = rows.length ? make("table", { className: "list" }, make("tbody", {}, ...rows)) : make("p", { className: "hint" }, none);
    return [make("h2", { className: "aside-title" }, title), body];
  }

  // The object is shown on the picture while its button is pointed at or focused.
  _row(words, outlines, verb, run) {
    const show = () => this.review.showPreview([outlines]);
    const hide = () => this.review.showPreview(null);
    const button = make(
      "button",
      {
        type: "button",
        onclick: run,
        onfocus: show,
        onblur: hide,
        onpointerenter: show,
        onpointerleave: hide,
        "aria-label": `${verb}: ${words}`,
      },
      verb,
    );
    return make("tr", {}, make("td", {}, words), make("td", { className: "number" }, button));
  }

  focus() {
    this.draw();
    const button = this.panel.querySelector("button");
    if (button) button.focus();
    else byId("tab-aside").focus();
  }
}
