// A plain script, run before the first paint, so that the page does not flash in the other theme.
try {
  document.documentElement.dataset.theme = localStorage.theme ?? "";
} catch {}
