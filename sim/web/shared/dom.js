// Elements from names, attributes and children. All text is set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const h = (name, attributes = {}, ...children) => filled(document.createElement(name), attributes, children);
export const s = (name, attributes = {}, ...children) => filled(document.createElementNS(SVG, name), attributes, children);
export const at = (id) => document.getElementById(id);

// Colours of sides come from the scenario; only a colour is ever put into a style.
export function swatch(colour) {
  const node = h("span", { class: "swatch", "aria-hidden": "true" });
  node.style.background = colour;
  return node;
}

let hiding;
export function notice(text) {
  const node = at("notice");
  node.textContent = text;
  node.hidden = !text;
  clearTimeout(hiding);
  if (text) hiding = setTimeout(() => { node.hidden = true; }, 7000);
}
