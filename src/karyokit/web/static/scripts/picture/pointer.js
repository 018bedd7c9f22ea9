// Mouse, pen and touch on the picture: wheel and pinch zoom, dragging pans or draws with the tool.

const CLICK = 4;

export class PictureInput {
  // stage: the picture panel, see stage.js
  constructor(canvas, stage) {
    Object.assign(this, { canvas, stage, touches: new Map(), panning: null, spaceHeld: false, spaceUsed: false });
    const listen = (name, handler, options) => canvas.addEventListener(name, handler.bind(this), options);
    listen("pointerdown", this.down);
    listen("pointermove", this.move);
    listen("pointerup", this.up);
    listen("pointercancel", this.cancel);
    listen("pointerleave", this.leave);
    listen("dblclick", () => this.stage.tool.trace?.finish());
    listen("contextmenu", (event) => event.preventDefault());
    listen("wheel", this.wheel, { passive: false });
  }

  where(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    const [x, y] = this.where(event);
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.touches.set(event.pointerId, [x, y]);
    if (this.touches.size > 1) return this.beginPinch();
    const trace = this.stage.tool.trace;
    if (trace && !this.spaceHeld && event.button === 0) trace.down(this.stage.viewport.toPicture(x, y));
    else this.panning = { x, y, far: 0, click: event.button === 0 && !this.spaceHeld };
    this.spaceUsed ||= this.spaceHeld;
    return this.stage.painter.ask();
  }

  beginPinch() {
    this.stage.tool.trace?.cancel();
    this.panning = null;
  }

  move(event) {
    const [x, y] = this.where(event);
    if (this.touches.size > 1) return this.pinch(event.pointerId, [x, y]);
    if (this.panning) return this.drag(x, y);
    const point = this.stage.viewport.toPicture(x, y);
    const trace = this.stage.tool.trace;
    if (!trace) return this.stage.hover(point);
    for (const one of event.getCoalescedEvents?.() ?? [])
      trace.move(this.stage.viewport.toPicture(...this.where(one)), 1 / this.stage.viewport.scale);
    trace.move(point, 1 / this.stage.viewport.scale);
    return this.stage.setCursor(point);
  }

  drag(x, y) {
    const pan = this.panning;
    pan.far += Math.hypot(x - pan.x, y - pan.y);
    if (pan.far > CLICK) this.stage.viewport.pan(x - pan.x, y - pan.y);
    if (pan.far > CLICK) this.canvas.dataset.cursor = "grab";
    Object.assign(pan, { x, y });
  }

  pinch(id, [x, y]) {
    const [otherX, otherY] = [...this.touches].find(([other]) => other !== id)[1];
    const [oldX, oldY] = this.touches.get(id);
    const before = Math.hypot(oldX - otherX, oldY - otherY);
    const after = Math.hypot(x - otherX, y - otherY);
    this.touches.set(id, [x, y]);
    this.stage.viewport.pan((x - oldX) / 2, (y - oldY) / 2);
    if (before > 8) this.stage.viewport.zoom(after / before, (x + otherX) / 2, (y + otherY) / 2);
  }

  up(event) {
    const wasPinch = this.touches.size > 1;
    this.touches.delete(event.pointerId);
    const pan = this.panning;
    this.panning = null;
    this.stage.showCursorShape();
    if (wasPinch) return;
    if (pan?.click && pan.far <= CLICK)
      this.stage.click(this.stage.viewport.toPicture(...this.where(event)), event.shiftKey || event.ctrlKey || event.metaKey);
    else this.stage.tool.trace?.up();
    this.stage.painter.ask();
  }

  cancel(event) {
    this.touches.delete(event.pointerId);
    this.panning = null;
    this.stage.tool.trace?.cancel();
  }

  leave() {
    if (!this.stage.tool.trace?.dragging) this.stage.setCursor(null);
  }

  wheel(event) {
    event.preventDefault();
    const [x, y] = this.where(event);
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.stage.viewport.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), x, y);
  }
}
