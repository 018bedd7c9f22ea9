// Every edit of the cell: what, who and when; undone ones are struck through.

import { byId, make } from "../elements.js";
import { read } from "../server.js";
import { sentenceOf } from "../words.js";

export class History {
  constructor(review) {
    Object.assign(this, { review, panel: byId("history-panel") });
    review.on("cell", () => this.draw());
  }

  async draw() {
    if (this.panel.hidden || !this.review.cell) return;
    const { id } = this.review.cell;
    const answer = await read(`/api/cells/${id}/history`).catch(() => null);
    if (!answer || id !== this.review.cell.id) return;
    const rows = answer.commands.toReversed().map((command) => this._row(command));
    const head = make("tr", {}, ...["What", "Who", "When"].map((text) => make("th", { scope: "col" }, text)));
    const table = make("table", { className: "list" }, make("thead", {}, head), make("tbody", {}, ...rows));
    this.panel.replaceChildren(
      rows.length
        ? table
        : make("p", { className: "hint" }, "Nothing was changed yet. Every edit will stand here, with its author and time."),
    );
  }

  _row({ kind, title, arguments: args, who, when, state }) {
    const time = new Date(when);
    const shown = Number.isNaN(time.getTime()) ? when : time.toLocaleString();
    return make(
      "tr",
      { className: state === "undone" ? "undone" : "" },
      make("td", {}, sentenceOf(kind, args, title)),
      make("td", {}, who),
      make("td", {}, shown),
    );
  }

  focus() {
    this.draw();
    byId("tab-history").focus();
  }
}
