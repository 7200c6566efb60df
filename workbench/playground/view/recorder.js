// Records the microphone and hands Python a wav: 16,000 samples a second, one channel, 16 bits.

const REASONS = {
  NotAllowedError: "The browser was not allowed to use the microphone. Allow it for this page (beside the address), then record again.",
  NotFoundError: "No microphone was found. Plug one in, or drop a sound file instead.",
  NotReadableError: "The microphone is there but gives no sound: another program may be using it. Close that one, then record again.",
};

// What coding leaves of silence, of 1.
const SILENCE = 0.0005;

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

  function close({ stream, context, clock }) {
    clearInterval(clock);
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
    const opened = { pieces: [] };
    try {
      opened.stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false },
      });
      opened.context = new AudioContext();
      const ear = opened.context.createAnalyser();
      opened.context.createMediaStreamSource(opened.stream).connect(ear);
      await opened.context.resume();
      opened.recorder = new MediaRecorder(opened.stream);
      opened.recorder.ondataavailable = ({ data }) => opened.pieces.push(data);
      // Also when the microphone is unplugged.
      opened.recorder.onstop = () => finish(opened);
      opened.recorder.start();
      const began = performance.now();
      const heard = new Float32Array(ear.fftSize);
      opened.clock = setInterval(() => {
        const seconds = (performance.now() - began) / 1000;
        ear.getFloatTimeDomainData(heard);
        meter.value = Math.min(1, heard.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
        time.textContent = `${seconds.toFixed(1)} s`;
        if (seconds >= model.get("max_seconds") && opened.recorder.state === "recording") opened.recorder.stop();
      }, 50);
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

  async function finish(opened) {
    close(opened);
    session = null;
    show(false);
    say("Preparing the recording…");
    const samples = await decoded(await new Blob(opened.pieces).arrayBuffer());
    if (samples.every((value) => Math.abs(value) < SILENCE)) {
      say("The microphone gave silence only. Is it muted?", true);
      return;
    }
    model.send({ kind: "recording" }, undefined, [await wav(samples, RATE)]);
    say(`Recorded ${(samples.length / RATE).toFixed(1)} seconds.`);
  }

  button.addEventListener("click", () => (session ? session.recorder.stop() : start()));
  model.on("msg:custom", (message) => message.reason && say(message.reason, true));
  return () => {
    if (session) { session.recorder.onstop = null; close(session); }
  };
}

export default { render };
