/* For the site that shows our booking page in a frame: the frame grows and shrinks with its content.
   It stores nothing, reads nothing of that site, and takes messages from our own frame alone. */
(() => {
  const origin = new URL(document.currentScript.src).origin;
  const SHORTEST = 200, TALLEST = 10000; // pixels
  let steps = 0;
  window.addEventListener("message", (event) => {
    if (event.origin !== origin || event.data?.type !== "clinic-booking") return;
    const frame = [...document.querySelectorAll("iframe")].find((one) => one.contentWindow === event.source);
    const height = Number(event.data.height);
    if (!frame || !Number.isFinite(height)) return;
    frame.style.height = `${Math.min(TALLEST, Math.max(SHORTEST, Math.ceil(height)))}px`;
    // A new step begins at its top, not where the last one's button was.
    if (event.data.isNew && steps++ && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  });
  // A frame that was there before this script told its height to nobody: ask. The question holds no secret.
  for (const one of document.querySelectorAll("iframe")) {
    if (one.src.startsWith(`${origin}/`)) one.contentWindow?.postMessage({ type: "clinic-booking" }, "*");
  }
})();
