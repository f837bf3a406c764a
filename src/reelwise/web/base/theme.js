// A plain script, run before the first paint, so that no other theme, language or part of the page flashes.
{
  const root = document.documentElement;
  const address = new URL(location);
  const [view] = address.hash.slice(1).split("?");
  let begun = address.searchParams.has("m");
  try {
    const { theme = "", language = "" } = localStorage;
    root.dataset.theme = theme;
    begun ||= "begun" in localStorage;
    const asked = address.searchParams.get("language");
    if (asked && asked === language) {
      address.searchParams.delete("language"); // it is kept, so the address need not carry it
      history.replaceState(null, "", address);
    } else if (language && !asked && language !== root.lang) {
      address.searchParams.set("language", language);
      location.replace(address);
    }
  } catch {}
  // Without one of its modules the page would be dead: it says so.
  const tellUnloaded = () => {
    const told = document.getElementById("unloaded");
    if (!told) return; // twice
    told.replaceWith(told.content);
    document.getElementById("reload").onclick = () => location.reload();
  };
  addEventListener("unloaded", tellUnloaded);
  addEventListener("error", ({ target }) => target.type === "module" && tellUnloaded(), true);
  root.dataset.view = ["pick", "tonight", "together", "mine"].includes(view) ? view : begun ? "tonight" : "pick";
}
