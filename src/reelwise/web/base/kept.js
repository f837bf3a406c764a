// Small things that the browser keeps, on this device or in this tab.

/** Reads what is kept under a name, or keeps a value; "" is nothing. A browser that keeps nothing gives the value back. */
export function kept(name, value, place = "localStorage") {
  try {
    const storage = window[place];
    if (value) storage[name] = value;
    if (value === "") delete storage[name];
    return storage[name] ?? "";
  } catch {
    return value ?? "";
  }
}

/** The same, in this tab alone. */
export const keptInTab = (name, value) => kept(name, value, "sessionStorage");
