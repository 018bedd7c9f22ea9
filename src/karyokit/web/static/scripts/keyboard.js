// Keys: actions by their key, classes by typing, arrows and Space on the picture.

const TYPING_PAUSE = 900;
const OWN_KEYS = "input:not([type=range], [type=checkbox]), textarea, select, dialog";
const MOVED_BY_ARROWS = "[role=separator], [role=tab], input";

// "z", "Z" with Shift whatever Caps Lock says, "Ctrl+z", "Ctrl+Shift+z", "Space".
export function keyName(event) {
  const letter = /^[a-z]$/i.test(event.key);
  const name = event.key === " " ? "Space" : letter ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `Ctrl+${event.shiftKey && letter ? "Shift+" : ""}${name}`;
  return letter && event.shiftKey ? name.toUpperCase() : name;
}

// Digits become a class when no further digit can follow or after a pause; answers a category 0..24 or null.
export class ClassTyping {
  constructor(done, typing) {
    Object.assign(this, { done, typing, digits: "", timer: null });
  }

  key(name) {
    const letter = { x: 23, y: 24, X: 23, Y: 24 }[name];
    if (letter) return this._take(letter);
    if (!/^\d$/.test(name)) return this.digits ? this._other(name) : false;
    const joined = this.digits + name;
    this.digits = Number(joined) <= 22 ? joined : name;
    clearTimeout(this.timer);
    if (this.digits.length === 2 || !/^[12]$/.test(this.digits)) return this._take(Number(this.digits));
    this.timer = setTimeout(() => this._take(Number(this.digits)), TYPING_PAUSE);
    this.typing(this.digits);
    return true;
  }

  // Enter takes the digit at once, Escape forgets it, any other key takes it and goes on.
  _other(name) {
    if (name === "Escape") return this._clear();
    this._take(Number(this.digits));
    return name === "Enter";
  }

  _take(category) {
    this._clear();
    this.done(category);
    return true;
  }

  _clear() {
    clearTimeout(this.timer);
    this.digits = "";
    return true;
  }
}

export class Keyboard {
  constructor(review, stage, actions) {
    Object.assign(this, { review, stage });
    this.actions = new Map(actions.filter((action) => !action.shownOnly).flatMap((action) => action.keys.map((key) => [key, action])));
    this.classes = new ClassTyping(
      (category) => this._class(category),
      (digits) => review.say(`Class ${digits}_ : one more digit, or Enter.`),
    );
    document.addEventListener("keydown", (event) => this._down(event));
    document.addEventListener("keyup", (event) => this._up(event));
  }

  static get on() {
    return localStorage.getItem("karyokit.keys") !== "off";
  }

  _down(event) {
    if (event.defaultPrevented || event.altKey || !this.review.cell || event.target.closest(OWN_KEYS)) return;
    const name = keyName(event);
    const single = name.length === 1 || ["Delete", "Backspace"].includes(name);
    if (single && !Keyboard.on && name !== "?") return;
    if (this._handled(event, name)) event.preventDefault();
  }

  _handled(event, name) {
    const onPicture = event.target === this.stage.canvas;
    const button = event.target.closest("button, a, summary");
    const pressesButton =
      (name === "Enter" || name === "Space") && (button || event.target.closest("input")) && !button?.dataset.chromosome;
    if (pressesButton || (event.key.startsWith("Arrow") && event.target.closest(MOVED_BY_ARROWS))) return false;
    if (name === "Escape") return this._escape();
    if (onPicture && this._onPicture(event, name)) return true;
    if (this.classes.key(name)) return true;
    if (name === "Enter" && this.stage.enter()) return true;
    const action = this.actions.get(name);
    if (!action) return false;
    action.run();
    return true;
  }

  _escape() {
    if (!this.classes.digits) this.stage.escape();
    this.classes.key("Escape");
    return true;
  }

  _onPicture(event, name) {
    if (event.key.startsWith("Arrow")) {
      this.stage.arrow(event.key, { shift: event.shiftKey });
      return true;
    }
    if (name !== "Space") return false;
    if (!event.repeat) Object.assign(this.stage.input, { spaceHeld: true, spaceUsed: false });
    return true;
  }

  _up(event) {
    if (event.key !== " " || !this.stage.input.spaceHeld) return;
    const { input } = this.stage;
    input.spaceHeld = false;
    if (!input.spaceUsed) this.stage.space();
  }

  _class(category) {
    const { review } = this;
    if (!review.selected.length) return review.say("Select a chromosome first; then type its class.");
    review.say("");
    return review.edit("class", { chromosomes: [...review.selected], category });
  }
}
