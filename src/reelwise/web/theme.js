// A plain script, run before the first paint, so that neither the other theme nor another language flashes.
try {
  const { dataset, lang } = document.documentElement;
  const { theme = "", language = "" } = localStorage;
  dataset.theme = theme;
  const address = new URL(location);
  const asked = address.searchParams.get("language");
  if (asked && asked === language) {
    address.searchParams.delete("language"); // it is kept: nobody else needs it
    history.replaceState(null, "", address);
  } else if (language && !asked && language !== lang) {
    address.searchParams.set("language", language);
    location.replace(address);
  }
} catch {}
