// The controls around the picture: the rail of tools, the view buttons, the light and the size of the brush.

import { byId, icon, make } from "../elements.js";
import { PLAIN } from "./grey.js";

const RAIL = [
  ["select", "Select"],
  ["cut", "Cut"],
  ["merge", "Merge"],
  ["split", "Split"],
  ["brush", "Brush"],
  ["erase", "Erase"],
  ["add", "Outline"],
  ["rerun", "Re-run"],
];

export function showControls(review, stage, desk, run) {
  showRail(review, stage, desk, run);
  showView(review, stage, run);
  showLight(review, stage);
  showBrush(review, stage, desk);
}

function titleOf(desk, id) {
  const action = desk.actions.find((one) => one.id === id);
  return `${action.title} (${action.keys[0]})`;
}

function showRail(review, stage, desk, run) {
  const buttons = RAIL.map(([name, words]) => {
    const button = make("button", { type: "button", title: titleOf(desk, name), onclick: () => run(name) }, icon(name), words);
    button.dataset.tool = name;
    return button;
  });
  byId("rail").append(...buttons);
  const mark = () =>
    buttons
      .filter((button) => button.dataset.tool !== "merge")
      .forEach((button) => button.setAttribute("aria-pressed", String(stage.tool.name === button.dataset.tool)));
  review.on("tool", mark);
  mark();
}

function showView(review, stage, run) {
  const act = (id, label, content) =>
    make("button", { type: "button", "aria-label": label, title: label, onclick: () => run(id) }, content);
  const outlines = act("outlines", "Outlines (O)", icon("outlines"));
  const light = make(
    "button",
    {
      type: "button",
      "aria-label": "Brightness and contrast",
      title: "Brightness and contrast",
      "aria-expanded": "false",
      "aria-controls": "light",
    },
    icon("light"),
  );
  light.onclick = () => {
    byId("light").hidden = !byId("light").hidden;
    light.setAttribute("aria-expanded", String(!byId("light").hidden));
    if (!byId("light").hidden) byId("light").querySelector("input").focus();
  };
  byId("view-buttons").append(
    act("zoomOut", "Zoom out (-)", "\u2212"),
    act("zoomIn", "Zoom in (+)", "+"),
    act("fit", "All chromosomes (Shift+Z)", icon("fit")),
    outlines,
    light,
  );
  review.on("view", () => outlines.setAttribute("aria-pressed", String(stage.painter.shown === "all")));
}

function slider(words, change) {
  const input = make("input", { type: "range", min: "-100", max: "100", value: "0", oninput: () => change(Number(input.value)) });
  return { input, label: make("label", {}, words, input) };
}

function showLight(review, stage) {
  const set = (change) => stage.setLight({ ...stage.light, ...change });
  const brightness = slider("Brightness", (value) => set({ brightness: value }));
  const contrast = slider("Contrast", (value) => set({ contrast: value }));
  const inverted = make("input", { type: "checkbox", onchange: () => set({ inverted: inverted.checked }) });
  const plain = make("button", { type: "button", onclick: () => set(PLAIN) }, "As in the file");
  byId("light").append(brightness.label, contrast.label, make("label", { className: "tick" }, inverted, "Inverted"), plain);
  review.on("view", () => {
    brightness.input.value = stage.light.brightness;
    contrast.input.value = stage.light.contrast;
    inverted.checked = stage.light.inverted;
  });
}

function showBrush(review, stage, desk) {
  const size = make("input", { type: "range", min: "1", max: "40", oninput: () => desk.setRadius(Number(size.value)) });
  const words = make("output");
  const label = make("label", {}, "Size ", size, words);
  const options = byId("options");
  const show = () => {
    size.value = stage.radius;
    words.textContent = ` ${stage.radius} px`;
  };
  review.on("view", show);
  review.on("tool", () => {
    if (stage.tool.trace?.stroke) options.replaceChildren(label);
    options.hidden = !stage.tool.trace?.stroke;
    show();
  });
}
