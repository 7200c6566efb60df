"""PocketSphinx in a process of its own, which knows nothing of the project: sound comes in, words go out.

PocketSphinx holds Python's global lock for as long as it decodes, up to ten seconds for one piece, and with it every
other request of the process and the Stop of a notebook.

Standard input holds pieces, each a count of bytes (4 bytes, little endian) and as many bytes of 16-bit sound at 16 kHz.
Standard output has one line of JSON for each: the words with the frames that each covers, fillers too. The end of the
input ends the process.
"""

from __future__ import annotations

import json
import sys

from pocketsphinx import Decoder

SAMPLE_RATE = 16_000
"""Samples a second; PocketSphinx's English model was trained at this rate."""


def main() -> None:
    """Decode pieces until there are no more."""
    decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")
    fresh = decoder.get_cmn()
    while len(head := sys.stdin.buffer.read(4)) == 4:
        sound = sys.stdin.buffer.read(int.from_bytes(head, "little"))
        # The decoder carries the mean of one utterance over to the next: reset, so that a clip always reads alike.
        decoder.set_cmn(fresh)
        decoder.start_utt()
        decoder.process_raw(sound, full_utt=True)
        decoder.end_utt()
        heard = decoder.seg() if decoder.hyp() is not None else ()
        spans = [(segment.word, segment.end_frame - segment.start_frame + 1) for segment in heard]
        print(json.dumps(spans), flush=True)


if __name__ == "__main__":
    main()
