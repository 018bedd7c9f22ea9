// The chromosome in hand: what it is, why it is doubtful, and the quickest ways to put it right.

import { byId, icon, make } from "../elements.js";

const percent = (value) => (value === null ? "" : `${Math.round(value * 100)} %`);

export function showCard(review, stage, run) {
  const card = byId("card");
  review.on("cell selection view", () => {
    if (!review.cell) return;
    const had = card.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    const { chosen } = review;
    card.classList.toggle("doubtful", chosen.length === 1 && doubtful(review, chosen[0]));
    card.replaceChildren(
      ...(chosen.length === 0 ? empty(review, run) : chosen.length === 1 ? single(review, stage, run) : many(review, run)),
    );
    if (had) (card.querySelector(`[data-act="${had}"]`) || card).focus({ preventScroll: true });
  });
}

const doubtful = (review, one) => one.doubts.length > 0 && !review.settled.has(one.id);

function button(run, id, words, { picture = "", key = "", primary = false, pressed = null } = {}) {
  const element = make(
    "button",
    { type: "button", className: primary ? "primary" : "", onclick: () => run(id), "aria-pressed": pressed },
    picture ? icon(picture) : "",
    words,
    key ? make("kbd", { "aria-hidden": "true" }, key) : "",
  );
  element.dataset.act = id;
  return element;
}

function empty(review, run) {
  const left = review.queue().length;
  const words = left
    ? [
        make("h2", {}, left === 1 ? "One chromosome needs your eye" : `${left} chromosomes need your eye`),
        make("p", { className: "facts" }, "They come one after another, the most doubtful first."),
      ]
    : [
        make("h2", {}, "Nothing is doubtful in this cell"),
        make("p", { className: "facts" }, "Click a chromosome to change it, or sign the cell off."),
      ];
  const next = left
    ? button(run, "next", "Begin", { picture: "next", key: "N", primary: true })
    : button(run, "status", "Sign off", { key: "Shift+S", primary: true });
  return [make("div", { className: "portrait" }), make("div", { className: "words" }, ...words, make("div", { className: "row" }, next))];
}

function portrait(review, stage, one) {
  const frame = make("div", { className: "portrait" });
  frame.dataset.paper = review.cell.stain === "fluorescence" ? "dark" : "light";
  frame.dataset.inverted = String(stage.light.inverted);
  if (one.upright) frame.append(make("img", { src: one.upright.url, alt: `Chromosome ${one.id}, upright`, decoding: "async" }));
  return frame;
}

function heading(review, one) {
  const queue = review.queue();
  const at = queue.indexOf(one.id);
  const name = one.category ? `class ${one.class}` : "no class";
  const sure = one.class_by === "human" ? "by hand" : percent(one.class_probability);
  return make(
    "h2",
    {},
    `Chromosome ${one.id}: ${name}`,
    sure ? make("span", { className: "chip" }, sure) : "",
    one.marker ? make("span", { className: "chip doubt" }, one.marker) : "",
    one.locked ? make("span", { className: "chip" }, "locked") : "",
    one.checked ? make("span", { className: "chip good" }, "checked") : "",
    at >= 0 ? make("span", { className: "place-in-queue" }, `${at + 1} of ${queue.length} to check`) : "",
  );
}

function single(review, stage, run) {
  const one = review.chosen[0];
  const reasons = doubtful(review, one)
    ? make("ul", { className: "reasons", "aria-label": "Why it is doubtful" }, ...one.doubts.map((text) => make("li", {}, text)))
    : "";
  const words = make(
    "div",
    { className: "words" },
    heading(review, one),
    reasons,
    contacts(review, one),
    classes(review, one),
    ways(review, one),
    ...usual(review, one, run),
  );
  return [portrait(review, stage, one), words];
}

function contacts(review, one) {
  const parts = Object.entries({ crossing: "Crosses ", touching: "Touches " }).map(([kind, words]) => {
    const others = one.contacts.filter((meet) => meet.kind === kind).flatMap((meet) => meet.others);
    const links = others
      .filter((id) => review.byId.has(id))
      .map((id) =>
        make(
          "button",
          { type: "button", className: "link", onclick: () => review.toggle(id), title: `Select chromosome ${id} too` },
          String(id),
        ),
      );
    return links.length ? [words, ...links.flatMap((link, at) => (at ? [", ", link] : [link])), ". "] : [];
  });
  return parts.flat().length ? make("p", { className: "facts" }, ...parts.flat()) : "";
}

// The likely classes, each one click.
function classes(review, one) {
  const likely = one.likely.filter(({ category, probability }) => probability >= 0.01 || category === one.category);
  const choices = likely.map(({ category, class: name, probability }, at) => {
    const choice = make(
      "button",
      {
        type: "button",
        "aria-pressed": String(category === one.category),
        title: `Set class ${name}`,
        onclick: () => review.edit("class", { chromosomes: [one.id], category }),
      },
      `${name} (${percent(probability)})`,
    );
    choice.dataset.act = `class-${at}`;
    return choice;
  });
  return make("div", { className: "row likely", role: "group", "aria-label": "Class" }, ...choices, otherClass(review, one));
}

function otherClass(review, one) {
  const options = review.case.classes.map((name, at) => make("option", { value: String(at + 1) }, name));
  const choice = make(
    "select",
    { "aria-label": `Class of chromosome ${one.id}` },
    make("option", { value: "" }, "Other class"),
    make("option", { value: "0" }, "No class"),
    ...options,
  );
  choice.onchange = () => choice.value && review.edit("class", { chromosomes: [one.id], category: Number(choice.value) });
  choice.dataset.act = "class";
  return choice;
}

function ways(review, one) {
  const offers = one.alternatives.map(({ index, title, outlines }) => {
    const show = () => review.showPreview(outlines);
    const hide = () => review.showPreview(null);
    const offer = make(
      "button",
      {
        type: "button",
        onpointerenter: show,
        onfocus: show,
        onpointerleave: hide,
        onblur: hide,
        onclick: () => review.edit("alternative", { chromosome: one.id, index }),
      },
      icon("split"),
      `Take the ${title}`,
      index === 0 ? make("kbd", { "aria-hidden": "true" }, "T") : "",
    );
    offer.dataset.act = `way-${index}`;
    return offer;
  });
  return offers.length ? make("div", { className: "row" }, ...offers) : "";
}

function usual(review, one, run) {
  const settle = one.checked ? button(run, "uncheck", "Doubt again", { key: "U" }) : "";
  const first = make(
    "div",
    { className: "row" },
    doubtful(review, one)
      ? button(run, "right", "Looks right", { picture: "check", key: "Enter", primary: true })
      : button(run, "next", "Next doubtful", { picture: "next", key: "N" }),
    settle,
    button(run, "marker", "Marker", { key: "D" }),
    button(run, "lock", one.locked ? "Unlock" : "Lock", { key: "L", pressed: String(one.locked) }),
    button(run, "delete", "Delete", { key: "Del" }),
  );
  return [first, turning(run, one)];
}

function turning(run, one) {
  return make(
    "div",
    { className: "row", role: "group", "aria-label": "How it stands in the karyogram" },
    button(run, "flip", "Upside down", { key: "F" }),
    button(run, "rotate", "Left 15\u00b0", { key: "R" }),
    button(run, "rotateBack", "Right 15\u00b0", { key: "Shift+R" }),
    button(run, "polarity", `p arm: ${one.polarity}`, { key: "P" }),
  );
}

function many(review, run) {
  const names = review.chosen.map((one) => one.id).join(", ");
  const words = make(
    "div",
    { className: "words" },
    make("h2", {}, `${review.chosen.length} chromosomes selected`),
    make("p", { className: "facts" }, `Numbers ${names}. Typing a class sets it for all of them.`),
    make(
      "div",
      { className: "row" },
      button(run, "merge", "Merge into one", { picture: "merge", key: "M", primary: true }),
      button(run, "split", "Split the crossing", { picture: "split", key: "S" }),
      button(run, "delete", "Delete", { key: "Del" }),
    ),
  );
  return [make("div", { className: "portrait" }), words];
}
