/* The diary keeps itself fresh, and T goes to today. Everything works without it. */
(() => {
  const region = document.querySelector("[data-diary-region]");
  if (!region || !window.htmx) return;

  const EVERY = 45000;
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
    const asked = new URL(requestConfig.path, location.href).pathname;
    if (xhr.status !== 200 || new URL(xhr.responseURL).pathname !== asked) {
      event.detail.shouldSwap = false; // signed out meanwhile
      if (xhr.status === 200) location.reload();
      return;
    }
    const box = grid();
    place = { top: box?.scrollTop, left: box?.scrollLeft, focus: region.contains(document.activeElement) && document.activeElement.id };
  });
  region.addEventListener("htmx:afterSwap", () => {
    const box = grid();
    if (box && place) box.scrollTo(place.left, place.top);
    if (place?.focus) document.getElementById(place.focus)?.focus({ preventScroll: true });
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
