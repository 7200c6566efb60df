"""The panel that attaches pictures and clips, and shows each with what it weighs."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from workbench.playground.attachments import Attachment, samples
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup
from workbench.playground.view.dropzone import DropZone
from workbench.playground.view.entry import Entry
from workbench.playground.view.recorder import Recorder

_TAKES = ".png,.jpg,.jpeg,.gif,.webp,.mp3,.wav,.flac,.ogg"


class AttachPanel:
    """Attaches by sample, file, URL or recording.

    Attributes:
        box: the panel's widget.
    """

    def __init__(self, playground: Playground, attempt: Callable[[Callable[[], object]], None]) -> None:
        """Make the panel.

        Args:
            playground: the model.
            attempt: calls a function and shows a `LearnerError` of it.
        """
        self._playground, self._attempt = playground, attempt
        self._cards: dict[str, tuple[widgets.VBox, Attachment, tuple[str, str | None]]] = {}

        names = [(name.partition("/")[2], name) for name in samples()]
        sample = Entry(label="Sample", action="Attach sample", options=[("choose one", ""), *names])
        sample.on_entry(lambda name: attempt(lambda: playground.attach_sample(name)))
        url = Entry(label="URL of a picture or clip", action="Attach URL", placeholder="https://…")
        url.on_entry(lambda url: attempt(lambda: playground.attach_url(url)))
        drop = DropZone(
            label="Choose files",
            hint="or drop or paste them here: pictures and clips, 20 MB each at most",
            accept=_TAKES,
            takes_paste=True,
        )
        drop.on_file(lambda name, data: playground.attach_bytes(data, name))
        recorder = Recorder()
        recorder.on_recording(playground.attach_recording)
        self._list = widgets.VBox()
        self.box = widgets.VBox(
            [
                widgets.HTML("<h3>Attach</h3>"),
                sample,
                url,
                drop,
                recorder,
                self._list,
            ]
        )

    def refresh(self) -> None:
        """Draw the attachments again; those that are shown already stay as they are."""
        options = self._playground.options
        cards = {}
        for attachment in self._playground.attachments:
            # Drawing a waveform takes a while, so what is shown already stays as it is.
            content = (options.deployment, options.detail)
            card, of, drawn = self._cards.pop(attachment.id, (None, None, None))
            if card is None or of is not attachment:
                card, drawn = self._card(attachment), None
            if drawn != content:
                card.children[0].value = markup.attached(attachment, *content)
            cards[attachment.id] = (card, attachment, content)
        shown = tuple(card for card, _, _ in cards.values())
        if self._list.children != shown:
            self._list.children = shown
        self._cards = cards

    def _card(self, attachment: Attachment) -> widgets.VBox:
        remove = fields.button(
            "Remove", lambda: self._attempt(lambda: self._playground.detach(attachment.id))
        )
        controls: list[widgets.Widget] = []
        if attachment.shrunk_from:
            controls = [fields.button("Use the original", lambda: self._unshrink(attachment.id))]
        elif attachment.kind == "image" and not attachment.url:
            side = fields.text("Longest side in pixels", placeholder="what the model uses")
            controls = [side, fields.button("Shrink", lambda: self._shrink(attachment.id, side))]
        card = widgets.VBox([widgets.HTML(), fields.row(*controls, remove)])
        card.add_class("pg-attachment")
        return card

    def _shrink(self, attachment_id: str, side: widgets.Text) -> None:
        self._attempt(lambda: self._playground.shrink(attachment_id, longest_side=fields.number(side, int)))

    def _unshrink(self, attachment_id: str) -> None:
        self._attempt(lambda: self._playground.unshrink(attachment_id))
