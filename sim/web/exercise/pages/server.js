// Talking to the server: every refusal becomes an Error with the server's sentence.

async function answer(response) {
  const said = await response.json().catch(() => ({ error: `the server answers ${response.status}` }));
  if (!response.ok) throw Object.assign(new Error(said.error || "refused"), { status: response.status });
  return said;
}

// Which of the games of the server this page is about, by its code.
const asked = new URLSearchParams(location.search);
let game = asked.get("code") || asked.get("game");

export const see = (code) => { game = code; };

export const here = (path) => (game ? `${path}${path.includes("?") ? "&" : "?"}game=${encodeURIComponent(game)}` : path);

// A request that did not arrive, or whose answer did not: the page says so, and shows what is so when it is back.
const reach = async (path, asked) => {
  try { return await fetch(here(path), asked); }
  catch { throw Object.assign(new Error("No connection to the server: this was not acknowledged. Look whether it is there when the connection is back."), { status: 0 }); }
};

export const get = async (path) => answer(await reach(path));

export const post = async (path, body) =>
  answer(await reach(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));

// The server says every 15 seconds that it is there. After so many without a word the connection is taken for lost,
// as a network that goes away closes nothing.
const SILENCE = 40000;

// Calls `changed` now and whenever the game has changed; `lost` says whether the server can be reached.
export function listen(changed, lost) {
  let source, heard;
  const open = () => {
    source?.close();
    heard = performance.now();
    const mine = source = new EventSource(here("/api/stream"));
    const here_again = () => { heard = performance.now(); lost(false); };
    mine.addEventListener("beat", here_again);
    mine.onmessage = () => { here_again(); changed(); };
    mine.onerror = () => {
      if (mine !== source) return;
      lost(true);
      // A browser tries again by itself unless the server has refused: then the seat or its game may be gone.
      if (mine.readyState === EventSource.CLOSED) setTimeout(() => { if (mine === source) { changed(); open(); } }, 1500);
    };
  };
  open();
  setInterval(() => { if (performance.now() - heard > SILENCE) { lost(true); open(); } }, 5000);
  addEventListener("offline", () => lost(true));
  addEventListener("online", open);
}
