// Files that Python makes: one request as scripts, a tab for each, to be copied or downloaded; or a button alone.

// A page that draws more than this of one script stands still.
const SHOWN = 40000;

async function copyText(text, el) {
  // Pages that are neither on this computer nor on https have no clipboard.
  if (navigator.clipboard) { await navigator.clipboard.writeText(text); return; }
  const area = document.createElement("textarea");
  area.value = text;
  el.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// Where a new cell below the one with the tool belongs: JupyterLab's widgets know their notebook, and number its cells.
function place(model, el) {
  const notebook = model.widget_manager?.context?.model?.sharedModel;
  const number = el.closest(".jp-Cell")?.dataset.windowedListIndex;
  return notebook?.insertCell && number ? { notebook, at: Number(number) + 1 } : null;
}

function render({ model, el }) {
  el.classList.add("pg-scripts");
  const number = newName();
  let chosen = 0;
  let say = () => {};

  const make = () => {
    say("Preparing…");
    model.send({ kind: "make", view: number, index: chosen });
  };

  function drawButton() {
    el.innerHTML = `<button type="button" class="pg-button"></button> <span class="pg-note" role="status"></span>`;
    el.firstChild.textContent = model.get("label");
    el.firstChild.addEventListener("click", make);
    say = teller(el.querySelector(".pg-note"));
  }

  function draw() {
    if (model.get("label")) { drawButton(); return; }
    const scripts = model.get("scripts");
    chosen = Math.min(chosen, Math.max(0, scripts.length - 1));
    el.innerHTML = `
      <div role="tablist" aria-label="Scripts" class="pg-tabs"></div>
      <div role="tabpanel" id="panel-${number}" aria-labelledby="tab-${number}-${chosen}">
        <div class="pg-row">
          <button type="button" class="pg-button pg-copy">Copy</button>
          <button type="button" class="pg-button pg-insert" hidden>Insert as cell</button>
          <button type="button" class="pg-button pg-download">Download</button>
          <span class="pg-note" role="status"></span>
        </div>
        <p class="pg-soft pg-beside"></p>
        <pre tabindex="0" role="group" aria-label="Script"><code></code></pre>
      </div>`;
    el.hidden = scripts.length === 0;
    if (el.hidden) return;
    const tabs = el.querySelector(".pg-tabs");
    scripts.forEach((script, i) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `tab-${number}-${i}`;
      tab.textContent = script.label;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-selected", String(i === chosen));
      tab.setAttribute("aria-controls", `panel-${number}`);
      tab.tabIndex = i === chosen ? 0 : -1;
      tab.addEventListener("click", () => choose(i));
      tabs.append(tab);
    });
    const { text, note, shell } = scripts[chosen];
    say = teller(el.querySelector(".pg-note"));
    const rest = text.length - SHOWN;
    el.querySelector("code").textContent = rest > 0 ? `${text.slice(0, SHOWN)}\n… ${rest.toLocaleString()} more characters, which Copy and Download have` : text;
    el.querySelector(".pg-beside").textContent = note;
    el.querySelector(".pg-beside").hidden = !note;
    el.querySelector(".pg-copy").addEventListener("click", () => copyText(text, el).then(
      () => say("Copied."),
      () => say("The browser did not let go of its clipboard. Download the script instead.", true),
    ));
    el.querySelector(".pg-insert").addEventListener("click", () => {
      const { notebook, at } = place(model, el);
      notebook.insertCell(at, { cell_type: "code", source: shell ? `%%bash\n${text}` : text, metadata: {} });
      say("Inserted as a cell below the tool.");
    });
    // Only once it is on the page does the part know where it is.
    requestAnimationFrame(() => { el.querySelector(".pg-insert").hidden = !place(model, el); });
    el.querySelector(".pg-download").addEventListener("click", make);
  }

  function choose(i) {
    const count = model.get("scripts").length;
    chosen = (i + count) % count;
    draw();
    el.querySelector("[aria-selected=true]").focus();
  }

  el.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step && event.target.getAttribute("role") === "tab") { event.preventDefault(); choose(chosen + step); }
  });
  model.on("change:scripts", draw);
  model.on("msg:custom", (message, buffers) => {
    if (message.view !== number) return;
    if (message.reason) say(message.reason, true);
    else if (message.filename) say(saveFile(message, buffers));
  });
  draw();
}

export default { render };
