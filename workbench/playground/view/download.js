// A button that asks Python for a file and saves it.

function render({ model, el }) {
  el.classList.add("pg-downloader");
  el.innerHTML = `<button type="button" class="pg-button"></button> <span class="pg-note" role="status"></span>`;
  const [button, note] = el.children;
  // Two views of one widget share its messages, and the file is saved once.
  let waiting = false;
  const describe = () => { button.textContent = model.get("label"); };
  const receive = (message, buffers) => {
    if (!waiting) return;
    waiting = false;
    button.disabled = false;
    note.classList.toggle("pg-trouble", Boolean(message.reason));
    if (message.reason) { note.textContent = message.reason; return; }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(buffers, { type: message.media_type }));
    link.download = message.filename;
    link.click();
    URL.revokeObjectURL(link.href);
    note.textContent = `Saved as ${message.filename}.`;
  };
  button.addEventListener("click", () => {
    waiting = true;
    button.disabled = true;
    note.textContent = "Preparing…";
    model.send({ kind: "make" });
  });
  model.on("change:label", describe);
  model.on("msg:custom", receive);
  describe();
  return () => { model.off("change:label", describe); model.off("msg:custom", receive); };
}

export default { render };
