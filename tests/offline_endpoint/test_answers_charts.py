"""Conclusions, answers and JSON for charts, from charts put together by hand."""

# ruff: noqa: E501 - a sentence that is expected stands in one piece

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from offline_endpoint.answers.chart_answers import answer_question
from offline_endpoint.answers.chart_json import chart_json, chart_text
from offline_endpoint.answers.conclusions import chart_comparison, conclusion, outline
from offline_endpoint.reading.chart.data import Chart, Point, Series


def chart(kind, *series, estimated=True, title=None, x_label=None, y_label=None, **looks) -> Chart:
    """A chart from series given as (name, [(label, x, y), ...])."""
    return Chart(
        kind,
        title,
        x_label,
        y_label,
        tuple(
            Series(name, tuple(Point(label, x, y, estimated) for label, x, y in points))
            for name, points in series
        ),
        **looks,
    )


def bars(*pairs, kind="bar", **looks) -> Chart:
    return chart(kind, (None, [(label, None, y) for label, y in pairs]), **looks)


MODELS = chart(
    "scatter",
    (
        None,
        [
            ("Phi-2", 2.71, 56.4),
            ("Phi-3-small", 7.0, 75.4),
            ("Llama 2 7B", 7.01, 45.8),
            ("Llama 2 13B", 12.98, 53.9),
            ("Llama 2 70B", 69.9, 69.7),
            ("Llama 3 70B", 70.0, 79.6),
        ],
    ),
    title="Quality and size",
    x_label="Size (billion parameters, log scale)",
    y_label="Quality (MMLU score, %)",
    x_scale="log",
)
VISITORS = bars(
    *zip(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        [419, 378, 509, 560, 609, 689, 839, 788, 618, 579, 470, 349],
        strict=True,
    ),
    title="Visitors to the library",
    y_label="Visitors",
)
DRINKS = chart(
    "grouped bar",
    ("Coffee", [("Spring", None, 321), ("Summer", None, 260), ("Winter", None, 411)]),
    ("Tea", [("Spring", None, 180), ("Summer", None, 110), ("Winter", None, 331)]),
    ("Lemonade", [("Spring", None, 140), ("Summer", None, 390), ("Winter", None, 41)]),
    y_label="Drinks sold",
)
TEA = chart(
    "line",
    (
        None,
        [(None, 0.0, 90.0), (None, 5.0, 74.0), (None, 10.0, 62.0), (None, 20.1, 46.1), (None, 60.1, 25.9)],
    ),
    x_label="Time (minutes)",
    y_label="Temperature (°C)",
)
TRAVEL = bars(
    ("Walking", 34.0), ("Bicycle", 27.0), ("Bus", 22.0), ("Car", 12.0), ("Train", 5.0),
    kind="pie", percent=True, estimated=False,
)  # fmt: skip
BRIDGES = chart(
    "line",
    ("North", [("Mon", None, 410), ("Wed", None, 460), ("Sun", None, 180)]),
    ("Harbor", [("Mon", None, 128), ("Wed", None, 168), ("Sun", None, 398)]),
    y_label="Bicycles per day",
)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        pytest.param(
            MODELS,
            "As size grows, quality rises slightly. "
            "Llama 3 70B is highest at about 79.6%, Llama 2 7B lowest at about 45.8%. "
            "Exceptions (in brackets: size in billion parameters): Phi-3-small (about 7) scores higher than Llama 2 13B "
            "(about 13) and Phi-2 (about 2.7) higher than Llama 2 7B (about 7). "
            "How closely the two go together: 0.37 over 6 points, where 1 or -1 is without exception and 0 is not at all.",
            id="labeled scatter on a log axis",
        ),
        pytest.param(
            chart(
                "scatter",
                (None, [(None, x, y) for x, y in [(1.0, 12.0), (2.0, 25.0), (3.0, 35.0), (4.0, 49.0)]]),
                x_label="Distance (km)",
                y_label="Time (minutes)",
            ),
            "As distance grows, time clearly rises. "
            "The highest value is about 49 minutes (distance about 4 km), the lowest about 12 minutes (distance about 1 km). "
            "On a straight line through the points, time rises by about 12 minutes for each 1 km. "
            "How closely the two go together: 1.00 over 4 points, where 1 or -1 is without exception and 0 is not at all.",
            id="unlabeled scatter",
        ),
        pytest.param(
            chart("scatter", (None, [(None, float(x), y) for x, y in enumerate([1.0, 5.0, 1.0, 5.0, 1.0])])),
            "There is no clear relation between x and y. "
            "The highest value is about 5 (x about 1; x about 3), the lowest about 1 (x about 0; x about 2; x about 4). "
            "How closely the two go together: 0.00 over 5 points, where 1 or -1 is without exception and 0 is not at all.",
            id="no relation",
        ),
        pytest.param(
            VISITORS,
            "Visitors: Jul is highest at about 840, Dec lowest at about 350. "
            "Jul leads Aug by about 50 and is about 2.4 times as high as Dec. "
            "Visitors fall from about 420 (Jan) to about 350 (Dec), with a peak of about 840 (Jul) on the way.",
            id="bars by month",
        ),
        pytest.param(
            bars(("Pear", 14.0), ("Fig", 57.0), ("Plum", 46.0), y_label="Votes", estimated=False),
            "Votes: Fig is highest at 57, Pear lowest at 14. "
            "Fig leads Plum by 11 and is about 4.1 times as high as Pear. From the top: Fig (57), Plum (46), Pear (14).",
            id="bars with printed values",
        ),
        pytest.param(
            bars(("A", -5.0), ("B", 2.5), ("C", -1.0), y_label="Profit ($)", estimated=False),
            "Profit: B is highest at $2.5, A lowest at -$5. B leads C by $3.5. From the top: B ($2.5), C (-$1), A (-$5).",
            id="negative bars",
        ),
        pytest.param(
            bars(("A", 5.0), estimated=False),
            "The bar chart holds one bar: A, 5. One value alone shows no relation.",
            id="one bar",
        ),
        pytest.param(
            bars(("A", 5.01), ("B", 4.99), ("C", 5.0), y_label="Votes"),
            "Votes: all 3 bars are equal, at about 5. So nothing stands out as highest or lowest.",
            id="all equal as far as pixels tell",
        ),
        pytest.param(
            bars((None, 1.0), (None, 2.0), estimated=False),
            "I read 2 bars, from 1 to 2, but no names. So I draw no conclusion.",
            id="bars without labels",
        ),
        pytest.param(
            bars(("A", 1.0), ("A", 2.0), ("B", 2.0), estimated=False),
            "A and B are highest at 2, A lowest at 1. From the top: A (2), B (2), A (1).",
            id="a label twice",
        ),
        pytest.param(
            DRINKS,
            "Summed over all groups, from the top: Coffee (about 992), Tea (about 621) and Lemonade (about 571). "
            "Coffee leads in Spring and Winter; Lemonade in Summer. "
            "Coffee (Winter) is highest at about 411, Lemonade (Winter) lowest at about 41.",
            id="grouped bars",
        ),
        pytest.param(
            chart(
                "stacked bar",
                ("Coal", [("2000", None, 10.0), ("2010", None, 6.0), ("2020", None, 1.0)]),
                ("Sun", [("2000", None, 0.0), ("2010", None, 2.0), ("2020", None, 8.0)]),
                y_label="Energy (TWh)",
            ),
            "Summed over all groups, from the top: Coal (about 17 TWh) and Sun (about 10 TWh). "
            "Coal leads in 2000 and 2010; Sun in 2020. "
            "The whole stack is tallest for 2000 at about 10 TWh and smallest for 2010 at about 8 TWh. "
            "Coal (2000) is highest at about 10 TWh, Sun (2000) lowest at about 0 TWh.",
            id="stacked bars",
        ),
        pytest.param(
            TEA,
            "Temperature falls from about 90 °C (time about 0 minutes) to about 26 °C (time about 60 minutes), "
            "without turning back. It changes by about 64 °C in all; the steepest stretch is from time about 0 minutes "
            "to time about 5 minutes, about 16 °C down.",
            id="one falling line",
        ),
        pytest.param(
            chart("line", (None, [(m, None, y) for m, y in zip(["Jan", "Feb", "Mar", "Apr"], [1, 6, 2, 5], strict=True)])),
            "The line rises from about 1 (Jan) to about 5 (Apr), with a peak of about 6 (Feb) and a low of about 2 (Mar) "
            "on the way. Feb is highest at about 6, Jan lowest at about 1.",
            id="a line with turning points",
        ),
        pytest.param(
            BRIDGES,
            "North falls from about 410 (Mon) to about 180 (Sun); Harbor rises from about 128 (Mon) to about 398 (Sun). "
            "North (Wed) is highest at about 460, Harbor (Mon) lowest at about 128. "
            "North is on top at the start (Mon), Harbor at the end (Sun).",
            id="several lines",
        ),
        pytest.param(
            chart("line", ("S", [("a", None, 1.0), ("b", None, 1.0)]), ("T", [("a", None, 1.0), ("b", None, 3.0)])),
            "S stays at about 1 throughout; T rises from about 1 (a) to about 3 (b). "
            "T (b) is highest at about 3, S (a), S (b) and T (a) lowest at about 1.",
            id="a flat line and a tie at the start",
        ),
        pytest.param(
            TRAVEL,
            "Walking has the largest share at 34%, followed by Bicycle (27%) and Bus (22%). "
            "The two largest together make 61% of the whole. Train has the smallest share at 5%.",
            id="pie",
        ),
        pytest.param(
            chart(
                "table",
                ("Math", [("Ada", None, 93.0), ("Bob", None, 55.0)]),
                ("Art", [("Ada", None, 60.0), ("Bob", None, 71.0)]),
                estimated=False,
                unsure=("The last row could not be read.",),
            ),
            "Math: Ada is highest at 93, Bob lowest at 55. Art: Bob is highest at 71, Ada lowest at 60. "
            "The last row could not be read.",
            id="table with an unsure row",
        ),
        pytest.param(
            chart(
                "line",
                (None, [(None, 18262.0, 10.0), (None, 18293.0, 30.0), (None, 18322.0, 20.0)]),
                x_scale="date",
                y_label="Sales (thousands)",
            ),
            "Sales rise from about 10 thousand (January 2020) to about 20 thousand (March 2020), with a peak of about "
            "30 thousand (February 2020) on the way. The highest value is about 30 thousand (February 2020), the lowest "
            "about 10 thousand (January 2020).",
            id="dates",
        ),
    ],
)  # fmt: skip
def test_conclusion(what, told):
    assert conclusion(what) == told
    assert 2 <= len(re.findall(r"\.(?= [A-Z]|$)", told)) <= 5 + len(what.unsure)


def test_a_falling_relation_names_what_stands_out_above_it():
    prices = chart(
        "scatter",
        (
            None,
            [("Ann", 1.0, 9.0), ("Ben", 2.0, 7.0), ("Cem", 3.0, 8.5), ("Dee", 5.0, 3.0), ("Eve", 6.0, 2.5)],
        ),
        x_label="Price (€)",
        y_label="Sold units",
    )
    told = conclusion(prices)
    assert told.startswith("As price grows, sold units clearly fall. ")
    assert "Exceptions (in brackets: price in €): Cem (about 3) lies higher than Ben (about 2)." in told
    assert "correlation" not in told.split(". ")[0]


def test_printed_figures_are_exact_and_measured_ones_rounded_and_about():
    assert "1,234,567" in conclusion(bars(("A", 1234567.0), ("B", 10.25), estimated=False))
    assert "about 1,230,000" in conclusion(bars(("A", 1234567.0), ("B", 110000.25)))
    assert "about 0.0012" in outline(bars(("A", 0.001234), ("B", 0.001)))


def test_changing_a_label_or_a_value_changes_the_reply():
    changed = replace(
        VISITORS,
        series=(Series(None, tuple(replace(p, label=p.label + "!") for p in VISITORS.series[0].points)),),
    )
    assert conclusion(changed) != conclusion(VISITORS)


def test_outline():
    assert outline(MODELS) == (
        'It is a scatter chart titled "Quality and size"; x axis "Size (billion parameters, log scale)"; '
        'y axis "Quality (MMLU score, %)". It holds 6 points, from about 45.8% (Llama 2 7B) to about 79.6% (Llama 3 70B).'
    )


@pytest.mark.parametrize(
    ("what", "question", "told"),
    [
        (VISITORS, "What is the value of July?", "Jul: visitors about 840."),
        (VISITORS, "How many visitors in March?", "Mar: visitors about 510."),
        (VISITORS, "Which month is highest?", "Jul is highest in visitors, at about 840."),
        (VISITORS, "Which month has the fewest visitors?", "Dec is lowest in visitors, at about 350."),
        (VISITORS, "What is the second highest?", "Aug is second highest in visitors, at about 790."),
        (VISITORS, "top 2", "From the top: Jul (about 840), Aug (about 790)."),
        (VISITORS, "How many bars are there?", "The chart holds 12 bars."),
        (
            VISITORS,
            "Which months are above 650?",
            "3 of 12 bars are above 650: Jun (about 690), Jul (about 840), Aug (about 790).",
        ),
        (VISITORS, "How many are above 900?", "None of 12 bars are above 900."),
        (
            VISITORS,
            "Which are over 840?",
            "None of 12 bars are above 840. Too near the limit to tell from pixels: Jul.",
        ),
        (VISITORS, "Which lie between 400 and 480?", "2 of 12 bars are between 400 and 480: Jan (about 420), Nov (about 470)."),
        (VISITORS, "Which month has a value of 840?", "1 of 12 bars is at 840: Jul (about 840)."),
        (VISITORS, "What is the average?", "The average visitors over 12 bars is about 570."),
        (VISITORS, "What is the total?", "Together, 12 bars make about 6,810."),
        (
            VISITORS,
            "Compare July and August",
            "Jul is at about 840 and Aug at about 790: Jul is higher by about 50, about 1.1 times as high.",
        ),
        (
            VISITORS,
            "What is the difference between the highest and the lowest?",
            "Jul is at about 840 and Dec at about 350: Jul is higher by about 490, about 2.4 times as high.",
        ),
        (
            VISITORS,
            "What is the trend of visitors?",
            "Visitors fall from about 420 (Jan) to about 350 (Dec), with a peak of about 840 (Jul) on the way.",
        ),
        (VISITORS, "What is the title?", 'The title is "Visitors to the library".'),
        (VISITORS, "What kind of chart is this?", "It is a bar chart."),
        (MODELS, "What is the quality of Phi 3 small?", "Phi-3-small: quality about 75.4%, size about 7 billion parameters."),
        (MODELS, "What's the value of phi-3-smal?", "Phi-3-small: quality about 75.4%, size about 7 billion parameters."),
        (
            MODELS,
            "Which models score higher than Llama 2 70B?",
            "2 of 5 points are above Llama 2 70B (about 69.7%): Phi-3-small (about 75.4%), Llama 3 70B (about 79.6%).",
        ),
        (
            MODELS,
            "How many models have more than 20 billion parameters?",
            "2 of 6 points are above 20 billion parameters: Llama 2 70B (about 70 billion parameters), "
            "Llama 3 70B (about 70 billion parameters).",
        ),
        (
            MODELS,
            "How much better is Llama 3 70B than Phi-2?",
            "Llama 3 70B is at about 79.6% and Phi-2 at about 56.4%: Llama 3 70B is higher by about 23.2 percentage points, "
            "about 1.4 times as high.",
        ),
        (MODELS, "What is the best model below 10 billion parameters?", "3 of 6 points are below 10 billion parameters; of these, Phi-3-small is highest at about 75.4%."),
        (MODELS, "Is Phi-2 better than Llama 2 7B?", "Yes: Phi-2 is at about 56.4% and Llama 2 7B at about 45.8%: Phi-2 is higher by about 10.6 percentage points, about 1.2 times as high."),
        (VISITORS, "How much did it grow from January to July?", "Jan is at about 420 and Jul at about 840: Jul is higher by about 420, about 2 times as high."),
        (bars(("A", -5.0), ("B", 2.5), estimated=False), "Which are below -1?", "1 of 2 bars is below -1: A (-5)."),
        (bars(("A", -5.0), ("B", 2.5), estimated=False), "Which are at least 2.5?", "1 of 2 bars is at least 2.5: B (2.5)."),
        (MODELS, "Which model is the smallest?", "Phi-2 is lowest in size, at about 2.7 billion parameters."),
        (MODELS, "Is there a correlation?", "As size grows, quality rises slightly. How closely the two go together: 0.37 over 6 points, where 1 or -1 is without exception and 0 is not at all."),
        (DRINKS, "How many drinks of Tea were sold in Summer?", "Tea (Summer): drinks sold about 110."),
        (DRINKS, "Which drink is highest in Summer?", "Lemonade (Summer) is highest in drinks sold, at about 390."),
        (DRINKS, "What is the total of Coffee?", "Together, Coffee (Spring) (about 321), Coffee (Summer) (about 260) and Coffee (Winter) (about 411) make about 992."),
        (DRINKS, "How many series?", "The chart holds 3 series: Coffee, Tea and Lemonade."),
        (
            DRINKS,
            "Compare Coffee and Tea",
            "On average Coffee is at about 331 and Tea at about 207. Coffee is higher throughout.",
        ),
        (TEA, "What is the temperature at 20 minutes?", "Temperature at time about 20 minutes (about 46 °C)."),
        (TEA, "And what at 15 minutes?", "Between the points read, the line passes about 54 °C."),
        (
            TEA,
            "What was it at 100 minutes?",
            "The chart shows nothing there: its points run from about 0 minutes to about 60 minutes.",
        ),
        (TRAVEL, "What share has the bus?", "Bus: share 22%."),
        (
            TRAVEL,
            "Walking versus train",
            "Walking is at 34% and Train at 5%: Walking is higher by 29 percentage points, about 6.8 times as high.",
        ),
        (BRIDGES, "How did Harbor change?", "Harbor rises from about 128 (Mon) to about 398 (Sun), without turning back."),
        (bars(("A", 3.0), ("B", 4.0), estimated=False), "What is a bar worth for A?", "A: value 3."),
    ],
)  # fmt: skip
def test_question(what, question, told):
    assert answer_question(what, question) == told


@pytest.mark.parametrize(
    ("what", "before", "question", "told"),
    [
        (VISITORS, "What is the value of July?", "And August?", "Aug: visitors about 790."),
        (VISITORS, "Which month is highest?", "And the lowest?", "Dec is lowest in visitors, at about 350."),
        (DRINKS, "How many drinks of Tea were sold in Summer?", "And Coffee?", "Coffee (Summer): drinks sold about 260."),
        (DRINKS, "Which season is highest for Lemonade?", "And for Tea?", "Tea (Winter) is highest in drinks sold, at about 331."),
        (
            VISITORS,
            "What is the value of July?",
            "And compared to August?",
            "Jul is at about 840 and Aug at about 790: Jul is higher by about 50, about 1.1 times as high.",
        ),
    ],
)  # fmt: skip
def test_follow_up(what, before, question, told):
    assert answer_question(what, question, before) == told


def test_an_adjective_the_chart_does_not_explain_is_not_passed_over():
    titled = replace(MODELS, title="Quality and size of models")
    assert (
        answer_question(titled, "Which is the best model?")
        == "Llama 3 70B is highest in quality, at about 79.6%."
    )
    assert answer_question(titled, "Which is the best small model?") is None
    assert answer_question(titled, "Which small model is best?") is None


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Why is July so high?",
        "What is the meaning of life?",
        "Will July rise next year?",
        "How many people are in the picture?",
        "What color is July?",
        "Which is the highest warm month?",
        "Which warm month is highest?",
        "Who drew this?",
        "\u202e" * 500,
    ],
)
def test_what_the_data_does_not_answer_is_left(question):
    assert answer_question(VISITORS, question) is None


def test_comparison_of_two_charts():
    before = bars(("Ann", 3.0), ("Ben", 5.0), title="2023", estimated=False)
    after = bars(("Ann", 9.0), ("Ben", 5.0), ("Cem", 1.0), title="2024", estimated=False)
    assert chart_comparison(before, after) == (
        'Picture 1 is a bar chart titled "2023" and picture 2 is a bar chart titled "2024". '
        "Ann: 3 in picture 1, 9 in picture 2. 1 value is the same in both."
    )
    assert "no value in common" in chart_comparison(before, TRAVEL)


def test_json():
    found = chart_json(BRIDGES)
    assert found == json.loads(json.dumps(found, allow_nan=False))
    assert list(found) == ["kind", "title", "x_label", "y_label", "series"]
    assert found["kind"] == "line"
    assert found["series"][1]["points"][0] == {"label": "Mon", "x": None, "y": 128.0}
    point = chart_json(chart("scatter", (None, [(None, 1.23456, 2.0)])))["series"][0]["points"][0]
    assert point == {"label": None, "x": 1.235, "y": 2.0}
    assert chart_json(None) == {"kind": "none", "title": None, "x_label": None, "y_label": None, "series": []}


def test_years_are_told_as_years():
    life = chart(
        "line",
        (None, [(None, 1960.03, 52.1), (None, 1980.0, 60.3), (None, 2019.98, 72.3)]),
        y_label="Life expectancy (years)",
    )
    told = conclusion(life)
    assert "(1960)" in told
    assert "(2020)" in told
    assert not re.search(r"about (?:1|2),?\d{3}", told)
    sizes = replace(life, x_label="Size (m)")
    assert "about 1,960 m" in conclusion(sizes)


def test_what_is_unusual_is_said():
    cut = replace(TRAVEL, unusual=("The value axis starts at 20, not at 0.",))
    assert conclusion(cut) == f"{conclusion(TRAVEL)} The value axis starts at 20, not at 0."
    assert outline(cut).endswith(" The value axis starts at 20, not at 0.")


def test_nothing_is_concluded_from_a_part_of_a_chart():
    part = replace(TRAVEL, partial=True, unsure=("One slice has no name.",))
    assert conclusion(part) == (
        "I read 5 slices, from 5% to 34%, but this is not all of the chart. One slice has no name. So I draw no conclusion."
    )
    assert answer_question(part, "What share has the bus?") == "Bus: share 22%."
    for ask in (
        "Which is the largest?",
        "What is the sum?",
        "How many slices are there?",
        "Which are above 20?",
    ):
        assert answer_question(part, ask) is None


def test_a_unit_printed_beside_the_values_is_told():
    tons = replace(bars(("A", 5.0), ("B", 7.5), estimated=False), unit="t")
    assert answer_question(tons, "What is the value of B?") == "B: value 7.5 t."


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (bars((None, 3.0), ("B", 5.0), estimated=False), "I read 2 bars, from 3 to 5, but the names of only 1 of them."),
        (bars((None, 3.0), estimated=False), "I read 1 bar, 3, but no names."),
        (
            chart("line", (None, [("a", None, 1.0), ("b", None, 2.0)]), (None, [("a", None, 3.0), ("b", None, 2.0)])),
            "I read 4 points, from about 1 to about 3, but no names.",
        ),
    ],
)  # fmt: skip
def test_without_names_no_conclusion_is_drawn_and_no_number_stands_for_a_name(what, told):
    assert conclusion(what) == f"{told} So I draw no conclusion."
    assert told in outline(what)
    assert answer_question(what, "Which is the lowest?") is None or "could not read" in answer_question(
        what, "Which is the lowest?"
    )
    assert len(chart_json(what)["series"][0]["points"]) >= 1
    for ask in ("List all values", "Which are above 1?", "top 2", "What is the highest?", "What is the sum?"):
        assert not re.search(r"\b(?:bar|point|part|series) \d", answer_question(what, ask) or "")


def test_printed_values_stay_exact_in_json_and_dates_whole_days():
    printed = bars(("A", 1234567.0), ("B", 0.00123456), estimated=False)
    assert [point["y"] for point in chart_json(printed)["series"][0]["points"]] == [1234567.0, 0.00123456]
    days = chart("line", (None, [(None, 18262.3, 1.0), (None, 18293.0, 2.0)]), x_scale="date")
    assert [point["x"] for point in chart_json(days)["series"][0]["points"]] == [18262.0, 18293.0]


def test_json_that_would_be_too_long_keeps_the_first_points_of_each_series():
    whole = chart_text(DRINKS)
    needed = -(-len(whole) // 4)
    assert chart_text(DRINKS, needed) == whole
    short = json.loads(chart_text(DRINKS, needed - 1))
    assert [[point["label"] for point in series["points"]] for series in short["series"]] == [
        ["Spring", "Summer"]
    ] * 3
    assert short["note"] == f"3 of 9 points are left out; with all of them the reply needs {needed} tokens"


@pytest.mark.parametrize(
    ("misread", "why"),
    [
        (bars(("close ties", 21.0), ("Strong ties", 57.0), kind="pie"), "begin in the middle"),
        (bars(("A", 3.0), ("B", 5.0), ("1", 4.0)), "digits or letters"),
        (chart("line", (None, [(None, 1999.6 + n, n + 1.0) for n in range(6)])), "between whole ones"),
    ],
)
def test_what_cannot_be_right_is_no_ground_for_a_sentence(misread, why):
    told = conclusion(misread)
    assert why in told
    assert told.endswith("So I draw no conclusion.")
    assert answer_question(misread, "What is the highest value?") is None


def test_names_and_years_that_can_be_right_are_told():
    assert "iPhone" in conclusion(bars(("iPhone", 21.0), ("Nokia", 57.0), kind="pie"))
    assert "2004" in conclusion(chart("line", (None, [(None, 1999.1 + n, n + 1.0) for n in range(6)])))
    assert "2015" in conclusion(
        chart("line", (None, [(None, x, x) for x in (1992.0, 1994.0, 1999.0, 2003.0, 2015.0)]))
    )


def test_a_list_that_is_cut_says_how_many_are_left_out():
    years = [str(year) for year in range(2009, 2020)]
    ahead = chart(
        "grouped bar", ("A", [(y, None, 5.0) for y in years]), ("B", [(y, None, 4.0) for y in years])
    )
    assert "A leads in 2009, 2010, 2011, 2012, 2013, 2014 and 5 more." in conclusion(ahead)


def test_a_name_of_an_axis_that_is_cut_is_left_out():
    assert "precipitation" not in conclusion(bars(("Jan", 3.0), ("Feb", 2.0), y_label="of precipitation"))
    assert "Numbe r" not in conclusion(bars(("Jan", 3.0), ("Feb", 2.0), y_label="Numbe r of"))


def test_turns_of_several_lines_are_told_where_the_ends_hide_them():
    hill = ("Up, down", [(None, 0.0, 1.0), (None, 1.0, 9.0), (None, 2.0, 1.1)])
    told = conclusion(chart("line", hill, ("Falls", [(None, 0.0, 8.0), (None, 1.0, 2.0), (None, 2.0, 4.0)])))
    assert told.startswith(
        "Up, down ends about level, from about 1 (x about 0) to about 1.1 (x about 2), "
        "with a peak of about 9 (x about 1) on the way; Falls falls from about 8 (x about 0) to about 4 (x about 2). "
    )


def test_no_ratio_to_a_bar_of_two_pixels_and_no_unit_of_a_function():
    told = conclusion(bars(("May", 98.0), ("June", 40.0), ("July", 1.0), y_label="sin (x)", estimated=True))
    assert "times" not in told
    assert " x" not in told.replace("sin (x)", "")
