// Says in the page that a passkey was not used: refused, timed out, or none here. allauth tells the console alone.
document.addEventListener("allauth.error", (event) => {
  const problem = document.getElementById("passkey-problem");
  if (!problem) return;
  event.preventDefault();
  problem.hidden = false;
  problem.focus();
});
