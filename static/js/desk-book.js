/* Typing another time ticks “Another time”. Without this the page asks which of the two is meant. */
document.querySelector("[data-other-time]")?.form?.addEventListener("input", (event) => {
  if (event.target.name !== "at" || !event.target.value) return;
  const other = event.currentTarget.querySelector("[data-other-time] [value=other]");
  if (other) other.checked = true;
});
