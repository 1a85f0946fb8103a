"""导出方案: the profiles with what each makes of two students, and the school's own to be changed, in a form or as text.

The text is what counts: a form is drawn from it, and what was typed there is written into it, comments kept.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, abort, jsonify, url_for
from flask.typing import ResponseReturnValue

from kiosk.config.text import Unreadable
from kiosk.errors import Fault, KioskError
from kiosk.exchange import Profile
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.preview import preview
from kiosk.exchange.profile_form import LISTS, form_of, place_of, typed_form, written
from kiosk.office import Profiles
from kiosk.records import Right
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import door, who_may
from kiosk.web.office.profile_rows import decision_rows, form_groups, list_fields, placeholders, shown_choices
from kiosk.web.office.shell import page, said
from kiosk.words import say, say_list, say_message

views = Blueprint("profiles", __name__)

_LONGEST: Final = 200_000  # of a profile's text


@views.get("/records/profiles")
@door(Right.SETTINGS)
def screen() -> ResponseReturnValue:
    """All of them."""
    here = profiles()
    return page(
        "profiles.html",
        "profiles",
        shelved=[(one, _facts(one.profile), fault_words(one.faults), here.in_use(one.name)) for one in here.all()],
    )


@views.get("/records/profiles/<name>")
@door(Right.SETTINGS)
def one(name: str) -> ResponseReturnValue:
    """One of them, as it is."""
    here = profiles()
    found = next((one for one in here.all() if one.name == name), None) or abort(404)
    text, stamp = here.text(name)
    return page(
        "profile.html",
        "profiles",
        found=found,
        text=text,
        stamp=stamp,
        used=here.in_use(name),
        drawn=shown(text, found.profile, found.faults),
        groups=form_groups(),
        decisions=decision_rows(),
        lists={name: list_fields(name) for name in LISTS},
        shows=shown_choices(),
        placeholders=placeholders(),
        fields=" ".join(FIELDS),
    )


@views.post("/office/profiles/check")
@door(Right.SETTINGS)
def check() -> ResponseReturnValue:
    """What `text`, with what was typed into a `form`, would be under `name`: its faults, or what it makes of two students."""
    text, typed = _text(), asked().get("form", "")
    with suppress(Unreadable):  # which is told as its fault
        text = written(text, typed_form(typed)) if typed else text
    return jsonify(shown(text, *profiles().judge(asked().get("name", ""), text)))


@views.post("/office/profiles/save")
@door(Right.SETTINGS)
def save() -> ResponseReturnValue:
    """Keep `text` under `name`, with the `stamp` of the file that it was made from."""
    values, here = asked(), profiles()
    saved = here.save(values.get("name", ""), _text(), stamp=values.get("stamp", ""), by=who_may(Right.SETTINGS))
    return said("ui.profiles.saved_in_use" if here.in_use(saved.name) else "ui.profiles.saved", title=saved.title)


@views.post("/office/profiles/copy")
@door(Right.SETTINGS)
def copy() -> ResponseReturnValue:
    """Begin one of the school's own, `as`, with what `name` says."""
    values = asked()
    new_name = values.get("as", "")
    profiles().copy(values.get("name", ""), new_name, by=who_may(Right.SETTINGS))
    return jsonify(message=say(language(), "ui.profiles.copied"), next=url_for("profiles.one", name=new_name))


@views.post("/office/profiles/remove")
@door(Right.SETTINGS)
def remove() -> ResponseReturnValue:
    """Remove `name`, of the school's own."""
    profiles().remove(asked().get("name", ""), by=who_may(Right.SETTINGS))
    return jsonify(message=say(language(), "ui.profiles.removed"), next=url_for("profiles.screen"))


def profiles() -> Profiles:
    """The office's; ends the request where the settings come from no file."""
    return context().office.profiles or abort(404)


def fault_words(faults: tuple[Fault, ...]) -> list[str]:
    """Each with its place."""
    return [say_message(language(), fault.message) for fault in faults]


def shown(text: str, profile: Profile | None, faults: tuple[Fault, ...]) -> dict[str, Any]:
    """What a page draws of a profile: its text, the form that it makes, its faults with the fields that they belong to, and
    what it makes of two students."""
    drawn = {"text": text, "form": _form(text), **_faults(faults)}
    return drawn if profile is None else drawn | _made(profile)


def _form(text: str) -> dict[str, Any] | None:
    try:
        form = form_of(text)
    except Unreadable:
        return None
    return None if form is None else {"values": form.values, "rows": form.rows}


def _faults(faults: tuple[Fault, ...]) -> dict[str, Any]:
    """All of them, and by the field that they are told at; there their place in the text says nothing."""
    placed = [(place, say_message(language(), fault.what)) for fault in faults if (place := place_of(fault.key))]
    return {"faults": fault_words(faults), "at": dict(reversed(placed))}


def _made(profile: Profile) -> dict[str, Any]:
    found, tongue = preview(profile), language()
    drawn = asdict(found)
    if found.photo is not None:
        size = {"width": f"{found.photo.width_mm:.1f}", "height": f"{found.photo.height_mm:.1f}", "dpi": profile.photo.dpi}
        _, _, wide, high = found.photo.head
        scale = found.photo.width_mm / found.photo.width
        head = {
            "width": round(wide),
            "height": round(high),
            "width_mm": f"{wide * scale:.1f}",
            "height_mm": f"{high * scale:.1f}",
        }
        limits = {"least": f"{profile.photo.min_kb:g}", "most": f"{profile.photo.max_kb:g}"}
        drawn["photo"]["words"] = [
            say(tongue, "ui.profiles.photo_px", width=found.photo.width, height=found.photo.height),
            say(tongue, "ui.profiles.photo_mm", **size),
            say(tongue, "ui.profiles.photo_head", **head),
            say(tongue, "ui.profiles.photo_kb", **limits),
            *_background_words(found.photo.backgrounds),
        ]
        drawn["photo"]["bands"] = [(say(tongue, f"profileband.{name}"), *span) for name, *span in found.photo.bands]
    return {"title": profile.title, "note": profile.note, "preview": drawn}


def _background_words(colours: tuple[tuple[int, int, int], ...]) -> list[str]:
    if not colours:
        return []
    named = say_list(language(), ["RGB({},{},{})".format(*colour) for colour in colours])
    return [say(language(), "ui.profiles.photo_background", colours=named)]


def _text() -> str:
    text = asked().get("text", "")
    if len(text) > _LONGEST:
        raise KioskError("profile.too_long", length=len(text), most=_LONGEST)
    return text + "\n"


def _facts(profile: Profile | None) -> dict[str, str]:
    if profile is None:
        return {"title": "", "source": "", "columns": "", "pictures": "", "photo": ""}
    tongue = language()
    photo = f"{profile.photo.width}×{profile.photo.height}" if profile.pictures else ""
    kinds = dict.fromkeys(say(tongue, f"biometric.{picture.kind}") for picture in profile.pictures)
    return {
        "title": profile.title,
        "source": say(tongue, f"cli.source.{profile.source}"),
        "columns": str(len(profile.columns) or ""),
        "pictures": say_list(tongue, kinds),
        "photo": photo,
    }
