// Draws the metaphase: the grey picture, over it the outlines, over them a preview and what the tool is doing.

import { oncePerFrame } from "../elements.js";
import { Outlines, pathOf } from "./outlines.js";
import { LOOKS, OutlineLayer } from "./outline_layer.js";

const SETTLED = 110;

export class Painter {
  constructor(canvas, viewport, review) {
    Object.assign(this, { canvas, viewport, review, grey: null, outlines: null, shown: "all", tool: null, cursor: null });
    this.pen = canvas.getContext("2d");
    this.layer = new OutlineLayer();
    this.ask = oncePerFrame(() => this.draw());
    this.ratio = 1;
    this.ground = "dark";
    this.settling = null;
  }

  get look() {
    return LOOKS[this.ground];
  }

  resize(width, height) {
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.canvas.width = Math.max(Math.round(width * this.ratio), 1);
    this.canvas.height = Math.max(Math.round(height * this.ratio), 1);
    this.viewport.resize(width, height);
    this.changed();
  }

  setCell(cell) {
    this.outlines = new Outlines(cell, this.outlines?.cell.id === cell.id ? this.outlines : null);
    this.changed();
  }

  // The outlines have to be drawn anew.
  changed() {
    this.layer.stale = true;
    this.ask();
  }

  // While the picture moves the outlines move with it as they are; when it rests they are drawn anew, sharp.
  moved() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.changed(), SETTLED);
    this.ask();
  }

  draw() {
    this.pen.setTransform(1, 0, 0, 1, 0, 0);
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this._inPicture();
    this._drawGrey();
    if (this.outlines && this.shown !== "none") this._drawOutlines();
    this._drawPreview();
    this.tool?.draw?.(this.pen, { unit: 1 / this.viewport.scale, look: this.look, cursor: this.cursor });
  }

  _inPicture() {
    const { scale, left, top } = this.viewport;
    const ratio = this.ratio;
    this.pen.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
  }

  _drawGrey() {
    if (!this.grey) return;
    this.pen.imageSmoothingEnabled = this.viewport.scale < 8;
    this.pen.drawImage(this.grey.canvas, 0, 0);
  }

  _drawOutlines() {
    if (this.layer.stale) {
      const doubtful = (one) => one.doubts.length > 0 && !this.review.settled.has(one.id);
      this.layer.render(this.outlines, {
        viewport: this.viewport,
        ratio: this.ratio,
        look: this.look,
        selected: this.review.selected,
        doubtful,
      });
    }
    this.pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.layer.drawOn(this.pen, this.viewport);
    this._inPicture();
  }

  _drawPreview() {
    const { pen, look } = this;
    const unit = 1 / this.viewport.scale;
    (this.review.preview || []).forEach((rings, at) => {
      const path = pathOf(rings);
      const colour = look.colours[(at * 3 + 1) % look.colours.length];
      pen.globalAlpha = 0.3;
      pen.fillStyle = colour;
      pen.fill(path, "evenodd");
      pen.globalAlpha = 1;
      for (const [width, stroke] of [
        [4.5, look.halo],
        [2.4, colour],
      ]) {
        pen.lineWidth = width * unit;
        pen.strokeStyle = stroke;
        pen.stroke(path);
      }
    });
  }
}
