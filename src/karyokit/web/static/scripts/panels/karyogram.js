// The karyogram: the server's layout, drawn as buttons that can be clicked, dragged to another slot, and walked with arrow keys.

import { byId, make, place } from "../elements.js";
import { KaryogramDrag } from "./karyogram_drag.js";

export class Karyogram {
  constructor(review, stage) {
    Object.assign(this, { review, stage, element: byId("karyogram"), places: new Map() });
    this.drag = new KaryogramDrag(this);
    review.on("cell", () => this.draw());
    review.on("selection saving", () => this.mark());
    review.on("view", () => (this.element.dataset.inverted = String(stage.light.inverted)));
    this.element.addEventListener("keydown", (event) => this._key(event));
  }

  share(value, whole) {
    return `${(100 * value) / whole}%`;
  }

  // Places in shares of the sheet, so that it can have any size.
  box({ x, y, width, height }) {
    const sheet = this.review.cell.karyogram;
    return {
      left: this.share(x, sheet.width),
      top: this.share(y, sheet.height),
      width: this.share(width, sheet.width),
      height: this.share(height, sheet.height),
    };
  }

  draw() {
    const { cell } = this.review;
    const sheet = cell.karyogram;
    if (!sheet) return this._empty();
    const focused = document.activeElement?.dataset?.chromosome;
    this.element.dataset.paper = cell.stain === "fluorescence" ? "dark" : "light";
    this.element.style.aspectRatio = `${sheet.width} / ${sheet.height}`;
    const before = this.places;
    this.places = new Map(sheet.places.map((spot) => [spot.chromosome, this._place(spot, before.get(spot.chromosome))]));
    const lines = [...sheet.classes.map((line) => this._line(line)), ...sheet.groups.map((group) => this._group(group, sheet))];
    this.element.replaceChildren(...sheet.slots.map((slot) => this._slot(slot)), ...lines, this._rest(sheet), ...this._inOrder(sheet));
    if (focused) this.places.get(Number(focused))?.focus({ preventScroll: true });
    this.mark();
  }

  // Without the metaphase picture there are no pictures of chromosomes.
  _empty() {
    this.places = new Map();
    this.element.style.aspectRatio = "auto";
    this.element.replaceChildren(make("p", { className: "no-sheet" }, this.review.cell.picture));
  }

  _inOrder(sheet) {
    const listed = sheet.slots.flatMap((slot) => slot.chromosomes);
    const rank = new Map(listed.map((id, at) => [id, at]));
    return [...this.places.keys()].sort((a, b) => (rank.get(a) ?? 999) - (rank.get(b) ?? 999)).map((id) => this.places.get(id));
  }

  _slot(slot) {
    const element = make("div", { className: "slot" });
    element.dataset.category = slot.category;
    return place(element, this.box({ x: slot.left, y: slot.top, width: slot.right - slot.left, height: slot.bottom - slot.top }));
  }

  _line({ label, left, right, y }) {
    const element = make("div", { className: "class-line", "aria-hidden": "true" }, label);
    return place(element, { ...this.box({ x: left, y, width: right - left, height: 0 }), height: "" });
  }

  // The letter of a group stands before its first class.
  _group({ label, left }, sheet) {
    const { y } = sheet.classes.find((line) => line.left === left) ?? sheet.classes[0];
    return place(make("div", { className: "group-letter", "aria-hidden": "true" }, label), {
      left: this.share(left, sheet.width),
      top: this.share(y, sheet.height),
    });
  }

  _rest({ unplaced, width, height }) {
    if (!unplaced) return "";
    return place(make("div", { className: "rest-title" }, "Without a class"), {
      left: this.share(unplaced.left, width),
      top: this.share(unplaced.y, height),
    });
  }

  // The button of a chromosome; one whose picture is the same is kept, so that nothing flickers.
  _place(spot, before) {
    const one = this.review.byId.get(spot.chromosome);
    const element = before?.dataset.version === one.version ? before : this._newPlace(one);
    element.one = one;
    return place(element, this.box(spot));
  }

  _newPlace(one) {
    const picture = one.upright ? make("img", { src: one.upright.url, alt: "", draggable: false }) : "";
    const element = make(
      "button",
      { type: "button", className: "place", tabIndex: -1 },
      picture,
      make("span", { className: "mark", "aria-hidden": "true" }),
    );
    element.dataset.chromosome = one.id;
    element.dataset.version = one.version;
    element.addEventListener("pointerdown", (event) => this.drag.begin(event, element));
    element.addEventListener("click", (event) => this._click(event, one.id));
    return element;
  }

  _click(event, id) {
    if (this.drag.justDropped) return;
    if (event.shiftKey || event.ctrlKey || event.metaKey) this.review.toggle(id);
    else this.review.select([id]);
  }

  mark() {
    const { selected, settled } = this.review;
    for (const [id, element] of this.places) {
      const doubtful = element.one.doubts.length > 0 && !settled.has(id);
      element.setAttribute("aria-pressed", String(selected.includes(id)));
      element.setAttribute("aria-label", this._words(element.one, doubtful));
      element.dataset.doubtful = String(doubtful);
      element.querySelector(".mark").textContent = `${element.one.marker}${doubtful ? "?" : ""}`;
      element.tabIndex = -1;
    }
    const reachable = this.places.get(selected.at(-1)) || this.element.querySelector(".place");
    if (reachable) reachable.tabIndex = 0;
  }

  _words(one, doubtful) {
    const name = one.category ? `class ${one.class}` : "without a class";
    return `Chromosome ${one.id}, ${name}${one.marker ? `, ${one.marker}` : ""}${one.locked ? ", locked" : ""}${doubtful ? ", doubtful" : ""}`;
  }

  // ---- arrow keys

  _key(event) {
    const element = event.target.closest(".place");
    if (!element || event.ctrlKey || event.metaKey) return;
    if (event.key === " ") this.review.toggle(element.one.id);
    else if (event.key.startsWith("Arrow")) this._step(element, event);
    else return;
    event.preventDefault();
  }

  _step(element, { key, shiftKey }) {
    const next = this._neighbour(element.one.id, key);
    if (next === null) return;
    this.places.get(next).focus();
    this.review.select(shiftKey ? [...this.review.selected, next] : [next]);
    this.places.get(next).focus();
  }

  // Left and right go along the row, up and down to the nearest of the next row.
  _neighbour(id, key) {
    const spots = this.review.cell.karyogram.places;
    const from = spots.find((spot) => spot.chromosome === id);
    const middle = (spot) => spot.x + spot.width / 2;
    const sideways = key === "ArrowLeft" || key === "ArrowRight";
    const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    const ahead = spots.filter((spot) =>
      sideways ? spot.floor === from.floor && sign * (middle(spot) - middle(from)) > 0 : sign * (spot.floor - from.floor) > 0,
    );
    const distance = (spot) => (sideways ? 0 : 10 * Math.abs(spot.floor - from.floor)) + Math.abs(middle(spot) - middle(from));
    return ahead.length ? ahead.reduce((best, spot) => (distance(spot) < distance(best) ? spot : best)).chromosome : null;
  }
}
