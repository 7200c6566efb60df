// Takes files that are dropped, pasted or chosen, and sends them to Python piece by piece.

// A Jupyter server closes the connection on a message above 10 MB, so a file travels in pieces.
const PIECE = 1024 * 1024;

const megabytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(bytes < 1024 * 1024 ? 2 : 0)} MB`;

function render({ model, el }) {
  el.classList.add("pg-dropzone");
  el.innerHTML = `
    <button type="button" class="pg-button"></button>
    <span class="pg-hint"></span>
    <input type="file" hidden tabindex="-1">
    <progress max="1" value="0" hidden></progress>
    <span class="pg-note" role="status"></span>`;
  const [button, hint, input, progress, note] = el.children;
  const answers = new Map();
  const view = newName();
  button.textContent = model.get("label");
  hint.textContent = model.get("hint");
  input.accept = model.get("accept");
  input.multiple = model.get("multiple");
  input.setAttribute("aria-label", model.get("label"));
  let next = 0;
  let queue = Promise.resolve();
  let here = true;

  const say = teller(note);

  function ask(message, buffers) {
    const number = `${view}-${next++}`;
    return new Promise((resolve) => {
      answers.set(number, resolve);
      model.send({ ...message, view, number }, undefined, buffers);
    });
  }

  // What phones and browsers record, and the service does not take: the browser itself can decode it.
  async function heard(file) {
    if (!/\.(m4a|webm|mp4|aac|amr|3gp|caf|mov)$/i.test(file.name) && !/(webm|mp4|aac|m4a)$/.test(file.type)) return file;
    say(`Decoding ${file.name}…`);
    try {
      return new File([await wav(await decoded(await file.arrayBuffer()), RATE)], file.name.replace(/\.\w+$/, "") + ".wav");
    } catch {
      throw new Error("this browser cannot decode it. Convert it to mp3 or wav.");
    }
  }

  async function send(given) {
    const file = await heard(given);
    if (file.size > model.get("limit")) {
      say(`${file.name} has ${megabytes(file.size)}; the limit is ${megabytes(model.get("limit"))}. Make it smaller first.`, true);
      return;
    }
    say(`Taking ${file.name}…`);
    progress.hidden = false;
    progress.setAttribute("aria-label", `Taking ${file.name}`);
    let answer = await ask({ kind: "start", name: file.name, size: file.size });
    for (let at = 0; here && at < file.size && !answer.reason; at += PIECE) {
      answer = await ask({ kind: "piece" }, [await file.slice(at, at + PIECE).arrayBuffer()]);
      progress.value = Math.min(1, (at + PIECE) / file.size);
    }
    if (here && !answer.reason) answer = await ask({ kind: "end" });
    progress.hidden = true;
    progress.value = 0;
    say(answer.reason ?? `${file.name} was taken.`, Boolean(answer.reason));
  }

  function take(files) {
    const chosen = model.get("multiple") ? [...files] : [...files].slice(0, 1);
    for (const file of chosen) {
      queue = queue.then(() => send(file)).catch((error) => {
        progress.hidden = true;
        say(`${file.name} cannot be taken: ${error.message}`, true);
      });
    }
  }

  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const dragged = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    el.classList.toggle("pg-over", event.type === "dragover");
    if (event.type === "drop") take(event.dataTransfer.files);
  };
  const paste = (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  };
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => { take(input.files); input.value = ""; });
  for (const kind of ["dragover", "dragleave", "drop"]) el.addEventListener(kind, dragged);
  model.on("msg:custom", (message) => {
    answers.get(message.number)?.(message);
    answers.delete(message.number);
  });

  // A picture can be pasted wherever the cursor is in the tool, for instance in the prompt.
  let area = el;
  requestAnimationFrame(() => {
    if (!here) return;
    area = (model.get("takes_paste") && el.closest(".pg-root")) || el;
    area.addEventListener("paste", paste);
  });
  return () => {
    here = false;
    area.removeEventListener("paste", paste);
  };
}

export default { render };
