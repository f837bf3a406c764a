// The visitor a site vouches for: the site's token comes behind "#user=", is taken out of the address at once, and kept in this tab.

import { keptInTab } from "./kept.js";

let token = keptInTab("visitor");
const [, came] = location.hash.match(/^#user=([\w.-]+)$/) ?? [];
if (came) {
  history.replaceState(null, "", location.pathname + location.search);
  keep(came);
}

function keep(value) {
  token = value;
  keptInTab("visitor", value);
}

export const visitor = () => token;
export const withVisitor = () => (token ? { "X-Reelwise-User": token } : {});

/** Goes on without a token that is no longer valid. */
export const dismissVisitor = () => keep("");
