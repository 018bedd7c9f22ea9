// The outlines of a cell as Path2D, made once per state of the cell: colours that differ between neighbours, the hatched shared
// areas, and where each label goes.

export const COLOURS = ["#5fb8ff", "#ffd24a", "#7fe08d", "#ff8fb5", "#c49bff", "#ff9d5c", "#4fe0d0", "#d6e35c"];
export const DARK_COLOURS = ["#0a62b0", "#8a6400", "#17762c", "#b3235f", "#6a3fc0", "#b34a00", "#00726a", "#5c6b00"];
const FINE = 3;
const LABEL = { width: 16, height: 14, gap: 6 };
const DIRECTIONS = Array.from({ length: 12 }, (_, hour) => [Math.cos((hour * Math.PI) / 6), Math.sin((hour * Math.PI) / 6)]);

export function pathOf(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    ring.forEach(([row, column], at) => (at ? path.lineTo(column, row) : path.moveTo(column, row)));
    path.closePath();
  }
  return path;
}

export const meets = (a, b) =>
  a.row < b.row + b.height && b.row < a.row + a.height && a.column < b.column + b.width && b.column < a.column + a.width;

const grown = (box, by) => ({ row: box.row - by, column: box.column - by, height: box.height + 2 * by, width: box.width + 2 * by });

// Number of a colour for each chromosome, different from those of the chromosomes near it where colours suffice.
export function colourNumbers(chromosomes, previous = new Map()) {
  const numbers = new Map();
  for (const one of chromosomes) {
    const near = chromosomes.filter((other) => other !== one && meets(grown(one.bbox, 8), other.bbox));
    const taken = new Set(near.map((other) => numbers.get(other.id) ?? previous.get(other.id)));
    const before = previous.get(one.id);
    const free = COLOURS.map((_, number) => number).filter((number) => !taken.has(number));
    const favourite = before ?? one.id % COLOURS.length;
    numbers.set(one.id, taken.has(favourite) && free.length ? free[one.id % free.length] : favourite);
  }
  return numbers;
}

export class Outlines {
  constructor(cell, previous) {
    this.cell = cell;
    this.items = cell.chromosomes.map((one) => ({ one, path: pathOf(one.outlines), label: null }));
    this.aside = cell.set_aside.map((object) => pathOf(object.outlines));
    this.colours = colourNumbers(cell.chromosomes, previous?.colours);
    this.byId = new Map(this.items.map((item) => [item.one.id, item]));
    this._placeLabels();
    this.shared = this._sharedAreas();
  }

  // The area that each crossing pair may share: its box and a small canvas with the shared pixels hatched.
  _sharedAreas() {
    const pairs = this.items.flatMap((item) => {
      const others = item.one.contacts.filter((meet) => meet.kind === "crossing").flatMap((meet) => meet.others);
      return others.filter((id) => id > item.one.id && this.byId.has(id)).map((id) => [item, this.byId.get(id)]);
    });
    return pairs.filter(([item, other]) => meets(item.one.bbox, other.one.bbox)).map(([item, other]) => hatched(item, other));
  }

  // Each label stands beside its chromosome in the direction where it hides least of the others.
  _placeLabels() {
    const { levels, width, height } = this._occupancy();
    const around = ([row, column], visit) => {
      for (let y = Math.floor(row - LABEL.height / 2); y < row + LABEL.height / 2; y += 1) {
        for (let x = Math.floor(column - LABEL.width / 2); x < column + LABEL.width / 2; x += 1)
          visit(x < 0 || y < 0 || x >= width || y >= height ? -1 : (y * width + x) * 4 + 3);
      }
    };
    const hidden = (place) => {
      let sum = 0;
      around(place, (at) => (sum += at < 0 ? 40 : levels[at]));
      return sum;
    };
    for (const item of this.items) {
      item.label = bestLabel(item.one, hidden);
      around(item.label.middle, (at) => at >= 0 && (levels[at] = 255));
    }
  }

  _occupancy() {
    const canvas = document.createElement("canvas");
    canvas.width = this.cell.columns;
    canvas.height = this.cell.rows;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    for (const { path } of this.items) pen.fill(path, "evenodd");
    return { levels: pen.getImageData(0, 0, canvas.width, canvas.height).data, width: canvas.width, height: canvas.height };
  }

  // Numbers of the chromosomes under a point, the smallest first.
  at(pen, [row, column]) {
    const hit = this.items.filter(({ one, path }) => {
      const box = one.bbox;
      const inside = row >= box.row && row <= box.row + box.height && column >= box.column && column <= box.column + box.width;
      return inside && pen.isPointInPath(path, column, row, "evenodd");
    });
    return hit.sort((a, b) => a.one.area - b.one.area).map((item) => item.one.id);
  }
}

// The rim point farthest in each direction, and the label beyond it.
function bestLabel(one, hidden) {
  const points = one.outlines.flat();
  let best = null;
  for (const [x, y] of DIRECTIONS) {
    const rim = points.reduce((far, point) => (point[1] * x + point[0] * y > far[1] * x + far[0] * y ? point : far), points[0]);
    const away = LABEL.gap + (Math.abs(x) * LABEL.width + Math.abs(y) * LABEL.height) / 4;
    const middle = [rim[0] + y * away, rim[1] + x * away];
    const cost = hidden(middle);
    if (!best || cost < best.cost) best = { cost, middle, anchor: rim, direction: [x, y] };
  }
  return best;
}

function common(a, b) {
  const [row, column] = [Math.max(a.row, b.row), Math.max(a.column, b.column)];
  return {
    row,
    column,
    height: Math.min(a.row + a.height, b.row + b.height) - row,
    width: Math.min(a.column + a.width, b.column + b.width) - column,
  };
}

function hatched(item, other) {
  const box = common(item.one.bbox, other.one.bbox);
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(box.width * FINE);
  canvas.height = Math.ceil(box.height * FINE);
  const pen = canvas.getContext("2d");
  pen.scale(FINE, FINE);
  pen.translate(-box.column, -box.row);
  pen.clip(item.path, "evenodd");
  pen.clip(other.path, "evenodd");
  drawHatch(pen, box);
  return { box, canvas };
}

function drawHatch(pen, box) {
  pen.fillStyle = "rgb(255 255 255 / 22%)";
  pen.fillRect(box.column, box.row, box.width, box.height);
  pen.beginPath();
  for (let at = -box.height; at < box.width; at += 3.5) {
    pen.moveTo(box.column + at, box.row);
    pen.lineTo(box.column + at + box.height, box.row + box.height);
  }
  pen.lineWidth = 1.9;
  pen.strokeStyle = "rgb(0 0 0 / 55%)";
  pen.stroke();
  pen.lineWidth = 0.9;
  pen.strokeStyle = "rgb(255 255 255 / 90%)";
  pen.stroke();
}
