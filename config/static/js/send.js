// Sends a form with a file where its progress can be seen; what fails leaves the file chosen.
const pathOf = (address) => new URL(address, location.href).pathname;
const megabytes = (bytes) => (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0);

class Sending {
  constructor(form) {
    this.form = form;
    this.panel = form.querySelector("[data-sending]");
    this.words = this.panel.querySelector("[role=status]");
    this.bar = this.panel.querySelector("progress");
    this.stop = this.panel.querySelector("[data-stop]");
    this.button = form.querySelector("button[type=submit]");
    form.addEventListener("submit", (event) => { event.preventDefault(); this.start(); });
    this.stop.addEventListener("click", () => { this.end(); this.button.focus(); });
    addEventListener("pageshow", () => this.end());  // also when it is gone back to
  }

  async start() {
    this.end();
    document.getElementById("errors")?.remove();
    for (const each of document.querySelectorAll("[data-failed]")) each.hidden = true;
    const size = [...this.form.querySelectorAll("input[type=file]")]
      .reduce((sum, input) => sum + (input.files[0]?.size || 0), 0);
    if (size > Number(this.form.dataset.limit)) return this.fail("large");
    this.show(this.panel.dataset.asking);
    this.stop.focus();  // what was pressed cannot keep the focus
    this.button.disabled = true;
    const aborter = this.aborter = new AbortController();
    let page;
    try {  // before a large file goes on its way: is the way open, and who am I?
      const answer = await fetch(location.href, { cache: "no-store", signal: aborter.signal });
      if (pathOf(answer.url) !== location.pathname) return this.fail("out");
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return aborter.signal.aborted ? undefined : this.fail("broken");
    }
    const token = page.querySelector("form[data-send] [name=csrfmiddlewaretoken]");
    if (token) this.form.elements.csrfmiddlewaretoken.value = token.value;
    this.send(aborter.signal);
  }

  send(signal) {
    const request = new XMLHttpRequest();
    request.open("POST", this.form.action);
    request.upload.addEventListener("progress", (event) => this.tell(event.loaded, event.total));
    request.upload.addEventListener("load", () => this.show(this.panel.dataset.reading));
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () => this.fail("broken"));
    signal.addEventListener("abort", () => request.abort());
    request.send(new FormData(this.form));
  }

  answered(request) {
    if (request.status === 413) return this.fail("large");
    const path = pathOf(request.responseURL);
    if (path === this.form.dataset.logIn) return this.fail("out");
    if (path !== location.pathname) return location.assign(request.responseURL);
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const errors = answer.getElementById("errors");
    if (!errors) return this.fail("broken");
    this.end();
    this.form.before(errors);
    errors.focus();
  }

  tell(loaded, total) {
    const tenths = Math.floor(10 * loaded / total);
    this.bar.value = loaded / total;
    if (tenths === this.tenths) return;  // a screen reader need not hear each step
    this.tenths = tenths;
    this.words.textContent = this.panel.dataset.sent
      .replace("{part}", megabytes(loaded)).replace("{all}", megabytes(total));
  }

  show(words) {
    this.bar.removeAttribute("value");
    this.words.textContent = words;
    this.panel.hidden = false;
  }

  fail(why) {
    this.end();
    const said = document.querySelector(`[data-failed=${why}]`);
    said.hidden = false;
    said.focus();
  }

  end() {
    this.aborter?.abort();
    this.aborter = this.tenths = undefined;
    this.panel.hidden = true;
    this.button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-send]")) new Sending(form);
