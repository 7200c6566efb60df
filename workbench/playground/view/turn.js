// One turn of the conversation: the prompt, what was attached, the reply as it comes in, and what to do with it.
// The HTML comes from Python, where it was made inert; text comes as text.

const small = (action, words) => `<button type="button" class="pg-button pg-small" data-action="${action}">${words}</button>`;

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
      <div class="pg-facts"></div>
      <div class="pg-row pg-turn-foot">
        ${small("edit", "Edit and resend")}${small("retry", "Ask again")}${small("branch", "Branch from here")}${small("code", "Copy as code")}
        <select class="pg-small pg-rating" aria-label="Rating"><option value="0">not rated</option></select>
        <input class="pg-small pg-noted" placeholder="note" aria-label="Note">
      </div>
    </article>`;
  const part = (name) => el.querySelector(`.pg-${name}`);
  part("rating").append(...[1, 2, 3, 4, 5].map((stars) => new Option("★".repeat(stars), stars)));
  const area = () => el.closest(".pg-conversation");
  const isLast = () => el === area()?.querySelector(":scope .pg-turn:last-child, :scope > :last-child");

  // The newest words stay in view, unless somebody scrolled away from them.
  function keepInView(change) {
    const box = area();
    const follows = box && box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    change?.();
    if (follows) box.scrollTop = box.scrollHeight;
  }

  const show = {
    title: (value) => {
      el.querySelector("h4").textContent = value;
      el.querySelector("article").setAttribute("aria-label", value);
      part("reply").setAttribute("aria-label", `Reply of ${value}`);
      for (const one of el.querySelectorAll(".pg-turn-foot > *")) {
        one.setAttribute("aria-label", `${one.dataset.action ? one.textContent : { SELECT: "Rating", INPUT: "Note" }[one.tagName]}: ${value}`);
      }
    },
    prompt: (value) => { part("asked").textContent = value; part("asked").hidden = !value; },
    media: (value) => { part("media").innerHTML = value; part("media").hidden = !value; },
    reply: (value) => keepInView(() => { part("reply").innerHTML = value; part("reply").hidden = !value; }),
    explained: (value) => keepInView(() => { part("explained").textContent = value; part("explained").hidden = !value; }),
    facts: (value) => keepInView(() => { part("facts").textContent = value; }),
    branch: (value) => { part("branch").textContent = value; part("branches").hidden = !value; },
    editing: (value) => { el.querySelector("article").classList.toggle("pg-edited", value); },
    rating: (value) => { part("rating").value = value; },
    note: (value) => { part("noted").value = value; },
    state: (value) => keepInView(() => {
      el.dataset.state = value;
      el.querySelector("article").setAttribute("aria-busy", String(value === "streaming"));
      part("turn-foot").hidden = value === "streaming";
    }),
  };
  for (const [name, draw] of Object.entries(show)) {
    model.on(`change:${name}`, () => draw(model.get(name)));
    draw(model.get(name));
  }
  const rate = () => model.send({ kind: "rate", rating: Number(part("rating").value), note: part("noted").value });
  part("rating").addEventListener("change", rate);
  part("noted").addEventListener("change", rate);
  el.addEventListener("click", (event) => {
    const action = event.target.closest("[data-action]")?.dataset.action;
    if (action) model.send({ kind: action });
  });
  // A picture has its height only once it is decoded.
  el.addEventListener("load", () => isLast() && keepInView(), true);
  requestAnimationFrame(() => { if (area()) area().scrollTop = area().scrollHeight; });
}

export default { render };
