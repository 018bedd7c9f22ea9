// Which part of the picture is seen: screen x = column * scale + left, screen y = row * scale + top, in CSS pixels.

const STEP = 1.25;
const CLOSEST = 24;
const MARGIN = 16;

export class Viewport {
  constructor(changed) {
    Object.assign(this, { changed, scale: 1, left: 0, top: 0, width: 1, height: 1, rows: 1, columns: 1, fitted: null });
  }

  show(rows, columns) {
    Object.assign(this, { rows, columns });
    this.fit();
  }

  resize(width, height) {
    const middle = this.toPicture(this.width / 2, this.height / 2);
    Object.assign(this, { width, height });
    if (this.fitted) this.fit(this.fitted);
    else this.centreOn(middle);
  }

  get smallest() {
    return Math.min((this.width - 2 * MARGIN) / this.columns, (this.height - 2 * MARGIN) / this.rows);
  }

  // Shows a box as large as it goes, the whole picture by default, and keeps showing it when the window changes its size.
  fit(box = { row: 0, column: 0, height: this.rows, width: this.columns }) {
    const wanted = Math.min((this.width - 2 * MARGIN) / box.width, (this.height - 2 * MARGIN) / box.height);
    this.scale = Math.min(Math.max(wanted, 0.02), 8);
    this.centreOn([box.row + box.height / 2, box.column + box.width / 2]);
    this.fitted = box;
  }

  centreOn([row, column]) {
    this._move(this.width / 2 - column * this.scale, this.height / 2 - row * this.scale);
  }

  // Shows a box {row, column, height, width} with some room around it.
  showBox(box, room = 3.2) {
    const wanted = Math.min(this.width / (room * box.width + 20), this.height / (room * box.height + 20));
    this.scale = Math.min(Math.max(wanted, this.smallest), 6);
    this.centreOn([box.row + box.height / 2, box.column + box.width / 2]);
  }

  // Moves only when the box is out of sight.
  reveal(box) {
    const [x0, y0] = this.toScreen([box.row, box.column]);
    const [x1, y1] = this.toScreen([box.row + box.height, box.column + box.width]);
    if (x0 < 0 || y0 < 0 || x1 > this.width || y1 > this.height) this.centreOn([box.row + box.height / 2, box.column + box.width / 2]);
  }

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const [row, column] = this.toPicture(x, y);
    this.scale = Math.min(Math.max(this.scale * factor, this.smallest / 2), CLOSEST);
    this._move(x - column * this.scale, y - row * this.scale);
  }

  zoomStep(direction) {
    this.zoom(STEP ** direction);
  }

  pan(dx, dy) {
    this._move(this.left + dx, this.top + dy);
  }

  // Keeps some of the picture on the screen.
  _move(left, top) {
    const keep = 40;
    this.left = Math.min(Math.max(left, keep - this.columns * this.scale), this.width - keep);
    this.top = Math.min(Math.max(top, keep - this.rows * this.scale), this.height - keep);
    this.fitted = null;
    this.changed();
  }

  // The box of the picture that is on the screen.
  seen() {
    const [row, column] = this.toPicture(0, 0);
    return { row, column, height: this.height / this.scale, width: this.width / this.scale };
  }

  toPicture(x, y) {
    return [(y - this.top) / this.scale, (x - this.left) / this.scale];
  }

  toScreen([row, column]) {
    return [column * this.scale + this.left, row * this.scale + this.top];
  }
}
