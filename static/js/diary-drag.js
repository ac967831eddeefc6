/* A card of the day's grid is lifted and dropped where it should go. Nothing is moved here: the page that it leads to asks. */
(() => {
  const region = document.querySelector("[data-diary-region]"), said = document.getElementById("drag-said");
  if (!said) return;

  const LONG_PRESS = 400, SLIP = 6, STEP = 5, LOWER_EDGE = 8, EDGE = 48, FASTEST = 12; // ms, px, minutes, px, px, px a frame
  let press = null, held = null, wasLifted = false;

  const time = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const shown = (minute) => time(minute).replace(/^0/, "");
  const nameOf = (column) => column.getAttribute("aria-label");
  const say = (text) => { said.textContent = text; };
  const warn = (text) => {
    const notice = document.getElementById("drag-notice").content.cloneNode(true);
    notice.querySelector("span").textContent = text;
    document.getElementById("notice").replaceChildren(notice);
  };

  const lift = () => {
    const { card, x, y, isLength } = press, box = card.closest("[data-scroll]"), link = card.querySelector("a");
    const column = card.parentElement, start = +card.dataset.t, scale = box.querySelector(".diary__times li").getBoundingClientRect().height / 60;
    stop();
    wasLifted = true;
    held = { card, link, box, x, y, scale, isLength, column, start, end: start + +card.dataset.lasts, grip: y - card.getBoundingClientRect().top, answer: isLength && {}, ghost: item("ghost") };
    card.dataset.hold = "";
    say(isLength ? `Length of the visit at ${shown(start)}.` : `Lifted: ${shown(start)} with ${nameOf(column)}.`);
    if (!isLength) held.asked = ask(held);
    requestAnimationFrame(frame);
  };
  const item = (name) => Object.assign(document.createElement("li"), { className: name, ariaHidden: "true" });
  const ask = async (mine) => {
    let answer;
    try {
      answer = await (await fetch(mine.box.dataset.dropUrl + mine.link.id.slice(2))).json();
    } catch {
      answer = { error: "There was no answer. Please try again." };
    }
    if (mine !== held) return;
    if (answer.error) return putBack(answer.error);
    mine.answer = answer.columns;
    for (const column of columns()) paint(column, answer.columns[column.dataset.slug]);
  };

  const columns = () => [...held.box.querySelectorAll(".diary__col")];
  const place = (one, column, from, to) => {
    const first = +held.box.dataset.first;
    one.style.top = `${(from - first) * held.scale}px`;
    one.style.height = `${(to - from) * held.scale}px`;
    if (one.parentElement !== column) column.append(one);
  };
  // Starts become stretches in which the whole visit has room.
  const paint = (column, drops) => {
    const rooms = [];
    for (const [from, to] of drops?.free ?? []) {
      const room = rooms.at(-1), end = to - STEP + drops.minutes;
      if (room && from <= room[1]) room[1] = end;
      else rooms.push([from, end]);
    }
    for (const [from, to] of rooms) {
      const one = item("drop-free");
      one.textContent = `Free ${shown(from)} to ${shown(to)}`;
      place(one, column, from, to);
    }
  };

  const has = (ranges, minute) => ranges.some(([from, to]) => from <= minute && minute < to);
  // To the nearest start that is free, which is the clinic's step; elsewhere to five minutes.
  const snap = (drops, minute) => {
    const near = Math.round(minute / STEP) * STEP;
    for (const by of [0, -STEP, STEP]) if (has(drops?.free ?? [], near + by)) return near + by;
    return near;
  };
  const kindOf = (drops, minute) => (!held.answer ? "asked" : !drops ? "none" : ["free", "bend"].find((kind) => has(drops[kind], minute)) ?? "taken");
  const target = () => {
    const { box, x, y, scale, grip, isLength, start } = held, area = box.getBoundingClientRect();
    const beside = (one) => { const { left, right } = one.getBoundingClientRect(); return left <= x && x < right; };
    const column = isLength ? held.column : y >= area.top && y < area.bottom && columns().find(beside);
    if (!column) return null;
    const raw = +box.dataset.first + (y - column.getBoundingClientRect().top - (isLength ? 0 : grip)) / scale;
    if (isLength) return { column, start, end: Math.max(start + STEP, snap(null, raw)), kind: "free" };
    const drops = held.answer?.[column.dataset.slug], minutes = drops?.minutes ?? held.end - start;
    const minute = Math.max(+box.dataset.first, Math.min(+box.dataset.last - minutes, snap(drops, raw)));
    return { column, start: minute, end: minute + minutes, kind: kindOf(drops, minute) };
  };
  const NOT_FREE = { patient: "The patient is not", room: "No room that it needs is", device: "No device that it needs is" };
  const NOTE = { bend: ", by hand", taken: ", not free", none: ", not given" };
  const frame = () => {
    if (!held || held.isDropped) return;
    if (!held.card.isConnected) return putBack("");
    scroll();
    const { ghost } = held, to = held.to = target();
    if (to) {
      ghost.dataset.kind = to.kind;
      ghost.textContent = held.isLength ? `${shown(to.start)} to ${shown(to.end)}, ${to.end - to.start} min` : `${shown(to.start)} with ${nameOf(to.column)}${NOTE[to.kind] ?? ""}`;
      place(ghost, to.column, to.start, to.end);
    } else ghost.remove();
    requestAnimationFrame(frame);
  };
  // Near an edge it scrolls, and the faster the nearer.
  const pace = (at, low, high) => Math.max(-FASTEST, Math.min(FASTEST, (Math.min(0, at - low - EDGE) + Math.max(0, at - high + EDGE)) / 4));
  const scroll = () => {
    const { box, x, y } = held, head = box.querySelector(".diary__head"), { top, bottom, left, right } = box.getBoundingClientRect();
    const floor = document.querySelector(".now-bar").getBoundingClientRect().top;
    box.scrollBy(pace(x, left + head.offsetWidth, right), pace(y, Math.max(0, top) + head.offsetHeight, Math.min(floor, bottom)));
    if (top < 0 || bottom > floor) scrollBy(0, pace(y, 0, floor));
  };

  const drop = async () => {
    const mine = held;
    mine.isDropped = true;
    await mine.asked;
    if (mine !== held) return;
    const to = mine.to && { ...mine.to, kind: mine.isLength ? "free" : kindOf(mine.answer[mine.to.column.dataset.slug], mine.to.start) };
    if (!to || (to.column === mine.column && to.start === mine.start && to.end === mine.end)) return putBack("");
    const who = nameOf(to.column);
    if (to.kind === "none") return putBack(`${who} does not give this treatment.`);
    if (to.kind === "taken") {
      const { why } = mine.answer[to.column.dataset.slug], what = Object.keys(why).find((one) => has(why[one], to.start));
      return putBack(`${NOT_FREE[what] ?? `${who} is not`} free at ${shown(to.start)}.`);
    }
    say(`Opening ${shown(to.start)} with ${who}.`);
    const back = mine.link.search.replace("?", "&"); // where the card leads back to
    location.href = mine.isLength ? `${mine.box.dataset.lengthUrl}${mine.link.id.slice(2)}&minutes=${to.end - to.start}${back}` : `${mine.link.pathname}move/?with=${to.column.dataset.slug}&day=${mine.box.dataset.day}&at=${time(to.start)}${back}`;
  };
  const putBack = (why) => {
    say(`Put back at ${shown(held.start)}.`);
    if (why) warn(`Not moved. ${why}`);
    release();
  };
  const release = () => {
    stop();
    if (!held) return;
    delete held.card.dataset.hold;
    for (const one of [held.ghost, ...held.box.querySelectorAll(".drop-free")]) one.remove();
    held = null;
  };
  const stop = () => { clearTimeout(press?.timer); press = null; };

  region.addEventListener("pointerdown", (event) => {
    stop();
    if (held) return putBack(""); // a second finger
    const card = event.target.closest("[data-lasts]"), isMouse = event.pointerType === "mouse";
    if (!card || !event.isPrimary || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest(".step")) return;
    const { clientX: x, clientY: y } = event, isLength = isMouse && y > card.getBoundingClientRect().bottom - LOWER_EDGE;
    if (!isLength && !("lift" in card.dataset)) return;
    press = { card, x, y, isMouse, isLength, timer: isMouse ? 0 : setTimeout(lift, LONG_PRESS) };
  });
  document.addEventListener("pointermove", ({ clientX: x, clientY: y }) => {
    if (held && !held.isDropped) Object.assign(held, { x, y });
    else if (press && Math.hypot(x - press.x, y - press.y) > SLIP) press.isMouse ? lift() : stop(); // a finger that moves scrolls
  });
  document.addEventListener("pointerup", () => {
    stop();
    if (held && !held.isDropped) drop();
    setTimeout(() => { wasLifted = false; });
  });
  document.addEventListener("click", (event) => {
    if (!wasLifted) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("pointercancel", () => {
    wasLifted = false;
    return held && !held.isDropped ? putBack("") : stop();
  });
  document.addEventListener("keydown", (event) => {
    if (!held) return;
    event.stopPropagation();
    if (event.key === "Escape") { event.preventDefault(); putBack(""); }
  }, true);
  region.addEventListener("touchmove", (event) => held && event.preventDefault(), { passive: false });
  region.addEventListener("contextmenu", (event) => (held || press?.timer) && event.preventDefault());
  region.addEventListener("dragstart", (event) => event.target.closest("[data-lasts]") && event.preventDefault());
  addEventListener("pagehide", release);
})();
