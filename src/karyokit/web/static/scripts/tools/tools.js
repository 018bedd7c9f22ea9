// The tools on the picture. Each says what it expects; those that draw have a trace.

import { crossed, encircled } from "./hits.js";
import { Split } from "./split.js";
import { Trace } from "./trace.js";

const ADD = "#3ea7ff";
const ERASE = "#ff6b5c";

export function makeTools(review, stage) {
  return {
    select: selecting(),
    cut: cutting(review, stage),
    split: new Split(review, stage),
    brush: brushing(review, stage, "add"),
    erase: brushing(review, stage, "erase"),
    add: adding(review, stage),
    rerun: rerunning(review, stage),
  };
}

function selecting() {
  return {
    name: "select",
    expects: () => "Click a chromosome; Shift+click adds another. Drag moves the picture, the wheel zooms.",
  };
}

function cutting(review, stage) {
  const done = (line) => {
    const chromosome = crossed(stage, line);
    if (chromosome === null) return review.say("The line crosses no chromosome. Draw it from one side to the other.", true);
    if (!review.selected.includes(chromosome)) review.select([chromosome]);
    stage.useTool("select");
    return review.edit("cut", { chromosome, line });
  };
  return {
    name: "cut",
    expects: () => "Draw a line across the chromosome: drag, or click points and press Enter (arrows and Space from the keyboard).",
    trace: new Trace({ done }),
  };
}

function brushing(review, stage, mode) {
  const done = (line) => {
    const chromosome = review.selected[0] ?? stage.at(line[0])[0];
    if (chromosome === undefined) return review.say("Select the chromosome to change first: click it with the arrow tool (V).", true);
    if (!review.selected.length) review.select([chromosome], { quiet: true });
    return review.edit("brush", { chromosome, line, radius: stage.radius, mode });
  };
  const stroke = { radius: () => stage.radius, colour: mode === "add" ? ADD : ERASE };
  const verb = mode === "add" ? "Paint what belongs to" : "Rub out what does not belong to";
  return {
    name: mode === "add" ? "brush" : "erase",
    expects: () => {
      const name = review.selected.length ? `chromosome ${review.selected[0]}` : "the chromosome where you begin";
      return `${verb} ${name}; [ and ] change the size. Keyboard: Space puts the brush down and lifts it, arrows move it.`;
    },
    trace: new Trace({ stroke, least: 1, done }),
  };
}

function adding(review, stage) {
  const done = (outline) => {
    stage.useTool("select");
    review.edit("add", { outline });
  };
  return {
    name: "add",
    expects: () => "Draw around a chromosome that was missed: drag, or click points and press Enter.",
    trace: new Trace({ closed: true, least: 3, done }),
  };
}

function rerunning(review, stage) {
  const run = (area) => {
    stage.useTool("select");
    review.say("The model separates this area anew; this takes a few seconds.");
    review.edit("rerun", { area });
  };
  return {
    name: "rerun",
    expects: () => {
      const own = review.selected.length ? " Enter at once takes the selected chromosomes." : "";
      return `Draw around the area that the model should separate anew.${own}`;
    },
    trace: new Trace({ closed: true, least: 3, done: run }),
    enter() {
      if (this.trace.busy || !review.selected.length) return false;
      run(encircled(review.chosen, review.cell));
      return true;
    },
  };
}
