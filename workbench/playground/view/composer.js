// System message, prompt, Send and Stop, and the keys that work anywhere in the playground.

function render({ model, el }) {
  el.classList.add("pg-composer");
  el.innerHTML = `
    <label class="pg-field">System message
      <textarea class="pg-system" rows="2" spellcheck="true"></textarea></label>
    <label class="pg-field">Prompt
      <textarea class="pg-prompt" rows="4" spellcheck="true"></textarea></label>
    <div class="pg-row">
      <button type="button" class="pg-button pg-send">Send</button>
      <button type="button" class="pg-button pg-stop">Stop</button>
      <button type="button" class="pg-button pg-cancel">Cancel the edit</button>
      <span class="pg-keys"><kbd>Ctrl</kbd>+<kbd>Enter</kbd> sends, <kbd>Esc</kbd> stops</span>
    </div>
    <progress class="pg-busy" aria-label="Waiting for the reply" hidden></progress>
    <div class="pg-status" role="status"></div>`;
  const part = (name) => el.querySelector(`.pg-${name}`);
  const fields = { system: part("system"), prompt: part("prompt") };
  let timer = null;

  const text = () => ({ system: fields.system.value, prompt: fields.prompt.value });

  function push() {
    clearTimeout(timer);
    timer = null;
    for (const [name, value] of Object.entries(text())) model.set(name, value);
    model.save_changes();
  }

  // The words travel inside the message: sent apart from it, they could arrive after it.
  function send() {
    if (model.get("busy")) return;
    push();
    model.send({ kind: "send", ...text() });
  }

  function stop() {
    if (model.get("busy")) model.send({ kind: "stop" });
  }

  function pull(name) {
    if (fields[name].value !== model.get(name)) fields[name].value = model.get(name);
  }

  function show() {
    const busy = model.get("busy");
    part("send").disabled = busy;
    part("stop").disabled = !busy;
    part("cancel").hidden = !model.get("editing");
    part("send").textContent = model.get("editing") ? "Send as a new branch" : "Send";
    part("busy").hidden = !busy;
    if (part("status").textContent !== model.get("status")) part("status").textContent = model.get("status");
    part("status").classList.toggle("pg-trouble", model.get("is_trouble"));
  }

  function keys(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      send();
    } else if (event.key === "Escape" && model.get("busy")) {
      event.preventDefault();
      event.stopPropagation();
      stop();
    }
  }

  // In JupyterLab single letters cut cells and Ctrl+Enter runs one. It asks the element with the focus, and only
  // that one, whether it wants its keys for itself.
  const claim = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");

  for (const [name, field] of Object.entries(fields)) {
    pull(name);
    model.on(`change:${name}`, () => { if (timer === null) pull(name); });
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(push, 300); });
    field.addEventListener("change", push);
  }
  part("send").addEventListener("click", send);
  part("stop").addEventListener("click", stop);
  part("cancel").addEventListener("click", () => model.send({ kind: "cancel" }));
  const changes = "change:busy change:status change:is_trouble change:editing";
  model.on(changes, show);
  const receive = (message) => { if (message.kind === "focus") fields.prompt.focus(); };
  model.on("msg:custom", receive);
  show();

  let root = null;
  let here = true;
  requestAnimationFrame(function attach() {
    if (!here) return;
    root = el.closest(".pg-root");
    if (!root) { requestAnimationFrame(attach); return; }
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", "Playground");
    root.addEventListener("keydown", keys);
    root.addEventListener("focusin", claim);
  });
  return () => {
    here = false;
    clearTimeout(timer);
    root?.removeEventListener("keydown", keys);
    root?.removeEventListener("focusin", claim);
    model.off(changes, show);
    model.off("msg:custom", receive);
    for (const name of Object.keys(fields)) model.off(`change:${name}`);
  };
}

export default { render };
