// Says aloud how far work is that the page follows: at each step and every tenth, not at every look.
const aloud = document.querySelector("[data-aloud]");
document.body.addEventListener("htmx:afterSettle", () => {
  const step = document.getElementById("title").textContent.trim();
  const bar = document.querySelector(".share rect:last-child");
  const tenths = bar ? Math.floor(parseFloat(bar.getAttribute("width")) / 10) : 0;
  const words = tenths ? `${step}: ${tenths * 10} %` : step;
  if (aloud.textContent !== words) aloud.textContent = words;
});
