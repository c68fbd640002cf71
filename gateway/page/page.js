"use strict";

let api;

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function resolved(schema) {
  const name = schema && schema.$ref && schema.$ref.split("/").pop();
  return name ? api.components.schemas[name] : schema || {};
}

// A short name of a schema's type, such as "list of text".
function typeOf(schema) {
  const found = resolved(schema);
  if (found.anyOf) return found.anyOf.map(typeOf).join(" or ");
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (found.const !== undefined) return JSON.stringify(found.const);
  if (found.type === "array") return "list of " + typeOf(found.items);
  if (found.type === "object" && found.title) return found.title;
  return found.format || found.type || "any";
}

function aboutOf(part) {
  const found = resolved(part);
  const inner = found.anyOf || (found.items ? [found.items] : []);
  return part.description || found.description || inner.map(aboutOf).find(Boolean);
}

function rows(schema, prefix = "", depth = 0) {
  const found = resolved(schema);
  const required = new Set(found.required || []);
  return Object.entries(found.properties || {}).flatMap(([name, part]) => {
    const path = prefix + name;
    const inner = resolved(part);
    const line = { path, type: typeOf(part), required: required.has(name), about: aboutOf(part) };
    return [line, ...(inner.properties && depth < 3 ? rows(inner, path + ".", depth + 1) : [])];
  });
}

function table(lines) {
  const made = element("table");
  for (const line of lines) {
    const row = made.insertRow();
    row.insertCell().append(element("code", line.path + (line.required ? " *" : "")));
    row.insertCell().textContent = line.type;
    row.insertCell().textContent = line.about || "";
  }
  return made;
}

function section(parent, title, lines) {
  if (!lines.length) return;
  parent.append(element("h4", title), table(lines));
}

function operation(path, verb, spec) {
  const made = element("details");
  const summary = element("summary");
  summary.append(element("span", verb.toUpperCase(), "verb"), element("code", path), element("span", " " + (spec.summary || ""), "dim"));
  made.append(summary, element("p", spec.description || ""));
  const parameters = (spec.parameters || []).map((each) => ({
    path: each.in + " " + each.name, type: typeOf(each.schema), required: each.required, about: each.description || aboutOf(each.schema),
  }));
  section(made, "Parameters", parameters);
  for (const [kind, content] of Object.entries((spec.requestBody || {}).content || {})) section(made, "Body, " + kind, rows(content.schema));
  for (const [status, answer] of Object.entries(spec.responses)) {
    made.append(element("p", status + ": " + answer.description, status >= "300" ? "dim" : ""));
    const content = (answer.content || {})["application/json"];
    if (status < "300" && content) made.append(table(rows(content.schema)));
  }
  made.dataset.words = (path + " " + (spec.summary || "")).toLowerCase();
  return made;
}

function show() {
  document.getElementById("about").textContent = api.info.description.trim();
  const groups = new Map();
  for (const [path, verbs] of Object.entries(api.paths)) {
    for (const [verb, spec] of Object.entries(verbs)) {
      const tag = (spec.tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, verb, spec));
    }
  }
  const main = document.getElementById("operations");
  for (const [tag, made] of groups) main.append(element("h2", tag), ...made);
}

document.getElementById("search").addEventListener("input", (event) => {
  const sought = event.target.value.toLowerCase();
  for (const each of document.querySelectorAll("details")) each.hidden = !each.dataset.words.includes(sought);
});

fetch("/v1/openapi.json").then((answer) => answer.json()).then((document_) => {
  api = document_;
  show();
});
