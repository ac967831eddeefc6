// A shared tablet that nobody touches presses Lock by itself, so that the screen shows nobody's data. What is being
// typed counts as use here, though the server, which locks by itself too, has not heard of it.
const button = document.querySelector("[data-lock]");
const pause = document.currentScript.dataset.minutes * 60_000;
let timer = 0;
const touched = () => {
  clearTimeout(timer);
  timer = setTimeout(() => button.click(), pause);
};
if (button) {
  for (const event of ["pointerdown", "keydown", "scroll"]) addEventListener(event, touched, { passive: true });
  touched();
}
addEventListener("pageshow", (event) => event.persisted && location.reload()); // Back shows what the server still shows
