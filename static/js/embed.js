/* Inside the frame: tell the page around it how tall this one is, and send each form once. All works without it. */
(() => {
  if (window.parent !== window) {
    // To any origin: only those that our frame-ancestors policy names can be around us, and a height is no secret.
    const tell = (isNew) => {
      const height = Math.ceil(document.body.getBoundingClientRect().height);
      window.parent.postMessage({ type: "clinic-booking", height, isNew }, "*");
    };
    window.addEventListener("message", ({ source, data }) => {
      if (source === window.parent && data?.type === "clinic-booking") tell(false);
    });
    tell(true);
    new ResizeObserver(() => tell(false)).observe(document.body);
  }

  document.querySelector(".error-summary")?.focus(); // browsers ignore autofocus in another site's frame

  const AGAIN_AFTER = 5000; // milliseconds: should the network have swallowed it
  let sentAt = -AGAIN_AFTER;
  document.addEventListener("submit", (event) => {
    if (performance.now() - sentAt < AGAIN_AFTER) event.preventDefault();
    else sentAt = performance.now();
  });
  window.addEventListener("pageshow", () => { sentAt = -AGAIN_AFTER; });
})();
