// Above the karyogram: which karyotype the chromosomes speak for, how surely, and what comes next. The server weighs it for some
// tenths of a second, so that it is asked only when the edits have come to rest and the sheet is in view.

import { byId, make } from "../elements.js";
import { read } from "../server.js";

const REST = 400;
const percent = (share) => (share > 0.995 ? "over 99\u00a0%" : `${Math.max(Math.round(100 * share), 1)}\u00a0%`);

export class Evidence {
  constructor(review) {
    Object.assign(this, { review, panel: byId("evidence"), known: null, timer: 0, asking: false });
    review.on("opened", () => {
      this.known = null;
      this.draw();
    });
    review.on("cell saving", () => this.soon());
  }

  get current() {
    const { cell } = this.review;
    return this.known?.cell === cell?.id && this.known?.revision === cell?.revision;
  }

  soon() {
    if (!this.review.cell || this.current) return;
    this.panel.dataset.waiting = "true";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._ask(), REST);
  }

  async _ask() {
    if (this.asking || this.review.outbox.length || this.panel.offsetParent === null) return;
    this.asking = true;
    const { id } = this.review.cell;
    try {
      const answer = await read(`/api/cells/${id}/evidence`);
      if (this.review.cell.id === id) this.known = { cell: id, ...answer };
      this.draw();
    } catch {
      // The silence of the server is shown by the banner; the next edit or poll asks again.
    }
    this.asking = false;
    if (this.review.cell.id !== id || this.review.cell.revision > (this.known?.revision ?? 0)) this.soon();
  }

  draw() {
    const { known, review } = this;
    const open = this.panel.querySelector("details")?.open ?? false;
    const focused = this.panel.contains(document.activeElement);
    this.panel.dataset.waiting = String(!this.current);
    if (!known) return this.panel.replaceChildren(make("p", { className: "weighing" }, "Weighing the karyotype ..."));
    if (!known.evidence) return this.panel.replaceChildren(make("p", { className: "weighing" }, "No chromosome has a class yet."));
    const details = make("details", { open }, this._headline(known.evidence, review.cell.iscn), this._more(known.evidence));
    this.panel.replaceChildren(details);
    if (focused) details.querySelector("summary").focus({ preventScroll: true });
  }

  _headline({ karyotypes: [best, second], sure }, shown) {
    const differs = shown && best.iscn !== shown;
    return make(
      "summary",
      {},
      make("span", { className: "soft" }, "Evidence "),
      make("strong", {}, best.iscn),
      make("span", { className: sure ? "chip good" : "chip doubt" }, percent(best.probability)),
      second ? make("span", { className: "soft" }, `next ${second.iscn} ${percent(second.probability)}`) : null,
      differs ? make("span", { className: "differs" }, `the classes shown make ${shown}`) : null,
    );
  }

  _more({ karyotypes, opinions }) {
    const rows = karyotypes.map((one) =>
      make(
        "tr",
        {},
        make("td", {}, one.iscn),
        make("td", { className: "soft" }, one.changes.join(" ") || "normal"),
        make("td", { className: "number" }, percent(one.probability)),
        make("td", { className: "share" }, bar(one.probability)),
      ),
    );
    const head = make("tr", {}, ...["Karyotype", "Changes", "Probability", ""].map((text) => (text ? make("th", { scope: "col" }, text) : make("td"))));
    return make(
      "div",
      { className: "weighed" },
      make("table", { className: "list" }, make("thead", {}, head), make("tbody", {}, ...rows)),
      opinions.length ? make("p", { className: "soft" }, "Chromosomes that the evidence sees otherwise:") : null,
      opinions.length ? make("ul", {}, ...opinions.map((one) => this._opinion(one))) : null,
      make("p", { className: "soft" }, "Weighed from bands, sizes and outlines. What you have checked or named counts as certain."),
    );
  }

  _opinion({ chromosome, words, probability }) {
    const look = () => {
      this.review.select([chromosome]);
      this.review.tell("look", chromosome);
    };
    const link = make("button", { type: "button", className: "link", onclick: look }, `Chromosome ${chromosome}`);
    return make("li", {}, link, ` ${words} (${percent(probability)})`);
  }
}

function bar(share) {
  const fill = make("span", { className: "fill" });
  fill.style.width = `${100 * share}%`;
  return make("span", { className: "bar", "aria-hidden": "true" }, fill);
}
