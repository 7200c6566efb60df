"""Speak the talks in ``data/talks`` from the turns beside them: two voices, pauses, and the sound of a room.

A talk is spoken from the ``.json`` file of its own name with Flite (see ``make_clips.py``), so what was said, by whom
and when is known exactly. ``<talk>.csv`` lists the turns with the second at which each begins and ends.

Usage:
    python data/make_talks.py [--out FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr
from make_clips import ClipError, speak

TALKS = Path(__file__).resolve().parent / "talks"
RATE = 16_000
"""Samples a second."""
PAUSES = (0.7, 1.4)
"""Shortest and longest pause between two turns, in seconds."""
ROOM_NOISE = 0.0015
"""Standard deviation of the noise of the room; the voices reach 1."""
ECHO = ((0.011, 0.18), (0.023, 0.10), (0.041, 0.05))
"""Delay in seconds and loudness of the walls' echoes."""


def in_a_room(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A voice with early echoes and noise; shape ``(n,)`` in and out."""
    heard = sound.copy()
    for delay, loudness in ECHO:
        shift = round(delay * RATE)
        heard[shift:] += loudness * sound[:-shift]
    return heard + random.normal(0, ROOM_NOISE, len(heard))


def make_talk(path: Path, out: Path) -> Path:
    """Speak one talk; writes ``<talk>.mp3`` and ``<talk>.csv``.

    Raises:
        ClipError: Flite or a voice is missing.
    """
    random = np.random.default_rng(7)
    pieces, rows, position = [np.zeros(RATE // 2)], [], RATE // 2
    for turn in json.loads(path.read_text(encoding="utf-8"))["turns"]:
        samples, rate = speak(turn["text"], turn["voice"])
        voice = soxr.resample(samples, rate, RATE) if rate != RATE else samples
        pause = np.zeros(round(random.uniform(*PAUSES) * RATE))
        begin, end = position / RATE, (position + len(voice)) / RATE
        rows.append(
            {"begin": f"{begin:.2f}", "end": f"{end:.2f}", "speaker": turn["speaker"], "text": turn["text"]}
        )
        pieces += [voice, pause]
        position += len(voice) + len(pause)
    sound = in_a_room(np.concatenate(pieces), random)
    target = out / f"{path.stem}.mp3"
    sound = np.clip(0.9 * sound / np.abs(sound).max(), -1, 1)
    soundfile.write(
        target, sound, RATE, subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT", compression_level=0.9
    )
    with (out / f"{path.stem}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return target


def main() -> None:
    """Speak every talk and print its length."""
    parser = argparse.ArgumentParser(description="Speak the talks in data/talks with Flite.")
    parser.add_argument("--out", type=Path, default=TALKS, help="folder to write to (default: data/talks)")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    try:
        for path in sorted(TALKS.glob("*.json")):
            target = make_talk(path, out)
            print(
                f"{target.name}, {soundfile.info(target).duration:.1f} seconds, {target.stat().st_size} bytes"
            )
    except ClipError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
