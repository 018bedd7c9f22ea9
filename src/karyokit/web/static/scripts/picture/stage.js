// The picture panel: it joins the view, the painter, the pointer and the tools.

import { byId } from "../elements.js";
import { boxAround } from "../tools/hits.js";
import { makeTools } from "../tools/tools.js";
import { GreyPicture, PLAIN } from "./grey.js";
import { Painter } from "./painter.js";
import { PictureInput } from "./pointer.js";
import { Viewport } from "./viewport.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Stage {
  constructor(review) {
    this.review = review;
    this.canvas = byId("picture");
    this.element = byId("stage");
    this.viewport = new Viewport(() => this.painter?.moved());
    this.painter = new Painter(this.canvas, this.viewport, review);
    this.light = { ...PLAIN };
    this.radius = 5;
    this.tools = makeTools(review, this);
    this.tool = this.tools.select;
    this.input = new PictureInput(this.canvas, this);
    new ResizeObserver(() => this._resized()).observe(this.element);
    this._listen();
  }

  _listen() {
    const { review, painter } = this;
    review.on("opened", () => this._open());
    review.on("cell", () => painter.setCell(review.cell));
    review.on("selection", ({ quiet } = {}) => {
      painter.changed();
      const one = review.chosen.at(-1);
      if (one && !quiet) this.viewport.reveal(one.bbox);
    });
    review.on("look", (id) => this._lookAt(id));
    review.on("saving", () => painter.changed());
    review.on("preview", () => painter.ask());
  }

  _resized() {
    const { width, height } = this.element.getBoundingClientRect();
    if (width && height) this.painter.resize(width, height);
    this.painter.draw();
  }

  async _open() {
    const { id, stain, rows, columns, picture } = this.review.cell;
    this.viewport.show(rows, columns);
    this.fitChromosomes();
    this.painter.grey = null;
    this.setLight(PLAIN);
    this.note(picture);
    if (picture) return;
    try {
      const grey = await GreyPicture.load(`/api/cells/${id}/picture.png`);
      if (this.review.cell.id !== id) return;
      this.painter.grey = grey;
      this.setLight({ ...PLAIN, inverted: this.light.inverted });
    } catch (error) {
      this.note(error.message);
    }
    this.element.dataset.stain = stain;
  }

  note(text) {
    const note = byId("stage-note");
    note.textContent = text;
    note.hidden = !text;
  }

  setLight(light) {
    this.light = { ...light };
    const bright = (this.review.cell.stain !== "fluorescence") !== this.light.inverted;
    this.painter.ground = bright ? "light" : "dark";
    this.element.dataset.ground = this.painter.ground;
    this.painter.grey?.setLight(this.light);
    this.painter.changed();
    this.review.tell("view");
  }

  showOutlines(shown) {
    this.painter.shown = shown;
    this.painter.ask();
    this.review.tell("view");
  }

  _lookAt(id) {
    const one = this.review.byId.get(id);
    if (one && !this.viewport.fitted) this.viewport.showBox(one.bbox);
  }

  zoomToChosen() {
    const { chosen } = this.review;
    if (!chosen.length) return this.review.say("Select a chromosome first; Z then shows it large.");
    return this.viewport.showBox(boxAround(chosen), 2.2);
  }

  // All chromosomes as large as they go: metaphases often fill little of their picture.
  fitChromosomes() {
    const { chromosomes } = this.review.cell;
    this.viewport.fit(chromosomes.length ? boxAround(chromosomes, 14) : undefined);
  }

  // ---- tools

  useTool(name) {
    this.tool.trace?.cancel();
    this.review.showPreview(null);
    this.tool = this.tools[name];
    this.painter.tool = this.tool.trace || null;
    this.painter.cursor = null;
    this.showCursorShape();
    this.review.tell("tool");
    this.review.say("");
    this.canvas.focus({ preventScroll: true });
    this.tool.begin?.();
    this.painter.ask();
  }

  showCursorShape() {
    this.canvas.dataset.cursor = this.tool.trace ? (this.tool.trace.stroke ? "none" : "cross") : "";
  }

  setCursor(point) {
    this.painter.cursor = point;
    this.painter.ask();
  }

  at(point) {
    const { painter } = this;
    painter.pen.save();
    painter.pen.setTransform(1, 0, 0, 1, 0, 0);
    const hit = painter.outlines ? painter.outlines.at(painter.pen, point) : [];
    painter.pen.restore();
    return hit;
  }

  hover(point) {
    this.canvas.dataset.cursor = this.at(point).length ? "point" : "";
  }

  // A second click on the same place takes the chromosome beneath.
  click(point, add) {
    const hit = this.at(point);
    if (add) return hit.length ? this.review.toggle(hit.find((id) => !this.review.selected.includes(id)) ?? hit[0]) : null;
    const next = hit[(hit.indexOf(this.review.selected[0]) + 1) % hit.length];
    return this.review.select(next === undefined ? [] : [next]);
  }

  // ---- keyboard on the picture

  arrow(key, { shift }) {
    const direction = ARROWS[key];
    if (this.tool.trace) this._moveCursor(direction, shift ? 10 : 2);
    else this._stepTo(direction, shift);
  }

  _moveCursor([down, right], step) {
    const [row, column] = this.cursorOrStart();
    const point = [
      Math.min(Math.max(row + down * step, 0), this.viewport.rows),
      Math.min(Math.max(column + right * step, 0), this.viewport.columns),
    ];
    this.viewport.reveal({ row: point[0] - 4, column: point[1] - 4, height: 8, width: 8 });
    this.tool.trace.move(point, 0.1);
    this.setCursor(point);
  }

  cursorOrStart() {
    const { painter, viewport } = this;
    if (painter.cursor) return painter.cursor;
    return this.review.chosen[0]?.centre ?? viewport.toPicture(viewport.width / 2, viewport.height / 2);
  }

  // The nearest chromosome in a direction from the one selected last.
  _stepTo([down, right], add) {
    const from = this.review.chosen.at(-1)?.centre ?? [0, 0];
    const cost = (one) => {
      const [rows, columns] = [one.centre[0] - from[0], one.centre[1] - from[1]];
      const ahead = rows * down + columns * right;
      const aside = Math.abs(rows * right) + Math.abs(columns * down);
      return ahead > 1 ? ahead + 2.5 * aside : Infinity;
    };
    const best = this.review.cell.chromosomes.reduce((a, b) => (cost(b) < cost(a) ? b : a), this.review.cell.chromosomes[0]);
    if (best && cost(best) < Infinity) this.review.select(add ? [...this.review.selected, best.id] : [best.id]);
  }

  space() {
    if (!this.tool.trace) return;
    const point = this.cursorOrStart();
    this.setCursor(point);
    this.tool.trace.space(point);
    this.painter.ask();
  }

  // True where the tool had something to finish.
  enter() {
    if (this.tool.enter?.()) return true;
    if (!this.tool.trace?.busy) return false;
    if (!this.tool.trace.finish()) this.review.say("That was too short. " + this.tool.expects());
    this.painter.ask();
    return true;
  }

  escape() {
    if (this.tool.escape?.()) return;
    if (this.tool.trace?.busy) {
      this.tool.trace.cancel();
      this.painter.ask();
    } else if (this.tool.trace) this.useTool("select");
    else this.review.select([]);
  }
}
