// Prompt, Send and Stop, the system message, and the keys that work anywhere in the playground.

// How long the kernel may leave a press unanswered before the person is told, and before more is told, in milliseconds.
const AT_ONCE = 300;
const PATIENCE = 3000;
const HELD = "The kernel is busy: a cell that runs holds this back. It goes out when that is over.";
const SILENT = `${HELD} If the kernel was restarted, run the tool's cell again; what was said comes back.`;

function render({ model, el }) {
  el.classList.add("pg-composer");
  el.innerHTML = `
    <label class="pg-field">Prompt
      <textarea class="pg-prompt" rows="3" spellcheck="true"></textarea></label>
    <div class="pg-row">
      <button type="button" class="pg-button pg-send">Send</button>
      <button type="button" class="pg-button pg-stop">Stop</button>
      <button type="button" class="pg-button pg-cancel">Cancel the edit</button>
      <label class="pg-times">times <input type="number" min="1" max="20" value="1"></label>
      <span class="pg-keys"><kbd>Ctrl</kbd>+<kbd>Enter</kbd> sends, <kbd>Esc</kbd> stops, <kbd>↑</kbd> recalls</span>
    </div>
    <progress class="pg-busy" aria-label="Waiting for the reply" hidden></progress>
    <div class="pg-status" role="status"></div>
    <details><summary>System message</summary>
      <label class="pg-field pg-preset-field">Preset <select class="pg-preset"></select></label>
      <label class="pg-field">System message
        <textarea class="pg-system" rows="3" spellcheck="true"></textarea></label>
    </details>`;
  const part = (name) => el.querySelector(`.pg-${name}`);
  const fields = { system: part("system"), prompt: part("prompt") };
  const times = el.querySelector(".pg-times input");
  let timer = null;
  let patience = null;
  let isHeld = false;

  const text = () => ({ system: fields.system.value, prompt: fields.prompt.value });

  function push() {
    clearTimeout(timer);
    timer = null;
    for (const [name, value] of Object.entries(text())) model.set(name, value);
    model.save_changes();
  }

  function warn(words) {
    part("status").textContent = words;
    part("status").classList.add("pg-trouble");
    patience = words === HELD ? setTimeout(warn, PATIENCE, SILENT) : null;
  }

  function tell(message) {
    clearTimeout(patience);
    patience = setTimeout(warn, AT_ONCE, HELD);
    // To a kernel that is gone nothing can be sent at all.
    try { push(); model.send(message); } catch { clearTimeout(patience); warn(SILENT); return; }
    isHeld = message.kind === "send";
    show();
  }

  // The words travel inside the message: sent apart from it, they could arrive after it. Pressed again while it waits
  // for the kernel, they would be sent twice.
  function send() {
    if (model.get("busy") || isHeld) return;
    tell({ kind: "send", ...text(), times: Number(times.value) });
    times.value = 1;
  }

  function pull(name) {
    if (fields[name].value !== model.get(name)) fields[name].value = model.get(name);
    if (model.get("system").trim()) el.querySelector("details").open = true;
  }

  function show() {
    const busy = model.get("busy");
    part("send").disabled = busy || isHeld;
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
      tell({ kind: "stop" });
    } else if (event.key === "ArrowUp" && event.target === fields.prompt && !fields.prompt.value) {
      event.preventDefault();
      fields.prompt.value = model.get("recall");
      push();
    }
  }

  // In JupyterLab single letters cut cells and Ctrl+Enter runs one. It asks the element with the focus, and only
  // that one, whether it wants its keys for itself.
  const claim = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");

  const presets = model.get("presets");
  part("preset").append(new Option("choose one", ""), ...presets.map(([name, words]) => new Option(name, words)));
  part("preset-field").hidden = !presets.length;
  part("preset").addEventListener("change", () => {
    if (!part("preset").value) return;
    fields.system.value = part("preset").value;
    part("preset").selectedIndex = 0;
    push();
  });
  for (const [name, field] of Object.entries(fields)) {
    pull(name);
    model.on(`change:${name}`, () => { if (timer === null) pull(name); });
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(push, 300); });
    field.addEventListener("change", push);
  }
  part("send").addEventListener("click", send);
  part("stop").addEventListener("click", () => tell({ kind: "stop" }));
  part("cancel").addEventListener("click", () => tell({ kind: "cancel" }));
  model.on("change:busy change:status change:is_trouble change:editing", show);
  model.on("msg:custom", ({ kind }) => {
    if (kind === "focus") fields.prompt.focus();
    if (kind === "taken") { clearTimeout(patience); isHeld = false; show(); }
  });
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
    clearTimeout(patience);
    root?.removeEventListener("keydown", keys);
    root?.removeEventListener("focusin", claim);
  };
}

export default { render };
