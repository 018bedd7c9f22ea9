// The outlines, shared areas and labels as one transparent bitmap a little larger than the screen, so that moving the picture only
// moves a bitmap.

import { LabelPictures } from "./label_pictures.js";
import { COLOURS, DARK_COLOURS, meets } from "./outlines.js";

export const LOOKS = {
  dark: {
    colours: COLOURS,
    halo: "rgb(0 0 0 / 75%)",
    text: "#ffffff",
    doubt: "#ffc861",
    chosen: "#ffffff",
    aside: "rgb(255 255 255 / 45%)",
  },
  light: {
    colours: DARK_COLOURS,
    halo: "rgb(255 255 255 / 85%)",
    text: "#1a1a1a",
    doubt: "#8a4b00",
    chosen: "#00418f",
    aside: "rgb(0 0 0 / 45%)",
  },
};

const MARGIN = 0.2;
const LABELS_FROM = 0.55;

export class OutlineLayer {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.pen = this.canvas.getContext("2d");
    this.stale = true;
    this.labels = null;
  }

  // options: viewport, ratio (screen pixels per CSS pixel), look, selected (numbers), doubtful (function of a chromosome)
  render(outlines, options) {
    this._size(options);
    this.options = options;
    this.unit = 1 / this.seenAt.scale;
    const box = this._box();
    const items = outlines.items.filter((item) => meets(item.one.bbox, box));
    const chosen = new Set(options.selected);
    this._drawShared(outlines.shared.filter((area) => meets(area.box, box)));
    this._drawAside(outlines.aside);
    for (const item of items) if (!chosen.has(item.one.id)) this._drawOutline(item, outlines.colours.get(item.one.id));
    for (const item of items) if (chosen.has(item.one.id)) this._drawChosen(item);
    if (this.seenAt.scale > LABELS_FROM) this._drawLabels(items, chosen);
    this.stale = false;
  }

  _size({ viewport, ratio }) {
    const { scale, left, top, width, height } = viewport;
    const [aside, above] = [Math.round(width * MARGIN), Math.round(height * MARGIN)];
    const [columns, rows] = [Math.round((width + 2 * aside) * ratio), Math.round((height + 2 * above) * ratio)];
    if (this.canvas.width !== columns || this.canvas.height !== rows) Object.assign(this.canvas, { width: columns, height: rows });
    else {
      this.pen.setTransform(1, 0, 0, 1, 0, 0);
      this.pen.clearRect(0, 0, columns, rows);
    }
    if (this.labels?.ratio !== ratio) this.labels = new LabelPictures(ratio);
    this.seenAt = { scale, left: left + aside, top: top + above, width: columns / ratio, height: rows / ratio };
    this._inPicture();
  }

  _inPicture() {
    const { scale, left, top } = this.seenAt;
    const { ratio } = this.labels;
    this.pen.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
  }

  // The part of the picture that the bitmap holds.
  _box() {
    const { scale, left, top, width, height } = this.seenAt;
    return { row: -top / scale, column: -left / scale, height: height / scale, width: width / scale };
  }

  // Puts the bitmap on a pen in CSS pixels, moved and scaled from where it was rendered to where the view is now.
  drawOn(pen, viewport) {
    const { scale, left, top, width, height } = this.seenAt;
    const factor = viewport.scale / scale;
    pen.imageSmoothingEnabled = factor !== 1;
    pen.drawImage(this.canvas, viewport.left - left * factor, viewport.top - top * factor, width * factor, height * factor);
  }

  _drawShared(areas) {
    for (const { box, canvas } of areas) this.pen.drawImage(canvas, box.column, box.row, box.width, box.height);
  }

  _drawAside(paths) {
    const { pen, unit } = this;
    pen.lineJoin = "bevel";
    pen.setLineDash([3 * unit, 3 * unit]);
    pen.lineWidth = unit;
    pen.strokeStyle = this.options.look.aside;
    for (const path of paths) pen.stroke(path);
    pen.setLineDash([]);
  }

  _drawOutline(item, colour) {
    this.pen.lineWidth = (this.options.doubtful(item.one) ? 2.6 : 1.4) * this.unit;
    this.pen.strokeStyle = this.options.look.colours[colour];
    this.pen.stroke(item.path);
  }

  _drawChosen(item) {
    const { pen, unit } = this;
    const { look } = this.options;
    pen.globalAlpha = 0.14;
    pen.fillStyle = look.chosen;
    pen.fill(item.path, "evenodd");
    pen.globalAlpha = 1;
    for (const [width, colour] of [
      [4.5, look.halo],
      [2.4, look.chosen],
    ]) {
      pen.lineWidth = width * unit;
      pen.strokeStyle = colour;
      pen.stroke(item.path);
    }
  }

  _drawLabels(items, chosen) {
    const { ratio } = this.labels;
    const { look, doubtful } = this.options;
    const { scale, left, top } = this.seenAt;
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const { one, label } of items) {
      const asked = doubtful(one);
      const text = `${one.marker || one.class}${asked && one.class !== "?" ? "?" : ""}`;
      const picture = this.labels.of(text, { bold: chosen.has(one.id) || asked, colour: asked ? look.doubt : look.text, halo: look.halo });
      const [width, height] = [picture.width / ratio, picture.height / ratio];
      const [down, right] = [label.direction[1], label.direction[0]];
      const away = 8 + Math.abs(right) * text.length * 2.5;
      const [row, column] = label.anchor;
      this.pen.drawImage(
        picture,
        column * scale + left + right * away - width / 2,
        row * scale + top + down * away - height / 2,
        width,
        height,
      );
    }
    this._inPicture();
  }
}
