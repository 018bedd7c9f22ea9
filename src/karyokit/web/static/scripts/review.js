// What the page knows: the case, the open cell, what is selected, and the edits on their way. Parts of the page listen to topics:
// case, cell, selection, tool, cursor, preview, view, saving, message.

import { Outbox } from "./outbox.js";
import { Silent, read } from "./server.js";

const POLL = 2000;

export class Review {
  constructor({ askName }) {
    this.askName = askName;
    this.case = null;
    this.cell = null;
    this.selected = [];
    this.settled = new Set();
    this.preview = null;
    this.message = { text: "", refused: false };
    this.silent = false;
    this.listeners = new Map();
    this.outbox = new Outbox({
      onAnswer: (entry, answer) => this._answered(entry, answer),
      onRefusal: (entry, error) => this._refused(entry, error),
      onChange: () => this.tell("saving"),
    });
  }

  on(topics, listener) {
    for (const topic of topics.split(" ")) this.listeners.set(topic, [...(this.listeners.get(topic) || []), listener]);
  }

  tell(topic, detail) {
    for (const listener of this.listeners.get(topic) || []) listener(detail);
  }

  say(text, refused = false) {
    this.message = { text: text.charAt(0).toUpperCase() + text.slice(1), refused };
    this.tell("message");
  }

  get who() {
    return localStorage.getItem("karyokit.who") || "";
  }

  set who(name) {
    localStorage.setItem("karyokit.who", name);
    this.tell("saving");
  }

  // ---- reading

  async start() {
    await this.readCase();
    const wanted = Number(new URLSearchParams(location.hash.slice(1)).get("cell"));
    const first = this.case.cells.find((cell) => cell.id === wanted) || this.case.cells[0];
    if (first) await this.open(first.id);
    this.outbox.send();
    setInterval(() => this._poll(), POLL);
  }

  async readCase() {
    this.case = await read("/api/case");
    this.tell("case");
  }

  async open(id) {
    const cell = await this._reading(() => read(`/api/cells/${id}`));
    if (!cell) return;
    const another = this.cell?.id !== id;
    if (another) {
      this.settled.clear();
      this.selected = [];
      history.replaceState(null, "", `#cell=${id}`);
    }
    this.show(cell);
    if (another) {
      this.tell("opened");
      this.select(this.queue().slice(0, 1));
    }
  }

  async _reading(task) {
    try {
      const answer = await task();
      this._heard(true);
      return answer;
    } catch (error) {
      if (error instanceof Silent) this._heard(false, error.message);
      else this.say(error.message, true);
      return null;
    }
  }

  _heard(answered, reason = "") {
    if (answered) this.outbox.answers();
    if (this.silent === !answered) return;
    Object.assign(this, { silent: !answered, reason });
    this.tell("saving");
  }

  async _poll() {
    if (document.hidden || this.outbox.length) return;
    if (!this.cell) return void (this.case.cells.length && this.open(this.case.cells[0].id));
    const { id } = this.cell;
    const answer = await this._reading(() => read(`/api/cells/${id}/revision`));
    if (!answer || this.outbox.length || this.cell.id !== id || answer.revision === this.cell.revision) return;
    await this.open(id);
    this.say("Another window changed this cell; the page shows the newest state.");
  }

  // ---- the open cell

  show(cell) {
    if (this.cell?.id === cell.id && cell.revision < this.cell.revision) return;
    this.cell = cell;
    this.byId = new Map(cell.chromosomes.map((one) => [one.id, one]));
    this._summarise(cell);
    this.tell("cell");
    this.select(this.selected.filter((id) => this.byId.has(id)));
  }

  _summarise(cell) {
    const summary = this.case.cells.find((one) => one.id === cell.id);
    if (!summary) return;
    const known = cell.chromosomes.map((one) => one.class_probability).filter((value) => value !== null);
    const confidence = known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
    Object.assign(summary, { status: cell.status.value, status_by: cell.status.who, count: cell.count, iscn: cell.iscn });
    Object.assign(summary, { doubtful: cell.doubtful.length, confidence, revision: cell.revision });
    this.tell("case");
  }

  get chosen() {
    return this.selected.map((id) => this.byId.get(id)).filter(Boolean);
  }

  // Doubtful chromosomes, most doubtful first, without those just settled.
  queue() {
    return this.cell ? this.cell.doubtful.filter((id) => this.byId.has(id) && !this.settled.has(id)) : [];
  }

  select(ids, { quiet = false } = {}) {
    this.selected = [...new Set(ids)];
    this.preview = null;
    this.tell("selection", { quiet });
  }

  toggle(id) {
    this.select(this.selected.includes(id) ? this.selected.filter((one) => one !== id) : [...this.selected, id]);
  }

  nextDoubtful(step = 1) {
    const queue = this.queue();
    if (!queue.length) return this.say("Nothing is doubtful any more in this cell.");
    const now = queue.indexOf(this.selected[0]);
    const next = now < 0 ? (step > 0 ? 0 : queue.length - 1) : (now + step + queue.length) % queue.length;
    this.select([queue[next]]);
    this.tell("look", queue[next]);
  }

  // `chromosomes` is a list of rings for each chromosome to show as it would become; null shows none.
  showPreview(chromosomes) {
    this.preview = chromosomes;
    this.tell("preview");
  }

  // ---- editing

  async edit(kind, args) {
    if (!(await this._named())) return;
    if (kind === "check" || kind === "class") this._settle(args);
    this.outbox.add(this.cell.id, "commands", { revision: this.cell.revision, kind, arguments: args, who: this.who });
  }

  // Checked chromosomes leave the queue at once, before the server has answered.
  _settle(args) {
    for (const id of args.chromosomes) {
      if (args.checked === false) this.settled.delete(id);
      else this.settled.add(id);
    }
  }

  async takeBack(path) {
    const waiting = this.outbox.length > 0;
    if (!waiting && !this.cell[path]) return this.say(path === "undo" ? "There is nothing to undo." : "There is nothing to redo.");
    if (!(await this._named())) return;
    this.settled.clear();
    this.outbox.add(this.cell.id, path, { revision: this.cell.revision, who: this.who });
  }

  async _named() {
    if (!this.who) this.who = (await this.askName()) || "";
    if (!this.who) this.say("Nothing was changed: every edit is signed with a name.", true);
    return Boolean(this.who);
  }

  _answered(entry, answer) {
    this._heard(true);
    if (this.cell?.id !== entry.cell) return void this.readCase().catch(() => {});
    if (!this.outbox.waiting.some((one) => one.cell === entry.cell)) this.settled.clear();
    const created = (answer.created || []).filter((id) => answer.cell.chromosomes.some((one) => one.id === id));
    if (created.length && entry.path === "commands") this.selected = [...this.selected, ...created];
    this.show(answer.cell);
    this.tell("done", entry);
  }

  _refused(entry, error) {
    this._heard(true);
    this.settled.clear();
    if (error.cell && error.cell.id === this.cell?.id) this.show(error.cell);
    this.say(error.message, true);
    this.tell("done", entry);
  }
}
