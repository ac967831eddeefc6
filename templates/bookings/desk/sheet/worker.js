{% load static %}// Keeps today's sheet, and shows it in place of a page that cannot be had. All else is as if this were not here.
"use strict";

const SHEET = "{% url "bookings:sheet_offline" %}";
const STYLES = ["{% static "css/site.css" %}", "{% static "css/staff.css" %}"];
const SHELF = "todays-sheet";
const FRESH = 5 * 60 * 1000; // milliseconds for which a kept sheet is new enough
let keptAt = 0;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), self.registration.navigationPreload?.enable()]));
});

self.addEventListener("message", (event) => event.waitUntil(keep()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (STYLES.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
  }
});

async function keep() {
  if (Date.now() - keptAt >= FRESH) await renew();
}

async function renew() {
  const answer = await fetch(SHEET, { redirect: "manual" }).catch(() => null);
  if (!answer || answer.status >= 500) return;
  if (!answer.ok) { // signed out, or no longer of the staff
    await forget();
    return;
  }
  const shelf = await caches.open(SHELF);
  await Promise.all([shelf.put(SHEET, answer), shelf.addAll(STYLES)]);
  keptAt = Date.now();
}

async function forget() {
  keptAt = 0;
  await caches.delete(SHELF);
}

async function page(event) {
  const answer = await Promise.resolve(event.preloadResponse)
    .then((early) => early || fetch(event.request))
    .catch(() => null);
  if (answer?.type === "opaqueredirect" || answer?.status === 403) { // perhaps to the sign-in page: ask for the sheet
    event.waitUntil(caches.has(SHELF).then((isKept) => isKept && renew()));
  }
  const isThere = answer && ![502, 503, 504].includes(answer.status);
  return isThere ? answer : (await todaysSheet()) || answer || Response.error();
}

async function todaysSheet() {
  const kept = await caches.match(SHEET);
  if (Date.now() < Date.parse(kept?.headers.get("X-Sheet-Until"))) return kept;
  await forget();
  return null;
}
