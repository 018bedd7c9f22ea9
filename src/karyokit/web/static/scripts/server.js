// The server's answers. A request either gives its answer, is refused (with one sentence), or the server is silent: it is not there,
// or cannot write just now. What met silence is worth sending again.

export class Silent extends Error {
  constructor(sentence = "The server does not answer.") {
    super(sentence);
  }
}

export class Refused extends Error {
  constructor(status, answer) {
    super(answer.error || `The server answered with status ${status}.`);
    this.code = answer.code || "";
    this.cell = answer.cell || null;
    this.doubtful = answer.doubtful || [];
  }
}

async function answered(path, options) {
  try {
    return await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(60_000), ...options });
  } catch {
    throw new Silent();
  }
}

async function refusal(response) {
  const answer = await response.json().catch(() => ({}));
  return [502, 503, 504].includes(response.status) ? new Silent(answer.error) : new Refused(response.status, answer);
}

async function request(path, options) {
  const response = await answered(path, options);
  if (!response.ok) throw await refusal(response);
  return response;
}

const posting = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export async function read(path) {
  return (await request(path)).json();
}

export async function post(path, body) {
  return (await request(path, posting(body))).json();
}

export async function postForFile(path, body) {
  return (await request(path, posting(body))).blob();
}
