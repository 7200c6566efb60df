// Records the microphone and hands Python a wav: 16,000 samples a second, one channel, 16 bits.

// The worklet runs in the audio thread and passes on what it hears, unchanged.
const TAP = `
registerProcessor("tap", class extends AudioWorkletProcessor {
  process([input]) {
    if (input.length) this.port.postMessage(input[0].slice());
    return true;
  }
});`;

const REASONS = {
  NotAllowedError: "The browser was not allowed to use the microphone. Allow it for this page (beside the address), then record again.",
  NotFoundError: "No microphone was found. Plug one in, or drop a sound file instead.",
  NotReadableError: "The microphone is there but gives no sound: another program may be using it. Close that one, then record again.",
};

async function resampled(blocks, rate) {
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  const all = new Float32Array(length);
  let at = 0;
  for (const block of blocks) { all.set(block, at); at += block.length; }
  if (rate === RATE) return wav(all, RATE);
  // Decoding resamples with a proper filter, which playing a buffer at another rate does not.
  return wav(await decoded(await wav(all, rate)), RATE);
}

function render({ model, el }) {
  el.classList.add("pg-recorder");
  el.innerHTML = `
    <button type="button" class="pg-button pg-record" aria-pressed="false">Record</button>
    <meter min="0" max="1" low="0.02" high="0.98" optimum="0.4" value="0" aria-label="Loudness"></meter>
    <span class="pg-time" aria-hidden="true"></span>
    <span class="pg-note" role="status"></span>`;
  const [button, meter, time, note] = el.children;
  let session = null;

  const say = teller(note);

  function show(recording) {
    button.textContent = recording ? "Stop recording" : "Record";
    button.setAttribute("aria-pressed", String(recording));
    el.classList.toggle("pg-live", recording);
    if (!recording) { meter.value = 0; time.textContent = ""; }
  }

  function close({ stream, context }) {
    stream?.getTracks().forEach((track) => track.stop());
    if (context && context.state !== "closed") context.close();
  }

  async function start() {
    if (!navigator.mediaDevices) {
      say("A browser lends the microphone to pages of this computer (localhost) or over https only. Drop a sound file instead.", true);
      return;
    }
    button.disabled = true;
    say("Asking the browser for the microphone…");
    const opened = { blocks: [], heard: 0 };
    try {
      opened.stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false },
      });
      const context = opened.context = new AudioContext();
      const address = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
      await context.audioWorklet.addModule(address);
      URL.revokeObjectURL(address);
      const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
      tap.port.onmessage = ({ data }) => hear(opened, data);
      context.createMediaStreamSource(opened.stream).connect(tap);
      await context.resume();
      opened.stream.getTracks()[0].onended = () => session === opened && stop();
    } catch (error) {
      close(opened);
      say(REASONS[error.name] ?? `The microphone cannot be used: ${error.message}`, true);
      button.disabled = false;
      return;
    }
    session = opened;
    button.disabled = false;
    show(true);
    say(`Recording, at most ${model.get("max_seconds")} seconds.`);
  }

  function hear(opened, block) {
    if (session !== opened) return;
    opened.blocks.push(block);
    opened.heard += block.length;
    const seconds = opened.heard / opened.context.sampleRate;
    meter.value = Math.min(1, block.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
    time.textContent = `${seconds.toFixed(1)} s`;
    if (seconds >= model.get("max_seconds")) stop();
  }

  async function stop() {
    const { blocks, heard, context } = session;
    const rate = context.sampleRate;
    close(session);
    session = null;
    show(false);
    if (!blocks.some((block) => block.some((value) => value !== 0))) {
      say("The microphone gave silence only. Is it muted?", true);
      return;
    }
    say("Preparing the recording…");
    const data = await resampled(blocks, rate);
    model.send({ kind: "recording" }, undefined, [data]);
    say(`Recorded ${(heard / rate).toFixed(1)} seconds.`);
  }

  button.addEventListener("click", () => (session ? stop() : start()));
  const refused = (message) => message.kind === "refused" && say(message.reason, true);
  model.on("msg:custom", refused);
  return () => {
    model.off("msg:custom", refused);
    if (session) close(session);
    session = null;
  };
}

export default { render };
