// Has today's sheet kept on this device while the page is open, for when the connection is lost.
const { worker } = document.currentScript.dataset;
if (navigator.serviceWorker) {
  const keep = () => navigator.serviceWorker.ready.then((found) => found.active.postMessage("keep"));
  navigator.serviceWorker.register(worker).then(keep, () => {});
  setInterval(keep, 10 * 60 * 1000);
}
