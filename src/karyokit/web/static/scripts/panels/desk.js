// The right side: tabs for karyogram, list, objects set aside and history; and the divider beside it.

import { byId, make } from "../elements.js";
import { Aside } from "./aside.js";
import { Evidence } from "./evidence.js";
import { History } from "./history.js";
import { Karyogram } from "./karyogram.js";
import { ChromosomeList } from "./list.js";

const TABS = { karyogram: "Karyogram", list: "List", aside: "Set aside", history: "History" };

export class Desk {
  constructor(review, stage) {
    Object.assign(this, { review, stage, actions: [] });
    this.panels = {
      karyogram: new Karyogram(review, stage),
      list: new ChromosomeList(review),
      aside: new Aside(review),
      history: new History(review),
    };
    this.evidence = new Evidence(review);
    this._makeTabs();
    review.on("cell", () => this._count());
    makeDivider();
  }

  _makeTabs() {
    const bar = byId("tabs");
    for (const [name, title] of Object.entries(TABS)) {
      bar.append(
        make(
          "button",
          { type: "button", id: `tab-${name}`, role: "tab", "aria-controls": `${name}-panel`, onclick: () => this.showTab(name) },
          title,
        ),
      );
    }
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const names = Object.keys(TABS);
      const next = names[(names.indexOf(this.open) + step + names.length) % names.length];
      this.showTab(next);
      byId(`tab-${next}`).focus();
    });
    this.showTab("karyogram");
  }

  showTab(name) {
    this.open = name;
    for (const other of Object.keys(TABS)) {
      byId(`tab-${other}`).setAttribute("aria-selected", String(other === name));
      byId(`tab-${other}`).tabIndex = other === name ? 0 : -1;
      byId(`${other}-panel`).hidden = other !== name;
    }
    if (this.review.cell) this.panels[name].draw();
    if (name === "karyogram") this.evidence.soon();
  }

  openTab(name) {
    this.showTab(name);
    if (name === "karyogram") byId("karyogram").querySelector('.place[tabindex="0"]')?.focus();
    else this.panels[name].focus();
  }

  _count() {
    const { set_aside: aside, deleted } = this.review.cell;
    byId("tab-aside").textContent = aside.length + deleted.length ? `${TABS.aside} (${aside.length + deleted.length})` : TABS.aside;
  }

  setRadius(radius) {
    this.stage.radius = Math.min(Math.max(Math.round(radius), 1), 40);
    this.stage.painter.ask();
    this.review.tell("view");
  }
}

// Drag or arrow keys give the picture more or less of the width.
function makeDivider() {
  const divider = byId("divider");
  const bench = byId("bench");
  const set = (share) => {
    const kept = Math.min(Math.max(Math.round(share), 25), 75);
    bench.style.setProperty("--picture-share", `${kept}fr`);
    bench.style.setProperty("--desk-share", `${100 - kept}fr`);
    divider.setAttribute("aria-valuenow", kept);
    localStorage.setItem("karyokit.share", kept);
  };
  const now = () => Number(divider.getAttribute("aria-valuenow"));
  set(Number(localStorage.getItem("karyokit.share")) || 48);
  divider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (step) set(now() + step);
  });
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    const left = byId("cell-list").closest(".cells").getBoundingClientRect().right;
    divider.onpointermove = ({ clientX }) => set((100 * (clientX - left)) / (window.innerWidth - left));
    divider.onpointerup = () => (divider.onpointermove = null);
  });
}
