// Shows a check: on a receipt for its own proof, elsewhere for files that somebody chooses.
"use strict";

(() => {
  const MAX_BYTES = 4 * 1024 * 1024;
  const words = verifyWords[document.documentElement.lang.slice(0, 2)] ?? verifyWords.en;
  const group = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, words.thousands);
  const made = (tag, text = "", className = "") => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const stepLine = (step) => {
    const line = made("li", "", step.passed ? "" : "check__failed");
    const said = made("span", words.steps[step.name]);
    const mark = made("span", step.passed ? "✓" : "✗", "check__mark");
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", step.passed ? words.holds : words.fails);
    if (!step.passed) said.append(made("span", words.why(step.name, step.said), "check__why"));
    line.append(mark, said);
    line.dataset.step = step.name;
    return line;
  };

  const row = (cells, tag = "td") => {
    const line = made("tr");
    for (const cell of cells) {
      const element = made(tag, cell);
      if (tag === "th") element.scope = "col";
      line.append(element);
    }
    return line;
  };

  const numbers = (statement) => {
    const table = made("table", "", "check__numbers"), head = made("thead"), body = made("tbody");
    table.append(made("caption", words.caption));
    head.append(row(words.columns, "th"));
    for (const one of statement.stretches) {
      const used = one.sameInterval ? words.sameInterval : one.usedIn || words.notShown;
      const what = one.attribute === "renewable" ? words.renewable : words.emissions;
      body.append(row([one.device, what, words.range(group(one.first), group(one.last)), words.range(one.madeFrom, one.madeTo), used]));
    }
    table.append(head, body);
    const scroll = made("div", "", "check__scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "group");
    scroll.setAttribute("aria-label", words.numbers);
    scroll.append(table);
    return scroll;
  };

  const verdictWords = (verdict, vouchedBy) => {
    if (!verdict.valid) return words.broken;
    if (!verdict.authenticated) return words.fits;
    if (!vouchedBy) return words.valid;
    const isSealed = verdict.steps.at(-1).name === "seal";
    return isSealed ? words.sealed(vouchedBy) : words.named(vouchedBy);
  };

  const show = (target, verdict, { vouchedBy, more = [] }) => {
    const steps = made("ol", "", "check__steps");
    steps.append(...verdict.steps.map(stepLine));
    target.replaceChildren(made("p", verdictWords(verdict, vouchedBy), "check__verdict"), steps);
    target.dataset.verdict = verdict.valid ? (verdict.authenticated ? "authentic" : "consistent") : "invalid";
    if (!verdict.valid) return;
    target.append(numbers(verdict.statement));
    const open = made("ul");
    open.append(...[...more, ...words.notChecked(group(verdict.statement.block))].map((text) => made("li", text)));
    target.append(made("p", words.open), open);
  };

  const run = async (target, work) => {
    target.replaceChildren(made("p", words.checking));
    delete target.dataset.verdict;
    try {
      await work();
    } catch (error) {
      const isOurs = error instanceof proofFile.Unreadable || error instanceof TypeError === false;
      target.replaceChildren(made("p", isOurs ? error.message : words.unread));
      target.dataset.verdict = "unreadable";
    }
  };

  const fetched = async (address) => {
    const response = await fetch(address, { credentials: "same-origin", referrerPolicy: "no-referrer" });
    const text = await response.text();
    if (!response.ok) throw new proofFile.Unreadable(text.length < 300 ? text : words.unfetched);
    return text;
  };

  const chosen = async (input) => {
    const file = input.files[0];
    if (!file) return null;
    if (file.size > MAX_BYTES) throw new proofFile.Unreadable(words.tooLarge(file.name));
    return file.text();
  };

  (window.requestIdleCallback ?? setTimeout)(() => proofCheck.testItself());

  for (const button of document.querySelectorAll("[data-check]")) {
    const target = document.getElementById("check-result");
    button.hidden = false;
    button.addEventListener("click", () => run(target, async () => {
      const [proof, trust] = await Promise.all([fetched(button.dataset.check), fetched(button.dataset.trust)]);
      show(target, proofCheck.verify(proof, trust), {
        vouchedBy: words.registry,
        more: [words.honest],
      });
    }));
  }

  for (const form of document.querySelectorAll("[data-check-files]")) {
    const target = document.getElementById("check-result");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(target, async () => {
        const [proof, trust] = await Promise.all([...form.querySelectorAll("[type=file]")].map(chosen));
        show(target, proofCheck.verify(proof, trust), {
          vouchedBy: words.yourFile,
          more: trust === null ? [words.noKeys] : [],
        });
      });
    });
  }
})();
