// What all parts share; it stands in front of each part's own script. What a part has model.on call ends with the part.

// Saves what Python made.
function saveFile({ filename, media_type: type }, buffers) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(buffers, { type }));
  link.download = filename;
  link.click();
  URL.revokeObjectURL(link.href);
  return `Saved as ${filename}.`;
}

// Two views of one widget share its messages, so each names itself.
const newName = () => Math.random().toString(36).slice(2);

const teller = (note) => (words, isTrouble = false) => {
  note.textContent = words;
  note.classList.toggle("pg-trouble", isTrouble);
};

const RATE = 16000;

function wavHeader(samples, rate) {
  const view = new DataView(new ArrayBuffer(44));
  const write = (at, word) => [...word].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  const numbers = [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, rate, 4], [28, rate * 2, 4], [32, 2, 2], [34, 16, 2]];
  write(0, "RIFF");
  write(8, "WAVEfmt ");
  write(36, "data");
  for (const [at, value, size] of [...numbers, [4, 36 + samples * 2, 4], [40, samples * 2, 4]]) {
    if (size === 4) view.setUint32(at, value, true);
    else view.setUint16(at, value, true);
  }
  return view.buffer;
}

// The bytes of a wav file: one channel, 16 bits.
function wav(samples, rate) {
  const pcm = new Int16Array(samples.length);
  samples.forEach((value, i) => { pcm[i] = Math.max(-32768, Math.min(32767, Math.round(value * 32767))); });
  return new Blob([wavHeader(pcm.length, rate), pcm]).arrayBuffer();
}

// Decodes what the browser can play, at the rate that speech models hear, and mixes it to one channel.
async function decoded(bytes) {
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  const mono = sound.getChannelData(0).slice();
  for (let channel = 1; channel < sound.numberOfChannels; channel += 1) {
    const other = sound.getChannelData(channel);
    for (let i = 0; i < mono.length; i += 1) mono[i] += other[i];
  }
  return mono.map((value) => value / sound.numberOfChannels);
}
