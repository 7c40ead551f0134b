// Opens the viewer on our schema; its own file because the policy forbids inline scripts.
const target = document.getElementById("swagger-ui");
SwaggerUIBundle({ url: target.dataset.schema, domNode: target, deepLinking: true, persistAuthorization: false });
