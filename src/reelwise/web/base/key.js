// The key of a server that asks for one, in this tab only, or, where the browser forbids that, on this page.

import { byId } from "./dom.js";
import { keptInTab } from "./kept.js";

let used = keptInTab("serverKey");

byId("key-cancel").addEventListener("click", () => byId("key-dialog").close());

export const key = () => used;
export const withKey = () => (used ? { Authorization: `Bearer ${used}` } : {});

/** Asks the user for a key, once for all who wait for it. */
export async function askForKey() {
  const [dialog, input] = [byId("key-dialog"), byId("key")];
  if (!dialog.open) {
    input.value = dialog.returnValue = "";
    dialog.showModal();
    byId("key-refused").hidden = !used;
  }
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  used = dialog.returnValue && input.value.trim();
  keptInTab("serverKey", used);
}
