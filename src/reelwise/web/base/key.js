// The key of a server that asks for one, in this tab only, or, where the browser forbids that, on this page.

import { byId } from "./dom.js";

let kept = "";
try {
  kept = sessionStorage.serverKey ?? "";
} catch {}

byId("key-cancel").addEventListener("click", () => byId("key-dialog").close());

export const key = () => kept;
export const withKey = () => (kept ? { Authorization: `Bearer ${kept}` } : {});

/** Asks the user for a key, once for all who wait for it. */
export async function askForKey() {
  const [dialog, input] = [byId("key-dialog"), byId("key")];
  if (!dialog.open) {
    input.value = dialog.returnValue = "";
    dialog.showModal();
    byId("key-refused").hidden = !kept;
  }
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  kept = dialog.returnValue && input.value.trim();
  try {
    sessionStorage.serverKey = kept;
  } catch {}
}
