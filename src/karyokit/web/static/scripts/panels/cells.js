// The cells of the case, with what stands of each.

import { byId, make } from "../elements.js";

export const STATUS = { new: "New", reviewed: "Reviewed", signed: "Signed" };

function facts(cell) {
  const words = [`${cell.count} chromosomes`];
  if (cell.confidence !== null) words.push(`${Math.round(cell.confidence * 100)} % sure`);
  return words.join(" · ");
}

function entry(review, cell) {
  const button = make(
    "button",
    { type: "button", title: cell.name, "aria-current": cell.id === review.cell?.id ? "true" : null, onclick: () => review.open(cell.id) },
    make("span", { className: "name" }, cell.name),
    make("span", { className: "more" }, facts(cell)),
    make("span", { className: `chip ${cell.status}`, title: cell.status_by ? `by ${cell.status_by}` : "" }, STATUS[cell.status]),
    cell.doubtful ? make("span", { className: "chip doubt" }, `${cell.doubtful} to check`) : null,
  );
  return make("li", {}, button);
}

export function showCells(review) {
  const list = byId("cell-list");
  review.on("case opened", () => {
    const focused = [...list.querySelectorAll("button")].indexOf(document.activeElement);
    list.replaceChildren(...review.case.cells.map((cell) => entry(review, cell)));
    if (focused >= 0) list.querySelectorAll("button")[focused]?.focus();
    byId("case-name").textContent = review.case.name;
    byId("research").textContent = review.case.research_only;
  });
}
