// What an edit did, in a sentence without its full stop.

const CLASSES = ["no class", ...Array.from({ length: 22 }, (_, at) => `class ${at + 1}`), "class X", "class Y"];

const listed = (numbers) =>
  numbers.length === 1 ? `Chromosome ${numbers[0]}` : `Chromosomes ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;

const were = (numbers, done) => `${listed(numbers)} ${numbers.length === 1 ? "was" : "were"} ${done}`;

const are = (numbers, now) => `${listed(numbers)} ${numbers.length === 1 ? "is" : "are"} ${now}`;

const SENTENCES = {
  cut: ({ chromosome }) => were([chromosome], "cut"),
  merge: ({ chromosomes }) => were(chromosomes, "merged"),
  split: ({ chromosomes }) => were(chromosomes, "split at the crossing"),
  alternative: ({ chromosome }) => were([chromosome], "taken apart in the second-best way"),
  brush: ({ chromosome, mode }) => were([chromosome], mode === "add" ? "enlarged with the brush" : "trimmed with the brush"),
  rotate: ({ chromosome, degrees }) =>
    were([chromosome], `turned by ${Math.abs(degrees)} degrees to the ${degrees > 0 ? "left" : "right"}`),
  flip: ({ chromosomes }) => were(chromosomes, "turned upside down"),
  polarity: ({ chromosome, polarity }) => `The p arm of chromosome ${chromosome} is now ${polarity}`,
  class: ({ chromosomes, category }) => are(chromosomes, `now ${CLASSES[category]}`),
  marker: ({ chromosome, text }) => (text ? are([chromosome], `marked ${text}`) : are([chromosome], "no longer marked")),
  move: ({ chromosome, category }) => were([chromosome], `moved to ${CLASSES[category]}`),
  delete: ({ chromosomes }) => were(chromosomes, "deleted"),
  restore: ({ chromosomes }) => were(chromosomes, "restored"),
  lock: ({ chromosomes }) => are(chromosomes, "locked"),
  unlock: ({ chromosomes }) => are(chromosomes, "no longer locked"),
  add: () => "A chromosome was outlined by hand",
  take_back: ({ object }) => `Object ${object} is now a chromosome`,
  rerun: () => "The model separated the area anew",
  status: ({ status, name }) => `The cell is now ${status}${name ? ` by ${name}` : ""}`,
  check: ({ chromosomes, checked }) => (checked ? were(chromosomes, "found right") : were(chromosomes, "put back among the doubtful")),
  undo: () => "The edit before was undone",
  redo: () => "The undone edit was done again",
};

export function sentenceOf(kind, args, title = kind) {
  try {
    return SENTENCES[kind](args);
  } catch {
    return title;
  }
}
