// Puts the page together and starts it.

import { makeActions } from "./actions.js";
import { askName } from "./dialogs/name.js";
import { byId } from "./elements.js";
import { Keyboard } from "./keyboard.js";
import { showCard } from "./panels/card.js";
import { showCells } from "./panels/cells.js";
import { Desk } from "./panels/desk.js";
import { showSaving, showStatus, showTop } from "./panels/top.js";
import { showControls } from "./picture/controls.js";
import { Stage } from "./picture/stage.js";
import { Review } from "./review.js";
import { Silent } from "./server.js";

const RETRY = 2000;

async function begin(review) {
  try {
    await review.start();
    if (!review.case.cells.length) review.say("This case holds no cells. Run `karyokit karyotype` on pictures first.", true);
  } catch (error) {
    review.say(error.message, true);
    if (!(error instanceof Silent)) return;
    review.silent = true;
    review.tell("saving");
    setTimeout(() => begin(review), RETRY);
  }
}

export const review = new Review({ askName });
export const stage = new Stage(review);
export const desk = new Desk(review, stage);
desk.actions = makeActions(review, stage, desk);
const run = (id) => desk.actions.find((action) => action.id === id).run();

showTop(review, run);
showSaving(review);
showCells(review);
showCard(review, stage, run);
showControls(review, stage, desk, run);
showStatus(review, stage);
new Keyboard(review, stage, desk.actions);
byId("picture").addEventListener("focus", () => stage.painter.ask());
begin(review);
