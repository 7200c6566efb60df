// A field with its button: what stands in the field travels with the press.

function render({ model, el }) {
  el.classList.add("pg-line");
  const options = model.get("options");
  const field = document.createElement(options.length ? "select" : "input");
  field.id = `pg-entry-${Math.random().toString(36).slice(2)}`;
  field.append(...options.map(([words, value]) => new Option(words, value)));
  if (!options.length) field.placeholder = model.get("placeholder");
  const label = document.createElement("label");
  label.htmlFor = field.id;
  label.textContent = model.get("label");
  const labeled = document.createElement("div");
  labeled.className = "pg-field pg-labeled";
  labeled.append(label, field);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pg-button";
  button.textContent = model.get("action");
  el.replaceChildren(labeled, button);

  function take() {
    const value = field.value.trim();
    if (!value) return;
    model.send({ kind: "take", value });
    if (options.length) field.selectedIndex = 0;
    else field.value = "";
  }

  button.addEventListener("click", take);
  if (!options.length) {
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) take();
    });
  }
}

export default { render };
