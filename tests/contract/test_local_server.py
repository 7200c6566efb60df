"""Lesson 01's text requests through both clients at a server of another make: `transformers serve`, with a tiny model.

The packages are not in requirements.txt; without them these tests skip. Install them beside the others with
`pip install torch "transformers[serving]"`. The model is made here, with random weights: what it says means nothing,
the form in which it is asked and answers is what is tested.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import string
import subprocess
import sys
import threading

import openai
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from helpers.addresses import Kind, read_address
from tests.contract.conftest import lesson_messages
from tests.contract.word_questions import column, run_choice, run_lesson
from workbench.explain import explain

NEEDED = ("torch", "transformers", "tokenizers", "fastapi", "uvicorn")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f'not installed: {", ".join(MISSING)}; pip install torch "transformers[serving]"'
)

MODEL = "tiny"
START_SECONDS = 120
MESSAGES = lesson_messages("01_client_setup", "dicts")
SYSTEM, USER = (message["content"] for message in MESSAGES)
# A random model does not know when to stop. At temperature 0 it says the same each time.
OPTIONS = {"max_tokens": 12, "temperature": 0}
LANGUAGES = ("French", "German", "Italian")


def make_model(folder):
    """Save a Llama of two layers with random weights, and a tokenizer with one token for each ASCII character."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    signs = ["<s>", "</s>", "<unk>", *string.digits, *string.ascii_letters, *string.punctuation, " ", "\n"]
    vocabulary = {sign: number for number, sign in enumerate(signs)}
    characters = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    characters.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    characters.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=characters, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="</s>"
    )
    tokenizer.chat_template = (
        "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n"
        "{% endfor %}assistant: "
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(signs),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=1024,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the server answers, as the lessons' own settings would read it."""
    folder = tmp_path_factory.mktemp("server")
    make_model(folder / MODEL)
    (folder / "cache" / "hub").mkdir(parents=True)
    start = "from transformers.cli.transformers import main; main()"
    # Port 0 lets the system choose a free one, and the server's log says which.
    arguments = [
        "serve",
        MODEL,
        "--device",
        "cpu",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--log-level",
        "info",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", start, *arguments],
        cwd=folder,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "cache"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    too_late = threading.Timer(START_SECONDS, process.kill)
    too_late.start()
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                break
        else:
            pytest.fail("The server ended before it was ready:\n" + "".join(said))
        too_late.cancel()
        # A pipe that nobody reads fills up, and then the server would wait for ever.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield read_address(found[1])
    finally:
        too_late.cancel()
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def azure(address):
    with ChatCompletionsClient(
        endpoint=address.url,
        credential=AzureKeyCredential("any word"),
        model=MODEL,
        api_version=address.api_version,
        retry_total=0,
    ) as client:
        yield client


@pytest.fixture
def v1(address):
    with openai.OpenAI(base_url=address.v1_base_url, api_key="any word", max_retries=0) as client:
        yield client


def text_of(reply):
    return reply.choices[0].message.content


def text_of_stream(pieces):
    return "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)


def test_the_address_alone_tells_its_kind(address):
    assert address.kind is Kind.OPENAI_SHAPED
    assert address.url.endswith("/v1")


def test_both_clients_get_the_same_reply_in_the_same_parts(azure, v1):
    reply = azure.complete(messages=MESSAGES, **OPTIONS)
    v1_reply = v1.chat.completions.create(model=MODEL, messages=MESSAGES, **OPTIONS)
    assert len(text_of(reply)) == OPTIONS["max_tokens"]
    assert text_of(v1_reply) == text_of(reply)
    for one in (reply, v1_reply):
        assert one.choices[0].message.role == "assistant"
        assert one.choices[0].finish_reason == "length"
        assert one.model.startswith(MODEL)
        assert one.usage.completion_tokens == OPTIONS["max_tokens"]
        # A token for each character, so the prompt has more of them than the messages have.
        assert one.usage.prompt_tokens > len(SYSTEM) + len(USER)
        assert one.usage.total_tokens == one.usage.prompt_tokens + one.usage.completion_tokens
    assert reply.created.year > 2000


def test_classes_and_dictionaries_say_the_same(azure):
    messages = [SystemMessage(content=SYSTEM), UserMessage(content=USER)]
    assert text_of(azure.complete(messages=messages, **OPTIONS)) == text_of(
        azure.complete(messages=MESSAGES, **OPTIONS)
    )


def test_the_messages_reach_the_model(azure):
    one = azure.complete(messages=MESSAGES, **OPTIONS).usage.prompt_tokens
    longer = [MESSAGES[0], {"role": "user", "content": USER + " Please."}]
    assert azure.complete(messages=longer, **OPTIONS).usage.prompt_tokens == one + len(" Please.")


def test_both_clients_stream(azure, v1):
    whole = text_of(azure.complete(messages=MESSAGES, **OPTIONS))
    updates = list(azure.complete(messages=MESSAGES, stream=True, **OPTIONS))
    chunks = list(v1.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, **OPTIONS))
    for pieces in (updates, chunks):
        assert text_of_stream(pieces) == whole
        assert len(pieces) > 2
        assert [piece.choices[0].finish_reason for piece in pieces if piece.choices][-1] == "length"
        assert sum(piece.usage.completion_tokens for piece in pieces if piece.usage) == OPTIONS["max_tokens"]


def test_both_async_clients_wait_for_several_replies(address, azure):
    asked = [
        [{"role": "user", "content": f'Translate to {name}: "Thank you very much."'}] for name in LANGUAGES
    ]

    async def ask():
        async with (
            AsyncChatCompletionsClient(address.url, AzureKeyCredential("any word"), model=MODEL) as one,
            openai.AsyncOpenAI(base_url=address.v1_base_url, api_key="any word") as other,
        ):
            replies = [one.complete(messages=messages, **OPTIONS) for messages in asked]
            replies += [
                other.chat.completions.create(model=MODEL, messages=messages, **OPTIONS) for messages in asked
            ]
            return [text_of(reply) for reply in await asyncio.gather(*replies)]

    said = asyncio.run(ask())
    assert (
        said[:3] == said[3:] == [text_of(azure.complete(messages=messages, **OPTIONS)) for messages in asked]
    )


def test_info_is_not_there(azure):
    with pytest.raises(ResourceNotFoundError):
        azure.get_model_info()


def test_another_models_name_is_refused_and_explained(azure, v1):
    with pytest.raises(HttpResponseError) as refused:
        azure.complete(model="another", messages=MESSAGES, **OPTIONS)
    with pytest.raises(openai.BadRequestError) as v1_refused:
        v1.chat.completions.create(model="another", messages=MESSAGES, **OPTIONS)
    for error in (refused.value, v1_refused.value):
        assert error.status_code == 400
        assert "another" in error.response.json()["detail"]
        assert "refused what was in it" in explain(error).cause


def test_the_lesson_on_wording_fills_its_second_column(address):
    printed = run_lesson((address.v1_base_url, MODEL), "any word", ["coffee"], 12)
    scores = column(printed["overview"])
    assert len(scores) == 14
    # A random model declines nothing: its answers are noise, and they are there.
    assert all(score.endswith("0 declined") for score in scores.values()), scores


def test_the_lesson_on_choosing_a_model_runs_to_its_end(address, monkeypatch):
    for name in ("ENDPOINT", "CREDENTIAL", "DEPLOYMENT", "GPT_DEPLOYMENT"):
        monkeypatch.setenv(f"AZURE_INFERENCE_{name}", "")  # so that what the lesson is given goes again
    printed = run_choice(address.v1_base_url, MODEL, 12)
    assert "speaks the OpenAI shape" in printed["setup"]
    # Two variants of four files: the model is asked once, though both roles name it.
    assert printed["compare"].endswith("8 answers\n")
    assert printed["refusal"].startswith("Refused: 0\n")
