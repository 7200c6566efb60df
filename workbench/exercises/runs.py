"""Checks of the lessons on the playground, on many files, and on a report."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from workbench.batch import Task
from workbench.exercises.contract import NotYet, called, check, need, number, refuse, shown, stopped
from workbench.exercises.sent import LIBRARY, arrivals, clips, says, shows, words_sent

PRESS_SECONDS = 60
"""Most seconds that the check of a tool waits for a reply."""
MOST = {"image": 400, "audio": 50}
"""Tokens that a reply about a file may have at most."""
TRICKY = (
    '<b title="sale">5 > 3 & 2 < 4</b>',
    "<!-- note --> Tom & 'Ann' &amp; <script>alert(1)</script>",
    "Tea",
)
"""What a function that makes list items is tried on."""


@check(13, "Use the tool, then keep tool.playground.conversation.")
def two_branches(conversation: Any) -> str:
    """Was an earlier turn edited and sent again, so that a playground's conversation has two branches?"""
    if not hasattr(conversation, "exchanges") or not hasattr(conversation, "branches"):
        raise NotYet("this check reads tool.playground.conversation.")
    exchanges = conversation.exchanges
    refuse(not exchanges, "the conversation is empty. Ask something in the tool first.")
    places = [branches for one in exchanges if len(branches := conversation.branches(one.id)) > 1]
    refuse(not places, "there is one branch. Press Edit and resend below a turn, and change the prompt.")
    if not any(turn.attachments for one in exchanges for turn in one.run.request.turns):
        raise NotYet("no request held a chart. Attach a sample before you ask.")
    if all(one.run.error for branches in places for one in branches):
        raise NotYet("these requests failed, so there is no reply to lead to. Send them again.")
    most = max(map(len, places))
    return f"one place of the conversation has {most} branches, and the arrows lead from one to the next."


@check(13, "Use the tool, then keep tool.playground.runs.")
def half_the_price(runs: Any) -> str:
    """Was one question about a picture asked twice, the second time for half the tokens or less?"""
    is_runs = isinstance(runs, list | tuple) and all(hasattr(run, "request") for run in runs)
    refuse(not is_runs, "this check reads tool.playground.runs.")
    counted = [
        ((run.request.prompt.text.strip(), _names(run)), run.usage.prompt_tokens)
        for run in runs
        if run.usage and run.usage.prompt_tokens and run.request.prompt.attachments
    ]
    refuse(not counted, "the history holds no reply about a picture. Attach a sample chart and ask about it.")
    ratios = [
        later / earlier
        for place, (asked, earlier) in enumerate(counted)
        for same, later in counted[place + 1 :]
        if same == asked
    ]
    if not ratios:
        how = "Use Edit and resend, and change a setting only."
        raise NotYet(f"no question was asked twice about one picture. {how}")
    refuse(min(ratios) > 0.5, "the second reply cost more than half. Try the other deployment, low detail.")
    return f"the same question for {min(ratios):.0%} of the tokens. Did the answer stay as good?"


@check(13, function=True)
def own_tool(function: Any, playground: Any) -> str:
    """Does the box that a function makes for a playground ask about the chosen chart, and show the reply safely?

    The playground is a new one whose news comes straight from where a request runs, since the check waits for it.
    """
    chart, button, reply = _parts(called(function, playground, what="the box"))
    # The last one: a tool that always asks about the first would otherwise pass.
    chart.index = len(chart.options) - 1
    button.click()
    refuse(not playground.runs, "pressing the button sent nothing. Does button.on_click call send()?")
    run = playground.runs[-1]
    if not run.wait(PRESS_SECONDS):
        playground.stop()
        raise NotYet(f"no reply came within {PRESS_SECONDS} seconds. Run the check again.")
    names, chosen = _names(run), str(chart.value).rpartition("/")[2]
    refuse(not names, "the prompt went out alone. Attach the chart before you send.")
    if names != [chosen]:
        went = f"{chart.value} was chosen, and {' and '.join(names)} was sent."
        raise NotYet(f"{went} Read the list when it is pressed.")
    refuse(run.error, f"the request failed. {run.error}")
    if not says(run.request.prompt.text, "describe"):
        raise NotYet(f"the button asks {run.request.prompt.text!r}. Ask it to describe the chart.")
    _look_at_shown(reply.value, run.text)
    return "your tool asks about the chosen chart, and nothing in a reply can act on its page."


def _parts(made: Any) -> list[Any]:
    """The list, the button and the place for the reply in a learner's box."""
    import ipywidgets as widgets

    wanted = (widgets.Dropdown, widgets.Button, widgets.HTML)
    found: list[Any] = [
        next((one for one in _within(made) if isinstance(one, kind)), None) for kind in wanted
    ]
    if missing := [kind.__name__ for kind, one in zip(wanted, found, strict=True) if one is None]:
        raise NotYet(f"the box holds no {' and no '.join(missing)}.")
    refuse(len(found[0].options) < 2, "the list offers less than two charts.")
    return found


def _within(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _within(child)


def _names(run: Any) -> list[str]:
    return [one.name for one in run.request.prompt.attachments]


def _look_at_shown(html: str, text: str) -> None:
    from helpers import display

    if display.show_reply(text).html in html or escape(text) in html:
        return
    refuse(text in html, "the reply stands there as it is. Put it through display.show_reply first.")
    raise NotYet("the reply came, and the place for it does not show the whole of it. Do you listen for it?")


@check(14, "Plan with a question under 'audio', and keep what run() returns.")
def asked_sounds(counts: Any, sounds: int, here: Any = None) -> str:
    """Was a transcript asked for of each sound of the folder, and nothing about the pictures?"""
    need(counts, dict, "Keep what batch.run returned; did you write await?")
    refuse("answered" not in counts, "this is another dictionary. Keep what batch.run returned.")
    answered, there = (number(counts.get(name, 0), "a number of files") for name in ("answered", "there"))
    refuse(answered > sounds, f"{answered:g} files were answered. Leave out the question under 'image'.")
    heard = arrivals(here)
    asked = {
        clip
        for one in heard or []
        if one.said and says(words_sent(one), "Transcribe this audio")
        for clip in clips(one)
    }
    # A cell that is run again finds its answers there, and sends nothing.
    again = not answered and there >= sounds <= len(asked)
    refuse(not answered and there and not again, "these answers are there already. Ask something else.")
    if answered != sounds and not again:
        raise NotYet(f"{answered:g} of {sounds} sounds were answered. See the errors.")
    refuse(heard is not None and len(asked) < sounds, "they were asked something else than a transcript.")
    return f"all {sounds} sounds were asked, and nothing was sent about the pictures."


@check(14, function=True)
async def own_ask(function: Any) -> str:
    """Does `async def my_ask(client, task, messages)` send one request, with the limit that its medium is given?"""
    limits = {media: await _limit_for(function, media) for media in MOST}
    refuse(None in limits.values(), "a reply may be as long as it likes. Which option limits it?")
    refuse(limits == {"image": MOST["audio"], "audio": MOST["image"]}, "the limits are the wrong way round.")
    refuse(limits["image"] == limits["audio"], "both have the same limit. What in the task tells them apart?")
    for media, name in (("image", "picture"), ("audio", "sound")):
        if limits[media] != MOST[media]:
            said = f"the reply about a {name} is limited to {shown(limits[media])} tokens."
            raise NotYet(f"{said} Read the task again.")
    return "it sends one request, hands back the reply, and each medium has its own limit."


class _Recorder:
    """Stands where a run has its client; notes what a call of either client would send, and sends nothing."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.reply = SimpleNamespace(choices=[])
        self.chat = SimpleNamespace(completions=SimpleNamespace(create=self.complete))

    async def complete(self, body: dict[str, Any] | None = None, **options: Any) -> SimpleNamespace:
        self.calls.append({**(body or {}), **options})
        return self.reply


async def _limit_for(function: Any, media: str) -> Any:
    """The limit of the reply in the request that the function would send about one file."""
    client = _Recorder()
    # Names with other endings than those of the lesson: the task's medium tells what a file is.
    file = {"image": "photo.jpg", "audio": "talk.flac"}[media]
    task = Task("key", file, file, media, 1, 1, "the-deployment-of-the-task", "What is this?")
    messages = [{"role": "user", "content": [{"type": "text", "text": task.prompt}]}]
    given = copy.deepcopy(messages)
    try:
        made = function(client, task, messages)
        if inspect.isawaitable(made):
            made = await made
    except (Exception, SystemExit) as error:
        raise stopped(error) from error
    if inspect.iscoroutine(made):
        made.close()
        raise NotYet("the function hands back a call that nobody waits for. Put await before it.")
    refuse(not client.calls, "nothing was sent. Call the complete of the client that the function is given.")
    refuse(len(client.calls) > 1, f"{len(client.calls)} requests were sent for one task. Send one.")
    (sent,) = client.calls
    refuse(made is not client.reply, "the reply is lost, so no answer could be kept. Is there a return line?")
    if not all(message in (sent.get("messages") or []) for message in given):
        raise NotYet("send the messages that the function is given; they hold the question and the file.")
    refuse(sent.get("model") != task.deployment, "the request has to name its model, task.deployment.")
    more = {**(sent.get("model_extras") or {}), **(sent.get("extra_body") or {}), **sent}
    return more.get("max_tokens", more.get("max_completion_tokens"))


@check(15, function=True)
def safe_item(function: Any) -> str:
    """Does a function make a list item of a text, in which the text shows as it is, whatever is in it?"""
    for text in TRICKY:
        page = _Page(called(function, text, gives=str, what="a text"))
        if page.tags != ["li"]:
            refuse({"b", "script"} & set(page.tags), "a tag in the text became one of the page. Escape it.")
            raise NotYet("the function has to give one <li> and no other tag.")
        if page.text.strip() == text:
            continue
        if any(sign in page.text for sign in ("&lt;", "&amp;amp;")):
            raise NotYet("the text was escaped twice, so a reader would see &lt; in place of <.")
        raise NotYet("a part of the text is lost. It has to show as it is, tags included.")
    return "the text shows as it is, and nothing in it can act."


@check(15, "Read the chart, and keep what report_page(...) returns.")
def own_report(page: Any) -> str:
    """Is this the HTML of a report with the library's chart in it, beside others, embedded and described?"""
    found = _Page(need(page, str, "Keep the page itself, which is a text."))
    refuse("html" not in found.tags, "this is no whole page. Keep what report_page(...) returns.")
    refuse(not found.sources, "the report holds no picture. Give its readings to report_page(...).")
    if not all(source.startswith("data:image/") for source in found.sources):
        lost = "so it is lost when the page is sent on. Embed its bytes."
        raise NotYet(f"a picture is named by its path, {lost}")
    if not any(shows(source, LIBRARY) for source in found.sources):
        raise NotYet("the chart of the library is not in the report. Did its reading go into the list?")
    refuse(len(set(found.sources)) < 2, "the report holds the new chart alone. Keep the earlier readings.")
    refuse(not all(found.alternatives), "a picture has no alternative text for those who cannot see it.")
    return f"the report holds {len(found.sources)} pictures, each embedded and described."


class _Page(HTMLParser):
    """The tags, the text and the pictures of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.sources: list[str] = []
        self.alternatives: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What acts when it is clicked is as good as a tag of its own.
        self.tags += [tag, *(name for name, _ in attrs if name.startswith("on"))]
        if tag == "img":
            values = dict(attrs)
            self.sources.append(values.get("src") or "")
            self.alternatives.append((values.get("alt") or "").strip())

    def handle_data(self, data: str) -> None:
        self.text += data
