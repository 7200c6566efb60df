"""Which endpoint is chosen, from which settings, and what a learner reads when they are wrong."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest
import requests

from helpers import endpoint
from helpers.endpoint import SettingsError
from offline_endpoint.reading import whisper

AZURE = "https://contoso.services.ai.azure.com/openai/v1"
KEY = "k" * 40


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    """An environment with no settings, in an empty folder."""
    for name in [name for name in os.environ if name.startswith(("AZURE_", "OPENAI_", "LESSON_"))]:
        del os.environ[name]
    monkeypatch.chdir(tmp_path)


def set_up(**settings):
    os.environ.update(settings)


def test_offline_without_settings(capsys):
    here = endpoint.connect()
    said = capsys.readouterr().out
    assert here.is_offline
    assert said.count("\n") == 1
    assert "offline endpoint" in said
    assert os.environ["AZURE_INFERENCE_ENDPOINT"] == here.url
    assert os.environ["OPENAI_BASE_URL"] == here.v1_base_url
    assert os.environ["AZURE_INFERENCE_DEPLOYMENT"] == "Phi-4-multimodal-instruct"
    assert os.environ["AZURE_INFERENCE_API_VERSION"] == "2024-05-01-preview"
    assert len(os.environ["AZURE_INFERENCE_CREDENTIAL"]) == 64
    assert here.url not in said
    assert os.environ["AZURE_INFERENCE_CREDENTIAL"] not in said


@pytest.mark.parametrize(
    "line", ["LESSON_SPEECH_MODEL=models/small", 'set LESSON_SPEECH_MODEL="models/small"']
)
def test_the_offline_reader_finds_the_model_of_speech_that_the_file_names(line):
    pathlib.Path(".env").write_text(f"{line}\n", encoding="utf-8")
    assert endpoint.connect().is_offline
    assert os.environ[whisper.SETTING] == "models/small"


def test_the_environment_names_the_model_of_speech_before_the_file():
    pathlib.Path(".env").write_text("LESSON_SPEECH_MODEL=models/small\n", encoding="utf-8")
    set_up(LESSON_SPEECH_MODEL="models/large")
    endpoint.connect()
    assert os.environ[whisper.SETTING] == "models/large"


def test_connecting_twice_keeps_the_endpoint():
    assert endpoint.connect() == endpoint.connect()


def test_the_word_offline_wins_over_other_settings():
    set_up(AZURE_INFERENCE_ENDPOINT="Offline", AZURE_INFERENCE_CREDENTIAL=KEY, AZURE_INFERENCE_DEPLOYMENT="x")
    assert endpoint.connect().is_offline
    assert os.environ["AZURE_INFERENCE_DEPLOYMENT"] == "Phi-4-multimodal-instruct"
    assert os.environ["AZURE_INFERENCE_CREDENTIAL"] != KEY


def test_each_process_makes_its_own_key():
    code = "import os; from helpers import endpoint as e; e.connect(); print(os.environ['AZURE_INFERENCE_CREDENTIAL'])"
    keys = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        for _ in range(2)
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("url", "used", "v1", "kind", "version"),
    [
        (
            AZURE,
            AZURE,
            "https://contoso.services.ai.azure.com/openai/v1/",
            "the Azure v1 route",
            "v1",
        ),
        (
            "https://contoso.openai.azure.com/openai/v1/",
            "https://contoso.openai.azure.com/openai/v1",
            "https://contoso.openai.azure.com/openai/v1/",
            "the Azure v1 route",
            "v1",
        ),
        (
            "http://localhost:11434/v1",
            "http://localhost:11434/v1",
            "http://localhost:11434/v1/",
            "the OpenAI shape",
            "2024-05-01-preview",
        ),
    ],
)
def test_says_what_was_chosen_in_one_line(url, used, v1, kind, version, capsys):
    set_up(AZURE_INFERENCE_ENDPOINT=url, AZURE_INFERENCE_CREDENTIAL=KEY)
    here = endpoint.connect()
    assert (here.url, here.v1_base_url, here.is_offline) == (used, v1, False)
    assert os.environ["AZURE_INFERENCE_ENDPOINT"] == used
    assert os.environ["OPENAI_BASE_URL"] == v1
    assert os.environ["AZURE_INFERENCE_API_VERSION"] == version
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert kind in said
    assert "deployment Phi-4-multimodal-instruct" in said
    assert KEY not in said + repr(here)
    assert "http" not in said


def test_the_models_route_comes_with_one_sentence_on_its_end(capsys):
    url = "https://contoso.services.ai.azure.com/models"
    set_up(AZURE_INFERENCE_ENDPOINT=url, AZURE_INFERENCE_CREDENTIAL=KEY)
    here = endpoint.connect()
    assert (here.url, here.kind) == (url, "the Azure /models route")
    first, second = capsys.readouterr().out.splitlines()
    assert "2026-08-26" in first
    assert "the Azure /models route" in second


@pytest.mark.parametrize(
    ("settings", "deployments"),
    [
        ({}, ("Phi-4-multimodal-instruct", "gpt-5-mini", "Phi-4-multimodal-instruct")),
        (
            {"GPT_DEPLOYMENT": "gpt-4o"},
            ("Phi-4-multimodal-instruct", "gpt-4o", "Phi-4-multimodal-instruct"),
        ),
        ({"AUDIO_DEPLOYMENT": "gpt-audio"}, ("Phi-4-multimodal-instruct", "gpt-5-mini", "gpt-audio")),
        ({"DEPLOYMENT": "gpt-5-mini"}, ("gpt-5-mini", "gpt-5-mini", "gpt-5-mini")),
        ({"DEPLOYMENT": "mine", "MODEL": "gpt-5"}, ("mine", "mine", "mine")),
        ({"DEPLOYMENT": "'mine'", "MODEL": "Phi-4-multimodal-instruct"}, ("mine", "gpt-5-mini", "mine")),
    ],
)
def test_three_roles_and_their_fall_backs(settings, deployments, capsys):
    set_up(AZURE_INFERENCE_ENDPOINT=AZURE, AZURE_INFERENCE_CREDENTIAL=KEY)
    set_up(**{f"AZURE_INFERENCE_{name}": value for name, value in settings.items()})
    here = endpoint.connect()
    assert (here.deployment, here.gpt_deployment, here.audio_deployment) == deployments
    exported = [os.environ[f"AZURE_INFERENCE_{role}DEPLOYMENT"] for role in ("", "GPT_", "AUDIO_")]
    assert exported == list(deployments)
    assert here.model == settings.get("MODEL", "")
    assert capsys.readouterr().out.count("\n") == 1
    assert endpoint.connect() == here
    assert capsys.readouterr().out.count("\n") == 1


def test_a_server_of_ones_own_has_one_model_for_all_roles():
    set_up(
        AZURE_INFERENCE_ENDPOINT="http://localhost:11434/v1",
        AZURE_INFERENCE_CREDENTIAL="any",
        AZURE_INFERENCE_DEPLOYMENT="llava",
    )
    here = endpoint.connect()
    assert (here.deployment, here.gpt_deployment, here.audio_deployment) == ("llava",) * 3


def test_the_earlier_name_of_the_gpt_role_is_taken_and_said_once(capsys):
    set_up(
        AZURE_INFERENCE_ENDPOINT=AZURE,
        AZURE_INFERENCE_CREDENTIAL=KEY,
        AZURE_INFERENCE_MANY_PICTURES_DEPLOYMENT="gpt-5",
    )
    assert endpoint.connect().gpt_deployment == "gpt-5"
    assert "is called AZURE_INFERENCE_GPT_DEPLOYMENT now" in capsys.readouterr().out
    endpoint.connect()
    assert "is called" not in capsys.readouterr().out


def test_a_deployment_of_unknown_make_is_asked_about(capsys):
    set_up(
        AZURE_INFERENCE_ENDPOINT=AZURE,
        AZURE_INFERENCE_CREDENTIAL=KEY,
        AZURE_INFERENCE_AUDIO_DEPLOYMENT="ears",
    )
    endpoint.connect()
    assert "behind the deployment ears is not known here: name it in AZURE_INFERENCE_AUDIO_MODEL" in (
        capsys.readouterr().out
    )


FILES = {
    "usual": ("NAME=value", None),
    "export": ("export NAME=value", None),
    "quoted": ("NAME='value'", None),
    "cmd": ("set NAME=value", "line 1"),
    "cmd, quoted": ('set "NAME=value"', "line 1"),
    "setx": ('setx NAME "value"', "line 1"),
    "PowerShell": ('$env:NAME = "value"', "line 1"),
    "PowerShell, closed": ("$env:NAME='value';", "line 1"),
    "YAML": ("NAME: value", "line 1"),
    "YAML, quoted": ('  NAME: "value"', "line 1"),
    "spaces": ("NAME = value", None),
}


@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_lines_of_other_shells_are_read_and_said(case, ending, capsys):
    form, said = FILES[case]
    values = {"AZURE_INFERENCE_ENDPOINT": AZURE, "AZURE_INFERENCE_CREDENTIAL": KEY}
    lines = [form.replace("NAME", name).replace("value", value) for name, value in values.items()]
    pathlib.Path(".env").write_bytes(((ending or "\n").join(lines) + ending).encode())
    assert endpoint.connect().url == AZURE
    assert os.environ["AZURE_INFERENCE_CREDENTIAL"] == KEY
    out = capsys.readouterr().out
    assert KEY not in out
    assert (said or "These lessons talk to the Azure v1 route") in out
    assert out.count("\n") == (3 if said else 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("AZURE_OPENAI_ENDPOINT=https://contoso.openai.azure.com", "they call it AZURE_INFERENCE_ENDPOINT"),
        ("OPENAI_API_KEY=sk-secret", "they call it AZURE_INFERENCE_CREDENTIAL"),
        ("set AZURE_OPENAI_API_KEY=sk-secret", "they call it AZURE_INFERENCE_CREDENTIAL"),
        ("AZURE_INFERENCE_ENDPONT=https://contoso.openai.azure.com", "no setting of these lessons"),
    ],
)
def test_other_names_are_said_and_not_taken(line, said, capsys):
    pathlib.Path(".env").write_text(line, encoding="utf-8")
    assert endpoint.connect().is_offline
    out = capsys.readouterr().out
    assert said in out
    assert "secret" not in out


def test_other_names_beside_ones_own_are_no_matter(capsys):
    pathlib.Path(".env").write_text(
        f"AZURE_INFERENCE_ENDPOINT={AZURE}\nAZURE_INFERENCE_CREDENTIAL={KEY}\nOPENAI_API_KEY=sk-x\nX: y\nset Y=z\n",
        encoding="utf-8",
    )
    endpoint.connect()
    assert capsys.readouterr().out.count("\n") == 1


def test_a_key_under_another_name_is_named_in_the_error():
    pathlib.Path(".env").write_text(
        f"AZURE_INFERENCE_ENDPOINT={AZURE}\nAZURE_OPENAI_API_KEY={KEY}\n", encoding="utf-8"
    )
    with pytest.raises(SettingsError, match=r"CREDENTIAL is not.*\.env has AZURE_OPENAI_API_KEY") as caught:
        endpoint.connect()
    assert KEY not in str(caught.value)


def test_a_file_with_a_hidden_ending_is_said(capsys):
    pathlib.Path(".env.txt").write_text(f"AZURE_INFERENCE_ENDPOINT={AZURE}\n", encoding="utf-8")
    assert endpoint.connect().is_offline
    assert "take .txt off its name" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_file_in_another_encoding_is_refused(encoding):
    text = f"# Schlüssel\nAZURE_INFERENCE_ENDPOINT={AZURE}\n"
    pathlib.Path(".env").write_bytes(text.encode(encoding))
    with pytest.raises(SettingsError, match="not UTF-8"):
        endpoint.connect()


@pytest.mark.parametrize("quotes", ['""', "''", "“”"])
def test_quotes_around_a_key_are_taken_off(quotes):
    set_up(AZURE_INFERENCE_ENDPOINT=AZURE, AZURE_INFERENCE_CREDENTIAL=f"{quotes[0]}{KEY}{quotes[1]}")
    endpoint.connect()
    assert os.environ["AZURE_INFERENCE_CREDENTIAL"] == KEY


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, None),
        ({"HTTP_PROXY": "http://127.0.0.1:9"}, "127.0.0.1,localhost"),
        (
            {"https_proxy": "http://127.0.0.1:9", "NO_PROXY": "a.example, localhost"},
            "a.example,localhost,127.0.0.1",
        ),
        ({"ALL_PROXY": "http://127.0.0.1:9", "no_proxy": "*"}, "*"),
    ],
)
def test_no_proxy_stands_before_this_computer(before, after, monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    set_up(**before)
    here = endpoint.connect()
    assert os.environ.get("NO_PROXY") == os.environ.get("no_proxy") == after
    assert requests.post(f"{here.url}/chat/completions", timeout=30).status_code == 401


def test_a_process_may_end_while_the_readers_load():
    code = "from helpers import endpoint; endpoint.connect(); import time; time.sleep({})"
    for seconds in (0, 0, 0.1, 0.4):
        done = subprocess.run(
            [sys.executable, "-c", code.format(seconds)], capture_output=True, text=True, timeout=120
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_a_pasted_url_is_put_right_and_one_sentence_says_so(capsys):
    set_up(
        AZURE_INFERENCE_ENDPOINT=f"{AZURE}/chat/completions?api-version=2024-05-01-preview",
        AZURE_INFERENCE_CREDENTIAL=KEY,
    )
    assert endpoint.connect().url == AZURE
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("AZURE_INFERENCE_ENDPOINT was put right: ")
    assert "/chat/completions was left out" in first
    assert first.endswith(".")
    assert "These lessons talk to" in second
    # The variable now holds the address put right, so that there is nothing to say the next time.
    endpoint.connect()
    assert "put right" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("setting", "used"), [({}, "mine"), ({"AZURE_INFERENCE_DEPLOYMENT": "other"}, "other")]
)
def test_deployment_from_the_address_unless_it_is_set(setting, used):
    url = "https://contoso.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21"
    set_up(AZURE_INFERENCE_ENDPOINT=url, AZURE_INFERENCE_CREDENTIAL=KEY, **setting)
    assert endpoint.connect().deployment == used
    assert os.environ["AZURE_INFERENCE_DEPLOYMENT"] == used


def test_a_version_that_the_route_does_not_take_is_replaced(capsys):
    set_up(
        AZURE_INFERENCE_ENDPOINT="https://a.openai.azure.com/openai/v1",
        AZURE_INFERENCE_CREDENTIAL=KEY,
        AZURE_INFERENCE_API_VERSION="2024-05-01-preview",
    )
    endpoint.connect()
    assert os.environ["AZURE_INFERENCE_API_VERSION"] == "v1"
    assert "AZURE_INFERENCE_API_VERSION is set to v1 here" in capsys.readouterr().out


def test_settings_come_from_a_file_above(tmp_path, monkeypatch):
    text = f"AZURE_INFERENCE_ENDPOINT={AZURE}\nAZURE_INFERENCE_CREDENTIAL={KEY}\nAZURE_INFERENCE_DEPLOYMENT=mine\n"
    # A byte order mark is what some Windows editors put in front.
    (tmp_path / ".env").write_text("\ufeff" + text, encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert endpoint.connect().deployment == "mine"


def test_environment_wins_over_the_file(tmp_path):
    (tmp_path / ".env").write_text(f"AZURE_INFERENCE_ENDPOINT={AZURE}\nAZURE_INFERENCE_CREDENTIAL={KEY}\n")
    set_up(AZURE_INFERENCE_ENDPOINT="offline")
    assert endpoint.connect().is_offline


def test_a_file_in_another_encoding(tmp_path):
    (tmp_path / ".env").write_bytes("# Schlüssel\n".encode("utf-16"))
    with pytest.raises(SettingsError, match="UTF-8"):
        endpoint.connect()


BAD = {
    "no key": ({"AZURE_INFERENCE_ENDPOINT": AZURE}, "AZURE_INFERENCE_CREDENTIAL is not"),
    "no endpoint": ({"AZURE_INFERENCE_CREDENTIAL": KEY}, "AZURE_INFERENCE_ENDPOINT is not"),
    "blank key": (
        {"AZURE_INFERENCE_ENDPOINT": AZURE, "AZURE_INFERENCE_CREDENTIAL": "  "},
        "CREDENTIAL is not",
    ),
    "key with a space": (
        {"AZURE_INFERENCE_ENDPOINT": AZURE, "AZURE_INFERENCE_CREDENTIAL": "a b"},
        "does not look like",
    ),
    "key placeholder": (
        {"AZURE_INFERENCE_ENDPOINT": AZURE, "AZURE_INFERENCE_CREDENTIAL": "<your-key>"},
        "does not look like",
    ),
    "key with an umlaut": (
        {"AZURE_INFERENCE_ENDPOINT": AZURE, "AZURE_INFERENCE_CREDENTIAL": "schlüssel"},
        "does not look like",
    ),
    "key as deployment": (
        {
            "AZURE_INFERENCE_ENDPOINT": AZURE,
            "AZURE_INFERENCE_CREDENTIAL": KEY,
            "AZURE_INFERENCE_DEPLOYMENT": KEY,
        },
        "are the same",
    ),
}
BAD_URLS = {
    "no scheme": ("contoso.services.ai.azure.com/models", "starts with https"),
    "placeholder": ("https://<resource>.services.ai.azure.com/models", "placeholder"),
    "plain http": ("http://contoso.services.ai.azure.com/models", "Use https"),
    "no chat route": ("https://contoso.services.ai.azure.com/anthropic/v1/messages", "no chat completion"),
    "password": ("https://me:secret@contoso.services.ai.azure.com/models", "user name or password"),
}


@pytest.mark.parametrize("case", BAD)
def test_half_set_or_malformed(case):
    settings, hint = BAD[case]
    set_up(**settings)
    with pytest.raises(SettingsError, match=hint) as caught:
        endpoint.connect()
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("case", BAD_URLS)
def test_malformed_address_names_the_variable_and_no_secret(case):
    url, hint = BAD_URLS[case]
    set_up(AZURE_INFERENCE_ENDPOINT=url, AZURE_INFERENCE_CREDENTIAL=KEY)
    with pytest.raises(SettingsError, match=hint) as caught:
        endpoint.connect()
    assert "AZURE_INFERENCE_ENDPOINT" in str(caught.value)
    assert KEY not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_error_shows_as_one_line_in_a_notebook():
    assert SettingsError("Set it.")._render_traceback_() == ["SettingsError: Set it."]


def test_sample_urls(monkeypatch):
    offline = endpoint.connect()
    assert offline.sample_url("charts/a b.png").endswith("/samples/charts/a%20b.png")
    set_up(AZURE_INFERENCE_ENDPOINT=AZURE, AZURE_INFERENCE_CREDENTIAL=KEY)
    azure = endpoint.connect()
    monkeypatch.setattr(endpoint, "_github_copy", lambda: None)
    with pytest.raises(SettingsError, match="LESSON_SAMPLES_URL"):
        azure.sample_url("charts/a.png")
    set_up(LESSON_SAMPLES_URL="https://example.com/data/")
    assert azure.sample_url("charts/a.png") == "https://example.com/data/charts/a.png"


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (
            "https://github.com/some-one/lessons.git",
            "https://raw.githubusercontent.com/some-one/lessons/HEAD/data",
        ),
        ("git@github.com:some-one/lessons", "https://raw.githubusercontent.com/some-one/lessons/HEAD/data"),
        ("https://example.com/some-one/lessons.git", None),
    ],
)
def test_public_copy_of_a_clone_from_github(tmp_path, monkeypatch, origin, expected):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text(
        f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {origin}\n'
    )
    monkeypatch.setattr(endpoint, "_ROOT", tmp_path)
    assert endpoint._github_copy() == expected


def test_no_public_copy_without_a_clone(tmp_path, monkeypatch):
    monkeypatch.setattr(endpoint, "_ROOT", tmp_path)
    assert endpoint._github_copy() is None


def test_token_credential_is_the_real_one_in_the_cloud():
    from azure.identity import DefaultAzureCredential

    set_up(AZURE_INFERENCE_ENDPOINT=AZURE, AZURE_INFERENCE_CREDENTIAL=KEY)
    assert isinstance(endpoint.connect().token_credential(), DefaultAzureCredential)


@pytest.mark.parametrize(
    ("ending", "authority"),
    [("com", None), ("us", "https://login.microsoftonline.us"), ("cn", "https://login.chinacloudapi.cn")],
)
def test_a_sovereign_cloud_has_an_authority_of_its_own(ending, authority, monkeypatch):
    import azure.identity

    given = []
    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", lambda **options: given.append(options))
    set_up(AZURE_INFERENCE_ENDPOINT=f"https://contoso.openai.azure.{ending}", AZURE_INFERENCE_CREDENTIAL=KEY)
    endpoint.connect().token_credential()
    assert given == [{"authority": authority} if authority else {}]


def test_a_server_that_is_not_azures_takes_no_token():
    set_up(AZURE_INFERENCE_ENDPOINT="http://localhost:11434/v1", AZURE_INFERENCE_CREDENTIAL="any")
    with pytest.raises(SettingsError, match="takes no token"):
        endpoint.connect().token_credential()


@pytest.mark.parametrize("path", ["/models", "/openai/v1"])
def test_a_rooms_endpoint_is_not_announced_as_azure(path, capsys):
    set_up(AZURE_INFERENCE_ENDPOINT=f"http://192.168.1.10:8765{path}", AZURE_INFERENCE_CREDENTIAL=KEY)
    endpoint.connect()
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(
        "These lessons talk to a server of your own or of your room, not Azure, at the address in "
    )
