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
      address.searchParams.delete("language"); // it is kept: nobody else needs it
      history.replaceState(null, "", address);
    } else if (language && !asked && language !== root.lang) {
      address.searchParams.set("language", language);
      location.replace(address);
    }
  } catch {}
  // A page of which a module did not come would be dead: it says so.
  const tellUnloaded = () => {
    const notice = document.getElementById("unloaded");
    notice.querySelector("button").onclick = () => location.reload();
    notice.hidden = false;
  };
  addEventListener("unloaded", tellUnloaded);
  addEventListener("error", ({ target }) => target.type === "module" && tellUnloaded(), true);
  root.dataset.view = ["pick", "tonight", "together", "mine"].includes(view) ? view : begun ? "tonight" : "pick";
}
