/* The diary keeps itself fresh, and T goes to today. Everything works without it. */
(() => {
  const region = document.querySelector("[data-diary-region]");
  if (!region || !window.htmx) return;

  const EVERY = 45000, ROW = ".appt, .agenda__row";
  const grid = () => region.querySelector("[data-scroll]");
  const isBusy = () => document.hidden || region.querySelector("form:focus-within [aria-busy]");
  const refresh = () => isBusy() || htmx.trigger(region, "diary:refresh");
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("pageshow", (event) => event.persisted && refresh());

  // What the swap would lose: where the grid stands, and the focus.
  let place = null;
  region.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const step = requestConfig.elt.closest("form.step");
    const asked = step ? location.pathname : new URL(requestConfig.path, location.href).pathname;
    if (xhr.status !== 200 || new URL(xhr.responseURL).pathname !== asked) {
      event.detail.shouldSwap = false; // refused, or signed out meanwhile
      if (step) step.submit(); // the same again, for the page that says so
      else if (xhr.status === 200) location.reload();
      return;
    }
    const box = grid();
    const row = step?.closest(ROW);
    place = { row: row?.querySelector("a").id, y: row?.getBoundingClientRect().top, top: box?.scrollTop, left: box?.scrollLeft, focus: region.contains(document.activeElement) && document.activeElement.id };
  });
  region.addEventListener("htmx:afterSwap", () => {
    const box = grid();
    if (box && place) box.scrollTo(place.left, place.top);
    // What was tapped stays under the finger, whatever became taller above it.
    const link = place?.row && document.getElementById(place.row);
    if (link) window.scrollBy({ top: link.closest(ROW).getBoundingClientRect().top - place.y, behavior: "instant" });
    if (place?.focus) (document.getElementById(place.focus) || link)?.focus({ preventScroll: true });
  });

  // One step at a time: a second tap while the first is on its way does nothing.
  let isStepping = false;
  region.addEventListener("submit", (event) => {
    if (!event.target.closest("form.step")) return;
    if (isStepping) { event.preventDefault(); event.stopImmediatePropagation(); }
    isStepping = true;
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.elt.closest("form.step")) isStepping = false;
  });

  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close-notice]");
    if (!close) return;
    event.preventDefault();
    close.closest(".day-notice").remove();
    document.getElementById("main").focus({ preventScroll: true });
  });

  // Open at the present hour.
  const line = region.querySelector(".now");
  if (line && grid()) grid().scrollTop = Math.max(0, line.offsetTop - grid().clientHeight / 3);

  const pick = document.querySelector("[data-pick-day]");
  if (pick) {
    pick.classList.add("is-live");
    let typed = false;
    pick.addEventListener("keydown", () => { typed = true; });
    pick.addEventListener("change", () => typed || pick.requestSubmit());
  }

  // One letter, so only while the diary has the focus (WCAG 2.1.4).
  document.getElementById("main").addEventListener("keydown", (event) => {
    if (event.key !== "t" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    document.querySelector("[data-today]")?.click();
  });
})();
