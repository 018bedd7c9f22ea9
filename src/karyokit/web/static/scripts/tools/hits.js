// Which chromosomes a drawn line meets.

function sampled(line, step = 1) {
  const points = [line[0]];
  line.slice(1).forEach((end, at) => {
    const start = line[at];
    const count = Math.max(Math.ceil(Math.hypot(end[0] - start[0], end[1] - start[1]) / step), 1);
    for (let part = 1; part <= count; part += 1)
      points.push([start[0] + ((end[0] - start[0]) * part) / count, start[1] + ((end[1] - start[1]) * part) / count]);
  });
  return points;
}

function counted(stage, points) {
  const counts = new Map();
  for (const point of points) for (const id of stage.at(point)) counts.set(id, (counts.get(id) || 0) + 1);
  return counts;
}

// The chromosome that a line runs through, a selected one first; null for none.
export function crossed(stage, line) {
  const counts = counted(stage, sampled(line));
  const chosen = stage.review.selected.find((id) => counts.has(id));
  if (chosen !== undefined) return chosen;
  return [...counts].reduce((best, [id, count]) => (count > (counts.get(best) || 0) ? id : best), null);
}

// The chromosomes that an outline meets, those met most first.
export function met(stage, outline) {
  const middle = [0, 1].map((axis) => outline.reduce((sum, point) => sum + point[axis], 0) / outline.length);
  const spokes = outline.flatMap((point) => sampled([middle, point], 2));
  return [...counted(stage, spokes)].sort((a, b) => b[1] - a[1]).map(([id]) => id);
}

// The box {row, column, height, width} around chromosomes, with room.
export function boxAround(chromosomes, room = 0) {
  const boxes = chromosomes.map((one) => one.bbox);
  const row = Math.min(...boxes.map((box) => box.row)) - room;
  const column = Math.min(...boxes.map((box) => box.column)) - room;
  const height = Math.max(...boxes.map((box) => box.row + box.height)) + room - row;
  const width = Math.max(...boxes.map((box) => box.column + box.width)) + room - column;
  return { row, column, height, width };
}

// A rectangle around chromosomes, with room, inside the picture, as an outline.
export function encircled(chromosomes, { rows, columns }, room = 8) {
  const box = boxAround(chromosomes, room);
  const [top, left] = [Math.max(box.row, 0), Math.max(box.column, 0)];
  const [bottom, right] = [Math.min(box.row + box.height, rows), Math.min(box.column + box.width, columns)];
  return [
    [top, left],
    [top, right],
    [bottom, right],
    [bottom, left],
  ];
}
