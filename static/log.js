// Live log: the whole history first, then live; follows until the reader scrolls up; loses nothing
// on reconnecting. Text goes in as text: nothing that a host prints is ever taken for markup.
const MOST_ROWS = 5000;
const SILENT_MS = 40000;
const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

function visible(text) {
  return text.replace(HIDDEN, (char) => `⟨${char.codePointAt(0).toString(16).padStart(2, "0")}⟩`);
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

class LogView {
  constructor(root) {
    this.root = root;
    this.lines = root.querySelector(".log");
    this.part = (name) => root.querySelector(`[data-log-part="${name}"]`);
    this.open = new Map(); // the unfinished last line of each stream of each command
    this.waiting = [];
    this.number = this.dropped = this.unseen = this.bytes = 0;
    this.position = "";
    this.follow = !location.hash.startsWith("#L");
    this.changed = () => {
      clearTimeout(this.changing);
      this.changing = setTimeout(() => document.body.dispatchEvent(new Event("run-changed")), 250);
    };
    this.buttons();
    this.connect();
    setInterval(() => this.watch(), 5000);
  }

  buttons() {
    for (const button of this.root.querySelectorAll("[data-log-toggle]")) {
      const name = button.dataset.logToggle;
      const show = (on) => {
        button.setAttribute("aria-pressed", String(on));
        this.lines.classList.toggle(name, on);
      };
      show((localStorage.getItem(`portal-log-${name}`) || button.getAttribute("aria-pressed")) === "true");
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        localStorage.setItem(`portal-log-${name}`, String(on));
        show(on);
      });
    }
    this.part("jump").addEventListener("click", () => this.setFollow(true));
    this.part("follow").addEventListener("click", () => this.setFollow(!this.follow));
    this.lines.addEventListener("scroll", () => {
      const atEnd = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 24;
      if (atEnd !== this.follow) this.setFollow(atEnd);
    });
    this.setFollow(this.follow);
  }

  setFollow(on) {
    this.follow = on;
    this.part("follow").setAttribute("aria-pressed", String(on));
    if (on) {
      this.unseen = 0;
      this.lines.scrollTop = this.lines.scrollHeight;
    }
    this.part("jump").hidden = on || this.ended;
    this.part("jump").textContent = this.unseen ? `Jump to live (${this.unseen} new)` : "Jump to live";
  }

  connect() {
    this.heard = Date.now();
    const address = new URL(this.root.dataset.log, location.href);
    if (this.position) address.searchParams.set("after", this.position);
    this.source = new EventSource(address);
    const on = (name, handle) => this.source.addEventListener(name, (event) => {
      this.heard = Date.now();
      if (event.lastEventId) this.position = event.lastEventId;
      handle(event.data);
    });
    this.source.onopen = () => this.say("live", "live");
    this.source.onerror = () => {
      if (this.source.readyState === EventSource.CLOSED) this.say("lost", "not connected: reload the page to sign in again");
      else this.say("lost", "reconnecting…");
    };
    on("alive", () => this.say("live", "live"));
    on("output", (data) => this.output(JSON.parse(data)));
    on("command", (data) => { this.command(JSON.parse(data)); this.changed(); });
    on("mark", (data) => { const mark = JSON.parse(data); this.row(`mark ${mark.tone || ""}`, mark.at, mark.text); this.changed(); });
    on("changed", () => this.changed());
    on("end", () => {
      this.ended = true;
      this.source.close();
      this.say("", this.root.dataset.ended);
      this.setFollow(this.follow);
      this.changed();
    });
  }

  watch() {
    if (this.ended || this.source.readyState === EventSource.CLOSED || Date.now() - this.heard < SILENT_MS) return;
    this.say("lost", "silent for too long, reconnecting…");
    this.source.close();
    this.connect();
  }

  say(state, words) {
    const status = this.part("status");
    status.classList.toggle("live", state === "live");
    status.classList.toggle("lost", state === "lost");
    if (status.textContent !== words) status.textContent = words;
  }

  output({ command, stream, at, text }) {
    this.bytes += new Blob([text]).size;
    const key = `${command} ${stream}`;
    const pieces = text.split("\n");
    const last = pieces.pop();
    for (const piece of pieces) {
      this.line(key, stream, at, piece.endsWith("\r") ? piece.slice(0, -1) : piece);
      this.open.delete(key);
    }
    if (last) this.line(key, stream, at, last);
  }

  line(key, stream, at, text) {
    const started = this.open.get(key);
    if (started) started.append(visible(text));
    else this.open.set(key, this.row(stream === "stderr" ? "err" : "out", at, text));
  }

  command({ number, line, host, account, state, status, at }) {
    if (state === "started") this.row("cmd", at, `${account}@${host} $ ${line}`);
    else if (state === "ended") this.row(status === 0 ? "mark ok" : "mark bad", at, `command ${number}: exit status ${status}`);
    else if (state === "unknown") this.row("mark unknown", at, `command ${number}: nobody knows how it ended`);
  }

  row(kind, at, text) {
    this.number += 1;
    const row = element("div", `line ${kind}`);
    row.id = `L${this.number}`;
    const link = element("a", "", String(this.number));
    link.href = `#L${this.number}`;
    const body = element("span", "", visible(text));
    row.append(link, element("b", "", at || ""), body);
    this.waiting.push(row);
    if (this.waiting.length === 1) requestAnimationFrame(() => this.flush());
    return body;
  }

  flush() {
    const rows = this.waiting;
    this.waiting = [];
    this.lines.append(...rows);
    while (this.lines.childElementCount > MOST_ROWS) {
      this.lines.firstElementChild.remove();
      this.dropped += 1;
    }
    const size = this.bytes < 10240 ? `${this.bytes} B` : `${(this.bytes / 1024).toFixed(0)} KB`;
    const dropped = this.dropped ? `, the first ${this.dropped} only in the download` : "";
    this.part("count").textContent = `${this.number} lines${dropped} · ${size}`;
    if (this.follow) this.lines.scrollTop = this.lines.scrollHeight;
    else this.unseen += rows.length;
    this.setFollow(this.follow);
    const wanted = !this.found && location.hash.startsWith("#L") && document.getElementById(location.hash.slice(1));
    if (wanted) {
      this.found = true;
      wanted.scrollIntoView({ block: "center" });
    }
  }
}

for (const root of document.querySelectorAll("[data-log]")) new LogView(root);
