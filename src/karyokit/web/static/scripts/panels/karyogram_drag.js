// Dragging a chromosome to another slot of the karyogram.

import { make, place } from "../elements.js";

const BEGIN = 6;

export class KaryogramDrag {
  constructor(karyogram) {
    Object.assign(this, { karyogram, held: null, justDropped: false });
    document.addEventListener("keydown", (event) => event.key === "Escape" && this._end());
  }

  begin(event, element) {
    if (event.button !== 0) return;
    this.justDropped = false;
    this.held = { element, x: event.clientX, y: event.clientY, ghost: null, slot: null };
    element.setPointerCapture(event.pointerId);
    element.onpointermove = (next) => this._move(next);
    element.onpointerup = (next) => this._drop(next);
    element.onpointercancel = () => this._end();
  }

  _move(event) {
    const { held } = this;
    if (!held || (!held.ghost && Math.hypot(event.clientX - held.x, event.clientY - held.y) < BEGIN)) return;
    if (!held.ghost) this._lift();
    place(held.ghost, { left: `${event.clientX - held.width / 2}px`, top: `${event.clientY - held.height / 2}px` });
    this._aim(this._slotAt(event));
  }

  _lift() {
    const { held, karyogram } = this;
    const { width, height } = held.element.getBoundingClientRect();
    const picture = held.element.querySelector("img");
    held.ghost = make("img", { className: "ghost", src: picture ? picture.src : "", alt: "" });
    Object.assign(held, { width, height });
    place(held.ghost, { width: `${width}px`, height: `${height}px` });
    document.body.append(held.ghost);
    held.element.dataset.dragged = "true";
    karyogram.element.dataset.dragging = "true";
    karyogram.review.say("Drop it on the slot of its class; Escape leaves it where it is.");
  }

  _slotAt({ clientX, clientY }) {
    const slots = [...this.karyogram.element.querySelectorAll(".slot")];
    return slots.find((slot) => {
      const box = slot.getBoundingClientRect();
      return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
    });
  }

  _aim(slot) {
    if (this.held.slot === slot) return;
    if (this.held.slot) this.held.slot.dataset.target = "false";
    if (slot) slot.dataset.target = "true";
    this.held.slot = slot;
  }

  _drop(event) {
    const { held, karyogram } = this;
    if (!held) return;
    const { slot, ghost, element } = held;
    this._end();
    if (!ghost) return;
    this.justDropped = true;
    setTimeout(() => (this.justDropped = false));
    if (!slot) return void karyogram.review.say("It was dropped outside the slots and stays where it was.");
    const { id } = element.one;
    const category = Number(slot.dataset.category);
    karyogram.review.select([id], { quiet: true });
    karyogram.review.edit("move", { chromosome: id, category, position: this._position(event.clientX, category, id) });
  }

  // How many of the slot's other chromosomes lie left of the pointer.
  _position(x, category, id) {
    const { karyogram } = this;
    const slot = karyogram.review.cell.karyogram.slots.find((one) => one.category === category);
    const others = slot.chromosomes.filter((other) => other !== id && karyogram.places.has(other));
    return others.filter((other) => {
      const box = karyogram.places.get(other).getBoundingClientRect();
      return box.left + box.width / 2 < x;
    }).length;
  }

  _end() {
    const { held, karyogram } = this;
    if (!held) return;
    held.ghost?.remove();
    if (held.slot) held.slot.dataset.target = "false";
    held.element.dataset.dragged = "false";
    Object.assign(held.element, { onpointermove: null, onpointerup: null, onpointercancel: null });
    karyogram.element.dataset.dragging = "false";
    this.held = null;
  }
}
