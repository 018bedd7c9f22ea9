// All shortcuts, from the table of actions; and a switch for people whom single keys disturb.

import { make } from "../elements.js";
import { openDialog } from "./dialog.js";

const ALONE = [
  [
    "On the picture",
    [
      ["Nearest chromosome in a direction", ["Arrows"]],
      ["Add it to the selection", ["Shift+Arrows"]],
      ["Move the picture", ["Drag", "Space+Drag"]],
      ["Zoom", ["Wheel"]],
    ],
  ],
  [
    "While drawing",
    [
      ["Move the point (Shift: faster)", ["Arrows"]],
      ["Set a point; brush down or up", ["Space"]],
      ["Finish", ["Enter"]],
      ["Leave", ["Esc"]],
    ],
  ],
  [
    "In the karyogram",
    [
      ["Go along and between rows", ["Arrows"]],
      ["Select one more", ["Shift+Arrows", "Space"]],
    ],
  ],
];

const shown = (key) =>
  /^[A-Z]$/.test(key) ? `Shift+${key}` : key.replace(/(^|\+)([a-z])$/, (_, before, letter) => before + letter.toUpperCase());

function line(words, keys) {
  return make("li", {}, words, make("span", { className: "keys" }, ...keys.map((key) => make("kbd", {}, shown(key)))));
}

export function showShortcuts(actions) {
  const groups = new Map();
  for (const action of actions) groups.set(action.group, [...(groups.get(action.group) || []), [action.title, action.keys]]);
  return openDialog("Keyboard shortcuts", { wide: true }, (close) => {
    const sections = [...groups, ...ALONE].map(([title, rows]) =>
      make("section", {}, make("h3", {}, title), make("ul", {}, ...rows.map(([words, keys]) => line(words, keys)))),
    );
    const tick = make("input", {
      type: "checkbox",
      checked: localStorage.getItem("karyokit.keys") !== "off",
      onchange: () => localStorage.setItem("karyokit.keys", tick.checked ? "on" : "off"),
    });
    const leave = make("button", { type: "button", className: "primary", onclick: () => close(null) }, "Close");
    const foot = make(
      "div",
      { className: "buttons spread" },
      make("label", { className: "tick" }, tick, "Single keys work (without Ctrl)"),
      leave,
    );
    return [
      make(
        "div",
        { className: "shortcuts", tabIndex: 0, role: "group", "aria-label": "List of shortcuts", "data-first": "true" },
        ...sections,
      ),
      foot,
    ];
  });
}
