// A plain script, run before the first paint, so that no other theme and no other part of the page flashes.
{
  const root = document.documentElement;
  const view = location.hash.slice(1);
  let begun = /[?&]m=/.test(location.search);
  try {
    root.dataset.theme = localStorage.theme ?? "";
    begun ||= "begun" in localStorage;
  } catch {}
  root.dataset.view = ["pick", "tonight", "mine"].includes(view) ? view : begun ? "tonight" : "pick";
}
