// A field with its button: what stands in the field travels with the press.

function render({ model, el }) {
  el.classList.add("pg-line");
  const options = model.get("options");
  const field = document.createElement(options.length ? "select" : "input");
  field.id = `pg-entry-${newName()}`;
  field.append(...options.map(([words, value]) => new Option(words, value)));
  if (!options.length) field.placeholder = model.get("placeholder");
  el.innerHTML = `
    <div class="pg-field pg-labeled"><label></label></div>
    <button type="button" class="pg-button"></button>`;
  const [labeled, button] = el.children;
  const label = labeled.firstChild;
  labeled.append(field);
  label.htmlFor = field.id;
  label.textContent = model.get("label");
  button.textContent = model.get("action");

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
