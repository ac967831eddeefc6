/* Keep each answer as it is given; the page works without this. */
const form = document.querySelector("[data-answers]");
const said = form?.querySelector("[data-saved]");
const waiting = new Map();

async function keep(key) {
  waiting.delete(key);
  const sent = new FormData(form);
  sent.set("key", key);
  const body = new URLSearchParams([...sent].filter(([, value]) => typeof value === "string"));
  try {
    const answer = await fetch(form.dataset.answers, { method: "POST", body, redirect: "error" });
    const told = await answer.json();
    if (told.seen) form.elements[`seen.${key}`].value = told.seen;
    said.textContent = told.saved ?? told.error ?? "";
  } catch {
    said.textContent = "Not saved yet: Continue saves it.";
  }
}

form?.addEventListener("input", (event) => {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (!key) return;
  clearTimeout(waiting.get(key));
  waiting.set(key, setTimeout(() => keep(key), 800));
});
form?.addEventListener("focusout", (event) => {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (waiting.has(key)) {
    clearTimeout(waiting.get(key));
    keep(key);
  }
});
form?.addEventListener("submit", () => waiting.forEach((timer) => clearTimeout(timer)));
