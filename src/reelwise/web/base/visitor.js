// Whom a site vouches for: its token comes behind "#user=", is taken out of the address at once, and kept in this tab.

let token = "";
try {
  token = sessionStorage.visitor ?? "";
} catch {}
const [, came] = location.hash.match(/^#user=([\w.-]+)$/) ?? [];
if (came) {
  history.replaceState(null, "", location.pathname + location.search);
  keep(came);
}

function keep(value) {
  token = value;
  try {
    sessionStorage.visitor = value;
  } catch {}
}

export const visitor = () => token;
export const withVisitor = () => (token ? { "X-Reelwise-User": token } : {});

/** Goes on without, where the token is no longer good. */
export const dismissVisitor = () => keep("");
