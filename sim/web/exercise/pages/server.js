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

export const get = async (path) => answer(await fetch(here(path)));

export const post = async (path, body) =>
  answer(await fetch(here(path), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));

// Calls `changed` now and whenever the game has changed; `lost` says whether the server can be reached.
export function listen(changed, lost) {
  const source = new EventSource(here("/api/stream"));
  source.onmessage = () => { lost(false); changed(); };
  source.onerror = () => {
    lost(true);
    // A browser tries again by itself unless the server has refused: then the seat or its game may be gone.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => { changed(); listen(changed, lost); }, 1500);
  };
}
