"""Checks of the lesson on turning forms, receipts and photos into data."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from workbench.exercises.contract import NotYet, called, check, function_of, kind, shown
from workbench.exercises.sent import DATA, arrivals, pictures, sample_sent, says

SIGN = DATA / "documents" / "street_sign.jpg"
STREET, DISTRICT = "Old Mill Street", "Norrvik Harbor"
"""What stands on the sign, as in `street_sign.json`."""
TICKET = {"plate": "NV 204", "euros": 2.5, "minutes": 90}
"""A parking ticket that the learner's class has to take."""


def _row(name: str, seats: int | None, booked: int | None, free: int | None) -> dict[str, Any]:
    return {"name": name, "seats": seats, "booked": booked, "free": free}


ROWS: tuple[tuple[list[dict[str, Any]], list[str]], ...] = (
    ([_row("Birch", 24, 18, 6)], []),
    ([_row("Birch", 24, 40, 0), _row("Cedar", 40, 40, 0)], ["Birch"]),
    ([_row("Elm", 0, 0, 0), _row("Fir", 12, 5, 8), _row("Gum", 3, 1, 1)], ["Fir", "Gum"]),
    ([_row("Holly", 10, None, 4), _row("Ivy", None, 2, 2), _row("Yew", 9, 2, None)], ["Holly", "Ivy", "Yew"]),
    ([], []),
)
"""Tables that the learner's function is tried on, each with the rows that are off."""


@check("Define a function of one parameter, the rows.")
def rows_checked(rows_off: Any) -> str:
    """Does a function find the rows whose numbers do not add up?"""
    function = function_of(rows_off, "Define a function of one parameter, the rows.")
    for rows, wanted in ROWS:
        names = called(function, [dict(row) for row in rows])
        if names is None:
            raise NotYet("your function returns nothing. End it with return.")
        if not isinstance(names, list | tuple):
            raise NotYet(f"your function returns a value of type {kind(names)}. Return a list of names.")
        if not all(isinstance(name, str) for name in names):
            raise NotYet("the list has to hold the names of the rows, not the rows or their numbers.")
        if missed := [row for row in rows if row["name"] in wanted and row["name"] not in names]:
            raise NotYet(f"this row is off, and your function does not name it: {missed[0]}.")
        if extra := [row for row in rows if row["name"] not in wanted and row["name"] in names]:
            raise NotYet(f"this row is right, and your function names it: {extra[0]}.")
        if sorted(names) != sorted(wanted):
            raise NotYet(
                f"of {len(rows)} rows it names {shown(list(names))}. Name each row that is off once."
            )
    return "it finds each row that is off, and leaves the others alone."


@check("Write the class and keep it.")
def ticket_class(model: Any) -> str:
    """Does a Pydantic class take a parking ticket as it was asked for, and nothing else?"""
    if isinstance(model, BaseModel):
        raise NotYet("this is an object of the class. Keep the class itself, without brackets behind it.")
    if not isinstance(model, type) or not issubclass(model, BaseModel):
        raise NotYet(f"this is of type {kind(model)}. Keep a class that is derived from BaseModel.")
    if model.model_fields.keys() != TICKET.keys():
        raise NotYet(f"the fields are to be {', '.join(TICKET)}; yours are {', '.join(model.model_fields)}.")
    if not _takes(model, TICKET):
        raise NotYet(f"the class does not take this ticket: {TICKET}. Look at the kinds of the fields.")
    for name in ("euros", "minutes"):
        if not _takes(model, TICKET | {name: None}):
            raise NotYet(f"{name} cannot be null. Let its kind allow None.")
    for name in TICKET:
        if _takes(model, {key: value for key, value in TICKET.items() if key != name}):
            raise NotYet(f"{name} may be left out. Give it no value to fall back on.")
    if _takes(model, TICKET | {"plate": None}):
        raise NotYet("plate may be null, and it is to be text.")
    if _takes(model, TICKET | {"minutes": 90.5}):
        raise NotYet("minutes may be 90.5, and it is to be a whole number.")
    if _takes(model, TICKET | {"euros": "free"}):
        raise NotYet("euros may be the word 'free', and it is to be a number.")
    if _takes(model, TICKET | {"color": "red"}):
        raise NotYet("the class takes a field that it does not have. Forbid what is extra.")
    return "it takes a whole ticket, also with nulls, and nothing else."


@check("Read the picture and keep a dictionary.")
def read_sign(answer: Any, here: Any = None) -> str:
    """Was the street sign read into two fields?"""
    fields = answer.model_dump() if isinstance(answer, BaseModel) else answer
    if isinstance(fields, str):
        raise NotYet("this is text. Make a dictionary of its two lines.")
    if not isinstance(fields, dict):
        raise NotYet(f"this is of type {kind(answer)}. Keep a dictionary.")
    if fields.keys() != {"street", "district"}:
        raise NotYet("the keys are to be street and district, and no others.")
    street, district = fields["street"], fields["district"]
    if not isinstance(street, str) or not isinstance(district, str):
        raise NotYet("both values are to be text.")
    if _same(street, DISTRICT) and _same(district, STREET):
        raise NotYet("street and district are swapped. The street is the first line.")
    for name, value, true in (("street", street, STREET), ("district", district, DISTRICT)):
        if not _same(value, true):
            raise NotYet(f"{value!r} is not the {name} on the sign. Which lines did you take?")
    if (there := arrivals(here)) is not None:
        readings = [pictures(one) for one in there if pictures(one) and says(one.said, street)]
        if not readings:
            raise NotYet("no reply about a picture held this street. Send the picture, and use what is read.")
        sample_sent(readings[-1], SIGN, "picture")
    return f"{street!r} and {district!r} stand on the sign."


def _takes(model: type[BaseModel], ticket: dict[str, Any]) -> bool:
    try:
        model.model_validate(ticket)
    except ValidationError:
        return False
    return True


def _same(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()
