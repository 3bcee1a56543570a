// The token of this tab: kept in sessionStorage, sent as Bearer with requests, and as a cookie because
// a WebSocket of a page carries no headers. The cookie is this site's alone and ends with the browser.

const KEY = "millrace-token";
const COOKIE = "access_token";
const RULES = `SameSite=Strict; path=/${location.protocol === "https:" ? "; Secure" : ""}`;

export const hasToken = () => sessionStorage.getItem(KEY) !== null;

/// Shows the token to WebSockets that are opened from now on.
export function present() {
  const token = sessionStorage.getItem(KEY);
  if (token !== null) document.cookie = `${COOKIE}=${token}; ${RULES}`;
}

export function remember(token) {
  sessionStorage.setItem(KEY, token);
  present();
}

export function forget() {
  sessionStorage.removeItem(KEY);
  document.cookie = `${COOKIE}=; Max-Age=0; ${RULES}`;
}

/// A request with the token, if there is one.
export function ask(path, token = sessionStorage.getItem(KEY)) {
  const headers = { Accept: "application/json" };
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  return fetch(path, { headers, cache: "no-store" });
}
