"use strict";

const ui = SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  validatorUrl: null, // the default one is another host
});

async function signIn(event) {
  event.preventDefault();
  const form = event.target;
  const shown = form.querySelector("output");
  const answer = await fetch("/v1/sessions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(Object.fromEntries(new FormData(form))),
  });
  const told = await answer.json();
  form.elements.password.value = "";
  if (!answer.ok) {
    shown.value = told.title;
    return;
  }
  ui.preauthorizeApiKey("bearer", told.token);
  const until = new Date(Date.now() + told.expires_in * 1000).toLocaleTimeString();
  shown.value = `Signed in until ${until}; “Try it out” acts as ${form.elements.login.value}. 已登录，有效期至 ${until}。`;
}

document.getElementById("sign-in").addEventListener("submit", signIn);
