// Adds dropping a file to the field that works without it, and one send per click.
for (const zone of document.querySelectorAll("[data-drop]")) {
  const input = zone.querySelector("input[type=file]");
  zone.querySelector("[data-drop-words]").hidden = false;
  const mark = (over) => zone.classList.toggle("is-over", over);
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); mark(true); });
  }
  zone.addEventListener("dragleave", (event) => { if (!zone.contains(event.relatedTarget)) mark(false); });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      input.focus();
    }
  });
}
for (const form of document.querySelectorAll("form[data-once], form.upload")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button[type=submit]");
    setTimeout(() => { if (button && !event.defaultPrevented) button.disabled = true; });
  });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
});
document.getElementById("errors")?.focus();
