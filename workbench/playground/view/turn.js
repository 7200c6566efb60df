// One turn of the conversation: the prompt, what was attached, the reply as it comes in, and what to do with it.
// The HTML comes from Python, where it was made inert; text comes as text.

function render({ model, el }) {
  el.classList.add("pg-turn");
  el.innerHTML = `
    <article>
      <div class="pg-turn-head"><h4></h4>
        <span class="pg-branches">
          <button type="button" class="pg-button pg-small" data-action="previous" aria-label="Previous branch">‹</button>
          <span class="pg-branch"></span>
          <button type="button" class="pg-button pg-small" data-action="next" aria-label="Next branch">›</button>
        </span></div>
      <div class="pg-asked"></div>
      <div class="pg-media"></div>
      <div class="pg-reply" tabindex="0" role="group"></div>
      <div class="pg-explained"></div>
      <div class="pg-row pg-turn-foot">
        <span class="pg-facts"></span>
        <button type="button" class="pg-button pg-small" data-action="edit">Edit and resend</button>
        <button type="button" class="pg-button pg-small" data-action="branch">Branch from here</button>
        <button type="button" class="pg-button pg-small" data-action="code">Copy as code</button>
      </div>
    </article>`;
  const part = (name) => el.querySelector(`.pg-${name}`);
  const show = {
    title: (value) => {
      el.querySelector("h4").textContent = value;
      el.querySelector("article").setAttribute("aria-label", value);
      part("reply").setAttribute("aria-label", `Reply of ${value}`);
      for (const button of el.querySelectorAll(".pg-turn-foot button")) {
        button.setAttribute("aria-label", `${button.textContent}: ${value}`);
      }
    },
    prompt: (value) => { part("asked").textContent = value; part("asked").hidden = !value; },
    media: (value) => { part("media").innerHTML = value; part("media").hidden = !value; },
    reply: (value) => { part("reply").innerHTML = value; part("reply").hidden = !value; },
    explained: (value) => { part("explained").textContent = value; part("explained").hidden = !value; },
    facts: (value) => { part("facts").textContent = value; },
    branch: (value) => { part("branch").textContent = value; part("branches").hidden = !value; },
    state: (value) => {
      el.dataset.state = value;
      el.querySelector("article").setAttribute("aria-busy", String(value === "streaming"));
    },
  };
  const listeners = Object.entries(show).map(([name, draw]) => {
    const listener = () => draw(model.get(name));
    model.on(`change:${name}`, listener);
    listener();
    return [`change:${name}`, listener];
  });
  el.addEventListener("click", (event) => {
    const action = event.target.closest("[data-action]")?.dataset.action;
    if (action) model.send({ kind: action });
  });
  return () => listeners.forEach(([name, listener]) => model.off(name, listener));
}

export default { render };
