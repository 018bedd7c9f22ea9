// Edits on their way to the server, oldest first. They are kept in the browser's storage until the server has answered, so that a
// restart of the server or a reload of the page loses none. One that was sent but not answered is looked for in the history of the
// cell before it is sent again, so that none is done twice.

import { Refused, Silent, post, read } from "./server.js";

const STORE = "karyokit.outbox";
const PAUSES = [500, 1000, 2000, 4000, 5000];

function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) || [];
  } catch {
    return [];
  }
}

function store(entries) {
  try {
    localStorage.setItem(STORE, JSON.stringify(entries));
  } catch {
    // Storage may be full or forbidden: the edits still wait in memory.
  }
}

// randomUUID exists only on 127.0.0.1 and under https; getRandomValues everywhere.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Whether a command of the history is the one that an entry asks for; the server may have added arguments left out.
function isOf(command, { path, body }, revision) {
  const kind = path === "commands" ? body.kind : path;
  const given = Object.entries(body.arguments || {});
  const same = given.every(([name, value]) => JSON.stringify(command.arguments[name]) === JSON.stringify(value));
  return command.id > revision && command.kind === kind && command.who === body.who && same;
}

export class Outbox {
  constructor({ onAnswer, onRefusal, onChange }) {
    Object.assign(this, { onAnswer, onRefusal, onChange });
    this.waiting = stored();
    this.silent = false;
    this.reason = "";
    this.failures = 0;
    this.revisions = new Map();
    this.timer = null;
    this.sending = false;
  }

  get length() {
    return this.waiting.length;
  }

  // `path` is commands, undo or redo of the cell; `body` holds the revision that the edit was made on.
  add(cell, path, body) {
    const behind = this.waiting.some((entry) => entry.cell === cell);
    this.waiting.push({ key: newKey(), cell, path, body, behind, sent: false });
    store([...stored(), this.waiting.at(-1)]);
    this.onChange();
    this.send();
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    while (this.waiting.length && (await this._sendFirst()));
    this.sending = false;
    this.onChange();
  }

  async _sendFirst() {
    const entry = this.waiting[0];
    const revision = entry.behind ? (this.revisions.get(entry.cell) ?? entry.body.revision) : entry.body.revision;
    try {
      const answer = (entry.sent && (await this._doneBefore(entry, revision))) || (await this._post(entry, revision));
      this._done(entry, answer.cell);
      this.onAnswer(entry, answer);
    } catch (error) {
      if (error instanceof Silent) return this._wait(error.message);
      if (!(error instanceof Refused)) throw error;
      this._done(entry, error.cell);
      this.onRefusal(entry, error);
    }
    return true;
  }

  _post(entry, revision) {
    entry.sent = true;
    store(stored().map((other) => (other.key === entry.key ? entry : other)));
    return post(`/api/cells/${entry.cell}/${entry.path}`, { ...entry.body, revision });
  }

  // The answer for an edit that the server did although its answer was lost; null for one that never arrived.
  async _doneBefore(entry, revision) {
    const { commands } = await read(`/api/cells/${entry.cell}/history`);
    const found = commands.findLast((command) => isOf(command, entry, revision));
    return found ? { command: found.id, created: [], cell: await read(`/api/cells/${entry.cell}`) } : null;
  }

  _done(entry, cell) {
    this.waiting.shift();
    store(stored().filter((other) => other.key !== entry.key));
    if (cell) this.revisions.set(entry.cell, cell.revision);
    this.answers();
  }

  _wait(reason) {
    this.silent = true;
    this.reason = reason;
    this.timer = setTimeout(() => this.send(), PAUSES[Math.min(this.failures, PAUSES.length - 1)]);
    this.failures += 1;
    return false;
  }

  // Any answer of the server, also to a poll, ends the silence.
  answers() {
    if (!this.silent) return;
    this.silent = false;
    this.failures = 0;
    this.onChange();
    this.send();
  }
}
