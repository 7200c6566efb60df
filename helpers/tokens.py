"""How many tokens a picture, a sound or a text costs, by the rules the models' makers published.

Only arithmetic on sizes and seconds: nothing is opened or decoded, so importing this module costs nothing.
"""

from __future__ import annotations

from math import ceil, floor, inf, prod, sqrt

# Phi-4-multimodal, in pixels: a crop, a patch of it (`image_size`, `patch_size`), and the most crops (`dynamic_hd`).
PHI4_CROP, PHI4_PATCH, PHI4_MAX_CROPS = 448, 14, 36
PHI4_SAMPLE_RATE = 16_000  # samples a second that Phi-4-multimodal hears; other rates are resampled to it
# gpt-5-mini and its kin: sides of a patch and of a picture in pixels, and the most patches (the vision guide).
OPENAI_PATCH, OPENAI_MAX_SIDE, OPENAI_MAX_PATCHES = 32, 2_048, 1_536
CHARACTERS_PER_TOKEN = 4
"""Rule of thumb for English text (https://platform.openai.com/docs/introduction/key-concepts)."""
DETAILS = ("auto", "low", "high")


def phi4_multimodal_image_tokens(width: int, height: int) -> int:
    """Count the tokens one picture of this many pixels costs on Phi-4-multimodal-instruct.

    The model sees a 448-pixel overview (256 tokens and 17 separators) and the picture itself, scaled onto a
    grid of 448-pixel crops and padded on the right or below. Two patches by two make one token, and each row
    of tokens ends in a separator. Patches that hold only padding are left out.
    Raises ValueError if a side is no whole number of at least 1, or the model's own code refuses so thin a picture.
    Source: `image_processing_phi4_multimodal.py` in https://github.com/huggingface/transformers
    """
    columns, rows = _phi4_grid(width, height)
    scaled_width, scaled_height = _phi4_scaled(width, height)
    across = PHI4_CROP // PHI4_PATCH * columns - (PHI4_CROP * columns - scaled_width) // PHI4_PATCH
    down = PHI4_CROP // PHI4_PATCH * rows - (PHI4_CROP * rows - scaled_height) // PHI4_PATCH
    tokens_across, tokens_down = ceil(across / 2), ceil(down / 2)
    return 256 + 16 + 1 + tokens_across * tokens_down + tokens_down


def phi4_multimodal_audio_tokens(seconds: float) -> int:
    """Count the tokens one clip costs on Phi-4-multimodal-instruct; less than one frame (25 ms) costs nothing.

    The model hears frames of 400 samples, one every 160, at 16 kHz; eight frames make one token of 80 ms.
    Raises ValueError if `seconds` is negative or not a finite number.
    Source: `feature_extraction_phi4_multimodal.py` in https://github.com/huggingface/transformers
    """
    frames = (round(_checked_seconds(seconds) * PHI4_SAMPLE_RATE) - 400) // 160 + 1
    return ceil(max(0, frames) / 8)


def openai_audio_tokens(seconds: float) -> int:
    """Count the tokens one clip costs on OpenAI's audio models: one for each 100 ms; errors as for Phi-4-multimodal.

    Source: https://platform.openai.com/docs/guides/realtime-costs (written for Realtime; not seen for chat).
    """
    return ceil(round(_checked_seconds(seconds) * 10, 6))


def tile_tokens(width: int, height: int, detail: str = "high", *, base: int, tile: int) -> int:
    """Count the tokens one picture costs on an OpenAI model that looks at tiles.

    With low detail each picture costs `base`. With high detail the picture is scaled down to fit 2048 by 2048 and
    then to 768 on its shorter side, and each 512-pixel tile it touches costs `tile` on top. For "auto" the model
    chooses; the count is that of "high", the most it can cost.
    Raises ValueError if a side is no whole number of at least 1, or `detail` is none of `DETAILS`.
    Source: https://platform.openai.com/docs/guides/images-vision (calculating costs)
    """
    seen_width, seen_height = tiled_size(width, height, detail)
    return base if detail == "low" else base + tile * ceil(seen_width / 512) * ceil(seen_height / 512)


def gpt_4o_image_tokens(width: int, height: int, detail: str = "high") -> int:
    """Count the tokens one picture costs on gpt-4o, as `tile_tokens` does: 85 and 170 a tile."""
    return tile_tokens(width, height, detail, base=85, tile=170)


def gpt_5_mini_image_tokens(width: int, height: int, detail: str = "high") -> int:
    """Count the tokens one picture costs on gpt-5-mini: 1.62 for each 32-pixel patch; errors as for `tile_tokens`.

    Users have reported 1.2 on their bills. With low detail the patches of the small version are counted: the guide's
    fixed price is that of models with tiles (https://github.com/openai/openai-python/issues/2851).
    """
    seen_width, seen_height = patched_size(width, height, detail)
    return ceil(round(ceil(seen_width / OPENAI_PATCH) * ceil(seen_height / OPENAI_PATCH) * 1.62, 6))


def text_tokens(text: str) -> int:
    """Estimate the tokens of a text, at four characters a token, rounded up.

    A rule of thumb, not a tokenizer: the true count hangs on the model's vocabulary and is in the reply's `usage`.
    """
    return ceil(len(text) / CHARACTERS_PER_TOKEN)


def largest_useful_size(model: str, width: int, height: int) -> tuple[int, int]:
    """Find the size, in pixels, above which "phi-4-multimodal", "gpt-4o" or "gpt-5-mini" sees no more of a picture.

    Sending this size saves bytes and loses nothing but what the service itself would drop at high detail.
    Raises ValueError if the model is unknown, or its rule refuses the size.
    """
    rule = USEFUL_SIZES.get(model) if isinstance(model, str) else None
    if rule is None:
        raise ValueError(f"No size rule for {model!r}: use one of {', '.join(USEFUL_SIZES)}.")
    return rule(width, height)


def phi4_size(width: int, height: int) -> tuple[int, int]:
    """The size at which Phi-4-multimodal sees a picture, where that is smaller than the picture; else its own."""
    scaled = _phi4_scaled(width, height)
    return scaled if scaled[0] <= width and scaled[1] <= height else (width, height)


def tiled_size(width: int, height: int, detail: str = "high") -> tuple[int, int]:
    """The size at which a model that looks at tiles sees a picture: within 512 pixels, or 2048 and 768; never more."""
    _check_sides(width, height, detail)
    return _within(width, height, *((512, 512) if detail == "low" else (2048, 768)))


def patched_size(width: int, height: int, detail: str = "high") -> tuple[int, int]:
    """The size at which gpt-5-mini sees a picture: within 512 pixels, or 2048 pixels and 1,536 patches."""
    _check_sides(width, height, detail)
    longest = 512 if detail == "low" else OPENAI_MAX_SIDE
    width, height = _within(width, height, longest, longest)
    if ceil(width / OPENAI_PATCH) * ceil(height / OPENAI_PATCH) <= OPENAI_MAX_PATCHES:
        return width, height
    shrink = sqrt(OPENAI_PATCH**2 * OPENAI_MAX_PATCHES / (width * height))
    across, down = width * shrink / OPENAI_PATCH, height * shrink / OPENAI_PATCH
    shrink *= min(max(1, floor(across)) / across, max(1, floor(down)) / down)
    return max(1, int(min(shrink, 1) * width)), max(1, int(min(shrink, 1) * height))


def _within(width: int, height: int, longest: int, shortest: int) -> tuple[int, int]:
    """Scale down to at most these pixels on the longer side and on the shorter one."""
    # Kept as a fraction, so that a side that comes out at 1024 does not become 1024.0000001 and cost one more tile.
    factors = ((1, 1), (longest, max(width, height)), (shortest, min(width, height)))
    numerator, denominator = min(factors, key=lambda factor: factor[0] / factor[1])
    return max(1, width * numerator // denominator), max(1, height * numerator // denominator)


def _checked_seconds(seconds: float) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < inf:
        raise ValueError(f"The length of a clip is a number of seconds, 0 or more, not {seconds!r}.")
    return seconds


def _check_sides(width: int, height: int, detail: str = "high") -> None:
    for side in (width, height):
        if isinstance(side, bool) or not isinstance(side, int) or side < 1:
            raise ValueError(f"Width and height are whole numbers of pixels, 1 or more, not {side!r}.")
    if detail not in DETAILS:
        raise ValueError(f"detail is one of {', '.join(DETAILS)}, not {detail!r}.")


def _phi4_grid(width: int, height: int) -> tuple[int, int]:
    """Choose the columns and rows of crops: as many as the picture fills, or at most 36 of its shape."""
    _check_sides(width, height)
    columns, rows = ceil(width / PHI4_CROP), ceil(height / PHI4_CROP)
    if columns * rows <= PHI4_MAX_CROPS:
        return columns, rows
    most = range(1, PHI4_MAX_CROPS + 1)
    grids = ((across, down) for across in most for down in most if across * down <= PHI4_MAX_CROPS)
    best, least = (1, 1), inf
    for across, down in sorted(grids, key=prod):
        difference = abs(width / height - across / down)
        # Of two grids of one shape, the source takes the finer if the picture fills more than half of it.
        fills_half = 2 * width * height > PHI4_CROP**2 * across * down
        if difference < least or (difference == least and fills_half):
            best, least = (across, down), difference
    return best


def _phi4_scaled(width: int, height: int) -> tuple[int, int]:
    """Scale the picture, up or down, until it fits its grid of crops."""
    columns, rows = _phi4_grid(width, height)
    grid_width, grid_height = PHI4_CROP * columns, PHI4_CROP * rows
    # Float arithmetic and truncation as in the source: exact fractions would differ by a pixel at times.
    across, down = grid_width / width, grid_height / height
    scaled = (grid_width, int(height * across)) if across < down else (int(width * down), grid_height)
    if min(scaled) < 10:
        raise ValueError(f"{width} by {height} pixels is too long and thin for Phi-4-multimodal: crop it.")
    return scaled


USEFUL_SIZES = {"phi-4-multimodal": phi4_size, "gpt-4o": tiled_size, "gpt-5-mini": patched_size}
