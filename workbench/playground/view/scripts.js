// One request as scripts: a tab for each, with a button that copies and one that downloads.

function render({ model, el }) {
  el.classList.add("pg-scripts");
  const number = Math.random().toString(36).slice(2);
  let chosen = 0;

  const copyText = async (text) => {
    // Pages that are neither on this computer nor on https have no clipboard.
    if (navigator.clipboard) { await navigator.clipboard.writeText(text); return; }
    const area = document.createElement("textarea");
    area.value = text;
    el.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  const receive = (message, buffers) => {
    if (message.view !== number) return;
    const note = el.querySelector(".pg-note");
    if (message.reason) { note.textContent = message.reason; return; }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(buffers, { type: message.media_type }));
    link.download = message.filename;
    link.click();
    URL.revokeObjectURL(link.href);
    note.textContent = `Saved as ${message.filename}.`;
  };

  function draw() {
    const scripts = model.get("scripts");
    chosen = Math.min(chosen, Math.max(0, scripts.length - 1));
    el.innerHTML = `
      <div role="tablist" aria-label="Scripts" class="pg-tabs"></div>
      <div role="tabpanel" id="panel-${number}" aria-labelledby="tab-${number}-${chosen}">
        <div class="pg-row">
          <button type="button" class="pg-button pg-copy">Copy</button>
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
    const script = scripts[chosen];
    const note = el.querySelector(".pg-note");
    el.querySelector("code").textContent = script.text;
    el.querySelector(".pg-beside").textContent = script.note;
    el.querySelector(".pg-beside").hidden = !script.note;
    el.querySelector(".pg-copy").addEventListener("click", async () => {
      try {
        await copyText(script.text);
        note.textContent = "Copied.";
      } catch {
        note.textContent = "The browser did not let go of its clipboard. Download the script instead.";
      }
    });
    el.querySelector(".pg-download").addEventListener("click", () => {
      note.textContent = "Preparing…";
      model.send({ kind: "make", view: number, index: chosen });
    });
  }

  function choose(i) {
    const count = model.get("scripts").length;
    chosen = (i + count) % count;
    draw();
    el.querySelector("[aria-selected=true]").focus();
  }

  const keys = (event) => {
    if (event.target.getAttribute("role") !== "tab") return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) { event.preventDefault(); choose(chosen + step); }
  };
  el.addEventListener("keydown", keys);
  model.on("change:scripts", draw);
  model.on("msg:custom", receive);
  draw();
  return () => {
    el.removeEventListener("keydown", keys);
    model.off("change:scripts", draw);
    model.off("msg:custom", receive);
  };
}

export default { render };
