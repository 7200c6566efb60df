"""The likeliest wrong answers to each exercise, and a part of what its check has to say about each.

The code stands in place of the exercise's starting cell, in the lesson's own kernel.
"""

from __future__ import annotations


def answer_with(
    name: str, prompt: str, part: str = "", *, then: str = "", client: str = "client.complete"
) -> str:
    """Code that sends a prompt, with a content part or without, and keeps the reply under a name."""
    content = f'[{{"type": "text", "text": {prompt!r}}}, {part}]' if part else repr(prompt)
    return f'{name} = {client}(messages=[{{"role": "user", "content": {content}}}]){then}'


def own_tool(
    *,
    attach: str = "playground.attach_sample(chart.value)",
    send: str = 'playground.send("Describe the chart.")',
    shown: str = "display.show_reply(event.run.text).html",
    listen: str = "playground.listen(show)",
    last: str = "return box",
) -> str:
    """Code that defines the small tool of lesson 13, right but for the lines that are given."""
    return f"""\
def chart_tool(playground):
    names = ["charts/cafe_drinks.png", "charts/library_visitors.png"]
    chart, button, reply = widgets.Dropdown(options=names), widgets.Button(), widgets.HTML()
    box = widgets.VBox([chart, button, reply])

    def describe(_):
        {attach}
        {send}

    def show(event):
        if event.run:
            reply.value = {shown}

    button.on_click(describe)
    {listen}
    {last}
"""


TEXT = ".choices[0].message.content"
THANKS = '"Thank you very much."'
LONG = 'Translate to Spanish: "Good morning. How are you? Thank you very much."'
V1 = "v1_client.chat.completions.create"

ASK = """\
import asyncio
from dataclasses import replace

asked = tool.playground
asked.clear()
asked.clear_history()
asked.options = replace(asked.options, deployment="Phi-4-multimodal-instruct", detail=None)


async def ask(words, picture=""):
    if picture:
        asked.attach_sample(f"charts/{picture}.png")
    await asyncio.to_thread(asked.send(words).wait)


"""
"""Empties the playground's tool and defines how a prompt is sent with it."""

SETUP = {
    ("13_playground", "try-1"): ASK,
    ("13_playground", "try-2"): ASK,
    ("02_image_charts", "try-2"): (
        'my_figure, axes = plt.subplots()\naxes.bar(["A", "B"], [1, 2])\naxes.set_title("Fruit sold")\n'
    ),
    ("05_structured_answers", "try-3"): (
        'my_truth = [{"label": name, "x": None, "y": y} for name, y in zip("ABCD", (4, 3, 2, 1))]\n'
    ),
}
"""What precedes each wrong answer of an exercise."""

WRONG: dict[tuple[str, str], list[tuple[str, str]]] = {
    ("01_client_setup", "try-1"): [
        (answer_with("french", f"Translate to Spanish: {THANKS}"), "that is Spanish"),
        (answer_with("french", f"Translate to French: {THANKS}", then=TEXT), "keep the whole reply"),
        (answer_with("french", "Say thank you."), "no French thank-you"),
    ],
    ("01_client_setup", "try-2"): [
        (answer_with("short", LONG), "Which option limits it"),
        (
            'short = client.complete(messages=[{"role": "user", "content": \'To Spanish: "Hello."\'}], max_tokens=5)',
            "short enough to end by itself",
        ),
        ("short = 5", "keep the whole reply"),
    ],
    ("01_client_setup", "try-3"): [
        (
            "def translate(text, language):\n    print(client.complete(messages=messages)" + TEXT + ")",
            "returns nothing",
        ),
        (
            "def translate(text, language):\n"
            "    content = f'Translate to {language}: \"{text}\"'\n"
            '    return client.complete(messages=[{"role": "user", "content": content}])',
            "returns the whole reply",
        ),
        (
            "def translate(text, language):\n"
            "    content = f'Translate to French: \"{text}\"'\n"
            '    return client.complete(messages=[{"role": "user", "content": content}])' + TEXT,
            "Is the language in your prompt?",
        ),
        (
            "def translate(text, language):\n"
            "    content = f'Translate to {language}: \"Good morning.\"'\n"
            '    return client.complete(messages=[{"role": "user", "content": content}])' + TEXT,
            "Is the text in your prompt?",
        ),
        ("def translate(text):\n    return text", "stopped with TypeError"),
        ('translate = "Merci"', "Keep the function itself"),
    ],
    ("02_image_charts", "try-1"): [
        ("my_count = tokens.gpt_4o_image_tokens(800, 600)", "the rule of gpt-4o"),
        ("my_count = tokens.phi4_multimodal_image_tokens(600, 800)", "width comes first"),
        ("my_count = 800 * 600", "is not the count"),
    ],
    ("02_image_charts", "try-2"): [
        (
            'axes.set_title("")\n'
            + answer_with("my_reply", "What is the title of this chart?", "image_part(my_figure)"),
            "has no title",
        ),
        (
            answer_with("my_reply", "What is the title of this chart?", "image_part(image_data)"),
            "does not name the title",
        ),
        ('my_reply = "Fruit sold"', "keep the whole reply"),
    ],
    ("02_image_charts", "try-3"): [
        (
            'my_messages = [{"role": "user", "content": "Which month has the fewest visitors?"}]\n'
            "my_second_reply = client.complete(messages=my_messages)",
            "no picture",
        ),
        (
            'question = {"type": "text", "text": "Which month has the most visitors?"}\n'
            'my_messages = [{"role": "user", "content": [question, image_part(second_picture)]}]\n'
            "my_second_reply = client.complete(messages=my_messages)",
            "the first request alone",
        ),
        (
            'my_messages.append({"role": "user", "content": "Which month has the fewest visitors?"})\n'
            "my_second_reply = client.complete(messages=my_messages)",
            "What was said between them?",
        ),
        ('my_messages.insert(1, {"role": "assistant", "content": my_second_reply})', "not the whole reply"),
    ],
    ("03_audio_translation", "try-1"): [
        (
            answer_with("french", "Translate this to Spanish.", 'audio_part(clips / "good_morning.mp3")'),
            "that is Spanish",
        ),
        (
            answer_with("french", "Transcribe this audio.", 'audio_part(clips / "good_morning.mp3")'),
            "that is the transcript",
        ),
        (
            answer_with("french", "Translate this to French.", 'audio_part(clips / "what_time_is_it.flac")'),
            "Did you send the clip good_morning.mp3?",
        ),
    ],
    ("03_audio_translation", "try-2"): [
        ("my_seconds = 1_000 * 80", "that is milliseconds"),
        ("my_seconds = 1_000 / 80", "would cost 156 tokens"),
        ('my_seconds = "80 seconds"', "is not a number of seconds"),
    ],
    ("03_audio_translation", "try-3"): [
        (
            'names = ("can_you_help_me.wav", "how_much_does_it_cost.mp3", "red_flowers.mp3")\n'
            "my_transcripts = dict.fromkeys(names, transcript)",
            "Keep the text of each",
        ),
        (
            f"my_transcripts = dict.fromkeys(names, transcript{TEXT})",
            "Does each request carry its own clip?",
        ),
        (
            'my_transcripts = {"can_you_help_me": "", "how_much_does_it_cost": "", "red_flowers": ""}',
            "ending included",
        ),
        (
            'my_transcripts = dict(zip(names, ["¿Puede ayudarme?", "¿Cuánto cuesta?", "Flores rojas"]))',
            "is not what can_you_help_me.wav says",
        ),
    ],
    ("04_url_inputs", "try-1"): [
        ('my_part = {"type": "audio_url", "audio_url": "https://example.com/clip.mp3"}', "one level deeper"),
        (
            'my_part = {"type": "image_url", "image_url": {"url": "https://example.com/clip.mp3"}}',
            "'image_url'",
        ),
        ('my_part = {"type": "audio_url", "audio_url": {"url": "good_morning.mp3"}}', "start with https"),
    ],
    ("04_url_inputs", "try-2"): [
        ("my_length = 300_000", "the size of the file"),
        ("my_length = 300_000 // 4 * 3", "other way round"),
        ("my_length = 300_000 * 4", "is not the length"),
    ],
    ("04_url_inputs", "try-3"): [
        (
            "def part_for(path, url):\n    return image_part(url if path.stat().st_size <= 30_000 else path)",
            "other way round",
        ),
        ("def part_for(path, url):\n    return image_part(url)", "both pictures go by URL"),
        (
            "def part_for(path, url):\n    return image_part(path if len(str(path)) <= 30_000 else url)",
            "what does your limit count?",
        ),
        (
            "def part_for(path, url):\n    if path.stat().st_size <= 30_000:\n        return image_part(path)",
            "a part for model_quality_vs_size.png",
        ),
        ("def part_for(path, url):\n    return url", "a part is a dictionary"),
    ],
    ("05_structured_answers", "try-1"): [
        ('my_chart = read_chart(charts / "favorite_fruit.png")', "Which file did you read?"),
        ('my_chart = json.dumps(read_chart(charts / "cooling_tea.png"))', "this is text"),
        ('my_chart = read_chart(charts / "cooling_tea.png")["series"]', "this is a list"),
        ('my_chart = read_chart(charts / "shop_notice.png")', "no chart was read"),
    ],
    ("05_structured_answers", "try-2"): [
        (
            'walk = read_chart(charts / "walk_to_school.png")["series"][0]["points"]\n'
            "swapped = [\n"
            '    {"label": None, "x": float(y), "y": float(x)}\n'
            '    for x, y in list(csv.reader((charts / "walk_to_school.csv").open(encoding="utf-8")))[1:]\n'
            "]\n"
            "my_score = score(walk, swapped)",
            "the right way round?",
        ),
        ("my_score = score(points, truth, log_x=True)", "the truth has 13 points"),
        ("my_score = str(score(points, truth, log_x=True))", "type str"),
    ],
    ("05_structured_answers", "try-3"): [
        ("my_own_score = score(my_truth[:3], my_truth[:3])\nmy_truth = my_truth[:3]", "at least four bars"),
        ('my_own_score = score([], true_points(charts / "favorite_fruit.csv"))', "against 7 points"),
        (
            'my_own_score = score(read_chart(charts / "favorite_fruit.png")["series"][0]["points"], my_truth)',
            "Did you send the chart",
        ),
        ("my_own_score = my_truth", "type list"),
    ],
    ("07_word_questions", "try-1"): [
        ('my_variant = "{ask} If it is not shown, answer: not visible."', "question alone"),
        ('my_variant = Variant("short", "{ask} Answer in one word.")', "not agreed on"),
        (
            'my_variant = Variant("out", "{ask} If the picture does not show it, say not visible.")',
            "form of the answer is not named",
        ),
        (
            'my_variant = Variant("out", "Which month? In one word. If it is not there, say not visible.")',
            "no such place",
        ),
    ],
    ("07_word_questions", "try-2"): [
        (
            "def my_change(messages):\n    messages[0]['content'] = messages[0]['content'][::-1]",
            "returns nothing",
        ),
        ("def my_change(messages):\n    return messages", "text still comes before the picture"),
        (
            "def my_change(messages):\n    text, picture = messages[0]['content']\n    return [picture, text]",
            "return a list with each message",
        ),
    ],
    ("07_word_questions", "try-3"): [
        ("my_options = options_for(rules, 50, steady=True)", "Keep the function itself"),
        ("def my_options(model):\n    return {'max_tokens': 50, 'temperature': 0}", "calls the limit"),
        ("def my_options(model):\n    return {model.limit_parameter: 50}", "takes a temperature"),
    ],
    ("11_when_it_fails", "try-1"): [
        (
            'request["max_tokens"] = "20"\n'
            "try:\n    repaired = client.complete(**request)\nexcept Exception as error:\n    repaired = error",
            "that is the error",
        ),
        (answer_with("repaired", 'Translate to German: "Good morning."', then=TEXT), "keep the whole reply"),
        (answer_with("repaired", 'Translate to Spanish: "Good morning."'), "Change the mistakes only"),
    ],
    ("11_when_it_fails", "try-2"): [
        ('my_client = OpenAI(api_key="none", max_retries=5, timeout=30)', "tries six times"),
        ('my_client = OpenAI(api_key="none", timeout=30)', "it tries 3 times in all"),
        ('my_client = OpenAI(api_key="none", max_retries=4, timeout=30_000)', "it counts in seconds"),
    ],
    ("11_when_it_fails", "try-3"): [
        (
            "from azure.core.exceptions import ClientAuthenticationError\n\n"
            "def ask(request):\n    try:\n        return request()" + TEXT + "\n"
            "    except ClientAuthenticationError as error:\n        return error.status_code",
            "A refusal should not get out",
        ),
        (
            "def ask(request):\n    try:\n        return request()" + TEXT + "\n"
            "    except Exception as error:\n        return getattr(error, 'status_code', None)",
            "was hidden",
        ),
        (
            "def ask(request):\n    try:\n        return request()" + TEXT + "\n"
            "    except Exception as error:\n        return error.status_code",
            "it has no status",
        ),
        (
            "def ask(request):\n    try:\n        return request()" + TEXT + "\n"
            "    except Exception as error:\n        return str(error)",
            "Return the status, a number",
        ),
        ("def ask(request):\n    return request()", "returns the whole reply"),
        ("def ask(request):\n    return request", "Call request()"),
    ],
    ("12_openai_v1", "try-1"): [
        (answer_with("moved", 'Translate to German: "Good morning."'), "came through the Azure client"),
        (
            f'moved = {V1}(model=deployment, messages=[{{"role": "user", "content": "Good morning."}}]){TEXT}',
            "keep the whole reply",
        ),
        (f"moved = {V1}(model=deployment, messages=hello)", "not the question"),
    ],
    ("12_openai_v1", "try-2"): [
        (f"pieces_with_usage = list({V1}(model=deployment, messages=hello, stream=True))", "stream_options"),
        (
            "pieces_with_usage = list(client.complete(messages=hello, stream=True))",
            "came from the old route",
        ),
        (f"pieces_with_usage = {V1}(model=deployment, messages=hello, stream=True)", "this is no list"),
    ],
    ("12_openai_v1", "try-3"): [
        ("def as_dictionaries(messages):\n    return messages", "still objects of the Azure package"),
        (
            "def as_dictionaries(messages):\n"
            '    return [{"role": message.role, "content": message.content} for message in messages]',
            "inside the dictionaries are still objects",
        ),
        ("def as_dictionaries(messages):\n    return [str(message) for message in messages]", "holds text"),
        (
            "def as_dictionaries(messages):\n"
            '    return [{"role": message.role, "content": question} for message in messages]',
            "something was lost or changed",
        ),
        ("def as_dictionaries(messages):\n    print(messages)", "returns nothing"),
    ],
    ("13_playground", "try-1"): [
        ("my_conversation = asked.conversation", "the conversation is empty"),
        (
            'await ask("Say thank you.")\nawait ask("Say thank you.")\nmy_conversation = asked.conversation',
            "there is one branch",
        ),
        ("my_conversation = asked.runs", "this check reads tool.playground.conversation"),
    ],
    ("13_playground", "try-2"): [
        ('await ask("Say thank you.")\nmy_runs = asked.runs', "holds no reply about a picture"),
        (
            'await ask("Which drink is highest?", "cafe_drinks")\nasked.clear()\n'
            'await ask("Which drink is highest?", "cafe_drinks")\nmy_runs = asked.runs',
            "cost more than half",
        ),
        (
            'await ask("Which drink is highest?", "cafe_drinks")\nasked.clear()\n'
            'await ask("Which drink is lowest?", "cafe_drinks")\nmy_runs = asked.runs',
            "no question was asked twice",
        ),
        ("my_runs = asked", "this check reads tool.playground.runs"),
    ],
    ("13_playground", "try-3"): [
        (own_tool(send="pass"), "sent nothing"),
        (own_tool(attach="pass"), "went out alone"),
        (own_tool(attach="playground.attach_sample(chart.options[0])"), "library_visitors.png was chosen"),
        (own_tool(shown="event.run.text"), "stands there as it is"),
        (own_tool(listen="pass"), "Do you listen for it?"),
        (own_tool(last="box"), "returns nothing"),
        (own_tool(last="return widgets.VBox([button, reply])"), "no Dropdown"),
        ("chart_tool = 3", "Keep the function itself"),
    ],
}
