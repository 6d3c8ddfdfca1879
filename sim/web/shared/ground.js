// What lies under a map: sea, land and borders, as geography.py gives them. Drawn once; its lines keep their width.

import { s } from "./dom.js";

export function ground({ sea, land, borders }) {
  const path = (name) => (d) => s("path", { class: name, d, "vector-effect": "non-scaling-stroke" });
  // Beyond the layer of borders nobody knows what is land and what is sea.
  return s("g", { class: "ground" }, sea && s("rect", { class: "sea", x: sea[0], y: sea[1], width: sea[2], height: sea[3] }),
    (land || []).map(path("land")), borders.map(path("border")));
}
