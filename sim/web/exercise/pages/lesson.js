// What is to be learnt, as the scenario's exercise says it.

import { h } from "./dom.js";

export function lesson(geography) {
  const said = geography.lesson;
  if (!said) return [];
  return [h("h2", {}, `Lesson: ${said.title}${said.minutes ? ` (${said.minutes} minutes)` : ""}`),
    said.goals.length && h("p", { class: "muted" }, "Afterwards you can"), h("ul", {}, said.goals.map((goal) => h("li", {}, goal)))];
}
