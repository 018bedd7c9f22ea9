// Splitting a crossing: the shared area goes to both chromosomes. The server offers the ways to pair the arms; the page shows each.

import { byId, make } from "../elements.js";
import { post } from "../server.js";
import { met } from "./hits.js";
import { Trace } from "./trace.js";

const MOST = 6;

export class Split {
  name = "split";

  constructor(review, stage) {
    Object.assign(this, { review, stage, offer: null, current: 0 });
    this.trace = new Trace({ closed: true, least: 3, done: (zone) => this._ask(zone) });
    review.on("cell opened", () => this._close());
    review.on("tool", () => {
      if (stage.tool !== this) this._close();
    });
  }

  expects() {
    if (this.offer) return "Choose how the arms belong together: 1, 2, ... or arrow keys show a way, Enter takes it, Escape leaves.";
    return "Draw around the area where the chromosomes cross: drag, or click points and press Enter.";
  }

  // With two chromosomes that share an area nothing has to be drawn.
  begin() {
    if (this.review.selected.length >= 2) this._ask(null);
  }

  async _ask(zone) {
    const selected = this.review.selected;
    const chromosomes = selected.length ? selected : met(this.stage, zone || []).slice(0, 2);
    if (!chromosomes.length) return this.review.say("No chromosome lies there. Draw around the crossing.", true);
    try {
      const { pairings } = await post(`/api/cells/${this.review.cell.id}/pairings`, { chromosomes, zone });
      if (!pairings.length) throw new Error("There is nothing to pair in this area. Draw the crossing a little larger.");
      this.offer = { chromosomes, zone, pairings: pairings.slice(0, MOST) };
      this._open();
    } catch (error) {
      this.review.say(zone ? error.message : `${error.message} You can also draw around the crossing yourself.`, true);
    }
    return null;
  }

  _open() {
    const box = byId("options");
    const buttons = this.offer.pairings.map((_, at) =>
      make(
        "button",
        { type: "button", onclick: () => this.take(at), onfocus: () => this.show(at), onpointerenter: () => this.show(at) },
        `Way ${at + 1}`,
      ),
    );
    const leave = make("button", { type: "button", className: "quiet", onclick: () => this.escape() }, "Leave");
    box.replaceChildren(make("span", {}, "Which arms belong together?"), ...buttons, leave);
    box.hidden = false;
    box.onkeydown = (event) => this._key(event);
    this.show(0);
    buttons[0].focus();
  }

  _key(event) {
    const count = this.offer.pairings.length;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const number = Number(event.key);
    if (step) byId("options").querySelectorAll("button")[(this.current + step + count) % count].focus();
    else if (number >= 1 && number <= count) byId("options").querySelectorAll("button")[number - 1].focus();
    else if (event.key === "Escape") this.escape();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  show(at) {
    this.current = at;
    byId("options")
      .querySelectorAll("button")
      .forEach((button, index) => index < this.offer.pairings.length && button.setAttribute("aria-pressed", index === at));
    this.review.showPreview(this.offer.pairings[at].outlines);
    this.review.say("");
  }

  take(at) {
    const { chromosomes, zone, pairings } = this.offer;
    this._close();
    if (!this.review.selected.length) this.review.select(chromosomes, { quiet: true });
    this.review.edit("split", { chromosomes, zone, groups: pairings[at].groups });
    this.stage.useTool("select");
  }

  enter() {
    if (!this.offer) return false;
    this.take(this.current);
    return true;
  }

  escape() {
    if (!this.offer) return false;
    this._close();
    this.stage.useTool("select");
    return true;
  }

  _close() {
    if (!this.offer) return;
    this.offer = null;
    byId("options").hidden = true;
    this.review.showPreview(null);
  }
}
