// A plain script, run before the first paint, so that the other theme does not flash.
try {
  document.documentElement.dataset.theme = localStorage.theme ?? "";
} catch {}
