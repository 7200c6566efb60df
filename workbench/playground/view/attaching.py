"""The panels that attach pictures and clips, and show each with what it weighs."""

from __future__ import annotations

import ipywidgets as widgets

from helpers.media import MAX_BYTES_TO_SHRINK
from workbench.playground.attachments import Attachment, from_bytes, from_recording, samples
from workbench.playground.request import Detail
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup
from workbench.playground.view.parts import DropZone, Entry, Recorder

_TAKES = ".png,.jpg,.jpeg,.gif,.webp,.mp3,.wav,.flac,.ogg,.m4a,.aac,.webm,.mp4"


class AttachPanel:
    """Attaches by sample, file, URL or recording."""

    def __init__(self, playground: Playground, attempt: fields.Attempt) -> None:
        self._playground, self._attempt = playground, attempt
        self._cards: dict[str, tuple[widgets.VBox, Attachment, tuple[str, Detail | None]]] = {}
        names = [(name.partition("/")[2], name) for name in samples()]
        sample = Entry(label="Sample", action="Attach sample", options=[("choose one", ""), *names])
        sample.on(take=lambda message, _: attempt(lambda: playground.attach_sample(str(message["value"]))))
        url = Entry(label="URL of a picture or clip", action="Attach URL", placeholder="https://…")
        url.on(take=lambda message, _: attempt(lambda: playground.attach_url(str(message["value"]))))
        drop = DropZone(
            label="Choose files",
            hint="or drop or paste them here: pictures and clips, 20 MB each at most; a larger picture can be shrunk",
            accept=_TAKES,
            limit=MAX_BYTES_TO_SHRINK,
            takes_paste=True,
        )
        drop.on_file(lambda name, data: playground.attach(from_bytes(data, name)))
        recorder = Recorder()
        recorder.on(recording=lambda _, buffers: playground.attach(from_recording(bytes(buffers[0]))))
        self.cards = fields.classed(widgets.Box(), "pg-attachments")
        self.box = widgets.VBox([widgets.HTML("<h3>Attach</h3>"), sample, url, drop, recorder])

    def refresh(self) -> None:
        """Draw the attachments again; those that are shown already stay as they are."""
        # Drawing a waveform takes a while.
        content = (self._playground.options.deployment, self._playground.options.detail)
        cards = {}
        for attachment in self._playground.attachments:
            card, of, drawn = self._cards.pop(attachment.id, (None, None, None))
            if card is None or of is not attachment:
                card, drawn = self._card(attachment), None
            if drawn != content:
                card.children[0].value = markup.attached(attachment, *content)
            cards[attachment.id] = (card, attachment, content)
        shown = tuple(card for card, _, _ in cards.values())
        if self.cards.children != shown:
            self.cards.children = shown
        self._cards = cards

    def _card(self, attachment: Attachment) -> widgets.VBox:
        playground, attempt, controls = self._playground, self._attempt, []
        if attachment.shrunk_from:
            undo = fields.button(
                "Use the original", lambda: attempt(lambda: playground.unshrink(attachment.id))
            )
            controls = [undo]
        elif attachment.kind == "image" and not attachment.url:
            side = fields.text("Longest side in pixels", placeholder="what the model uses")
            shrink = lambda: playground.shrink(attachment.id, fields.number(side, int))  # noqa: E731
            controls = [side, fields.button("Shrink", lambda: attempt(shrink))]
        remove = fields.button("Remove", lambda: attempt(lambda: playground.detach(attachment.id)))
        return fields.classed(widgets.VBox([widgets.HTML(), fields.row(*controls, remove)]), "pg-attachment")
