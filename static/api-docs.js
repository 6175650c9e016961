// Shows the API's description; what is tried out there is sent by the session of the page.
const docs = document.getElementById("api-docs");
SwaggerUIBundle({
  domNode: docs,
  url: docs.dataset.schema,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = docs.dataset.csrf;
    return request;
  },
});
