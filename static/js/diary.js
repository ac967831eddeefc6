/* The diary keeps itself fresh, takes keys, and hides names when nobody is there. Everything works without it. */
(() => {
  const region = document.querySelector("[data-diary-region]");
  if (!region || !window.htmx) return;

  const EVERY = 4000, WHOLE = 60000, AWAY = 60000, ROW = ".appt, .agenda__row", NOTICE = ".day-notice";
  const byId = (id) => document.getElementById(id);
  const main = byId("main"), bar = document.querySelector(".now-bar"), keyForm = byId("step-key");
  const grid = () => region.querySelector("[data-scroll]");
  const isShown = (one) => one.offsetParent !== null;

  // Nothing is swapped under someone who types, drags or has something open: the next look finds the same change.
  const isBusy = () => document.hidden || isStepping || region.matches(":has([data-hold], details[open], [popover]:popover-open, input:focus, textarea:focus, select:focus)");
  let isStepping = false, isAsking = false, since = Date.now();
  const refresh = () => { if (!isBusy()) { since = Date.now(); htmx.trigger(region, "diary:refresh"); } };
  const look = async () => {
    if (isBusy() || isAsking) return;
    if (Date.now() - since > WHOLE) return refresh(); // the clock alone changes what the page says
    isAsking = true;
    try {
      const answer = await fetch(region.dataset.versionUrl + region.querySelector("[data-version]").dataset.version);
      if (answer.status === 200) refresh();
    } catch { /* no network: the next look */ }
    isAsking = false;
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
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
    if (!step && region.querySelector("[data-hold]")) { // asked for before the card was lifted
      event.detail.shouldSwap = false;
      return;
    }
    const box = grid(), active = document.activeElement;
    const row = step?.closest(ROW);
    place = { row: row?.querySelector("a").id, y: row?.getBoundingClientRect().top, top: box?.scrollTop, left: box?.scrollLeft, isHere: region.contains(active) || bar.contains(active), isInNotice: active.matches(`${NOTICE}, ${NOTICE} *`), focus: active.id };
  });
  region.addEventListener("htmx:afterSwap", () => {
    const box = grid();
    if (box && place) box.scrollTo(place.left, place.top);
    // What was tapped stays under the finger, whatever became taller above it.
    const link = place?.row && byId(place.row);
    if (link) window.scrollBy({ top: link.closest(ROW).getBoundingClientRect().top - place.y, behavior: "instant" });
    const card = place?.focus.slice(2);
    const same = !place?.isHere ? null : (byId(place.focus) || (card && bar.querySelector(`.btn[id$="${card}"]`)) || link || (place.isInNotice && bar.querySelector(NOTICE)) || region);
    same?.focus({ preventScroll: true });
    rove(same?.matches(ITEM) ? same : null);
  });

  // A step goes where its form goes.
  document.addEventListener("htmx:configRequest", ({ detail }) => { if (detail.elt.matches("form.step")) detail.path = detail.elt.action; });

  // One step at a time: a second tap while the first is on its way does nothing.
  document.addEventListener("submit", (event) => {
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
    close.closest(NOTICE).remove();
    main.focus({ preventScroll: true });
  });

  // The answer to the line goes by its link, or by Escape from it or from the line.
  const answer = byId("line-result"), lineBox = byId("line");
  const closeLine = (event) => { event.preventDefault(); answer.replaceChildren(); anywhere["/"](); };
  answer.addEventListener("click", (event) => event.target.closest("[data-close-line]") && closeLine(event));
  document.addEventListener("keydown", (event) => {
    const within = answer.contains(event.target) || event.target === lineBox;
    if (event.key === "Escape" && within && answer.childElementCount) closeLine(event);
  });

  // One Tab leads to the visit that is on or next; arrows go on from there.
  const ITEM = ":is(.appt, .agenda__row) > a, .agenda__what > a, .gap > a, .agenda__gap > a";
  const items = (within = region) => [...within.querySelectorAll(ITEM)].filter(isShown);
  const passed = (link) => { const { passed: since, t } = link.closest("[data-t]").dataset; return +(since ?? t); }; // the clocks may have changed
  const rove = (to) => {
    const all = items();
    to = to || all.find((link) => link.closest("[data-current]")) || all[0];
    for (const link of all) {
      link.tabIndex = link === to ? 0 : -1;
      for (const button of link.closest("li").querySelectorAll(".btn")) button.tabIndex = link.tabIndex;
    }
    grid()?.removeAttribute("tabindex");
    return to;
  };
  region.addEventListener("focusin", (event) => event.target.matches(ITEM) && rove(event.target));

  const step = (link, wanted) => {
    const row = link.closest("[data-v]"), order = ["arrived", "in_progress", "completed", "no_show"];
    const least = wanted === "no_show" ? 0 : order.indexOf(wanted);
    if (order.indexOf(row.dataset.s) >= least) return; // no way back by a slip of a key
    if (least && "asks" in row.dataset) return location.assign(link.href + "&ask=birthday");
    keyForm.action = `${link.pathname}status/`;
    keyForm.elements.status.value = wanted;
    keyForm.elements.version.value = row.dataset.v;
    keyForm.elements.next.value = new URLSearchParams(link.search).get("next");
    keyForm.requestSubmit();
  };
  const go = (link, by) => {
    const columns = [...region.querySelectorAll("[data-column]")].filter(isShown), mine = link.closest("[data-column]");
    const inOrder = (column) => items(column).sort((one, other) => passed(one) - passed(other));
    const across = { ArrowLeft: -1, ArrowRight: 1 }[by];
    let to;
    if (across) {
      const beside = columns[columns.indexOf(mine) + across];
      const far = (one) => Math.abs(passed(one) - passed(link));
      to = beside && inOrder(beside).sort((one, other) => far(one) - far(other))[0];
    } else {
      const column = inOrder(mine);
      to = column[column.indexOf(link) + (by === "ArrowUp" ? -1 : 1)];
    }
    to?.focus();
  };
  const lead = (link, page, from) => {
    if (from.includes(link.closest("[data-v]").dataset.s)) return location.assign(link.pathname + page + "/" + link.search);
    const notice = byId("drag-notice").content.cloneNode(true);
    notice.querySelector("span").textContent = `As it stands, you cannot ${page} this visit.`;
    byId("notice").replaceChildren(notice);
  };
  const onVisit = { a: (link) => step(link, "arrived"), s: (link) => step(link, "in_progress"), d: (link) => step(link, "completed"), n: (link) => step(link, "no_show"), m: (link) => lead(link, "move", "booked confirmed"), x: (link) => lead(link, "cancel", "booked confirmed arrived") };
  const anywhere = {
    "/": () => { lineBox.focus(); lineBox.select(); },
    t: () => document.querySelector("[data-today]").click(),
    u: () => document.querySelector("[data-undo]")?.click(),
    "[": () => document.querySelector("[rel=prev]").click(),
    "]": () => document.querySelector("[rel=next]").click(),
    "?": () => byId("keys").showModal(),
    k: (link) => {
      if (!document.querySelector("[data-block]")) return; // who has no diary
      const block = new URL(document.querySelector("[data-block]").href), who = link?.closest("[data-slug]")?.dataset.slug;
      if (who) block.searchParams.set("who", who);
      location.href = block;
    },
    b: (link) => {
      if (link?.closest("[data-column]") && !link.closest("[data-v]")) return link.click();
      if (!document.querySelector(".day-tools__book")) return;
      const book = new URL(document.querySelector(".day-tools__book").href);
      if (link) book.searchParams.set("at", new Date(2000, 0, 1, 0, link.closest("[data-t]").dataset.t).toTimeString().slice(0, 5));
      location.href = book;
    },
  };
  // Single letters, so only while the diary has the focus (WCAG 2.1.4); those that change nothing work at once.
  document.addEventListener("keydown", (event) => {
    if (!main.contains(event.target) && (event.target !== document.body || !"/?[]".includes(event.key))) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
    const link = event.target.closest("li")?.querySelector(ITEM), key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (link && key.startsWith("Arrow")) go(link, key);
    else if (key.startsWith("Arrow") && event.target.matches(`#region, ${NOTICE}`)) rove()?.focus();
    else if (link?.closest("[data-v]") && onVisit[key]) onVisit[key](link);
    else if (anywhere[key]) anywhere[key](link);
    else return;
    event.preventDefault();
  });
  const keys = document.querySelector("[data-keys]");
  keys.hidden = false;
  keys.addEventListener("click", anywhere["?"]);

  // Nobody there for a minute: no names on the screen, until the first touch.
  let touched = Date.now();
  setInterval(() => main.classList.toggle("hides-names", Date.now() - touched > AWAY), 1000);
  for (const kind of ["pointerdown", "pointermove", "keydown"]) {
    document.addEventListener(kind, () => { touched = Date.now(); main.classList.remove("hides-names"); }, { passive: true });
  }

  // Open at the present: the grid at its hour, the list at the visit that is on or next.
  const line = region.querySelector(".now");
  if (line && !location.hash) grid().scrollTop = Math.max(0, line.offsetTop - grid().clientHeight / 3);
  const landed = items().find((link) => `#${link.id}` === location.hash);
  const current = rove(landed);
  if (!location.hash && current?.closest(".agenda") && current.closest("[data-current]")) {
    const top = current.closest("li").getBoundingClientRect().top;
    if (top > innerHeight / 2) window.scrollBy({ top: top - innerHeight / 4, behavior: "instant" });
  }

  // Lifting cards is for the grid alone, and its script comes once the page stands.
  const bringDrag = () => {
    const script = region.dataset.drag;
    if (!script || !grid() || !isShown(grid())) return;
    delete region.dataset.drag;
    document.head.append(Object.assign(document.createElement("script"), { src: script }));
  };
  for (const kind of ["load", "resize"]) addEventListener(kind, bringDrag);

  const pick = document.querySelector("[data-pick-day]");
  if (pick) {
    pick.classList.add("is-live");
    let typed = false;
    pick.addEventListener("keydown", () => { typed = true; });
    pick.addEventListener("change", () => typed || pick.requestSubmit());
  }
})();
