// Shows a check: on a receipt for its own proof, elsewhere for files that somebody chooses.
"use strict";

(() => {
  const MAX_BYTES = 4 * 1024 * 1024;
  const WORDS = {
    fields: "The details shown are of one charge, and no more was used up for it than it took.",
    commitment: "The details lead to the fingerprint that was sealed for each hour.",
    leaf: "Each fingerprint stands beside an amount and the plant’s hour that it came from.",
    path: "Each amount has exactly one place among all that was used from that hour.",
    sum: "All the places together are exactly what was taken out of the books: nothing was given twice.",
    entry: "The place gives the numbers of the watt-hours.",
    batch: "They were booked together with others, at one place in the list.",
    storage: "The registry’s sealed books keep that list’s fingerprint.",
    account: "The books are those kept by the registry’s fixed rules.",
    state: "These books are the ones that the sealed page names.",
    header: "The page has the fingerprint that was sealed.",
    seal: "The page bears a seal, and nothing on it was changed since.",
    checkpoint: "The page is one of a network of many; it counts for whoever knows its fingerprint from elsewhere.",
  };
  const NOT_CHECKED = (block) => [
    "that nobody else holds a copy of this receipt",
    "that the meters told the truth",
    "what the registry says of a plant beyond its number, such as its name or technology",
    `whether the claim was declared void after page ${group(block)} was sealed`,
  ];

  const group = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  const made = (tag, text = "", className = "") => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const stepLine = (step) => {
    const line = made("li", "", step.passed ? "" : "check__failed");
    const words = made("span", WORDS[step.name]);
    const mark = made("span", step.passed ? "✓" : "✗", "check__mark");
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", step.passed ? "Holds" : "Fails");
    if (!step.passed) words.append(made("span", ` This does not hold (step “${step.name}”: ${step.said}).`, "check__why"));
    line.append(mark, words);
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
    table.append(made("caption", "Used up for this receipt and for no other"));
    head.append(row(["Plant", "What", "Watt-hours no.", "Made (UTC)", "Used"], "th"));
    for (const one of statement.stretches) {
      const used = one.sameInterval ? "in the same interval" : one.usedIn || "not shown";
      const what = one.attribute === "renewable" ? "renewable origin" : "emissions";
      body.append(row([one.device, what, `${group(one.first)} to ${group(one.last)}`, `${one.madeFrom} to ${one.madeTo}`, used]));
    }
    table.append(head, body);
    const scroll = made("div", "", "check__scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "group");
    scroll.setAttribute("aria-label", "Numbers of the watt-hours");
    scroll.append(table);
    return scroll;
  };

  const verdictWords = (verdict, vouchedBy) => {
    if (!verdict.valid) return "This proof does not hold.";
    if (!verdict.authenticated) return "The proof fits together. Who sealed it was not checked.";
    if (!vouchedBy) return "It holds.";
    const isSealed = verdict.steps.at(-1).name === "seal";
    return isSealed ? `It holds, sealed by the keys that ${vouchedBy}.` : `It holds, on a page that ${vouchedBy}.`;
  };

  const show = (target, verdict, { vouchedBy, more = [] }) => {
    const steps = made("ol", "", "check__steps");
    steps.append(...verdict.steps.map(stepLine));
    target.replaceChildren(made("p", verdictWords(verdict, vouchedBy), "check__verdict"), steps);
    target.dataset.verdict = verdict.valid ? (verdict.authenticated ? "authentic" : "consistent") : "invalid";
    if (!verdict.valid) return;
    target.append(numbers(verdict.statement));
    const open = made("ul");
    open.append(...[...more, ...NOT_CHECKED(verdict.statement.block)].map((text) => made("li", text)));
    target.append(made("p", "Not checked:"), open);
  };

  const run = async (target, work) => {
    target.replaceChildren(made("p", "Checking…"));
    delete target.dataset.verdict;
    try {
      await work();
    } catch (error) {
      const isOurs = error instanceof proofFile.Unreadable || error instanceof TypeError === false;
      target.replaceChildren(made("p", isOurs ? error.message : "The files could not be read. Try again."));
      target.dataset.verdict = "unreadable";
    }
  };

  const fetched = async (address) => {
    const response = await fetch(address, { credentials: "same-origin", referrerPolicy: "no-referrer" });
    const text = await response.text();
    if (!response.ok) throw new proofFile.Unreadable(text.length < 300 ? text : "The proof could not be fetched.");
    return text;
  };

  const chosen = async (input) => {
    const file = input.files[0];
    if (!file) return null;
    if (file.size > MAX_BYTES) throw new proofFile.Unreadable(`${file.name} is larger than 4 MiB; a proof is not.`);
    return file.text();
  };

  (window.requestIdleCallback ?? setTimeout)(() => proofCheck.testItself());

  for (const button of document.querySelectorAll("[data-check]")) {
    const target = document.getElementById("check-result");
    button.hidden = false;
    button.addEventListener("click", () => run(target, async () => {
      const [proof, trust] = await Promise.all([fetched(button.dataset.check), fetched(button.dataset.trust)]);
      show(target, proofCheck.verify(proof, trust), {
        vouchedBy: "this registry publishes",
        more: ["that this page is honest: it came from the registry itself, as did the list of its keys"],
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
          vouchedBy: "your file names",
          more: trust === null ? ["who sealed the page: you gave no list of keys, so the seal stands for nobody"] : [],
        });
      });
    });
  }
})();
