// A line drawn on the picture: by dragging, by clicking points (Enter ends), or from the keyboard (arrows, Space, Enter).

const SHORT = 3;

export class Trace {
  // closed: the line is an outline; stroke: it has the width of a brush; done(points) gets [row, column] points.
  constructor({ closed = false, stroke = null, least = 2, done }) {
    Object.assign(this, { closed, stroke, least, done, points: [], dragging: false, moved: 0 });
  }

  get busy() {
    return this.points.length > 0;
  }

  down(point) {
    this.dragging = true;
    this.moved = 0;
    this.points.push(point);
  }

  move(point, unit) {
    if (!this.dragging) return;
    const last = this.points.at(-1);
    const step = Math.hypot(point[0] - last[0], point[1] - last[1]);
    if (step < unit * 2) return;
    this.moved += step / unit;
    this.points.push(point);
  }

  up(byKeyboard = false) {
    if (!this.dragging) return;
    this.dragging = false;
    if (this.stroke || (this.moved > SHORT && !byKeyboard)) this.finish();
  }

  // A pen held down from the keyboard is lifted by the next Space; a line takes one point for each.
  space(point) {
    if (this.stroke) return this.dragging ? this.up() : this.down(point);
    this.points.push(point);
    return null;
  }

  finish() {
    const points = this.points;
    this.cancel();
    if (points.length >= this.least) this.done(points);
    return points.length >= this.least;
  }

  cancel() {
    this.points = [];
    this.dragging = false;
  }

  draw(pen, { unit, look, cursor }) {
    if (this.stroke && cursor) this._drawBrush(pen, unit, look, cursor);
    const points = this.dragging || !cursor || this.stroke ? this.points : [...this.points, cursor];
    if (this.points.length) this._drawLine(pen, points, unit, look);
    if (!this.stroke && cursor) this._drawCross(pen, unit, look, cursor);
  }

  _drawLine(pen, points, unit, look) {
    pen.beginPath();
    points.forEach(([row, column], at) => (at ? pen.lineTo(column, row) : pen.moveTo(column, row)));
    if (this.closed) pen.closePath();
    pen.lineJoin = "round";
    pen.lineCap = "round";
    if (this.stroke) {
      if (points.length === 1) pen.lineTo(points[0][1] + 0.01, points[0][0]);
      pen.globalAlpha = 0.45;
      pen.lineWidth = this.stroke.radius() * 2;
      pen.strokeStyle = this.stroke.colour;
      pen.stroke();
      pen.globalAlpha = 1;
      return;
    }
    for (const [width, colour] of [
      [4, look.halo],
      [1.8, look.chosen],
    ]) {
      pen.lineWidth = width * unit;
      pen.strokeStyle = colour;
      pen.stroke();
    }
  }

  _drawBrush(pen, unit, look, [row, column]) {
    for (const [width, colour] of [
      [3, look.halo],
      [1.4, this.stroke.colour],
    ]) {
      pen.beginPath();
      pen.arc(column, row, Math.max(this.stroke.radius(), unit), 0, 2 * Math.PI);
      pen.lineWidth = width * unit;
      pen.strokeStyle = colour;
      pen.stroke();
    }
  }

  _drawCross(pen, unit, look, [row, column]) {
    const arm = 9 * unit;
    for (const [width, colour] of [
      [3.5, look.halo],
      [1.2, look.chosen],
    ]) {
      pen.beginPath();
      pen.moveTo(column - arm, row);
      pen.lineTo(column + arm, row);
      pen.moveTo(column, row - arm);
      pen.lineTo(column, row + arm);
      pen.lineWidth = width * unit;
      pen.strokeStyle = colour;
      pen.stroke();
    }
  }
}
