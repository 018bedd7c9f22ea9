// The head of the page: the open cell, undo and redo, report; and at its foot what is saved.

import { askName } from "../dialogs/name.js";
import { byId, icon, make } from "../elements.js";
import { sentenceOf } from "../words.js";
import { STATUS } from "./cells.js";

export function showTop(review, run) {
  const undo = make("button", { type: "button", onclick: () => run("undo") }, icon("undo"), "Undo");
  const redo = make("button", { type: "button", onclick: () => run("redo") }, icon("redo"), "Redo");
  const status = make("button", { type: "button", onclick: () => run("status") }, "Sign off");
  const report = make("button", { type: "button", className: "primary", onclick: () => run("report") }, "Report");
  const help = make(
    "button",
    { type: "button", "aria-label": "Keyboard shortcuts", title: "Keyboard shortcuts (?)", onclick: () => run("help") },
    "?",
  );
  byId("top-actions").append(undo, redo, status, report, help);
  review.on("cell saving", () => {
    if (!review.cell) return;
    title(review.cell);
    for (const [button, path, key] of [
      [undo, "undo", "Ctrl+Z"],
      [redo, "redo", "Ctrl+Shift+Z"],
    ]) {
      button.disabled = !review.cell[path] && !review.outbox.length;
      button.title = review.cell[path] ? `${path === "undo" ? "Undo" : "Redo"}: ${review.cell[path].title} (${key})` : "";
    }
  });
}

function title(cell) {
  const fact = (text, kind = "") => make("span", { className: `fact ${kind}` }, text);
  byId("cell-title").replaceChildren(
    make("span", { className: "cell-name" }, cell.name),
    fact(cell.iscn ? `${cell.count} chromosomes · ${cell.iscn}` : `${cell.count} chromosomes`, "strong"),
    make(
      "span",
      { className: `chip ${cell.status.value}` },
      cell.status.who ? `${STATUS[cell.status.value]} by ${cell.status.who}` : STATUS[cell.status.value],
    ),
    make(
      "span",
      { className: cell.doubtful.length ? "chip doubt" : "chip good" },
      cell.doubtful.length ? `${cell.doubtful.length} to check` : "Nothing to check",
    ),
  );
  document.title = `${cell.name} - KaryoKit review`;
}

export function showSaving(review) {
  const banner = byId("banner");
  const again = make("button", { type: "button", onclick: () => review.outbox.send() }, "Try now");
  const words = make("span");
  banner.append(words, again);
  review.on("saving", () => {
    const count = review.outbox.length;
    const silent = review.silent || review.outbox.silent;
    const edits = count === 1 ? "1 edit waits" : `${count} edits wait`;
    const reason = review.outbox.reason || review.reason || "The server does not answer.";
    banner.hidden = !silent;
    const text = `${reason} ${count ? `${edits} in this browser and will be sent as soon as it is back.` : "Your edits are saved; new ones will wait here."}`;
    if (silent && words.textContent !== text) words.textContent = text;
    saved(review, count);
  });
}

function saved(review, count) {
  const place = byId("saved");
  const change = make(
    "button",
    { type: "button", className: "link", onclick: async () => (review.who = (await askName(review.who)) || review.who) },
    review.who ? review.who : "Set your name",
  );
  place.classList.toggle("waiting", count > 0);
  place.replaceChildren(count ? "Saving ... " : "All edits are saved. ", review.who ? "Reviewer: " : "", change);
}

// The status line: what the server said, else what was done, else what the tool expects.
export function showStatus(review, stage) {
  const line = byId("status");
  review.on("message tool cell selection", () => {
    const { text, refused } = review.message;
    line.classList.toggle("refused", refused);
    line.textContent = text || stage.tool.expects();
  });
  review.on("done", (entry) => {
    if (review.message.refused) return;
    const { kind, arguments: args } = entry.body;
    if (entry.path === "undo") review.say("Undone. Ctrl+Shift+Z does it again.");
    else if (entry.path === "redo") review.say("Done again.");
    else review.say(`${sentenceOf(kind, args)}. Ctrl+Z takes it back.`);
  });
  review.on("selection tool", () => {
    if (review.message.text) review.say("");
  });
}
