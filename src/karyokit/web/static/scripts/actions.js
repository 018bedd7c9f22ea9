// Everything a person can do, with its keys. Buttons, the keyboard and the list of shortcuts all come from this table.

import { askMarker } from "./dialogs/marker.js";
import { askReport } from "./dialogs/report.js";
import { showShortcuts } from "./dialogs/shortcuts.js";
import { askStatus } from "./dialogs/status.js";
import { byId } from "./elements.js";
import { PLAIN } from "./picture/grey.js";

const TOOLS = [
  ["select", "Select", "v"],
  ["cut", "Cut along a line", "c"],
  ["split", "Split a crossing", "s"],
  ["brush", "Brush: add to a chromosome", "b"],
  ["erase", "Brush: erase", "e"],
  ["add", "Outline a missed chromosome", "a"],
  ["rerun", "Model again on an area", "g"],
];

export function makeActions(review, stage, desk) {
  return [
    ...moving(review, stage),
    ...TOOLS.map(([name, title, key]) => ({ id: name, group: "Tools", title, keys: [key], run: () => stage.useTool(name) })),
    { id: "merge", group: "Tools", title: "Merge the selected chromosomes", keys: ["m"], run: () => merge(review) },
    { id: "smaller", group: "Tools", title: "Smaller brush", keys: ["["], run: () => desk.setRadius(stage.radius - 1) },
    { id: "larger", group: "Tools", title: "Larger brush", keys: ["]"], run: () => desk.setRadius(stage.radius + 1) },
    ...naming(review),
    ...handling(review, desk),
    ...undoing(review),
    ...viewing(review, stage),
    ...opening(review, desk),
  ];
}

function moving(review) {
  const group = "Through the cell";
  return [
    { id: "right", group, title: "Right as it is, then the next doubtful", keys: ["Enter"], run: () => accept(review) },
    { id: "next", group, title: "Next doubtful chromosome", keys: ["n"], run: () => review.nextDoubtful(1) },
    { id: "previous", group, title: "Previous doubtful chromosome", keys: ["N"], run: () => review.nextDoubtful(-1) },
    { id: "following", group, title: "Next chromosome by number", keys: ["."], run: () => neighbour(review, 1) },
    { id: "preceding", group, title: "Previous chromosome by number", keys: [","], run: () => neighbour(review, -1) },
    { id: "nextCell", group, title: "Next cell", keys: ["PageDown"], run: () => otherCell(review, 1) },
    { id: "previousCell", group, title: "Previous cell", keys: ["PageUp"], run: () => otherCell(review, -1) },
  ];
}

function naming(review) {
  const group = "Class";
  const typed = {
    id: "typed",
    group,
    title: "Class: type its number (12: 1 then 2), X or Y; 0 for unknown",
    keys: ["1 ... 22", "x", "y", "0"],
    shownOnly: true,
  };
  return [
    typed,
    {
      id: "marker",
      group,
      title: "Mark as marker or derivative",
      keys: ["d"],
      run: () => one(review, (chromosome) => askMarker(review, chromosome)),
    },
  ];
}

function handling(review, desk) {
  const group = "Chromosome";
  const each = (kind) => () => several(review, (chromosomes) => review.edit(kind, { chromosomes }));
  const turn = (degrees) => () => one(review, ({ id }) => review.edit("rotate", { chromosome: id, degrees }));
  return [
    {
      id: "second",
      group,
      title: "Take the second-best reconstruction",
      keys: ["t"],
      run: () => one(review, (chromosome) => takeSecond(review, chromosome)),
    },
    { id: "flip", group, title: "Turn upside down (p arm to the other end)", keys: ["f"], run: each("flip") },
    { id: "rotate", group, title: "Turn left by 15 degrees", keys: ["r"], run: turn(15) },
    { id: "rotateBack", group, title: "Turn right by 15 degrees", keys: ["R"], run: turn(-15) },
    {
      id: "polarity",
      group,
      title: "p arm: up, down, unknown",
      keys: ["p"],
      run: () => one(review, (chromosome) => turnPolarity(review, chromosome)),
    },
    { id: "delete", group, title: "Delete (can be restored)", keys: ["Delete", "Backspace"], run: each("delete") },
    { id: "restore", group, title: "Deleted and set aside objects", keys: ["w"], run: () => desk.openTab("aside") },
    { id: "lock", group, title: "Lock or unlock", keys: ["l"], run: () => several(review, (ids) => toggleLock(review, ids)) },
    {
      id: "uncheck",
      group,
      title: "Put back among the doubtful",
      keys: ["u"],
      run: () => several(review, (chromosomes) => review.edit("check", { chromosomes, checked: false })),
    },
  ];
}

function undoing(review) {
  const group = "Undo and report";
  return [
    { id: "undo", group, title: "Undo", keys: ["Ctrl+z"], run: () => review.takeBack("undo") },
    { id: "redo", group, title: "Redo", keys: ["Ctrl+Shift+z", "Ctrl+y"], run: () => review.takeBack("redo") },
    { id: "status", group, title: "Mark the cell reviewed or sign it", keys: ["S"], run: () => askStatus(review) },
    { id: "report", group, title: "Report", keys: ["Ctrl+Enter"], run: () => askReport(review) },
  ];
}

function viewing(review, stage) {
  const group = "View";
  const light = (change) => () => stage.setLight({ ...stage.light, ...change(stage.light) });
  const outlines = () => stage.showOutlines(stage.painter.shown === "all" ? "none" : "all");
  const within = (value) => Math.min(Math.max(value, -100), 100);
  return [
    { id: "zoomIn", group, title: "Zoom in", keys: ["+", "="], run: () => stage.viewport.zoomStep(1) },
    { id: "zoomOut", group, title: "Zoom out", keys: ["-"], run: () => stage.viewport.zoomStep(-1) },
    { id: "zoomChosen", group, title: "Show the selected chromosomes large", keys: ["z"], run: () => stage.zoomToChosen() },
    { id: "fit", group, title: "Show all chromosomes", keys: ["Z"], run: () => stage.fitChromosomes() },
    { id: "whole", group, title: "Show the whole picture", keys: ["Home"], run: () => stage.viewport.fit() },
    { id: "outlines", group, title: "Outlines on or off", keys: ["o"], run: outlines },
    { id: "invert", group, title: "Invert the picture", keys: ["i"], run: light(({ inverted }) => ({ inverted: !inverted })) },
    { id: "brighter", group, title: "Brighter", keys: [")"], run: light(({ brightness }) => ({ brightness: within(brightness + 10) })) },
    { id: "darker", group, title: "Darker", keys: ["("], run: light(({ brightness }) => ({ brightness: within(brightness - 10) })) },
    { id: "harder", group, title: "More contrast", keys: ["}"], run: light(({ contrast }) => ({ contrast: within(contrast + 10) })) },
    { id: "softer", group, title: "Less contrast", keys: ["{"], run: light(({ contrast }) => ({ contrast: within(contrast - 10) })) },
    { id: "plainLight", group, title: "Light as in the file", keys: ["\\"], run: light(() => PLAIN) },
  ];
}

function opening(review, desk) {
  const group = "Places";
  return [
    { id: "toPicture", group, title: "To the picture", keys: ["j"], run: () => byId("picture").focus() },
    { id: "toKaryogram", group, title: "To the karyogram", keys: ["k"], run: () => desk.openTab("karyogram") },
    { id: "toList", group, title: "To the list of chromosomes", keys: ["q"], run: () => desk.openTab("list") },
    { id: "toHistory", group, title: "To the history of edits", keys: ["h"], run: () => desk.openTab("history") },
    { id: "help", group, title: "These shortcuts", keys: ["?"], run: () => showShortcuts(desk.actions) },
  ];
}

// ---- what the actions do

function several(review, task) {
  return review.selected.length
    ? task([...review.selected])
    : review.say("Select a chromosome first: click it, or press N for the next doubtful.");
}

function one(review, task) {
  return several(review, () => task(review.chosen[0]));
}

function accept(review) {
  const doubtful = review.chosen.filter((chromosome) => chromosome.doubts.length && !review.settled.has(chromosome.id)).map(({ id }) => id);
  const queue = review.queue();
  const next = queue
    .slice(queue.indexOf(review.selected[0]) + 1)
    .concat(queue)
    .find((id) => !doubtful.includes(id));
  if (doubtful.length) review.edit("check", { chromosomes: doubtful, checked: true });
  if (next === undefined)
    return review.say("Nothing is doubtful any more in this cell. Shift+S marks it reviewed, Ctrl+Enter makes the report.");
  review.select([next]);
  return review.tell("look", next);
}

function neighbour(review, step) {
  const ids = review.cell.chromosomes.map(({ id }) => id).sort((a, b) => a - b);
  if (!ids.length) return;
  const at = ids.indexOf(review.selected.at(-1));
  review.select([ids[at < 0 ? 0 : (at + step + ids.length) % ids.length]]);
}

function otherCell(review, step) {
  const { cells } = review.case;
  const at = cells.findIndex((cell) => cell.id === review.cell.id) + step;
  if (cells[at]) review.open(cells[at].id);
  else review.say(step > 0 ? "This is the last cell of the case." : "This is the first cell of the case.");
}

function merge(review) {
  if (review.selected.length < 2) return review.say("Select the pieces that belong together (Shift+click or Shift+arrow), then press M.");
  return review.edit("merge", { chromosomes: [...review.selected] });
}

function takeSecond(review, chromosome) {
  const [alternative] = chromosome.alternatives;
  if (!alternative) return review.say(`The model saw no other way to take chromosome ${chromosome.id} apart.`);
  return review.edit("alternative", { chromosome: chromosome.id, index: alternative.index });
}

function turnPolarity(review, { id, polarity }) {
  const next = { up: "down", down: "unknown", unknown: "up" }[polarity];
  return review.edit("polarity", { chromosome: id, polarity: next });
}

function toggleLock(review, chromosomes) {
  const locked = review.chosen.every((chromosome) => chromosome.locked);
  return review.edit(locked ? "unlock" : "lock", { chromosomes });
}
