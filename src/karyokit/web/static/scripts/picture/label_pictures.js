// Small texts with a halo, drawn once each: writing text anew in every frame is slow.

const HEIGHT = 18;

export class LabelPictures {
  constructor(ratio) {
    this.ratio = ratio;
    this.kept = new Map();
  }

  of(text, { bold, colour, halo }) {
    const key = `${text}|${bold}|${colour}`;
    if (!this.kept.has(key)) this.kept.set(key, this._drawn(text, `${bold ? 700 : 500} 12px system-ui, sans-serif`, colour, halo));
    return this.kept.get(key);
  }

  _drawn(text, font, colour, halo) {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    pen.font = font;
    const width = Math.ceil(pen.measureText(text).width) + 8;
    canvas.width = width * this.ratio;
    canvas.height = HEIGHT * this.ratio;
    pen.scale(this.ratio, this.ratio);
    Object.assign(pen, {
      font,
      textAlign: "center",
      textBaseline: "middle",
      lineWidth: 3,
      lineJoin: "round",
      strokeStyle: halo,
      fillStyle: colour,
    });
    pen.strokeText(text, width / 2, HEIGHT / 2);
    pen.fillText(text, width / 2, HEIGHT / 2);
    return canvas;
  }
}
