// Copy the link, print, check. The buttons stay hidden where they cannot work.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const status = document.getElementById("copied");
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      status.textContent = status.dataset.done;
    } catch {
      status.textContent = status.dataset.refused;
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const load = (address) => new Promise((done, fail) => {
  const script = document.createElement("script");
  script.src = address;
  script.addEventListener("load", done);
  script.addEventListener("error", fail);
  document.head.append(script);
});

// The code that checks is larger than the page: it is fetched when somebody wants it, and then
// takes the button over.
for (const button of document.querySelectorAll("[data-scripts]")) {
  const fetchThenCheck = async () => {
    button.removeEventListener("click", fetchThenCheck);
    try {
      for (const address of button.dataset.scripts.trim().split(" ")) await load(address);
    } catch {
      button.addEventListener("click", fetchThenCheck);
      return;
    }
    button.click();
  };
  button.hidden = false;
  button.addEventListener("click", fetchThenCheck);
}
